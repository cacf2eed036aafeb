#include "sim/metrics.h"

#include <algorithm>

#include "core/client/delivery.h"
#include "core/client/event.h"

namespace session::sim {
namespace {

using client::State;

/// The shortest of these of which `most` cover the span, so that buckets begin at times that people can read.
Millis bucket_width(Millis span, std::size_t most) {
  constexpr Millis kWidths[] = {seconds(1), seconds(2), seconds(5),  seconds(10), seconds(15), seconds(30), minutes(1),
                                minutes(2), minutes(5), minutes(10), minutes(15), minutes(30), hours(1),    hours(2),
                                hours(3),   hours(6),   hours(12),   days(1),     days(2),     days(7),     days(14)};
  const auto count = static_cast<std::int64_t>(most);
  for (const Millis width : kWidths)
    if (width * count >= span) return width;
  return days((span.count / count) / days(1).count + 1);
}

bool is(const std::string& state, State name) { return state == client::name_of(name); }

}  // namespace

std::string_view name_of(Traffic traffic) {
  switch (traffic) {
    case Traffic::PeopleAndNodes: return "people and nodes";
    case Traffic::NodesAlone: return "between nodes";
    case Traffic::Registry: return "registry";
  }
  return "";
}

Metrics::Metrics(const World& world, Instant end)
    : world_(world), first_link_(world.link()), first_links_(world.network().special_links()) {
  sums_.begin = world.now();
  sums_.end = std::max(end, world.now());
  sums_.width = bucket_width(sums_.end - sums_.begin, kMostBuckets);
  const auto buckets = ((sums_.end - sums_.begin).count + sums_.width.count - 1) / sums_.width.count;
  sums_.buckets.resize(static_cast<std::size_t>(std::max<std::int64_t>(1, buckets)));
  sample();
}

Bucket& Metrics::bucket(Instant at) {
  const std::int64_t i = (at.micros - sums_.begin.micros) / (sums_.width.count * 1000);
  return sums_.buckets[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, std::ssize(sums_.buckets) - 1))];
}

void Metrics::count(Words& words, const std::string& word) const {
  if (const auto known = words.find(word); known != words.end() || words.size() < kMostWords)
    ++words[word];
  else
    ++words["other"];
}

NodeLoad* Metrics::load_of(MachineIndex machine) {
  if (!world_.is_node(machine)) return nullptr;
  if (machine.value >= loads_.size()) loads_.resize(machine.value + 1);
  return &loads_[machine.value];
}

void Metrics::on(const trace::Record& record) {
  const trace::Fact& fact = record.fact;
  if (const auto* sent_packet = std::get_if<trace::PacketSent>(&fact)) return sent(record, *sent_packet);
  if (const auto* lost = std::get_if<trace::PacketLost>(&fact)) {
    ++sums_.packets_lost;
    ++bucket(record.at).lost;
    return count(sums_.losses, lost->reason);
  }
  if (const auto* moved = std::get_if<trace::DeliveryMoved>(&fact))
    return moved->from_state == "new" ? begin_message(record, *moved) : move_message(record, *moved);
  if (const auto* opened = std::get_if<trace::Opened>(&fact)) return show(record, *opened);
  if (const auto* stamp = std::get_if<trace::StampFound>(&fact)) {
    sums_.stamp_trials.add(stamp->trials);
    return sums_.stamp_micros.add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, stamp->micros)));
  }
  if (const auto* onion = std::get_if<trace::OnionSent>(&fact)) return count(sums_.requests, onion->method);
  if (const auto* began = std::get_if<trace::FaultBegan>(&fact)) {
    if (world_.is_node(began->machine)) count(sums_.faults, began->kind);  // a person who goes offline is no fault
    return;
  }
  if (const auto* failed = std::get_if<trace::PathFailed>(&fact)) {
    ++bucket(record.at).path_failures;
    count(sums_.path_failures, failed->reason);
  } else if (const auto* refused = std::get_if<trace::Refused>(&fact)) {
    count(sums_.refusals, std::to_string(refused->status));
    if (NodeLoad* load = load_of(record.who)) ++load->refused;
  } else if (std::holds_alternative<trace::LayerPeeled>(fact)) {
    if (NodeLoad* load = load_of(record.who)) ++load->layers;
  } else if (const auto* stored = std::get_if<trace::Stored>(&fact)) {
    if (NodeLoad* load = load_of(record.who); load != nullptr && !stored->already) ++load->stored;
  } else if (std::holds_alternative<trace::Retrieved>(fact)) {
    if (NodeLoad* load = load_of(record.who)) ++load->retrieved;
  }
}

void Metrics::sent(const trace::Record& record, const trace::PacketSent& packet) {
  const bool has_person = world_.is_person(packet.from) || world_.is_person(packet.to);
  const bool has_seed = world_.is_seed(packet.from) || world_.is_seed(packet.to);
  const Traffic kind = has_seed ? Traffic::Registry : has_person ? Traffic::PeopleAndNodes : Traffic::NodesAlone;
  for (Volume* volume :
       {&sums_.traffic[static_cast<std::size_t>(kind)], &bucket(record.at).traffic[static_cast<std::size_t>(kind)]}) {
    ++volume->packets;
    volume->bytes += packet.size;
  }
  if (packet.is_answer) ++sums_.answers[static_cast<std::size_t>(kind)];
  if (NodeLoad* load = load_of(packet.from)) load->bytes_out += packet.size;
  if (NodeLoad* load = load_of(packet.to)) {
    load->bytes_in += packet.size;
    load->requests += packet.is_answer ? 0 : 1;
  }
}

/// Only what people write is followed: receipts, bundles and the like are no messages of theirs.
void Metrics::begin_message(const trace::Record& record, const trace::DeliveryMoved& moved) {
  const auto& client = world_.client(record.who);
  const auto found = client.outbox().find(moved.message);
  if (found == client.outbox().end()) return;
  const store::OutboxRow& row = found->second;
  const auto kind = static_cast<client::Kind>(row.kind);
  if (row.message != row.id || (kind != client::Kind::Message && kind != client::Kind::Request)) return;
  ++sums_.messages.asked;
  ++bucket(record.at).asked;
  if (followed_.size() >= kMostFollowed || unread_.size() >= kMostFollowed) {
    ++sums_.messages.lost_from_view;
    return;
  }
  followed_[{record.who.value, row.id}] = {record.at};
  const auto message = world_.account(record.who).message(row.message);
  if (message && *message && row.to != client.id()) unread_[{client.id(), (*message)->sent_at.unix_millis()}] = record.at;
}

void Metrics::move_message(const trace::Record& record, const trace::DeliveryMoved& moved) {
  const auto found = followed_.find({record.who.value, moved.message});
  if (found == followed_.end()) return;
  Followed& message = found->second;
  const std::string& to = moved.to_state;
  const auto since = static_cast<std::uint64_t>(record.at.micros - message.asked.micros);
  message.failed = is(to, State::Failed);
  const bool is_answered = is(to, State::Fetched) || is(to, State::Read);
  if (is(to, State::Handed)) {
    message.handed = true;
  } else if (is(to, State::Kept) || (is_answered && !message.handed)) {  // a receipt may overtake the swarm's answer
    ++sums_.messages.kept;
    ++bucket(record.at).kept;
    sums_.kept_after.add(since);
    followed_.erase(found);
  } else if (is(to, State::Relayed) || is_answered) {
    ++sums_.messages.relayed;
    sums_.relayed_after.add(since);
    followed_.erase(found);
  } else if (is(to, State::Expired) || is(to, State::Cancelled)) {
    ++sums_.messages.failed;
    followed_.erase(found);
  }
}

void Metrics::show(const trace::Record& record, const trace::Opened& opened) {
  if (opened.kind != client::name_of(client::EventType::Message) && opened.kind != client::name_of(client::EventType::Request))
    return;
  const auto found = unread_.find({opened.from, opened.sent_at});
  if (found == unread_.end()) return;
  ++sums_.messages.shown;
  ++bucket(record.at).shown;
  sums_.shown_after.add(static_cast<std::uint64_t>(record.at.micros - found->second.micros));
  unread_.erase(found);
}

Instant Metrics::next_sample() const {
  const std::int64_t step = sums_.width.count * 1000;
  const std::int64_t passed = (world_.now().micros - sums_.begin.micros) / step;
  return {std::min(sums_.end.micros, sums_.begin.micros + (passed + 1) * step)};
}

void Metrics::sample() {
  Sample now;
  now.at = world_.now();
  for (std::uint32_t i = 1; i < world_.names().size(); ++i) {
    const MachineIndex m{i};
    now.wrong_clocks += world_.clock_error(m) != Millis{} ? 1 : 0;
    if (world_.is_person(m)) {
      ++now.people;
      now.online += !world_.is_down(m) && world_.client(m).is_online() ? 1 : 0;
    } else if (world_.is_node(m) && !world_.has_left(m)) {
      ++now.nodes;
      now.down += world_.is_down(m) ? 1 : 0;
      now.still += world_.is_paused(m) ? 1 : 0;
      now.slow += world_.is_slow(m) ? 1 : 0;
      now.hostile += world_.is_hostile(m) ? 1 : 0;
      NodeLoad& load = *load_of(m);
      load.kept_messages = world_.mail(m).count();
      load.kept_bytes = world_.mail(m).total_bytes();
      now.kept_messages += load.kept_messages;
      now.kept_bytes += load.kept_bytes;
    }
  }
  now.parted = world_.network().is_parted();
  now.worse_links = world_.link() != first_link_ || world_.network().special_links() != first_links_;
  if (!sums_.samples.empty() && sums_.samples.back().at == now.at)
    sums_.samples.back() = now;
  else if (sums_.samples.size() <= 2 * kMostBuckets)
    sums_.samples.push_back(now);
}

Measures Metrics::measures() const {
  Measures all = sums_;
  for (const auto& [row, message] : followed_) all.messages.failed += message.failed ? 1 : 0;
  all.messages.waiting = all.messages.asked - all.messages.relayed - all.messages.kept - all.messages.failed;
  for (std::uint32_t i = 1; i < world_.names().size(); ++i) {
    const MachineIndex m{i};
    if (world_.is_node(m)) {
      NodeLoad& load = all.nodes[world_.names()[i]] = i < loads_.size() ? loads_[i] : NodeLoad{};
      load.thought_us = world_.thought_us(m);
    } else if (world_.cpu(m) != CpuClass::Unpriced) {
      all.people_thought_us.add(static_cast<std::uint64_t>(world_.thought_us(m)));
    }
  }
  for (const Spammer& spammer : world_.spammers()) all.spam = all.spam + spammer.sums();
  return all;
}

}  // namespace session::sim
