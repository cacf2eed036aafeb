// What goes wrong with the machines of a world: slow ones, disks that fail or are not what they were, a registry that comes
// late or forks.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/modelled/suite.h"
#include "core/wire/answers.h"
#include "sim/world.h"

namespace session::sim {
namespace {

constexpr Millis kStartAgain = seconds(1);

std::string words_for(World::DiskFault fault) {
  switch (fault) {
    case World::DiskFault::Full: return std::string(kDiskIsFull);
    case World::DiskFault::Flaky: return "the disk fails now and then";
    case World::DiskFault::Sync: return "the disk does not sync";
    case World::DiskFault::Damaged: return "a page of the disk is damaged";
    default: return "the disk fails";
  }
}

}  // namespace

void World::change_disk(MachineIndex machine, Disk disk, TraceReader* reader) {
  assert(is_down(machine));
  if (disk == Disk::Kept || (is_person(machine) && (disk != Disk::Old || !person_at(machine).backup))) return;
  set_disk_fault(machine, DiskFault::None, reader);  // it is another one now
  note(trace::FaultBegan{machine, std::string(kDiskFault)}, machine, reader);
  if (is_person(machine)) return put_back(person_at(machine));
  Node& node = node_at(machine);
  if (disk == Disk::Lost) node.store = {};
  if (disk == Disk::Old) node.store = node.backup.value_or(store::FaultyMailStore{});
}

void World::back_up(MachineIndex machine) {
  if (is_person(machine)) {
    person_at(machine).backup = person_at(machine).store;
    return;
  }
  Node& node = node_at(machine);
  node.backup = node.store;
}

bool World::is_spared(MachineIndex machine) const {
  const auto is_elsewhere = [&](const store::MailHead& head) {
    return std::ranges::any_of(node_machines_, [&](MachineIndex other) {
      if (other == machine || is_hostile(other) || disk_fault(other) != DiskFault::None || has_left(other)) return false;
      const auto found = mail(other).find_head(head.hash);
      return found && *found && (*found)->account == head.account;
    });
  };
  bool is_spared = true;
  const auto visited = mail(machine).visit_heads(
      0, [&](const store::MailHead& head) { return is_spared = head.expiry <= now_ || is_elsewhere(head); });
  return visited && is_spared;
}

void World::set_slow(MachineIndex machine, const Slowness& slow, TraceReader* reader) {
  const Slowness before = std::exchange(slow_[machine.value], slow);
  if (before == slow) return;
  if (before == Slowness{}) note(trace::FaultBegan{machine, "slow"}, machine, reader);
  if (slow == Slowness{}) note(trace::FaultEnded{machine, "slow"}, machine, reader);
}

void World::set_disk_fault(MachineIndex machine, DiskFault fault, TraceReader* reader, std::uint32_t share_ppm) {
  DiskState& disk = disk_of(machine);
  // Another share, or another page, is another fault.
  const bool is_same = disk.fault == fault && fault != DiskFault::Damaged &&
                       disk.strikes.share_ppm == (fault == DiskFault::Flaky ? share_ppm : 0);
  if (is_same) return;
  if (disk.fault != DiskFault::None) note(trace::FaultEnded{machine, words_for(disk.fault)}, machine, reader);
  disk.fault = fault;
  disk.strikes = {};
  switch (fault) {
    case DiskFault::None: return;
    case DiskFault::Error: disk.strikes = {1, ErrorCode::Unavailable, true}; break;
    case DiskFault::Full: disk.strikes = {1, ErrorCode::Full, true}; break;
    case DiskFault::Flaky: disk.strikes.share_ppm = share_ppm; break;
    case DiskFault::Sync: disk.strikes.syncs = true; break;
    case DiskFault::Damaged: {
      SeededRng dice(config_.seed, fmt::format("page of {} {}", names_[machine.value], now_.micros));
      disk.strikes.damaged =
          is_node(machine) ? node_at(machine).store.draw_page(dice) : person_at(machine).store.draw_page(dice);
      break;
    }
  }
  note(trace::FaultBegan{machine, words_for(fault)}, machine, reader);
}

void World::strike_disk(Node& node) {
  if (node.disk.fault == DiskFault::None) return;
  // Dice of its own for each input, so that those of the machine fall as they would.
  node.disk.strikes.dice = SeededRng(config_.seed, fmt::format("disk of {} {}", node.entry.id.hex(), ++node.disk.draws)).next();
  node.store.set(node.disk.strikes);
}

/// Whatever is left of the input is what the disk has of it.
bool World::loses_power(MachineIndex machine, TraceReader* reader) {
  Node& node = node_at(machine);
  if (!node.store.has_written()) return false;
  spare_disk(node);
  SeededRng dice(config_.seed, fmt::format("power of {} {}", names_[machine.value], ++node.disk.draws));
  if (dice.one_in(2) || !node.store.commit()) node.store.rollback();
  note(trace::FaultBegan{machine, "the power fails"}, machine, reader);
  set_down(machine, true, reader);
  return true;
}

void World::set_version(MachineIndex machine, Version version, TraceReader* reader) {
  Node& node = node_at(machine);
  if (node.version == version) return;
  node.version = version;
  if (version == Version::Today)
    note(trace::FaultBegan{machine, "of an older version"}, machine, reader);
  else
    note(trace::FaultEnded{machine, "of an older version"}, machine, reader);
}

void World::start_node(MachineIndex machine, node::ServiceNode* old, TraceReader* reader) {
  Node& node = node_at(machine);
  wire::Effects effects(reader != nullptr);
  const modelled::Scope cryptography(is_modelled());
  const crypto::Work before = crypto::work();
  node::ServiceNode anew(node.config);
  if (old != nullptr) anew.take_over(*old);
  node.machine = std::move(anew);
  strike_disk(node);
  auto done = node.store.begin();
  if (done) done = node.machine.start({clock_of(machine), dice_[machine.value], node.store, effects});
  if (done) done = node.store.commit();
  spare_disk(node);
  think(machine, before);
  if (done) return carry_out(machine, effects.take(), reader);
  node.store.rollback();
  // Without its timers it would never come back; it is not ready until then, and says so.
  queue_.push(now_ + kStartAgain, {Event::Kind::StartAgain, machine.value, 0, generation_[machine.value]});
}

void World::give_up(MachineIndex machine, const Error& error, TraceReader* reader) {
  Node& node = node_at(machine);
  node.store.rollback();
  const wire::Answer answer = error.code == ErrorCode::Full ? wire::refusal(507, "no room left on this node")
                                                            : wire::refusal(500, "the store of this node failed");
  std::vector<RequestId> waiting;
  for (const auto& [request, from] : incoming_[machine.value]) waiting.push_back(request);
  std::ranges::sort(waiting);  // as they came
  for (const RequestId request : waiting) {
    if (reader != nullptr) note(trace::Refused{answer.status, std::string(text_of(answer.body))}, machine, reader);
    reply(machine, {request, answer}, reader);
  }
  forget_calls(machine);
  if (node.machine.registry()) node.config.known = node.machine.registry();  // so that it answers at once
  node::ServiceNode old = std::move(node.machine);
  start_node(machine, &old, reader);
}

void World::set_late(MachineIndex machine, bool late, TraceReader* reader) {
  if (is_late(machine) == late) return;
  late_[machine.value] = late ? seed_.registry() : nullptr;
  if (late)
    note(trace::FaultBegan{machine, "the registry comes late"}, machine, reader);
  else
    note(trace::FaultEnded{machine, "the registry comes late"}, machine, reader);
}

std::size_t World::fork(std::size_t blocks, TraceReader* reader) {
  wire::Effects effects(reader != nullptr);
  const std::size_t undone = seed_.fork(blocks, effects);
  carry_out(seed(), effects.take(), reader);
  spare_swarms(reader);
  return undone;
}

}  // namespace session::sim
