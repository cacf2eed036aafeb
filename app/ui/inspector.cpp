// What is selected, told in facts and bytes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/look/words.h"
#include "app/ui/app.h"

namespace session::app {
namespace {

std::string hex_of(BytesView bytes, std::size_t from, std::size_t size) {
  std::string out;
  for (std::size_t i = from; i < std::min(from + size, bytes.size()); ++i)
    out += fmt::format("{:02x} ", std::to_integer<unsigned>(bytes[i]));
  if (!out.empty()) out.pop_back();
  return out;
}

/// `9c 41 … e2`.
std::string ends_of(BytesView bytes) {
  if (bytes.size() <= 4) return hex_of(bytes, 0, bytes.size());
  return fmt::format("{} … {}", hex_of(bytes, 0, 2), hex_of(bytes, bytes.size() - 1, 1));
}

}  // namespace

float App::row(Rect in, float y, std::string_view what, std::string_view value, bool is_mono) {
  const float left = ui_.measure(what, 13).x;
  ui_.line({in.x, y, in.w * 0.6F, ui_.px(22)}, what, 13, theme_->muted);
  ui_.line({in.x + left + ui_.px(10), y, in.w - left - ui_.px(10), ui_.px(22)}, value, is_mono ? 12.0F : 13.0F, theme_->text,
           is_mono ? Font::Mono : Font::Text, 1);
  return y + ui_.px(25);
}

void App::inspector(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.x, in.y, 1, in.h}, theme_->line);
  const Rect inner{in.x + ui_.px(18), in.y + ui_.px(14), in.w - ui_.px(34), in.h - ui_.px(20)};
  ImGui::SetCursorScreenPos({inner.x, inner.y});
  ImGui::BeginChild("inspector", {inner.w + ui_.px(8), inner.h}, ImGuiChildFlags_NavFlattened);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Rect part{at.x, at.y, inner.w, inner.h};
  const Network& network = *now_->network;
  if (workspace_ == Workspace::Network && selected_) {
    switch (selected_->what) {
      case Picked::What::Node:
        if (selected_->index < network.nodes.size()) inspect_node(part, network.nodes[selected_->index]);
        break;
      case Picked::What::Swarm:
        if (selected_->index < network.swarms.size()) inspect_swarm(part, static_cast<std::uint32_t>(selected_->index));
        break;
      case Picked::What::Person:
        if (selected_->index < network.people.size()) inspect_person(part, network.people[selected_->index]);
        break;
      case Picked::What::Packet: inspect_packet(part); break;
    }
  } else if (now_->journey && follow_.delivery != 0) {
    inspect_journey(part, *now_->journey);
  } else {
    inspect_network(part);
  }
  ImGui::EndChild();
}

void App::inspect_network(Rect in) {
  const Network& network = *now_->network;
  float y = in.y;
  y += ui_.text(in.x, y, ui_("inspect.network"), 17, theme_->text, Font::Strong).y + ui_.px(6);
  y += ui_.text(in.x, y, ui_("inspect.network_about"), 13, theme_->muted, Font::Text, in.w).y + ui_.px(14);
  std::size_t up = 0, kept = 0;
  for (const NodeShown& node : network.nodes) {
    up += node.is_up ? 1 : 0;
    kept += node.kept;
  }
  y = row(in, y, ui_("inspect.nodes"), fmt::format("{} / {}", up, network.nodes.size()));
  y = row(in, y, ui_("inspect.swarms"), std::to_string(network.swarms.size()));
  y = row(in, y, ui_("inspect.height"), std::to_string(network.height));
  if (now_->clock.is_simulated) y = row(in, y, ui_("inspect.copies"), grouped(kept));
  y = row(in, y, ui_("inspect.rules"), network.parameters.name);
  y = row(in, y, ui_("inspect.difficulty"), grouped(network.parameters.difficulty));
  y = row(in, y, ui_("inspect.free"),
          fmt::format("{} · {}", size_in_words(network.parameters.free_bytes),
                      span_in_words(network.parameters.free_ttl.count * 1000)));
  if (now_->clock.is_simulated) y = row(in, y, ui_("inspect.facts"), grouped(now_->counted_facts));
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
}

void App::inspect_journey(Rect in, const Journey& journey) {
  float y = in.y;
  y += ui_.text(in.x, y, ui_("journey.title"), 17, theme_->text, Font::Strong).y + ui_.px(2);
  std::string quote;
  for (const auto& chat : *now_->conversations)
    for (const Message& message : chat->messages)
      if (message.delivery == journey.delivery) quote = fit_to_show(message.text, 60);
  const std::string whom = name_of(journey.to);
  ui_.line({in.x, y, in.w, ui_.px(20)}, quote.empty() ? words_.say("journey.to", whom) : fmt::format("“{}”", quote), 13,
           theme_->muted);
  y += ui_.px(32);

  Instant before;
  std::uint32_t copies = 0;
  for (const JourneyStep& step : journey.steps) copies += step.kind == StepKind::Copied ? 1 : 0;
  bool told_copies = false;
  const std::size_t first = journey.steps.size() > 40 ? journey.steps.size() - 40 : 0;
  for (std::size_t i = first; i < journey.steps.size(); ++i) {
    const JourneyStep& step = journey.steps[i];
    std::string title, detail, cost;
    Colour colour = theme_->accent;
    const NodeShown* node = now_->network->node(step.machine);
    if (before.micros != 0 && step.at > before) cost = "+" + span_in_words(step.at.micros - before.micros);
    switch (step.kind) {
      case StepKind::Written:
        title = ui_("journey.written");
        detail = words_.say("journey.written_d", whom);
        break;
      case StepKind::Addressed:
        title = ui_("journey.addressed");
        detail = ui_("journey.addressed_d");
        break;
      case StepKind::Worked:
        title = ui_("journey.worked");
        detail = words_.say("journey.worked_d", grouped(step.count), grouped(now_->network->parameters.difficulty));
        cost = span_in_words(step.micros);
        colour = theme_->warn;
        break;
      case StepKind::Sent:
        title = ui_("journey.sent");
        detail = words_.say("journey.sent_d", size_in_words(step.bytes));
        break;
      case StepKind::Peeled: {
        constexpr std::array<const char*, 5> kHops = {"journey.hop", "journey.guard", "journey.middle", "journey.last",
                                                      "journey.destination"};
        const std::size_t hop = std::min<std::size_t>(step.hop, 4);
        title = fmt::format("{} {}", ui_(kHops[hop]), name_of(step.machine));
        detail = fmt::format("{} → {} · {}", size_in_words(step.bytes), size_in_words(step.bytes_out),
                             ui_(std::string(kHops[hop]) + "_d"));
        if (node != nullptr) colour = swarm_colour(node->swarm);
        break;
      }
      case StepKind::Copied:
        if (told_copies) continue;
        told_copies = true;
        title = words_.say("journey.stored", copies);
        detail = words_.say("journey.stored_d", size_in_words(step.bytes));
        if (node != nullptr) colour = swarm_colour(node->swarm);
        break;
      case StepKind::Kept:
        title = words_.say("journey.kept", step.count, step.of);
        detail = ui_("journey.kept_d");
        break;
      case StepKind::Fetched:
        title = words_.say("journey.fetched", whom);
        detail = ui_("journey.fetched_d");
        break;
      case StepKind::Receipt:
        title = ui_("journey.receipt");
        detail = ui_("journey.receipt_d");
        break;
      case StepKind::Waits:
        title = ui_("journey.waits");
        detail = fit_to_show(step.text, 120);
        colour = theme_->warn;
        break;
      case StepKind::Failed:
        title = ui_("journey.failed");
        detail = fit_to_show(step.text, 120);
        colour = theme_->danger;
        break;
    }
    before = step.at;
    const float dot = in.x + ui_.px(9), left = in.x + ui_.px(28);
    const float detail_high = detail.empty() ? 0 : ui_.measure(detail, 12, Font::Text, in.w - ui_.px(30)).y;
    const float high = ui_.px(24) + detail_high + ui_.px(10);
    if (i + 1 < journey.steps.size()) ui_.fill({dot - 0.5F, y + ui_.px(16), 1, high - ui_.px(8)}, theme_->line);
    ui_.dot(dot, y + ui_.px(11), 5, colour);
    const float cost_wide = ui_.measure(cost, 12, Font::Mono).x;
    ui_.line({left, y, in.w - ui_.px(36) - cost_wide, ui_.px(22)}, title, 14, theme_->text);
    ui_.line({in.right() - cost_wide - 1, y, cost_wide + 1, ui_.px(22)}, cost, 12, theme_->muted, Font::Mono, 1);
    if (!detail.empty()) ui_.text(left, y + ui_.px(22), detail, 12, theme_->muted, Font::Text, in.w - ui_.px(30));
    y += high;
  }
  y += ui_.px(8);
  float x = in.x;
  if (workspace_ != Workspace::Network && action(in, x, y, ui_("journey.on_map"), Weight::Plain, icon::kMap)) {
    workspace_ = Workspace::Network;
    lens_message_ = true;
  }
  if (action(in, x, y, ui_("journey.copy"), Weight::Plain, icon::kCopy)) {
    std::string all;
    for (const JourneyStep& step : journey.steps)
      all += fmt::format("{} {} {} {} {}\n", step.at.unix_millis(), static_cast<int>(step.kind), name_of(step.machine),
                         step.bytes, step.text);
    ImGui::SetClipboardText(all.c_str());
  }
  y += ui_.px(48);
  ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("journey.sizes"), 13, theme_->muted, Font::Strong);
  y += ui_.px(26);
  if (journey.text_bytes != 0) y = row(in, y, ui_("journey.size_text"), size_in_words(journey.text_bytes));
  if (journey.sealed_bytes != 0) y = row(in, y, ui_("journey.size_sealed"), size_in_words(journey.sealed_bytes));
  if (journey.onion_bytes != 0) y = row(in, y, ui_("journey.size_onion"), size_in_words(journey.onion_bytes));
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
}

float App::fact_list(Rect in, float y) {
  y += ui_.px(10);
  ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("inspect.newest_facts"), 13, theme_->muted, Font::Strong);
  y += ui_.px(26);
  for (auto fact = now_->facts.rbegin(); fact != now_->facts.rend(); ++fact) {
    const std::int64_t ms = (fact->at - now_->clock.begin).count;
    ui_.line({in.x, y, ui_.px(72), ui_.px(20)}, fmt::format("{:02}:{:02}.{:03}", ms / 60000, ms / 1000 % 60, ms % 1000), 11,
             theme_->muted, Font::Mono);
    ui_.line({in.x + ui_.px(74), y, in.w - ui_.px(74), ui_.px(20)}, fit_to_show(fact->text, 160), 11, theme_->text, Font::Mono);
    y += ui_.px(20);
  }
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
  return y;
}

/// A button as wide as what it says, beside the one before it or, where that has no room, below it.
bool App::action(Rect in, float& x, float& y, const std::string& label, Weight weight, const char* icon) {
  const float wide = std::min(ui_.measure(label, 14).x + ui_.px(52), in.w);
  if (x > in.x && x + wide > in.right()) {
    x = in.x;
    y += ui_.px(42);
  }
  const bool used = ui_.button({x, y, wide, ui_.px(34)}, label, weight, icon);
  x += wide + ui_.px(8);
  return used;
}

void App::inspect_node(Rect in, const NodeShown& node) {
  float y = in.y;
  y += ui_.text(in.x, y, words_.say("inspect.node", short_key(node.id.hex())), 17, theme_->text, Font::Strong).y + ui_.px(2);
  ui_.dot(in.x + ui_.px(5), y + ui_.px(11), 4, node.is_up ? theme_->accent : theme_->danger);
  ui_.line({in.x + ui_.px(16), y, in.w, ui_.px(22)}, ui_(node.is_up ? "inspect.up" : "inspect.down"), 13, theme_->muted);
  y += ui_.px(32);
  y += ui_.text(in.x, y, node.id.hex(), 11, theme_->muted, Font::Mono, in.w).y + ui_.px(12);
  y = row(in, y, ui_("inspect.swarm"), fmt::format("{:016x}", now_->network->swarms[node.swarm].id.value));
  if (!node.address.empty()) y = row(in, y, ui_("inspect.address"), fit_to_show(node.address, 60));
  if (now_->clock.is_simulated) {
    y = row(in, y, ui_("inspect.keeps"), grouped(node.kept));
    y += ui_.px(6);
    const std::string label = ui_(node.is_up ? "inspect.stop_node" : "inspect.start_node");
    float x = in.x;
    if (action(in, x, y, label, node.is_up ? Weight::Danger : Weight::Plain, icon::kPower))
      post(SetUp{node.machine, !node.is_up});
    y += ui_.px(40);
    fact_list(in, y);
  }
}

void App::inspect_swarm(Rect in, std::uint32_t index) {
  const Network& network = *now_->network;
  const SwarmShown& swarm = network.swarms[index];
  float y = in.y;
  y += ui_.text(in.x, y, ui_("inspect.swarm"), 17, theme_->text, Font::Strong).y + ui_.px(2);
  ui_.line({in.x, y, in.w, ui_.px(22)}, fmt::format("{:016x}", swarm.id.value), 12, theme_->muted, Font::Mono);
  y += ui_.px(34);
  std::string people;
  for (const PersonShown& person : network.people) {
    if (person.swarm != index) continue;
    people += (people.empty() ? "" : ", ") + fit_to_show(person.name, 24);
  }
  y += ui_.text(in.x, y, people.empty() ? ui_("inspect.swarm_of_nobody") : words_.say("inspect.swarm_of", people), 13,
                theme_->muted, Font::Text, in.w)
           .y +
       ui_.px(12);
  for (std::uint32_t i = 0; i < swarm.count; ++i) {
    const NodeShown& node = network.nodes[swarm.first + i];
    const Rect line{in.x - ui_.px(6), y, in.w + ui_.px(6), ui_.px(30)};
    bool hovered = false;
    if (ui_.area(line, fmt::format("node {}##{}", short_key(node.id.hex()), i), &hovered))
      select(Picked{Picked::What::Node, swarm.first + i});
    if (hovered) ui_.fill(line, theme_->hover, 6);
    ui_.dot(in.x + ui_.px(6), y + ui_.px(15), 5, node.is_up ? swarm_colour(index) : theme_->line);
    ui_.line({in.x + ui_.px(20), y, in.w, ui_.px(30)}, short_key(node.id.hex()), 13, theme_->text, Font::Mono);
    ui_.line({in.x, y, in.w, ui_.px(30)},
             node.is_up ? words_.say("inspect.keeps_n", node.kept) : std::string(ui_("inspect.down")), 12,
             node.is_up ? theme_->muted : theme_->danger, Font::Text, 1);
    y += ui_.px(32);
  }
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
}

void App::inspect_person(Rect in, const PersonShown& person) {
  float y = in.y;
  ui_.face({in.x, y, ui_.px(48), ui_.px(48)}, person.id, !person.is_online);
  ui_.line({in.x + ui_.px(60), y, in.w - ui_.px(60), ui_.px(26)}, fit_to_show(person.name, 40), 17, theme_->text, Font::Strong);
  ui_.line({in.x + ui_.px(60), y + ui_.px(26), in.w - ui_.px(60), ui_.px(20)},
           ui_(person.is_online ? "inspect.online" : "inspect.offline"), 13, theme_->muted);
  y += ui_.px(64);
  y += ui_.text(in.x, y, person.id.hex(), 11, theme_->muted, Font::Mono, in.w).y + ui_.px(12);
  y = row(in, y, ui_("inspect.swarm"),
          fmt::format("{:016x}", now_->network->swarms.empty() ? 0 : now_->network->swarms[person.swarm].id.value));
  y = row(in, y, ui_("inspect.waiting"), std::to_string(person.waiting));
  y += ui_.px(6);
  if (!person.is_me && now_->clock.is_simulated) {
    const std::string label =
        words_.say(person.is_online ? "palette.close_laptop" : "palette.open_laptop", fit_to_show(person.name, 24));
    float x = in.x;
    if (action(in, x, y, label, Weight::Plain, icon::kPower)) post(SetUp{person.machine, !person.is_online});
    const bool is_known = std::any_of(now_->conversations->begin(), now_->conversations->end(),
                                      [&](const auto& each) { return each->id == person.id; });
    if (action(in, x, y, words_.say(is_known ? "inspect.open_chat" : "inspect.write_to", fit_to_show(person.name, 24)),
               Weight::Plain, icon::kChats)) {
      if (is_known) {
        open_chat(person.id);
      } else {
        new_id_ = person.id.hex();
        new_open_ = true;
      }
    }
    y += ui_.px(40);
  }
  fact_list(in, y);
}

/// Layer by layer with offsets and names. Source of the form: service-node.md 6.3.
void App::inspect_packet(Rect in) {
  for (const Flight& flight : *now_->flights)
    if (selected_ && flight.packet == selected_->index) selected_flight_ = flight;
  float y = in.y;
  if (!selected_flight_) return;
  const Flight& flight = *selected_flight_;
  y += ui_.text(in.x, y, words_.say("packet.title", flight.packet), 17, theme_->text, Font::Strong).y + ui_.px(2);
  ui_.line({in.x, y, in.w, ui_.px(20)},
           fmt::format("{} → {} · {}", name_of(flight.from), name_of(flight.to),
                       ui_(fmt::format("kind.{}", static_cast<int>(flight.kind)))),
           13, theme_->muted);
  y += ui_.px(32);
  y = row(in, y, ui_("packet.size"), size_in_words(flight.size));
  y = row(in, y, ui_("packet.takes"), span_in_words(flight.due.micros - flight.sent.micros));
  if (flight.is_lost) y = row(in, y, ui_("packet.lost"), flight.reason, false);

  const auto box = [&](Colour edge, float high) {
    const Rect all{in.x, y, in.w, high};
    ui_.fill(all, theme_->ground, 8);
    ui_.frame(all, theme_->line, 8);
    ui_.fill({all.x, all.y + ui_.px(4), ui_.px(3), high - ui_.px(8)}, edge, 2);
    return Rect{all.x + ui_.px(14), all.y + ui_.px(8), all.w - ui_.px(26), high - ui_.px(16)};
  };
  const auto field = [&](Rect part, float at, std::string_view offset, std::string_view what, std::string_view value) {
    ui_.line({part.x, at, ui_.px(48), ui_.px(20)}, offset, 11, theme_->muted, Font::Mono);
    ui_.line({part.x + ui_.px(52), at, part.w * 0.5F, ui_.px(20)}, what, 11, theme_->muted, Font::Mono);
    ui_.line({part.x, at, part.w, ui_.px(20)}, value, 11, theme_->text, Font::Mono, 1);
  };
  y += ui_.px(8);
  ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("packet.now"), 13, theme_->muted, Font::Strong);
  y += ui_.px(28);
  const bool has_bytes = now_->bytes && now_->bytes->packet == flight.packet;
  const BytesView body = has_bytes ? BytesView(now_->bytes->body) : BytesView();
  if (flight.kind == FlightKind::Onion && body.size() > 4) {
    const std::size_t size = load_little<std::uint32_t>(body.data());
    const bool is_sound = size + 4 <= body.size();
    const Colour edge = [&] {
      const NodeShown* node = now_->network->node(flight.peelers[0]);
      return node == nullptr ? theme_->muted : swarm_colour(node->swarm);
    }();
    const Rect part = box(edge, ui_.px(148));
    ui_.line({part.x, part.y, part.w, ui_.px(22)}, words_.say("packet.layer", 5 - static_cast<int>(flight.layers)), 14,
             theme_->text, Font::Strong);
    ui_.line({part.x, part.y, part.w, ui_.px(22)}, words_.say("packet.opens", name_of(flight.peelers[0])), 11, theme_->muted,
             Font::Text, 1);
    float at = part.y + ui_.px(28);
    field(part, at, "0000", ui_("packet.length"), std::to_string(size));
    field(part, at += ui_.px(20), "0004", ui_("packet.nonce"),
          ends_of(body.subspan(4, std::min<std::size_t>(24, body.size() - 4))));
    if (is_sound && size > 40) field(part, at += ui_.px(20), "001c", ui_("packet.sealed"), size_in_words(size - 40));
    if (is_sound && size > 40)
      field(part, at += ui_.px(20), fmt::format("{:04x}", 4 + size - 16), ui_("packet.tag"),
            ends_of(body.subspan(4 + size - 16, 16)));
    if (is_sound)
      field(part, at += ui_.px(20), fmt::format("{:04x}", 4 + size), ui_("packet.key_json"),
            size_in_words(body.size() - size - 4));
    y += ui_.px(156);
    for (int layer = 1; layer < flight.layers && layer < 4; ++layer) {
      const NodeShown* node = now_->network->node(flight.peelers[static_cast<std::size_t>(layer)]);
      const Rect inside = box(node == nullptr ? theme_->muted : swarm_colour(node->swarm).with_alpha(0.6F), ui_.px(40));
      ui_.line({inside.x, inside.y, inside.w, ui_.px(22)}, words_.say("packet.layer", 5 - flight.layers + layer), 13,
               theme_->muted);
      ui_.line({inside.x, inside.y, inside.w, ui_.px(22)}, ui_("packet.sealed_inside"), 11, theme_->muted, Font::Text, 1);
      y += ui_.px(46);
    }
  } else if (!body.empty()) {
    const std::size_t lines = std::min<std::size_t>((body.size() + 7) / 8, 12);
    const Rect part = box(theme_->muted, ui_.px(16) + ui_.px(18) * static_cast<float>(lines));
    for (std::size_t i = 0; i < lines; ++i) {
      std::string text;
      for (std::size_t j = i * 8; j < std::min(body.size(), i * 8 + 8); ++j) {
        const auto c = std::to_integer<unsigned char>(body[j]);
        text += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '.';
      }
      ui_.line({part.x, part.y + ui_.px(18) * static_cast<float>(i), part.w, ui_.px(18)},
               fmt::format("{:04x}  {}", i * 8, hex_of(body, i * 8, 8)), 11, theme_->text, Font::Mono);
      ui_.line({part.x, part.y + ui_.px(18) * static_cast<float>(i), part.w, ui_.px(18)}, text, 11, theme_->muted, Font::Mono,
               1);
    }
    y += ui_.px(24) + ui_.px(18) * static_cast<float>(lines);
  } else {
    y += ui_.text(in.x, y, ui_(has_bytes ? "packet.empty" : "packet.gone"), 13, theme_->muted, Font::Text, in.w).y + ui_.px(8);
  }
  if (flight.kind == FlightKind::Onion) {
    y += ui_.px(6);
    ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("packet.knows"), 13, theme_->muted, Font::Strong);
    y += ui_.px(26);
    constexpr std::array<std::array<const char*, 2>, 4> kKnow = {{{"journey.guard", "know.guard"},
                                                                  {"journey.middle", "know.middle"},
                                                                  {"journey.last", "know.last"},
                                                                  {"journey.destination", "know.destination"}}};
    for (const auto& [who, what] : kKnow) {
      ui_.line({in.x, y, in.w * 0.4F, ui_.px(20)}, ui_(who), 13, theme_->text);
      ui_.line({in.x + in.w * 0.36F, y, in.w * 0.64F, ui_.px(20)}, ui_(what), 12, theme_->muted, Font::Text, 1);
      y += ui_.px(24);
    }
  }
  ImGui::SetCursorScreenPos({in.x, y});
  ImGui::Dummy({1, 1});
}

}  // namespace session::app
