#include "app/backend/people.h"

#include <algorithm>
#include <array>

#include "core/client/event.h"

namespace session::app {
namespace {

constexpr Millis kThinks = seconds(2);
constexpr Millis kWrites = seconds(4);

constexpr std::array<const char*, 8> kAnswers = {
    "Good to hear from you.",
    "I have it. Which way did it come? Look at its journey.",
    "Three nodes carried that, and none of them knows us both.",
    "Close my laptop on the map and write again: your words will wait for me.",
    "Your message was in my swarm before I asked for it.",
    "Make it longer than 2 KB or let it last a week, and it has to be paid with work.",
    "Stop a node of my swarm. The others still have what you wrote.",
    "That was quick.",
};

/// What is said back: an echo where one asks for it, else the next of the answers.
std::string answer_to(const std::string& text, std::uint64_t number) {
  if (text.starts_with("echo ")) return text.substr(5);
  return kAnswers[number % kAnswers.size()];
}

}  // namespace

void People::look(sim::World& world, const std::string& who) {
  const auto machine = world.person(who);
  if (!machine || (me_ && *machine == *me_)) return;
  const auto rows = world.account(*machine).events();
  if (!rows) return;
  std::uint64_t& heard = heard_[who];
  for (const store::EventRow& row : *rows) {
    if (row.sequence <= heard) continue;
    heard = row.sequence;
    const auto event = client::parse_event(row.text);
    if (!event) continue;
    // Only with the newcomer do they talk; among themselves the scenario speaks for them.
    if (!me_ || event->from != world.client(*me_).id()) continue;
    if (event->type == client::EventType::Request) {
      calendar_.emplace(world.now() + kThinks, Deed{*machine, client::Accept{event->from}});
      calendar_.emplace(world.now() + kThinks + kWrites,
                        Deed{*machine, client::Send{event->from, "Hello! I am " + who + ". Nice to meet you.", {}}});
    } else if (event->type == client::EventType::Message) {
      calendar_.emplace(world.now() + kWrites,
                        Deed{*machine, client::Send{event->from, answer_to(event->text, row.sequence), {}}});
    }
  }
}

std::optional<Instant> People::next() const {
  if (calendar_.empty()) return std::nullopt;
  return calendar_.begin()->first;
}

void People::act(sim::World& world, sim::TraceReader* reader) {
  while (!calendar_.empty() && calendar_.begin()->first <= world.now()) {
    const Deed deed = calendar_.begin()->second;
    calendar_.erase(calendar_.begin());
    if (world.is_down(deed.who)) {  // a closed laptop answers when it is open again
      calendar_.emplace(world.now() + seconds(5), deed);
      continue;
    }
    static_cast<void>(world.command(deed.who, deed.command, reader));
  }
}

}  // namespace session::app
