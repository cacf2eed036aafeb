// What people are shown, beside what was written.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

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
    for (const MachineIndex who : std::exchange(put_back_, {})) tell_anew(who, court);
    if (const auto* fault = std::get_if<trace::FaultBegan>(&record.fact);
        fault != nullptr && fault->kind == kDiskFault && court.world().is_person(fault->machine))
      put_back_.push_back(fault->machine);
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
    for (const MachineIndex who : court.people()) told_once(who, court);
    each_pair(court, [&](const SessionId& reader, const SessionId& author) { conversation(reader, author, court); });
    for (const auto& [key, at] : handed_)  // by a clock that stands still no time passes
      if (court.world().now() - at > kHandedAtMost && !court.world().is_down({key.first}) &&
          !court.world().clock({key.first}).is_stopped() && !court.world().failure({key.first}))
        court.violate("D5", fmt::format("#{} of {} was handed over and has waited for {} s since", key.second,
                                        court.name({key.first}), (court.world().now() - at).count / 1000));
    // Who was stopped meanwhile begins anew from the store.
    std::erase_if(handed_, [&](const auto& row) {
      return court.world().is_down({row.first.first}) || court.world().clock({row.first.first}).is_stopped() ||
             court.world().failure({row.first.first});
    });
  }

  void judge(Millis calm, Court& court) override {
    if (court.family() == Family::Survivable)
      each_pair(court, [&](const SessionId& author, const SessionId& reader) { arrived(author, reader, court); });
    for (const MachineIndex who : court.people()) {
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
      // Two of the author's devices may have written in one millisecond.
      if (++told_[{who.value, event->from, event->sent_at}] > std::max<std::size_t>(1, court.devices(event->from).size()))
        court.violate("D2", fmt::format("{} is told twice of the message that {} wrote at {}", court.name(who),
                                        event->from.hex().substr(0, 10), event->sent_at));
    }
  }

  /// Of a store that was put back: it does not know what it has told, and is judged by what it tells from now on.
  void tell_anew(MachineIndex who, Court& court) {
    const auto rows = court.world().account(who).events();
    last_event_[who.value] = rows && !rows->empty() ? rows->back().sequence : 0;
    std::erase_if(told_, [&](const auto& each) { return std::get<0>(each.first) == who.value; });
  }

  struct Row {
    MachineIndex device;
    store::MessageRow row;
  };
  /// What the devices of one account have of the conversation with another.
  static std::vector<Row> rows_of(const SessionId& account, const SessionId& other, bool outgoing, Court& court) {
    std::vector<Row> all;
    for (const MachineIndex device : court.devices(account)) {
      auto rows = court.world().account(device).messages(other);
      for (store::MessageRow& row : rows.value_or(std::vector<store::MessageRow>{}))
        if (row.outgoing == outgoing) all.push_back({device, std::move(row)});
    }
    return all;
  }

  /// D3 and the half of D4 that says "delivered": what `author` wrote to `reader`, on all of their devices.
  static void conversation(const SessionId& reader, const SessionId& author, Court& court) {
    const std::vector<Row> written = rows_of(author, reader, true, court), shown = rows_of(reader, author, false, court);
    std::multimap<Instant, const Row*> by_time;
    for (const Row& each : written) by_time.emplace(each.row.sent_at, &each);  // a request is shown as a message by who asked
    std::map<std::pair<std::uint32_t, Instant>, std::size_t> seen;
    std::set<Instant> times;
    for (const auto& [device, row] : shown) {
      if (!is_message(row)) continue;
      court.look("D3");
      times.insert(row.sent_at);
      // Two of the author's devices may have written in one millisecond.
      if (++seen[{device.value, row.sent_at}] > std::max<std::size_t>(1, by_time.count(row.sent_at)))
        court.violate("D2", fmt::format("{} has a message of {} twice", court.name(device), name(author, court)));
      const auto [first, last] = by_time.equal_range(row.sent_at);
      if (first == last)
        court.violate("D3", fmt::format("{} is shown '{}' of {}, who wrote no such message", court.name(device), row.body,
                                        name(author, court)));
      else if (std::none_of(first, last,
                            [&](const auto& each) { return has_words(each.second->row, row, each.second->device, court); }))
        court.violate("D3", fmt::format("{} is shown '{}' where {} wrote '{}'", court.name(device), row.body,
                                        name(author, court), first->second->row.body));
    }
    for (const auto& [device, row] : written) {
      const auto state = static_cast<client::State>(row.state);
      if (!is_message(row) || (state != client::State::Fetched && state != client::State::Read)) continue;
      court.look("D4");
      if (!times.contains(row.sent_at) && !row.unsent)
        court.violate(
            "D4", fmt::format("{} is told that {} has '{}', who has not", court.name(device), name(reader, court), row.body));
    }
  }
  static const std::string& name(const SessionId& account, Court& court) { return court.name(court.devices(account).front()); }
  /// As it was written, or at some time edited.
  static bool has_words(const store::MessageRow& written, const store::MessageRow& shown, MachineIndex author, Court& court) {
    if (shown.unsent || written.unsent || written.body == shown.body) return true;
    const auto edits = court.world().account(author).edits(written.id);
    return edits && std::any_of(edits->begin(), edits->end(), [&](const auto& edit) { return edit.body == shown.body; });
  }

  /// D2, when it is calm: everything that was written is there, on one of their devices, or its author is told that it is not.
  static void arrived(const SessionId& author, const SessionId& reader, Court& court) {
    const std::vector<Row> written = rows_of(author, reader, true, court), shown = rows_of(reader, author, false, court);
    for (const auto& [device, row] : written) {
      if (is_message(row) && row.unsent && knows_of_taking_back(device, row, court)) {
        court.look("D2");
        if (std::ranges::any_of(shown,
                                [&](const Row& other) { return other.row.sent_at == row.sent_at && !other.row.unsent; }) &&
            court.devices(reader).size() == 1)
          court.violate("D2", fmt::format("{} took '{}' back, and {} knows and shows it", court.name(device), row.body,
                                          name(reader, court)));
      }
      if (!is_message(row) || row.unsent) continue;
      const auto state = static_cast<client::State>(row.state);
      if (state == client::State::Failed || state == client::State::Expired || state == client::State::Cancelled) continue;
      court.look("D2");
      const auto is_same = [&](const Row& other) { return other.row.sent_at == row.sent_at; };
      const auto found = std::ranges::find_if(shown, is_same);
      if (found == shown.end())
        court.violate("D2", fmt::format("'{}' of {} never reached {}; its delivery is {}", row.body, court.name(device),
                                        name(reader, court), client::name_of(state)));
      else if (std::ranges::none_of(shown, [&](const Row& other) { return is_same(other) && other.row.body == row.body; }))
        court.violate(
            "D2", fmt::format("'{}' of {} is '{}' for {}", row.body, court.name(device), found->row.body, name(reader, court)));
    }
  }
  /// The other side's device said so.
  static bool knows_of_taking_back(MachineIndex author, const store::MessageRow& message, Court& court) {
    const auto deliveries = court.world().account(author).outbox();
    return deliveries && std::ranges::any_of(*deliveries, [&](const store::OutboxRow& row) {
             return row.message == message.id && row.kind == static_cast<std::int32_t>(client::Kind::Unsend) &&
                    static_cast<client::State>(row.state) == client::State::Fetched;
           });
  }
  /// What one of their devices had is gone, and what was sealed for it opens nowhere any more.
  static bool has_old_copy(const SessionId& account, Court& court) {
    return std::ranges::any_of(court.devices(account), [&](MachineIndex device) { return court.world().was_put_back(device); });
  }
  template <class Visit>
  static void each_pair(Court& court, const Visit& visit) {
    std::set<SessionId> accounts;
    for (const MachineIndex who : court.people()) accounts.insert(court.world().client(who).id());
    for (const SessionId& one : accounts)
      for (const SessionId& other : accounts)
        if (one != other && !has_old_copy(one, court) && !has_old_copy(other, court)) visit(one, other);
  }

  std::vector<MachineIndex> put_back_;  ///< just now
  std::map<std::uint32_t, std::uint64_t> last_event_;
  std::map<std::tuple<std::uint32_t, SessionId, std::int64_t>, std::size_t> told_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Instant> handed_;
};

}  // namespace

std::unique_ptr<Oracle> delivery_oracle() { return std::make_unique<Delivery>(); }

}  // namespace session::sim
