#include "app/ui/app.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

#include "app/drive/hooks.h"
#include "app/look/words.h"

namespace session::app {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  return all.str().substr(0, 1 << 20);
}

constexpr float kRail = 56, kHeader = 48, kStatus = 30;
constexpr std::array<double, 9> kSpeeds = {0.01, 0.1, 0.5, 1, 2, 5, 20, 100, 1000};

}  // namespace

App::App(Backend& backend, Ui& ui, Settings settings, std::string notice)
    : backend_(backend), ui_(ui), settings_(std::move(settings)), now_(backend.snapshot()) {
  if (!notice.empty()) told_.push_back({0, std::move(notice)});
  load_theme();
}

/// A theme or a language that cannot be read is told of once, and the built-in one takes its place.
void App::load_theme() {
  if (theme_name_ != settings_.theme) {
    theme_name_ = settings_.theme;
    theme_ = built_in_theme(theme_name_);
    if (theme_ == nullptr) {
      auto own = parse_theme(read_file(theme_name_));
      if (own) {
        own_theme_ = std::move(*own);
        theme_ = &own_theme_;
      } else {
        told_.push_back({0, fmt::format("{}: {}", fit_to_show(theme_name_, 80), own.error().message)});
        theme_ = built_in_theme("dark");
      }
    }
  }
  if (locale_name_ != settings_.locale) {
    locale_name_ = settings_.locale;
    auto words = Catalogue::built_in(locale_name_);
    if (!words && locale_name_.find('.') != std::string::npos) words = Catalogue::parse(read_file(locale_name_));
    if (words)
      words_ = std::move(*words);
    else
      told_.push_back({0, fmt::format("{}: {}", fit_to_show(locale_name_, 80), words.error().message)});
  }
}

std::string App::name_of(const SessionId& person) const {
  if (now_->has_account && person == now_->me) return ui_("you");
  for (const auto& chat : *now_->conversations)
    if (chat->id == person && !chat->name.empty()) return fit_to_show(chat->name, 60);
  for (const PersonShown& each : now_->network->people)
    if (each.id == person) return fit_to_show(each.name, 60);
  return short_key(person.hex());
}

std::string App::name_of(Machine machine) const {
  if (const NodeShown* node = now_->network->node(machine)) return short_key(node->id.hex());
  if (const PersonShown* person = now_->network->person(machine))
    return person->is_me ? ui_("you") : fit_to_show(person->name, 40);
  return ui_("registry");
}

void App::follow(Follow wish) {
  if (wish.delivery == follow_.delivery && wish.packet == follow_.packet && wish.machine == follow_.machine) return;
  follow_ = wish;
  post(wish);
}

void App::open_chat(const SessionId& contact) {
  open_chat_ = contact;
  workspace_ = Workspace::Chats;
  focus_ = true;
}

void App::draw(float width, float height, float display_scale) {
  Screen& screen = Screen::get();
  screen.begin_frame();
  now_ = backend_.snapshot();
  width_ = width;
  height_ = height;
  load_theme();
  // On a small window everything is a little smaller rather than cut off.
  const auto wanted = static_cast<float>(settings_.scale) * display_scale;
  const float room = std::min(width / 640, height / 400);
  ui_.set(*theme_, words_, std::clamp(wanted, 0.5F, std::max(room, 0.5F)), settings_.reduce_motion);
  is_moving_ = false;
  map_part_ = {};

  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize({width, height});
  ImGui::Begin("session", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse);
  shortcuts();
  const bool is_covered = palette_open_ || help_open_ || settings_open_ || new_open_;
  ImGui::BeginDisabled(is_covered);
  const float rail_width = ui_.px(kRail), header_height = ui_.px(kHeader), status_height = ui_.px(kStatus);
  const bool is_wide = width > ui_.px(860);
  const float beside = now_->has_account && is_wide ? ui_.px(static_cast<float>(settings_.inspector_width)) : 0;
  const Rect middle{rail_width, header_height, width - rail_width - beside, height - header_height - status_height};
  if (now_->has_account) {
    if (workspace_ == Workspace::Chats)
      chats(middle);
    else
      network(middle);
    if (beside > 0) inspector({width - beside, header_height, beside, middle.h});
    if (is_wide)
      splitter("inspector", {width - beside - ui_.px(3), header_height, ui_.px(6), middle.h}, settings_.inspector_width, 340,
               true);
    rail({0, 0, rail_width, height});
    header({rail_width, 0, width - rail_width, header_height});
    status({rail_width, height - status_height, width - rail_width, status_height});
  } else {
    first_run({0, 0, width, height});
  }
  ImGui::EndDisabled();
  const Rect window{0, 0, width, height};
  ImGui::End();
  if (is_covered) {  // a window of its own: what scrolls in the frame would lie above a part of the frame
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize({width, height});
    if (!was_covered_) ImGui::SetNextWindowFocus();
    ImGui::Begin("above", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoScrollWithMouse);
    if (new_open_) new_chat(window);
    if (settings_open_) settings_page(window);
    if (help_open_) help(window);
    if (palette_open_) palette(window);
    ImGui::End();
  }
  was_covered_ = is_covered;
  notices(window);

  screen.set("workspace", workspace_ == Workspace::Chats ? "chats" : "network");
  screen.set("account", now_->has_account ? "yes" : "no");
  screen.set("playing", now_->clock.is_playing ? "yes" : "no");
  screen.set("outbox", std::to_string(now_->outbox));
  screen.set("theme", theme_->name);
  screen.set("packets", std::to_string(scene_.packets.size()));
  screen.set("connection", now_->connection == Connection::Connected ? "connected" : "other");
  screen.set("chats", std::to_string(now_->conversations->size()));
  screen.set("selected", selected_ ? std::to_string(static_cast<int>(selected_->what)) : "nothing");
  if (!now_->journey) return;
  for (const JourneyStep& step : now_->journey->steps) {
    if (step.kind == StepKind::Peeled) screen.set(fmt::format("peeled by hop {}", step.hop), "yes");
    if (step.kind == StepKind::Kept) screen.set("kept", "yes");
    if (step.kind == StepKind::Fetched) screen.set("fetched", "yes");
  }
}

void App::shortcuts() {
  const auto pressed = [](ImGuiKeyChord chord) { return ImGui::IsKeyChordPressed(chord); };
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_K)) {
    palette_open_ = !palette_open_;
    palette_text_.clear();
    palette_at_ = 0;
    focus_ = true;
  }
  if (pressed(ImGuiKey_F1)) help_open_ = !help_open_;
  if (pressed(ImGuiKey_F11)) full_screen_ = !full_screen_;
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_Q)) ends_ = true;
  if (pressed(ImGuiKey_Escape)) {
    if (palette_open_)
      palette_open_ = false;
    else if (help_open_)
      help_open_ = false;
    else if (new_open_)
      new_open_ = false;
    else if (settings_open_)
      settings_open_ = false;
    else if (selected_)
      select(std::nullopt);
  }
  const auto resize = [&](double to) { settings_.scale = std::clamp(to, 0.8, 4.0); };
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_Equal) || pressed(ImGuiMod_Ctrl | ImGuiKey_KeypadAdd)) resize(settings_.scale + 0.1);
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_Minus)) resize(settings_.scale - 0.1);
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_0)) resize(1);
  if (!now_->has_account) return;
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_1)) workspace_ = Workspace::Chats;
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_2)) {
    workspace_ = Workspace::Network;
    focus_map_ = true;
  }
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_N)) new_open_ = focus_ = true;
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_Comma)) settings_open_ = true;
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_I)) settings_.inspector_width = settings_.inspector_width > 0 ? 0 : 340;
  const bool up = pressed(ImGuiMod_Alt | ImGuiKey_UpArrow), down = pressed(ImGuiMod_Alt | ImGuiKey_DownArrow);
  if ((up || down) && !now_->conversations->empty()) {
    const auto& all = *now_->conversations;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return open_chat_ && each->id == *open_chat_; });
    const auto at = found == all.end() ? 0 : found - all.begin() + (down ? 1 : -1);
    open_chat(
        all[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(all.size()) - 1))]->id);
  }
  if (!now_->clock.is_simulated || ImGui::GetIO().WantTextInput) return;
  if (workspace_ == Workspace::Network && !palette_open_) {
    if (pressed(ImGuiKey_Space)) post(Play{!now_->clock.is_playing});
    if (pressed(ImGuiKey_Period)) post(Step{});
    if (pressed(ImGuiKey_F)) camera_is_own_ = false;
  }
}

void App::rail(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.right() - 1, in.y, 1, in.h}, theme_->line);
  const float side = ui_.px(40), left = in.x + (in.w - side) / 2;
  const auto entry = [&](int place, const char* icon, const std::string& label, Workspace to) {
    const Rect box{left, ui_.px(10) + static_cast<float>(place) * ui_.px(48), side, side};
    const bool is_on = workspace_ == to;
    if (is_on) ui_.fill({in.x, box.y + ui_.px(10), ui_.px(3), ui_.px(20)}, theme_->accent, 2);
    if (ui_.icon_button(box, icon, label, is_on)) workspace_ = to;
  };
  entry(0, icon::kChats, ui_("chats.title"), Workspace::Chats);
  entry(1, icon::kNetwork, ui_("network.title"), Workspace::Network);
  if (ui_.icon_button({left, in.bottom() - ui_.px(142), side, side}, icon::kHelp, ui_("help.title"))) help_open_ = true;
  if (ui_.icon_button({left, in.bottom() - ui_.px(96), side, side}, icon::kSettings, ui_("settings.title")))
    settings_open_ = true;
  const Rect me{in.x + (in.w - ui_.px(34)) / 2, in.bottom() - ui_.px(46), ui_.px(34), ui_.px(34)};
  bool hovered = false;
  if (ui_.area(me, std::string(ui_("me.copy")), &hovered)) {
    ImGui::SetClipboardText(now_->me.hex().c_str());
    told_.push_back({0, ui_("me.copied")});
  }
  ui_.face(me, now_->me);
  if (hovered) ui_.tooltip(fmt::format("{} · {}", fit_to_show(now_->my_name, 40), short_key(now_->me.hex())));
}

void App::header(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.x, in.bottom() - 1, in.w, 1}, theme_->line);
  float x = in.x + ui_.px(16);
  const char* title = workspace_ == Workspace::Chats ? ui_("chats.title") : ui_("network.title");
  x += ui_.text(x, in.y + (in.h - ui_.measure(title, 19, Font::Strong).y) / 2, title, 19, theme_->text, Font::Strong).x +
       ui_.px(14);

  const Network& network = *now_->network;
  const std::string name = now_->clock.is_simulated ? ui_("network.simulated") : ui_("network.live");
  const std::string what = words_.say("network.sizes", network.nodes.size(), network.swarms.size());
  const float wide = ui_.measure(name, 13).x + ui_.measure(what, 13).x + ui_.px(46);
  const float search = std::min(ui_.px(300), in.right() - x - ui_.px(24));
  const bool has_room = x + wide + search + ui_.px(32) < in.right();
  if (has_room) {
    const Rect chip{x, in.y + ui_.px(10), wide, in.h - ui_.px(20)};
    bool hovered = false;
    if (ui_.area(chip, name, &hovered)) workspace_ = Workspace::Network;
    ui_.fill(chip, hovered ? theme_->hover : theme_->ground, 14);
    ui_.frame(chip, theme_->line, 14);
    ui_.dot(chip.x + ui_.px(14), chip.y + chip.h / 2, 4,
            now_->connection == Connection::Connected ? theme_->accent : theme_->warn);
    const float after = ui_.px(24) + ui_.measure(name, 13).x;
    ui_.line({chip.x + ui_.px(24), chip.y, after, chip.h}, name, 13, theme_->text);
    ui_.line({chip.x + after + ui_.px(6), chip.y, wide, chip.h}, what, 13, theme_->muted);
  }
  const Rect box{in.right() - search - ui_.px(12), in.y + ui_.px(9), search, in.h - ui_.px(18)};
  bool hovered = false;
  if (ui_.area(box, std::string(ui_("palette.hint")), &hovered)) {
    palette_open_ = focus_ = true;
    palette_text_.clear();
    palette_at_ = 0;
  }
  ui_.fill(box, hovered ? theme_->hover : theme_->ground, 8);
  ui_.frame(box, theme_->line, 8);
  ui_.glyph({box.x + ui_.px(6), box.y, ui_.px(24), box.h}, icon::kSearch, 13, theme_->muted);
  ui_.line({box.x + ui_.px(32), box.y, box.w - ui_.px(90), box.h}, ui_("palette.hint"), 13, theme_->muted);
  const float cap = ui_.measure("Ctrl K", 11, Font::Mono).x + ui_.px(12);
  const Rect key{box.right() - cap - ui_.px(5), box.y + ui_.px(5), cap, box.h - ui_.px(10)};
  ui_.fill(key, theme_->raised, 4);
  ui_.frame(key, theme_->line, 4);
  ui_.line(key, "Ctrl K", 11, theme_->muted, Font::Mono, 0.5F);
}

void App::status(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.x, in.y, in.w, 1}, theme_->line);
  float x = in.x + ui_.px(14);
  const auto say = [&](std::string_view text, Colour colour, Font face = Font::Text) {
    const float wide = ui_.measure(text, 12, face).x;
    ui_.line({x, in.y, wide + 2, in.h}, text, 12, colour, face);
    x += wide + ui_.px(16);
  };
  constexpr std::array<const char*, 4> kConnections = {"status.offline", "status.connecting", "status.connected",
                                                       "status.stale"};
  const bool good = now_->connection == Connection::Connected;
  ui_.dot(x + ui_.px(4), in.y + in.h / 2, 4,
          good                                      ? theme_->accent
          : now_->connection == Connection::Offline ? theme_->danger
                                                    : theme_->warn);
  x += ui_.px(14);
  say(ui_(kConnections[static_cast<std::size_t>(now_->connection)]), theme_->muted);
  if (!good && !now_->trouble.empty()) say(fit_to_show(now_->trouble, 60), theme_->warn);
  if (!now_->paths.empty() && now_->paths.back().hops[0] != kNoMachine) {
    say(ui_("status.path"), theme_->muted);
    x -= ui_.px(6);
    float before = 0;
    for (const Machine hop : now_->paths.back().hops) {
      const NodeShown* node = now_->network->node(hop);
      if (before > 0) ui_.fill({before, in.y + in.h / 2 - 1, ui_.px(18), 2}, theme_->line);
      ui_.dot(x + ui_.px(4), in.y + in.h / 2, 4, node == nullptr ? theme_->muted : swarm_colour(node->swarm));
      before = x + ui_.px(8);
      x += ui_.px(26);
    }
  }
  say(words_.say("status.outbox", now_->outbox), theme_->muted);

  // Time, on the right.
  const Clock& clock = now_->clock;
  const std::int64_t ms = (clock.now - clock.begin).count;
  if (!clock.is_simulated) return;
  const std::string time = fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
  float right = in.right() - ui_.px(12);
  const auto slot = [&](float width) {
    right -= width;
    return Rect{right, in.y, width, in.h};
  };
  const std::string mode = clock.event_time ? ui_("time.event") : ui_("time.true");
  const float widest = std::max(ui_.measure(ui_("time.event"), 12).x, ui_.measure(ui_("time.true"), 12).x);
  const Rect mode_box = slot(widest + ui_.px(14));  // as wide for either, so that nothing moves when it changes
  bool hovered = false;
  if (ui_.area(mode_box, "time mode", &hovered)) post(Pace{clock.speed, !clock.event_time});
  if (hovered) {
    ui_.fill(mode_box.inset(ui_.px(3)), theme_->hover, 6);
    ui_.tooltip(ui_("time.mode_help"));
  }
  ui_.line(mode_box, mode, 12, theme_->muted, Font::Text, 0.5F);
  const std::string pace = clock.speed >= 1 ? fmt::format("×{:.0f}", clock.speed) : fmt::format("×{:g}", clock.speed);
  slot(ui_.px(8));
  const Rect faster = slot(ui_.px(22)), pace_box = slot(ui_.px(46)), slower = slot(ui_.px(22));
  slot(ui_.px(12));
  const auto next = [&](int direction) {
    const auto at = std::min_element(kSpeeds.begin(), kSpeeds.end(), [&](double a, double b) {
      return std::abs(std::log(a / clock.speed)) < std::abs(std::log(b / clock.speed));
    });
    const auto to =
        std::clamp<std::ptrdiff_t>(at - kSpeeds.begin() + direction, 0, static_cast<std::ptrdiff_t>(kSpeeds.size()) - 1);
    post(Pace{kSpeeds[static_cast<std::size_t>(to)], clock.event_time});
  };
  const auto small = [&](Rect in_slot, const char* glyph, const char* label, bool is_on = false) {
    const float side = ui_.px(22);
    const Rect button{in_slot.x + (in_slot.w - side) / 2, in_slot.y + (in_slot.h - side) / 2, side, side};
    return ui_.icon_button(button, glyph, label, is_on, true, 12);
  };
  if (small(slower, icon::kMinus, ui_("time.slower"))) next(-1);
  if (small(faster, icon::kPlus, ui_("time.faster"))) next(1);
  ui_.line(pace_box, pace, 12, theme_->text, Font::Mono, 0.5F);
  ui_.line(slot(ui_.measure(time, 12, Font::Mono).x + ui_.px(14)), time, 12, theme_->text, Font::Mono, 0.5F);
  if (small(slot(ui_.px(28)), icon::kStep, ui_("time.step"))) post(Step{});
  if (small(slot(ui_.px(28)), clock.is_playing ? icon::kPause : icon::kPlay,
            clock.is_playing ? ui_("time.pause") : ui_("time.play"), true))
    post(Play{!clock.is_playing});
}

void App::splitter(const char* name, Rect in, double& width, double usual, bool grows_left) {
  ImGui::SetCursorScreenPos({in.x, in.y});
  ImGui::InvisibleButton(fmt::format("splitter {}", name).c_str(), {in.w, std::max(in.h, 1.0F)});
  const bool is_held = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left))
    width = width > 0 ? 0 : usual;
  else if (is_held && ImGui::GetIO().MouseDelta.x != 0)
    width = std::clamp(width + static_cast<double>(ImGui::GetIO().MouseDelta.x / ui_.scale()) * (grows_left ? -1 : 1), 220.0,
                       640.0);
  if (is_held || hovered) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    ui_.fill({in.x + in.w / 2 - 1, in.y, 2, in.h}, theme_->accent);
  }
}

void App::notices(Rect window) {
  for (const Notice& each : now_->notices) {
    if (each.number <= last_notice_) continue;
    last_notice_ = each.number;
    told_.push_back(each);
  }
  if (told_.empty()) return;
  const double now = ImGui::GetTime();
  if (notice_since_ == 0) notice_since_ = now;
  const std::string text = fit_to_show(told_.front().text, 300);
  const float wide = std::min(ui_.px(560), window.w - ui_.px(40));
  const float high = ui_.measure(text, 14, Font::Text, wide - ui_.px(90)).y + ui_.px(24);
  const Rect box{(window.w - wide) / 2, window.h - high - ui_.px(44), wide, high};
  ImGui::SetNextWindowPos({box.x, box.y});
  ImGui::SetNextWindowSize({box.w, box.h});
  ImGui::Begin("notice", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
  ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  ui_.fill(box, theme_->raised, 8);
  ui_.frame(box, theme_->warn, 8);
  ui_.glyph({box.x + ui_.px(8), box.y, ui_.px(28), box.h}, icon::kWarn, 14, theme_->warn);
  ui_.text(box.x + ui_.px(42), box.y + ui_.px(12), text, 14, theme_->text, Font::Text, wide - ui_.px(90));
  const bool closed =
      ui_.icon_button({box.right() - ui_.px(38), box.y + ui_.px(6), ui_.px(30), ui_.px(30)}, icon::kClose, ui_("close"));
  ImGui::End();
  if (closed || now - notice_since_ > 12) {
    told_.erase(told_.begin());
    notice_since_ = 0;
  }
}

bool App::begin_tour() {
  if (!now_->has_account) {
    if (!asked_for_account_) post(LookAround{});
    asked_for_account_ = true;
    return false;
  }
  workspace_ = Workspace::Network;
  for (const PersonShown& person : now_->network->people) {
    if (person.is_me) continue;
    post(client::Command(client::Ask{person.id, ui_("new.hello")}));
    post(Play{true});
    return true;
  }
  return false;
}

bool App::tour_has_arrived() const {
  for (const auto& chat : *now_->conversations)
    for (const Message& message : chat->messages)
      if (message.outgoing && (message.state == client::State::Kept || message.state == client::State::Fetched ||
                               message.state == client::State::Read))
        return now_->journey != nullptr && now_->journey->delivery == message.delivery;
  return false;
}

bool App::begin_idle() {
  if (!now_->has_account && !asked_for_account_) {
    post(LookAround{});
    asked_for_account_ = true;
  }
  if (now_->has_account && now_->clock.is_playing) post(Play{false});
  return now_->has_account && !now_->clock.is_playing;
}

bool App::do_for_script(const std::string& what) {
  const auto space = what.find(' ');
  const std::string verb = what.substr(0, space), argument = space == std::string::npos ? "" : what.substr(space + 1);
  const Network& network = *now_->network;
  const auto person = std::find_if(network.people.begin(), network.people.end(),
                                   [&](const PersonShown& each) { return each.name == argument; });
  if (verb == "look-around") return post(LookAround{}), true;
  if (verb == "theme") return settings_.theme = argument, true;
  if (verb == "locale") return settings_.locale = argument, true;
  const double number = std::strtod(argument.c_str(), nullptr);
  if (verb == "scale") return settings_.scale = std::clamp(number, 0.8, 4.0), true;
  if (verb == "stall") return post(Stall{{static_cast<std::int64_t>(number)}}), true;
  if (verb == "restart") return post(Restart{static_cast<std::uint64_t>(number)}), true;
  if (verb == "speed") return post(Pace{number, false}), true;
  if (verb == "event-time") return post(Pace{number, true}), true;
  if (verb == "play") return post(Play{true}), true;
  if (verb == "pause") return post(Play{false}), true;
  if (verb == "node-down" && number < static_cast<double>(network.nodes.size()))
    return post(SetUp{network.nodes[static_cast<std::size_t>(number)].machine, false}), true;
  if (person == network.people.end()) return false;
  if (verb == "person-offline" || verb == "person-online") return post(SetUp{person->machine, verb == "person-online"}), true;
  if (verb == "swarm-down" || verb == "swarm-up") {
    const SwarmShown& swarm = network.swarms[person->swarm];
    for (std::uint32_t i = 0; i < swarm.count; ++i) post(SetUp{network.nodes[swarm.first + i].machine, verb == "swarm-up"});
    return true;
  }
  return false;
}

}  // namespace session::app
