// Conversations: the list, the messages with their delivery ladders, the composer that tells the price before sending.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/drive/hooks.h"
#include "app/look/words.h"
#include "app/ui/app.h"
#include "core/pow/stamp.h"

namespace session::app {
namespace {

constexpr std::array<std::int64_t, 5> kLifetimes = {1, 4, 7, 14, 0};  ///< days; 0: an hour
constexpr std::size_t kUsualLifetime = 1;
constexpr float kFacesWide = 68;  ///< of a list of faces

Millis lifetime_of(std::size_t choice) { return kLifetimes[choice] == 0 ? hours(1) : days(kLifetimes[choice]); }

/// What sealing makes of a text: padding to 160 bytes, the ratchet's and the sealed sender's envelopes.
std::size_t sealed_size(std::size_t text) { return (text + 40) / 160 * 160 + 160 + 330; }

/// How many of the ladder's six rungs are reached.
int rungs_of(client::State state) {
  switch (state) {
    case client::State::Queued: return 1;
    case client::State::Addressing:
    case client::State::Stamping: return 2;
    case client::State::Routing:
    case client::State::Relaying: return 3;
    case client::State::Waiting: return 2;
    case client::State::Kept:
    case client::State::Handed:
    case client::State::Relayed: return 4;
    case client::State::Fetched: return 5;
    case client::State::Read: return 6;
    case client::State::Failed:
    case client::State::Cancelled:
    case client::State::Expired: return 1;
  }
  return 0;
}

}  // namespace

void App::chats(Rect in) {
  const Conversations& all = *now_->conversations;
  const bool is_narrow = in.w < ui_.px(560);
  is_list_hidden_ = is_narrow;
  float list = is_narrow ? 0 : ui_.px(static_cast<float>(settings_.list_width));
  // Beside the inspector of a small window the list keeps its faces alone, so that messages have room.
  const bool is_tight = !is_narrow && !all.empty() && in.w - list < ui_.px(440);
  if (is_tight) list = std::min(list, ui_.px(kFacesWide));
  if (!open_chat_ && !all.empty() && !is_narrow) open_chat_ = all.front()->id;
  const auto chosen =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return open_chat_ && each->id == *open_chat_; });
  if (is_narrow && chosen == all.end()) return chat_list(in);
  if (!is_narrow) chat_list({in.x, in.y, list, in.h});
  const Rect rest{in.x + list, in.y, in.w - list, in.h};
  ui_.fill(rest, theme_->ground);
  if (chosen != all.end()) {
    conversation(rest, **chosen);
  } else {
    ui_.glyph({rest.x, rest.y + rest.h * 0.3F, rest.w, ui_.px(60)}, icon::kChats, 44, theme_->line);
    ui_.line({rest.x, rest.y + rest.h * 0.3F + ui_.px(70), rest.w, ui_.px(28)}, ui_("chats.none"), 16, theme_->muted,
             Font::Text, 0.5F);
    const Rect button{rest.x + rest.w / 2 - ui_.px(90), rest.y + rest.h * 0.3F + ui_.px(112), ui_.px(180), ui_.px(38)};
    if (ui_.button(button, std::string(ui_("chats.new_first")), Weight::Primary, icon::kPlus)) new_open_ = focus_ = true;
  }
  if (!is_narrow && !is_tight)
    splitter("list", {in.x + list - ui_.px(3), in.y, ui_.px(6), in.h}, settings_.list_width, 300, false);
}

void App::chat_list(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.right() - 1, in.y, 1, in.h}, theme_->line);
  const bool is_faces = in.w <= ui_.px(2 * kFacesWide);
  if (is_faces) {
    if (ui_.icon_button({in.x + ui_.px(14), in.y + ui_.px(8), ui_.px(40), ui_.px(40)}, icon::kPlus, ui_("chats.new_first"),
                        true))
      new_open_ = focus_ = true;
  } else {
    ui_.line({in.x + ui_.px(16), in.y + ui_.px(8), in.w, ui_.px(40)}, ui_("chats.title"), 15, theme_->text, Font::Strong);
    if (ui_.button({in.right() - ui_.px(92), in.y + ui_.px(12), ui_.px(78), ui_.px(32)}, std::string(ui_("chats.new_short")),
                   Weight::Primary, icon::kPlus))
      new_open_ = focus_ = true;
  }
  ImGui::SetCursorScreenPos({in.x, in.y + ui_.px(54)});
  ImGui::BeginChild("list", {in.w - 1, in.h - ui_.px(54)}, ImGuiChildFlags_NavFlattened);
  const float high = ui_.px(62);
  float y = ImGui::GetCursorScreenPos().y;
  for (const auto& chat : *now_->conversations) {
    const Rect row{in.x + ui_.px(6), y, in.w - ui_.px(13), high - ui_.px(2)};
    y += high;
    if (row.bottom() < in.y || row.y > in.bottom()) continue;
    const bool is_open = open_chat_ && *open_chat_ == chat->id;
    bool hovered = false;
    const std::string name = name_of(chat->id);
    if (ui_.area(row, fmt::format("{}##chat{}", name, chat->id.hex()), &hovered)) open_chat(chat->id);
    if (is_open || hovered) ui_.fill(row, is_open ? theme_->raised : theme_->hover, 8);
    ui_.face({row.x + ui_.px(is_faces ? 8 : 12), row.y + ui_.px(10), ui_.px(40), ui_.px(40)}, chat->id);
    if (is_open && chat->unread > 0) post(MarkRead{chat->id});
    if (is_faces) {
      if (hovered) ui_.tooltip(name);
      const bool calls = chat->unread > 0 || chat->state == client::ContactState::Asking;
      if (calls && !is_open) ui_.dot(row.x + ui_.px(44), row.y + ui_.px(14), 5, theme_->accent);
      continue;
    }
    const float left = row.x + ui_.px(64), wide = row.right() - left - ui_.px(12);
    const std::string time = time_of_day(chat->last_at);
    const float time_wide = ui_.measure(time, 12).x;
    ui_.line({left, row.y + ui_.px(9), wide - time_wide - ui_.px(8), ui_.px(22)}, name, 15, theme_->text, Font::Strong);
    ui_.line({left, row.y + ui_.px(9), wide, ui_.px(20)}, time, 12, theme_->muted, Font::Text, 1);
    std::string last;
    Colour colour = theme_->muted;
    if (chat->state == client::ContactState::Asking) {
      last = ui_("chats.wants_to_talk");
      colour = theme_->accent;
    } else if (!chat->messages.empty()) {
      const Message& message = chat->messages.back();
      last = (message.outgoing ? words_.say("chats.you_said", fit_to_show(message.text, 80)) : fit_to_show(message.text, 80));
      if (message.outgoing && message.state == client::State::Failed) colour = theme_->danger;
    } else {
      last = ui_(chat->state == client::ContactState::Asked ? "chats.asked" : "chats.accepted");
    }
    ui_.line({left, row.y + ui_.px(31), wide - (chat->unread > 0 ? ui_.px(34) : 0), ui_.px(20)}, last, 13, colour);
    if (chat->unread > 0 && !is_open) {
      const Rect badge{row.right() - ui_.px(34), row.y + ui_.px(32), ui_.px(24), ui_.px(18)};
      ui_.fill(badge, theme_->accent, 9);
      ui_.line(badge, std::to_string(std::min(chat->unread, 99U)), 12, theme_->on_accent, Font::Strong, 0.5F);
    }
  }
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
  ImGui::EndChild();
}

void App::conversation(Rect in, const Conversation& chat) {
  const float top = ui_.px(60);
  const Rect head{in.x, in.y, in.w, top};
  ui_.fill(head, theme_->panel);
  ui_.fill({in.x, head.bottom() - 1, in.w, 1}, theme_->line);
  float left = head.x + ui_.px(16);
  if (is_list_hidden_) {
    if (ui_.button({left, head.y + ui_.px(12), ui_.px(36), ui_.px(36)}, "<##back", Weight::Quiet)) open_chat_.reset();
    left += ui_.px(44);
  }
  ui_.face({left, head.y + ui_.px(12), ui_.px(36), ui_.px(36)}, chat.id);
  left += ui_.px(48);
  const std::string name = name_of(chat.id);
  ui_.line({left, head.y + ui_.px(9), head.right() - left - ui_.px(120), ui_.px(24)}, name, 16, theme_->text, Font::Strong);
  const char* standing = chat.state == client::ContactState::Asking  ? ui_("chat.asking")
                         : chat.state == client::ContactState::Asked ? ui_("chat.asked")
                         : chat.forward_secrecy                      ? ui_("chat.secret")
                                                                     : ui_("chat.no_secret");
  ui_.line({left, head.y + ui_.px(32), head.right() - left - ui_.px(120), ui_.px(18)},
           fmt::format("{} · {}", standing, short_key(chat.id.hex())), 12, theme_->muted);
  const auto person = std::find_if(now_->network->people.begin(), now_->network->people.end(),
                                   [&](const PersonShown& each) { return each.id == chat.id; });
  if (now_->clock.is_simulated && person != now_->network->people.end()) {
    const Rect power{head.right() - ui_.px(52), head.y + ui_.px(12), ui_.px(36), ui_.px(36)};
    const std::string label =
        words_.say(person->is_online ? "palette.close_laptop" : "palette.open_laptop", fit_to_show(person->name, 40));
    if (ui_.icon_button(power, icon::kPower, label, person->is_online)) post(SetUp{person->machine, !person->is_online});
  }
  const Rect map{head.right() - ui_.px(94), head.y + ui_.px(12), ui_.px(36), ui_.px(36)};
  if (ui_.icon_button(map, icon::kMap, ui_("chat.show_swarm"))) {
    workspace_ = Workspace::Network;
    if (person != now_->network->people.end()) select(Picked{Picked::What::Swarm, person->swarm});
  }
  const bool is_asking = chat.state == client::ContactState::Asking;
  const float lines =
      static_cast<float>(std::clamp<std::ptrdiff_t>(std::count(drafts_[chat.id].begin(), drafts_[chat.id].end(), '\n'), 0, 6));
  const float bottom = is_asking ? ui_.px(124) : ui_.px(96) + lines * ui_.px(19);
  messages({in.x, in.y + top, in.w, in.h - top - bottom}, chat);
  const Rect below{in.x + ui_.px(16), in.bottom() - bottom + ui_.px(6), in.w - ui_.px(32), bottom - ui_.px(18)};
  if (is_asking)
    request_card(below, chat);
  else
    composer(below, chat);
}

void App::request_card(Rect in, const Conversation& chat) {
  ui_.fill(in, theme_->panel, 12);
  ui_.frame(in, theme_->line, 12);
  ui_.text(in.x + ui_.px(16), in.y + ui_.px(12), words_.say("chat.request_about", name_of(chat.id)), 14, theme_->text,
           Font::Text, in.w - ui_.px(32));
  const float y = in.bottom() - ui_.px(46);
  if (ui_.button({in.x + ui_.px(16), y, ui_.px(120), ui_.px(36)}, ui_("chat.accept"), Weight::Primary))
    post(client::Command(client::Accept{chat.id}));
  if (ui_.button({in.x + ui_.px(146), y, ui_.px(110), ui_.px(36)}, ui_("chat.decline"))) {
    post(client::Command(client::Decline{chat.id}));
    open_chat_.reset();
  }
}

void App::messages(Rect in, const Conversation& chat) {
  ImGui::SetCursorScreenPos({in.x, in.y});
  ImGui::BeginChild("messages", {in.w, in.h}, ImGuiChildFlags_NavFlattened);
  const std::uint64_t newest = chat.messages.empty() ? 0 : chat.messages.back().id;
  const bool at_end = ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - ui_.px(40);
  const float begin = ImGui::GetCursorScreenPos().y;
  // A short conversation stands at the bottom, where the eye is.
  float y = begin + std::max(ui_.px(12), in.h - messages_height_ - ui_.px(8));
  if (laid_out_ != chat.id) y = begin + ui_.px(12);
  const float first = y;
  std::int64_t day = -1;
  const float text_width = std::min(in.w * 0.7F, ui_.px(460));
  for (std::size_t i = 0; i < chat.messages.size(); ++i) {
    const Message& each = chat.messages[i];
    if (day_of(each.at) != day) {
      day = day_of(each.at);
      const Date date = date_of(each.at);
      const std::string words =
          words_.say("date", ui_(fmt::format("weekday.{}", date.weekday)), date.day, ui_(fmt::format("month.{}", date.month)));
      ui_.line({in.x, y + ui_.px(6), in.w, ui_.px(22)}, words, 12, theme_->muted, Font::Text, 0.5F);
      y += ui_.px(36);
    }
    const bool is_last = i + 1 == chat.messages.size() || chat.messages[i + 1].outgoing != each.outgoing ||
                         chat.messages[i + 1].at - each.at > minutes(5) || day_of(chat.messages[i + 1].at) != day;
    // What is far from the window is only measured.
    const float high = ui_.measure(fit_to_show(each.text, 20'000, true), 15, Font::Text, text_width).y;
    if (y + high + ui_.px(60) < in.y || y > in.bottom()) {
      y += high + ui_.px(20) + (each.outgoing || is_last ? ui_.px(28) : ui_.px(4));
      continue;
    }
    message({in.x, y, in.w, text_width}, y, each, chat, is_last);
  }
  messages_height_ = y - first;
  laid_out_ = chat.id;
  ImGui::SetCursorScreenPos({in.x, y + ui_.px(8)});
  ImGui::Dummy({1, 1});
  if (newest != last_message_seen_ || at_end) ImGui::SetScrollHereY(1);
  if (newest != last_message_seen_) is_moving_ = true;  // the new height is known in the next frame
  last_message_seen_ = newest;
  ImGui::EndChild();
}

/// `in.h` is the width of the text.
void App::message(Rect in, float& y, const Message& message, const Conversation& chat, bool is_last) {
  const std::string text = fit_to_show(message.text, 20'000, true);
  const ImVec2 size = ui_.measure(text, 15, Font::Text, in.h);
  const float wide = size.x + ui_.px(26), high = size.y + ui_.px(18);
  const Rect bubble{message.outgoing ? in.right() - wide - ui_.px(20) : in.x + ui_.px(20), y, wide, high};
  const bool is_followed = message.delivery != 0 && follow_.delivery == message.delivery;
  bool hovered = false;
  if (ui_.area(bubble, fmt::format("message {}##{}", message.id, chat.id.hex()), &hovered) && message.delivery != 0)
    follow({is_followed ? 0 : message.delivery, follow_.packet, follow_.machine});
  const std::string menu = fmt::format("menu{}", message.id);
  if (hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) ImGui::OpenPopup(menu.c_str());
  ui_.fill(bubble, message.outgoing ? theme_->bubble_out : theme_->bubble_in, 14);
  if (is_followed) ui_.frame(bubble, theme_->accent, 14);
  ui_.text(bubble.x + ui_.px(13), bubble.y + ui_.px(9), text, 15, message.outgoing ? theme_->on_bubble_out : theme_->text,
           Font::Text, in.h);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui_.px(6), ui_.px(6)));
  if (ImGui::BeginPopup(menu.c_str())) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ui_.button({at.x, at.y, ui_.px(170), ui_.px(32)}, ui_("chat.copy"), Weight::Quiet, icon::kCopy)) {
      ImGui::SetClipboardText(message.text.c_str());
      ImGui::CloseCurrentPopup();
    }
    if (message.delivery != 0 &&
        ui_.button({at.x, at.y + ui_.px(34), ui_.px(170), ui_.px(32)}, ui_("chat.on_map"), Weight::Quiet, icon::kMap)) {
      follow({message.delivery, 0, kNoMachine});
      workspace_ = Workspace::Network;
      ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  y += high + ui_.px(2);
  if (message.outgoing) {
    ladder({in.x, y, in.w - ui_.px(22), ui_.px(20)}, message);
    y += ui_.px(28);
    if (message.state == client::State::Failed || message.state == client::State::Expired ||
        (message.state == client::State::Waiting && !message.error.empty())) {
      const bool is_failed = message.state != client::State::Waiting;
      const std::string why = fit_to_show(message.error, 160);
      const float button = ui_.measure(ui_("chat.try_again"), 14).x + ui_.px(56);
      const Rect line{in.x, y, in.w - ui_.px(30) - button, ui_.px(28)};
      ui_.line(line, why, 12, is_failed ? theme_->danger : theme_->warn, Font::Text, 1);
      if (ui_.button({in.right() - button - ui_.px(20), y - ui_.px(1), button, ui_.px(28)},
                     fmt::format("{}##{}", ui_("chat.try_again"), message.delivery), Weight::Plain, icon::kRetry))
        post(client::Command(client::TryAgain{message.delivery}));
      y += ui_.px(34);
    }
  } else if (is_last) {
    ui_.line({in.x + ui_.px(26), y, in.w, ui_.px(20)}, time_of_day(message.at), 12, theme_->muted);
    y += ui_.px(28);
  } else {
    y += ui_.px(2);
  }
}

void App::ladder(Rect in, const Message& message) {
  std::string words;
  Colour colour = theme_->accent;
  switch (message.state) {
    case client::State::Queued: words = ui_("ladder.queued"); break;
    case client::State::Addressing: words = ui_("ladder.addressing"); break;
    case client::State::Stamping: words = ui_("ladder.working"); break;
    case client::State::Routing: words = ui_("ladder.routed"); break;
    case client::State::Waiting: words = ui_("ladder.waiting"); break;
    case client::State::Kept: words = words_.say("ladder.kept", message.kept_by, message.of); break;
    case client::State::Fetched: words = ui_("ladder.fetched"); break;
    case client::State::Failed: words = ui_("ladder.failed"); break;
    case client::State::Expired: words = ui_("ladder.expired"); break;
    case client::State::Relaying: words = ui_("ladder.relaying"); break;
    case client::State::Handed:
    case client::State::Relayed: words = ui_("ladder.handed"); break;
    case client::State::Read: words = ui_("ladder.read"); break;
    case client::State::Cancelled: words = ui_("ladder.cancelled"); break;
  }
  if (message.state == client::State::Waiting || message.state == client::State::Stamping) colour = theme_->warn;
  if (message.state == client::State::Failed || message.state == client::State::Expired) colour = theme_->danger;
  words += " · " + time_of_day(message.at);
  const float wide = ui_.measure(words, 12).x;
  ui_.line({in.right() - wide - ui_.px(2), in.y, wide + ui_.px(2), in.h}, words, 12, theme_->muted, Font::Text, 1);
  const int reached = rungs_of(message.state);
  float x = in.right() - wide - ui_.px(10) - 5 * ui_.px(20);
  const Rect whole{x - ui_.px(4), in.y, in.right() - x + ui_.px(4), in.h};
  bool hovered = false;
  if (ui_.area(whole, fmt::format("journey {}", message.delivery), &hovered)) {
    follow({message.delivery, 0, kNoMachine});
    if (settings_.inspector_width <= 0) settings_.inspector_width = 340;
  }
  if (hovered) ui_.tooltip(ui_("ladder.help"));
  for (int i = 0; i < 5; ++i, x += ui_.px(20))
    ui_.fill({x, in.y + in.h / 2 - ui_.px(1.5F), ui_.px(16), ui_.px(3)},
             i < reached ? (i + 1 == reached ? colour : mix(theme_->ground, theme_->accent, 0.9F)) : theme_->line, 2);
}

void App::composer(Rect in, const Conversation& chat) {
  std::string& draft = drafts_[chat.id];
  const bool may_write = chat.state == client::ContactState::Accepted;
  ui_.fill(in, theme_->panel, 12);
  ui_.frame(in, theme_->line, 12);
  const float foot = ui_.px(26);
  const Rect text{in.x + ui_.px(16), in.y + ui_.px(14), in.w - ui_.px(124), in.h - foot - ui_.px(20)};
  if (!may_write) {
    ui_.line({text.x, in.y, in.w - ui_.px(32), in.h - ui_.px(20)}, ui_("chat.wait_for_answer"), 14, theme_->muted);
    ui_.line({text.x, in.y + ui_.px(24), in.w - ui_.px(32), in.h - ui_.px(20)}, ui_("chat.wait_why"), 12, theme_->muted);
    return;
  }
  const bool entered = ui_.text_area(text, "composer", draft, ui_("chat.hint"), focus_ && !new_open_ && !palette_open_);
  if (!new_open_ && !palette_open_) focus_ = false;
  const bool is_something = draft.find_first_not_of(" \n\t") != std::string::npos;

  std::size_t& choice = lifetimes_.try_emplace(chat.id, kUsualLifetime).first->second;
  const pow::NetworkParameters& rules = now_->network->parameters;
  const std::size_t sealed = sealed_size(draft.size());
  const bool is_too_large = sealed > rules.max_data_bytes;
  const bool may_send = is_something && !is_too_large;
  const bool sent = ui_.button({in.right() - ui_.px(88), in.y + ui_.px(12), ui_.px(74), ui_.px(34)}, ui_("chat.send"),
                               Weight::Primary, nullptr, may_send);
  if ((sent || entered) && may_send) {
    while (!draft.empty() && (draft.back() == '\n' || draft.back() == ' ')) draft.pop_back();
    post(client::Command(client::Send{chat.id, draft, lifetime_of(choice)}));
    draft.clear();
    focus_ = true;
  }
  // The price, before it is paid.
  float x = in.x + ui_.px(16);
  const float y = in.bottom() - foot - ui_.px(4);
  const auto say = [&](const std::string& words, Colour colour) {
    const float wide = ui_.measure(words, 12).x;
    ui_.line({x, y, std::min(wide + 2, in.right() - x - ui_.px(10)), foot}, words, 12, colour);
    x += wide + ui_.px(16);
  };
  say(size_in_words(draft.size()), theme_->muted);
  const std::string life = words_.say("chat.kept_for", span_in_words(lifetime_of(choice).count * 1000));
  const Rect life_box{x - ui_.px(6), y, ui_.measure(life, 12).x + ui_.px(12), foot};
  bool hovered = false;
  if (ui_.area(life_box, "lifetime", &hovered)) choice = (choice + 1) % kLifetimes.size();
  if (hovered) {
    ui_.fill(life_box, theme_->hover, 6);
    ui_.tooltip(ui_("chat.lifetime_help"));
  }
  say(life, theme_->muted);
  if (is_too_large) {
    say(words_.say("chat.too_large", size_in_words(sealed), size_in_words(rules.max_data_bytes)), theme_->danger);
  } else if (pow::is_due(rules, sealed, lifetime_of(choice))) {
    const auto trials = pow::expected_trials(sealed * 4 / 3 + 66 + 13 + 9, lifetime_of(choice), rules.difficulty);
    const double seconds = trials ? static_cast<double>(*trials) / std::max(now_->trials_per_second, 1.0) : 0;
    say(words_.say("chat.work", span_in_words(static_cast<std::int64_t>(seconds * 1e6)),
                   span_in_words(static_cast<std::int64_t>(seconds * 3e6))),
        theme_->warn);
    Screen::get().set("work", "due");
  } else {
    say(ui_("chat.no_work"), theme_->muted);
    Screen::get().set("work", "free");
  }
}

void App::new_chat(Rect window) {
  const bool has_people = now_->clock.is_simulated && now_->network->people.size() > 1;
  const float inside = std::min(ui_.px(540), window.w - ui_.px(24)) - ui_.px(48);
  const auto chip_wide = [&](const PersonShown& person) {
    return ui_.measure(fit_to_show(person.name, 24), 14).x + ui_.px(58);
  };
  constexpr float kMostRows = 4;
  float rows = 1, end = 0;
  for (const PersonShown& person : now_->network->people) {
    if (person.is_me || !has_people) continue;
    const float wide = chip_wide(person);
    if (end + wide > inside) rows += 1, end = 0;
    if (rows > kMostRows) break;
    end += wide + ui_.px(8);
  }
  const float error = new_error_.empty() ? 0 : ui_.measure(new_error_, 13, Font::Text, inside).y / ui_.px(1) + 12;
  const float high = 82 + 104 + error + (has_people ? 28 + 48 * std::min(rows, kMostRows) : 0) + 54;
  const Rect in = card(window, 540, high, ui_("new.title"), new_open_);
  float y = in.y;
  ui_.field({in.x, y, in.w, ui_.px(42)}, "session id", new_id_, ui_("new.id_hint"), focus_, true, 11.5F);
  focus_ = false;
  y += ui_.px(52);
  ui_.field({in.x, y, in.w, ui_.px(42)}, "first words", new_text_, ui_("new.text_hint"));
  y += ui_.px(52);
  if (!new_error_.empty()) ui_.text(in.x, y, new_error_, 13, theme_->danger, Font::Text, in.w);
  y += ui_.px(error);
  if (has_people) {
    ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("new.people"), 13, theme_->muted);
    y += ui_.px(28);
    float x = in.x;
    for (const PersonShown& person : now_->network->people) {
      if (person.is_me) continue;
      const std::string name = fit_to_show(person.name, 24);
      const float wide = chip_wide(person);
      if (x + wide > in.right()) {
        x = in.x;
        y += ui_.px(48);
      }
      if (y > in.bottom() - ui_.px(80)) break;
      const Rect chip{x, y, wide, ui_.px(40)};
      bool hovered = false;
      if (ui_.area(chip, fmt::format("{}##person", name), &hovered)) new_id_ = person.id.hex();
      const bool is_chosen = new_id_ == person.id.hex();
      ui_.fill(chip, hovered ? theme_->hover : theme_->raised, 20);
      ui_.frame(chip, is_chosen ? theme_->accent : theme_->line, 20);
      ui_.face({chip.x + ui_.px(5), chip.y + ui_.px(5), ui_.px(30), ui_.px(30)}, person.id);
      ui_.line({chip.x + ui_.px(42), chip.y, wide, chip.h}, name, 14, theme_->text);
      x += wide + ui_.px(8);
    }
  }
  const Rect go{in.right() - ui_.px(160), in.bottom() - ui_.px(38), ui_.px(160), ui_.px(38)};
  if (!ui_.button(go, ui_("new.ask"), Weight::Primary, nullptr, !new_id_.empty())) return;
  const auto id = SessionId::parse(new_id_);
  if (!id) {
    new_error_ = fit_to_show(id.error().message, 200);
    return;
  }
  if (*id == now_->me) {
    new_error_ = ui_("new.self");
    return;
  }
  const bool is_known =
      std::any_of(now_->conversations->begin(), now_->conversations->end(), [&](const auto& each) { return each->id == *id; });
  if (!is_known) post(client::Command(client::Ask{*id, new_text_.empty() ? std::string(ui_("new.hello")) : new_text_}));
  open_chat(*id);
  new_open_ = false;
  new_id_.clear();
  new_text_.clear();
  new_error_.clear();
}

}  // namespace session::app
