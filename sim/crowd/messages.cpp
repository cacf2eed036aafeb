// What people write and the way it takes: offered to who listens for the recipient, else stamped where work is due and kept by
// the swarm; sent again when nobody answers. Source: core/client/relay.cpp, outbox.cpp; core/node/replicate.cpp.
#include <algorithm>
#include <bit>
#include <utility>

#include "core/pow/stamp.h"
#include "core/wire/rpc.h"
#include "sim/crowd/crowd.h"

namespace session::sim {
namespace {

constexpr Millis kRequestDue = seconds(20);   // client.h: of one onion request
constexpr Millis kReceiptWait = seconds(3);   // core/client/relay.cpp
constexpr Millis kAwayFor = seconds(30);      // core/client/relay.cpp
constexpr Millis kReceiptLives = days(1);     // profile.md 7
constexpr Millis kPeerPatience = seconds(5);  // service_node.h
constexpr std::int64_t kLongestPause = 80;    // seconds; core/client/outbox.cpp
constexpr std::uint32_t kReceiptBytes = 430;
constexpr std::uint8_t kStrikes = 3;  // onion/paths.h: and a path's inner relays are replaced; twice as many, its guard too

}  // namespace

std::uint32_t Crowd::new_message() {
  std::uint32_t m = 0;
  if (free_.empty()) {
    m = static_cast<std::uint32_t>(messages_.size());
    messages_.emplace_back();
  } else {
    m = free_.back();
    free_.pop_back();
  }
  const std::uint16_t life = messages_[m].life;
  messages_[m] = Message{};
  messages_[m].life = life;
  messages_[m].number = next_number_++;
  messages_[m].state = Message::Pausing;
  return m;
}

std::uint32_t Crowd::put_down(std::uint32_t from, std::uint32_t to, std::uint32_t data) {
  const std::uint32_t m = new_message();
  Message& message = messages_[m];
  message.from = from;
  message.to = to;
  message.data = data;
  message.asked_at = now_.micros;
  message.expires_at = (now_ + config_.network.free_ttl).micros;
  ++sums_.written;
  note(CrowdFact::Kind::Asked, machine_of_person(from), machine_of_person(to), data, message.number);
  return m;
}

void Crowd::release_if_done(std::uint32_t m) {
  Message& message = messages_[m];
  if (message.in_mailbox || message.holds != 0 || (message.state != Message::Done && message.state != Message::Kept)) return;
  message.state = Message::Free;
  ++message.life;
  free_.push_back(m);
}

void Crowd::owe_receipt(std::uint32_t answered, bool is_late) {
  const std::uint32_t m = new_message();
  Message& message = messages_[m];
  message.from = messages_[answered].to;
  message.to = messages_[answered].from;
  message.data = kReceiptBytes;
  message.asked_at = now_.micros;
  message.expires_at = (now_ + kReceiptLives).micros;
  message.is_receipt = true;
  message.is_late = is_late;
  message.answers = answered;
  message.answers_number = messages_[answered].number;
  ++sums_.receipts;
  set_out(m);
}

/// The next step of a message that is at its author's.
void Crowd::set_out(std::uint32_t m) {
  Message& message = messages_[m];
  Person& author = people_[message.from];
  ++message.life;
  if (message.is_confirmed || now_.micros >= message.expires_at) {
    if (!message.is_confirmed && !message.is_receipt && !message.is_shown) {
      ++sums_.failed;
      note(CrowdFact::Kind::Failed, machine_of_person(message.from), machine_of_person(message.to), 0, message.number);
    }
    message.state = Message::Done;
    return release_if_done(m);
  }
  if (author.online == 0) {
    message.state = Message::Pausing;
    message.next_unsent = std::exchange(author.unsent, m);
    return;
  }
  const bool is_away = author.away == message.to && now_.micros < author.away_until;
  if (!message.was_offered && !message.is_late && !is_away && message.data <= wire::kMaxRelayBytes) return route(m, true);
  if (message.is_stamped || !pow::is_due(config_.network, message.data, message.ttl())) return route(m, false);
  // The stamp covers the time and the lifetime in decimals, the account in hex and the data in base64.
  const std::size_t payload = 13 + 9 + 66 + (message.data + 2) / 3 * 4;
  const auto expected = pow::expected_trials(payload, message.ttl(), config_.network.difficulty);
  const std::uint64_t trials = trials_until_found(expected.value_or(1), author.dice);
  const std::uint64_t speed = trials_per_second(author.machine);
  message.state = Message::Stamping;
  ++sums_.stamps;
  sums_.trials += trials;
  const auto micros = static_cast<std::int64_t>(static_cast<unsigned __int128>(trials) * 1'000'000 / speed);
  stamped_in_.add(static_cast<std::uint64_t>(micros));
  push(Instant{now_.micros + micros}, {.who = m, .life = message.life, .kind = Event::Kind::Stamped});
}

void Crowd::route(std::uint32_t m, bool as_relay) {
  Message& message = messages_[m];
  Person& author = people_[message.from];
  message.was_offered = message.was_offered || as_relay;
  message.was_handed = false;
  message.state = as_relay ? Message::Relaying : Message::Storing;
  message.node = some_member(author, people_[message.to].swarm, kNone);
  message.path = static_cast<std::uint8_t>(author.dice.below(2));
  push(now_ + kRequestDue, {.who = m, .life = message.life, .kind = Event::Kind::Due});
  const RequestSizes& sizes = as_relay ? sizes_.relay(message.data) : sizes_.store(message.data, message.ttl());
  const auto leaves = after_thinking(asking_us(author.machine));
  send(leaves, machine_of_person(message.from), machine_of_node(hop(author, message.path, message.node, 0)), sizes[0], false,
       author.dice, {.who = m, .life = message.life, .kind = Event::Kind::There});
}

void Crowd::on_message(const Event& event) {
  Message& message = messages_[event.who];
  if (event.kind == Event::Kind::Expire) {
    if (message.in_mailbox && message.number == event.what) expire(event.who);
    return;
  }
  if (message.life != event.life) return;
  switch (event.kind) {
    case Event::Kind::There: return on_there(event);
    case Event::Kind::PeerThere: return on_peer_there(event);
    case Event::Kind::PeerBack: return on_peer_back(event);
    case Event::Kind::SpreadDue:
      if (message.open > 0 && !nodes_[message.node].is_down) finish_spread(event.who, now_);
      return;
    case Event::Kind::Back: return on_back(event);
    case Event::Kind::Due: return on_due(event.who);
    case Event::Kind::ReceiptDue:
      people_[message.from].away = message.to;
      people_[message.from].away_until = (now_ + kAwayFor).micros;
      return set_out(event.who);
    case Event::Kind::Stamped:
      message.is_stamped = true;
      note(CrowdFact::Kind::Stamped, machine_of_person(message.from), machine_of_person(message.to), message.data,
           message.number);
      return set_out(event.who);
    default: return set_out(event.who);  // Retry
  }
}

void Crowd::on_there(const Event& event) {
  Message& message = messages_[event.who];
  const Person& author = people_[message.from];
  const bool is_relay = message.state == Message::Relaying;
  const std::uint32_t here = hop(author, message.path, message.node, event.step);
  const std::int64_t cost = event.step < 3 ? config_.costs.hop_us : is_relay ? config_.costs.read_us : config_.costs.store_us;
  Instant done;
  if (!arrive(here, cost, done)) return;
  if (event.step == 3) return spread(event.who, done);
  Event next = event;
  ++next.step;
  const RequestSizes& sizes = is_relay ? sizes_.relay(message.data) : sizes_.store(message.data, message.ttl());
  send(done, machine_of_node(here), machine_of_node(hop(author, message.path, message.node, next.step)), sizes[next.step],
       false, nodes_[here].dice, next);
}

/// The destination does its own part and asks every other member of the swarm.
void Crowd::spread(std::uint32_t m, Instant when) {
  Message& message = messages_[m];
  const bool is_relay = message.state == Message::Relaying;
  const std::uint32_t node = message.node;
  const std::uint32_t swarm = people_[message.to].swarm;
  message.open = static_cast<std::uint8_t>(first_[swarm + 1] - first_[swarm] - 1);
  push(when + kPeerPatience, {.who = m, .life = message.life, .kind = Event::Kind::SpreadDue});
  for (std::uint32_t i = first_[swarm]; i < first_[swarm + 1]; ++i) {
    if (members_[i] == node) continue;
    const Event there{.who = m, .life = message.life, .kind = Event::Kind::PeerThere, .step = nodes_[members_[i]].member};
    send(when, machine_of_node(node), machine_of_node(members_[i]),
         is_relay ? sizes_.relay_rpc(message.data) : sizes_.store_rpc(message.data, message.ttl()), false, nodes_[node].dice,
         there);
  }
  if (is_relay)
    message.was_handed = wake(message.to, node, when, m) || message.was_handed;
  else
    keep(m, node, when);
  if (message.open == 0 || message.was_handed) finish_spread(m, when);
}

void Crowd::on_peer_there(const Event& event) {
  Message& message = messages_[event.who];
  const bool is_relay = message.state == Message::Relaying;
  const std::uint32_t here = members_[first_[people_[message.to].swarm] + event.step];
  Instant done;
  if (!arrive(here, is_relay ? config_.costs.read_us : config_.costs.store_us, done)) return;
  Event back = event;
  back.kind = Event::Kind::PeerBack;
  if (is_relay) {
    back.more = wake(message.to, here, done, event.who) ? 1 : 0;
  } else {
    keep(event.who, here, done);
  }
  send(done, machine_of_node(here), machine_of_node(message.node),
       is_relay ? sizes_.peer_relayed(back.more != 0) : sizes_.peer_kept(), true, nodes_[here].dice, back);
}

void Crowd::on_peer_back(const Event& event) {
  Message& message = messages_[event.who];
  Instant done;
  if (!arrive(message.node, 0, done) || message.open == 0) return;
  message.was_handed = message.was_handed || event.more != 0;
  if (--message.open == 0 || message.was_handed) finish_spread(event.who, done);
}

void Crowd::finish_spread(std::uint32_t m, Instant when) {
  Message& message = messages_[m];
  message.open = 0;
  const auto kept_by = static_cast<std::size_t>(std::popcount(message.kept));
  const std::uint32_t size = message.state == Message::Relaying ? sizes_.relay_answer() : sizes_.store_answer(kept_by);
  const std::uint32_t last = hop(people_[message.from], message.path, message.node, 2);
  send(when, machine_of_node(message.node), machine_of_node(last), size, true, nodes_[message.node].dice,
       {.who = m, .what = size, .life = message.life, .kind = Event::Kind::Back, .step = 2});
}

void Crowd::on_back(const Event& event) {
  Message& message = messages_[event.who];
  Person& author = people_[message.from];
  if (event.step != Step::kHome) {
    const std::uint32_t here = hop(author, message.path, message.node, event.step);
    Instant done;
    if (!arrive(here, 0, done)) return;
    Event next = event;
    next.step = static_cast<std::uint8_t>(event.step == 0 ? Step::kHome : event.step - 1);
    const std::uint32_t to =
        event.step == 0 ? machine_of_person(message.from) : machine_of_node(hop(author, message.path, message.node, next.step));
    send(done, machine_of_node(here), to, WireSizes::passed_back(event.what, event.step), true, nodes_[here].dice, next);
    return;
  }
  if (author.online == 0) return;  // it is sent again when its time is up
  author.strikes[message.path] = 0;
  const bool was_relaying = message.state == Message::Relaying;
  if (was_relaying && message.was_handed) {
    note(CrowdFact::Kind::Handed, machine_of_person(message.from), machine_of_person(message.to), message.data, message.number);
    ++message.life;
    message.state = message.is_receipt || message.is_confirmed ? Message::Done : Message::Handed;
    if (message.state == Message::Handed)
      push(now_ + kReceiptWait, {.who = event.who, .life = message.life, .kind = Event::Kind::ReceiptDue});
    return release_if_done(event.who);
  }
  if (was_relaying) {
    author.away = message.to;
    author.away_until = (now_ + kAwayFor).micros;
    return set_out(event.who);
  }
  const auto kept_by = static_cast<std::uint32_t>(std::popcount(message.kept));
  ++sums_.kept;
  sums_.kept_by += kept_by;
  if (!message.is_receipt) kept_after_.add(static_cast<std::uint64_t>(now_.micros - message.asked_at));
  note(CrowdFact::Kind::Kept, machine_of_person(message.from), machine_of_person(message.to), kept_by, message.number);
  ++message.life;
  message.state = Message::Kept;
  release_if_done(event.who);
}

void Crowd::strike(Person& person, std::size_t path) {
  std::uint8_t& strikes = person.strikes[path];
  if (++strikes % kStrikes != 0) return;
  ++sums_.new_paths;
  build_path(person, path, strikes >= 2 * kStrikes);
  if (strikes >= 2 * kStrikes) strikes = 0;
}

/// Nobody answered. What was only offered is then stored; what was to be stored is tried again, later and later.
void Crowd::on_due(std::uint32_t m) {
  Message& message = messages_[m];
  ++sums_.retries;
  strike(people_[message.from], message.path);
  if (message.state == Message::Relaying) return set_out(m);
  message.state = Message::Pausing;
  ++message.life;
  const std::int64_t pause = std::min<std::int64_t>(std::int64_t{1} << std::min<int>(message.tries, 7), kLongestPause);
  ++message.tries;
  push(now_ + seconds(pause), {.who = m, .life = message.life, .kind = Event::Kind::Retry});
}

void Crowd::keep(std::uint32_t m, std::uint32_t n, Instant when) {
  Message& message = messages_[m];
  Person& person = people_[message.to];
  Node& node = nodes_[n];
  const std::uint32_t bit = std::uint32_t{1} << node.member;
  if ((message.kept & bit) != 0 || now_.micros >= message.expires_at) return;
  if (!message.in_mailbox) {
    message.in_mailbox = true;
    message.place = ++person.arrived;
    message.older = std::exchange(person.newest, m);
    message.newer = kNone;
    (message.older == kNone ? person.oldest : messages_[message.older].newer) = m;
    push(Instant{message.expires_at}, {.who = m, .what = message.number, .kind = Event::Kind::Expire});
  } else if (node.member < kMembers &&
             static_cast<std::int16_t>(static_cast<std::uint16_t>(person.told[node.member] - message.place)) >= 0) {
    person.told[node.member] = static_cast<std::uint16_t>(message.place - 1);  // it comes after what this node has told already
  }
  message.kept |= bit;
  ++node.kept;
  node.kept_bytes += message.data;
  wake(message.to, n, when, kNone);
}

void Crowd::expire(std::uint32_t m) {
  Message& message = messages_[m];
  Person& person = people_[message.to];
  for (std::uint32_t bits = message.kept; bits != 0; bits &= bits - 1) {
    Node& node = nodes_[members_[first_[person.swarm] + static_cast<std::uint32_t>(std::countr_zero(bits))]];
    --node.kept;
    node.kept_bytes -= message.data;
  }
  (message.older == kNone ? person.oldest : messages_[message.older].newer) = message.newer;
  (message.newer == kNone ? person.newest : messages_[message.newer].older) = message.older;
  message.in_mailbox = false;
  if (!message.is_receipt && !message.is_shown && (message.state == Message::Kept || message.state == Message::Done)) {
    ++sums_.failed;
    note(CrowdFact::Kind::Failed, machine_of_person(message.from), machine_of_person(message.to), 0, message.number);
  }
  release_if_done(m);
}

}  // namespace session::sim
