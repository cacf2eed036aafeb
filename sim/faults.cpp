// What goes wrong with the machines of a world: slow ones, disks that fail or are not what they were, a registry that comes
// late or forks.
#include <algorithm>
#include <cassert>

#include "core/modelled/suite.h"
#include "core/wire/answers.h"
#include "sim/world.h"

namespace session::sim {
namespace {

constexpr Millis kStartAgain = seconds(1);

std::string words_for(World::DiskFault fault) {
  return fault == World::DiskFault::Full ? std::string(kDiskIsFull) : "the disk fails";
}

}  // namespace

void World::change_disk(MachineIndex machine, Disk disk, TraceReader* reader) {
  Node& node = node_at(machine);
  assert(is_down(machine));
  if (disk == Disk::Kept) return;
  set_disk_fault(machine, DiskFault::None, reader);  // it is another one now
  note(trace::FaultBegan{machine, std::string(kDiskFault)}, machine, reader);
  if (disk == Disk::Lost) node.store = {};
  if (disk == Disk::Old) node.store = node.backup.value_or(store::FaultyMailStore{});
}

void World::back_up(MachineIndex machine) {
  Node& node = node_at(machine);
  node.backup = node.store;
  node.backup->set({});
}

void World::set_slow(MachineIndex machine, Millis by, TraceReader* reader) {
  const std::size_t i = machine.value;
  if (slow_[i] == by) return;
  if (slow_[i] == Millis{}) note(trace::FaultBegan{machine, "slow"}, machine, reader);
  if (by == Millis{}) note(trace::FaultEnded{machine, "slow"}, machine, reader);
  slow_[i] = by;
}

void World::set_disk_fault(MachineIndex machine, DiskFault fault, TraceReader* reader) {
  Node& node = node_at(machine);
  if (node.fault == fault) return;
  if (node.fault != DiskFault::None) note(trace::FaultEnded{machine, words_for(node.fault)}, machine, reader);
  node.fault = fault;
  if (fault == DiskFault::None) return node.store.set({});
  note(trace::FaultBegan{machine, words_for(fault)}, machine, reader);
  node.store.set({1, fault == DiskFault::Full ? ErrorCode::Full : ErrorCode::Unavailable, true});
}

void World::start_node(MachineIndex machine, node::ServiceNode* old, TraceReader* reader) {
  Node& node = node_at(machine);
  wire::Effects effects(reader != nullptr);
  const modelled::Scope cryptography(is_modelled());
  const crypto::Work before = crypto::work();
  node::ServiceNode anew(node.config);
  if (old != nullptr) anew.take_over(*old);
  node.machine = std::move(anew);
  auto done = node.store.begin();
  if (done) done = node.machine.start({clock_of(machine), dice_[machine.value], node.store, effects});
  if (done) done = node.store.commit();
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
  for (const RequestId request : waiting) reply(machine, {request, answer}, reader);
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
