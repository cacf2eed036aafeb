// What people are shown, beside what was written.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/client/delivery.h"
#include "core/client/event.h"
#include "sim/oracles.h"

namespace session::sim {
namespace {

/// A listener that took a message answers within 3 s or the message goes to the swarm; the rest is for slow machines.
constexpr Millis kHandedAtMost = seconds(15);

bool is_message(const store::MessageRow& row) { return row.kind == static_cast<std::int32_t>(client::Kind::Message); }

class Delivery final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    const auto* moved = std::get_if<trace::DeliveryMoved>(&record.fact);
    if (moved == nullptr) return;
    const std::pair key{record.who.value, moved->message};
    if (moved->to_state == client::name_of(client::State::Handed)) {
      handed_[key] = record.at;
    } else if (const auto was = handed_.find(key); was != handed_.end()) {
      court.look("D5");
      handed_.erase(was);
    }
  }

  void check(Court& court) override {
    for (const MachineIndex who : court.people()) {
      told_once(who, court);
      for (const MachineIndex other : court.people())
        if (other != who) conversation(who, other, court);
    }
    for (const auto& [key, at] : handed_)
      if (court.world().now() - at > kHandedAtMost && !court.world().is_down({key.first}))
        court.violate("D5", fmt::format("#{} of {} was handed over and has waited for {} s since", key.second,
                                        court.name({key.first}), (court.world().now() - at).count / 1000));
    // Who was stopped meanwhile begins anew from the store.
    std::erase_if(handed_, [&](const auto& row) { return court.world().is_down({row.first.first}); });
  }

  void judge(Millis calm, Court& court) override {
    for (const MachineIndex who : court.people()) {
      for (const MachineIndex other : court.people())
        if (other != who && court.family() == Family::Survivable) arrived(who, other, court);
      court.look("L3");
      if (const auto& waiting = court.world().client(who).outbox(); !waiting.empty()) {
        const auto& row = waiting.begin()->second;
        court.violate("L3", fmt::format("{} deliveries of {} are under way {} s after the last fault, the first #{}, {}: {}",
                                        waiting.size(), court.name(who), calm.count / 1000, row.id,
                                        client::name_of(static_cast<client::State>(row.state)), row.last_error));
      }
    }
    for (std::size_t i = 0; i < court.world().nodes(); ++i) {
      const auto& node = court.world().service_node(court.world().node(i));
      court.look("L3");
      // What was sent just now may be under way; a row that nobody will end stays.
      if (node.waiting_requests() > node.listeners() + kMostUnderWay)
        court.violate("L3", fmt::format("{} requests wait at {}", node.waiting_requests() - node.listeners(),
                                        court.name(court.world().node(i))));
    }
  }

 private:
  static constexpr std::size_t kMostUnderWay = 64;

  /// D2: what was told as new, once each.
  void told_once(MachineIndex who, Court& court) {
    const auto rows = court.world().account(who).events();
    if (!rows) return;
    std::uint64_t& last = last_event_[who.value];
    for (const store::EventRow& row : *rows) {
      if (row.sequence <= last) continue;
      last = row.sequence;
      const auto event = client::parse_event(row.text);
      if (!event || event->type != client::EventType::Message) continue;
      court.look("D2");
      if (!told_.emplace(who.value, event->from, event->sent_at).second)
        court.violate("D2", fmt::format("{} is told twice of the message that {} wrote at {}", court.name(who),
                                        event->from.hex().substr(0, 10), event->sent_at));
    }
  }

  /// D3 and the half of D4 that says "delivered": `reader`'s and `author`'s sides of what `author` wrote.
  void conversation(MachineIndex reader, MachineIndex author, Court& court) {
    const auto& world = court.world();
    const auto written = world.account(author).messages(world.client(reader).id());
    const auto shown = world.account(reader).messages(world.client(author).id());
    if (!written || !shown) return;
    std::map<Instant, const store::MessageRow*> by_time;
    for (const store::MessageRow& row : *written)
      if (row.outgoing) by_time[row.sent_at] = &row;  // a request is shown as a message by who asked as well
    std::set<Instant> seen;
    for (const store::MessageRow& row : *shown) {
      if (row.outgoing || !is_message(row)) continue;
      court.look("D3");
      if (!seen.insert(row.sent_at).second)
        court.violate("D2", fmt::format("{} has a message of {} twice", court.name(reader), court.name(author)));
      const auto found = by_time.find(row.sent_at);
      if (found == by_time.end())
        court.violate("D3", fmt::format("{} is shown '{}' of {}, who wrote no such message", court.name(reader), row.body,
                                        court.name(author)));
      else if (!has_words(*found->second, row, author, court))
        court.violate("D3", fmt::format("{} is shown '{}' where {} wrote '{}'", court.name(reader), row.body,
                                        court.name(author), found->second->body));
    }
    for (const auto& [at, row] : by_time) {
      const auto state = static_cast<client::State>(row->state);
      if (!is_message(*row) || (state != client::State::Fetched && state != client::State::Read)) continue;
      court.look("D4");
      if (!seen.contains(at) && !row->unsent)
        court.violate(
            "D4", fmt::format("{} is told that {} has '{}', who has not", court.name(author), court.name(reader), row->body));
    }
  }
  /// As it was written, or at some time edited.
  static bool has_words(const store::MessageRow& written, const store::MessageRow& shown, MachineIndex author, Court& court) {
    if (shown.unsent || written.unsent || written.body == shown.body) return true;
    const auto edits = court.world().account(author).edits(written.id);
    return edits && std::any_of(edits->begin(), edits->end(), [&](const auto& edit) { return edit.body == shown.body; });
  }

  /// D2, when it is calm: everything that was written is there, or its author is told that it is not.
  static void arrived(MachineIndex author, MachineIndex reader, Court& court) {
    const auto& world = court.world();
    const auto written = world.account(author).messages(world.client(reader).id());
    const auto shown = world.account(reader).messages(world.client(author).id());
    if (!written || !shown) return;
    for (const store::MessageRow& row : *written) {
      if (!row.outgoing || !is_message(row) || row.unsent) continue;
      const auto state = static_cast<client::State>(row.state);
      if (state == client::State::Failed || state == client::State::Expired || state == client::State::Cancelled) continue;
      court.look("D2");
      const auto is_same = [&](const store::MessageRow& other) { return !other.outgoing && other.sent_at == row.sent_at; };
      const auto found = std::find_if(shown->begin(), shown->end(), is_same);
      if (found == shown->end())
        court.violate("D2", fmt::format("'{}' of {} never reached {}; its delivery is {}", row.body, court.name(author),
                                        court.name(reader), client::name_of(state)));
      else if (found->body != row.body)
        court.violate("D2",
                      fmt::format("'{}' of {} is '{}' for {}", row.body, court.name(author), found->body, court.name(reader)));
    }
  }

  std::map<std::uint32_t, std::uint64_t> last_event_;
  std::set<std::tuple<std::uint32_t, SessionId, std::int64_t>> told_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Instant> handed_;
};

}  // namespace

std::unique_ptr<Oracle> delivery_oracle() { return std::make_unique<Delivery>(); }

}  // namespace session::sim
