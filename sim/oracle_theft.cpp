#include "sim/oracle_theft.h"

#include <fmt/format.h>

#include "core/client/delivery.h"
#include "core/client/stored_state.h"
#include "core/signal/ratchet.h"

namespace session::sim {
namespace {

constexpr std::size_t kLetters = 32;  ///< that are remembered of one person
constexpr std::size_t kOldTried = 2;  ///< of what a person has opened, by each thief
constexpr int kNewTried = 3;          ///< of what comes later
constexpr Millis kPatience = minutes(15);
/// The first of the other side's, after a theft, may only show it the key that the thief has; the second makes the victim draw
/// another; the third brings that one over. One more, for sessions that both began at once.
constexpr int kTrips = 4;

}  // namespace

/// By the ratchet alone: that the store remembers what it has opened stops no thief. Nothing is written, for want of a commit.
bool Thieves::opens(store::FaultyClientStore& stolen, const Victim& victim, const signal::Unsealed& sealed, Instant now) {
  const client::Sealer own{*victim.identity};
  client::StoredState state(stolen, own, now);
  SeededRng dice(1);
  return signal::decrypt(state, client::address_of({sealed.from, sealed.device}), sealed.message, dice).has_value();
}

void Thieves::hear(MachineIndex reader, const crypto::Identity& own, Letter letter, Court& court) {
  if (letter.sealed.message.type != signal::MessageType::Message) return;
  Victim& victim = victims_[reader.value];
  victim.identity = &own;
  if (victim.theft) use(reader, victim, letter, court);
  victim.letters.push_back(std::move(letter));
  if (victim.letters.size() > kLetters) victim.letters.pop_front();
}

void Thieves::on_journalled(MachineIndex reader, const trace::Journalled& journalled) {
  const auto victim = victims_.find(reader.value);
  if (victim == victims_.end()) return;
  for (Letter& letter : victim->second.letters)
    if (letter.hash == journalled.hash) letter.has_arrived = true;
}

/// R3, of what was sealed after it has healed; clocks must be right for that to be known.
void Thieves::use(MachineIndex reader, Victim& victim, const Letter& letter, Court& court) {
  const signal::Unsealed& sealed = letter.sealed;
  const Instant now = court.world().now();
  const auto trips = victim.theft->trips.find(sealed.from);
  const auto author = court.person(sealed.from);
  if (trips == victim.theft->trips.end() || trips->second.count < kTrips || victim.theft->tries >= kNewTried) return;
  if (!author || court.devices(sealed.from).size() > 1 || !court.world().clock(*author).is_true(now)) return;
  if (letter.sent_at <= trips->second.ended.unix_millis() || letter.sent_at > now.unix_millis()) return;
  ++victim.theft->tries;
  court.look("R3");
  if (opens(victim.theft->store, victim, sealed, now))
    court.violate("R3", fmt::format("what {} had {} s and {} round trips ago opens what is written to them now",
                                    court.name(reader), (now - victim.theft->at).count / 1000, trips->second.count));
}

void Thieves::on_moved(MachineIndex author, const trace::DeliveryMoved& moved, Court& court) {
  const Instant now = court.world().now();
  if (moved.from_state == "new") begun_[{author.value, moved.message}] = now;
  if (moved.to_state != client::name_of(client::State::Fetched)) return;
  const auto begun = begun_.find({author.value, moved.message});
  const auto reader = court.person(moved.to);
  if (begun == begun_.end() || !reader) return;
  // With which of several devices it was, nobody tells.
  if (court.devices(moved.to).size() > 1 || court.devices(court.world().client(author).id()).size() > 1) return;
  count_trip(author, moved.to, begun->second, court);
  count_trip(*reader, court.world().client(author).id(), begun->second, court);
  begun_.erase(begun);
}

void Thieves::count_trip(MachineIndex machine, const SessionId& with, Instant begun, Court& court) {
  const auto victim = victims_.find(machine.value);
  if (victim == victims_.end() || !victim->second.theft || begun < victim->second.theft->at) return;
  Trips& trips = victim->second.theft->trips[with];
  if (begun < trips.ended) return;
  ++trips.count;
  trips.ended = court.world().now();
}

void Thieves::on_opened(MachineIndex reader, const trace::Opened& opened) {
  if (opened.kind != "message" && opened.kind != "request") return;  // others are told with other messages' times
  const auto victim = victims_.find(reader.value);
  if (victim == victims_.end()) return;
  for (Letter& letter : victim->second.letters)
    if (letter.has_arrived && letter.sealed.from == opened.from && letter.sent_at == opened.sent_at)
      letter.is_opened = victim->second.has_news = true;
}

void Thieves::check(Court& court) {
  const Instant now = court.world().now();
  for (auto& [machine, victim] : victims_) {
    if (!std::exchange(victim.has_news, false)) continue;
    store::FaultyClientStore stolen = court.world().stolen({machine});
    std::size_t tried = 0;
    for (auto letter = victim.letters.rbegin(); letter != victim.letters.rend() && tried < kOldTried; ++letter) {
      if (!letter->is_opened) continue;
      ++tried;
      court.look("R2");
      if (opens(stolen, victim, letter->sealed, now))
        court.violate("R2", fmt::format("what {} has opens what they had opened before", court.name({machine})));
    }
    if (!victim.theft || victim.theft->tries >= kNewTried || now - victim.theft->at >= kPatience)
      victim.theft = Theft{std::move(stolen), now, {}, 0};
  }
}

}  // namespace session::sim
