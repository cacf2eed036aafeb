// Machines that take time to think: one input after the other, as long as their class of CPU takes for it.
#include <algorithm>

#include "sim/world.h"

namespace session::sim {

CpuClass World::draw_cpu(const std::string& name, const CpuConfig& config) const {
  if (!config.is_drawn) return config.cpu;
  SeededRng dice(config_.seed, "cpu of " + name);
  return dice.one_in(kLaptopOneIn) ? CpuClass::Laptop : CpuClass::Phone;
}

std::uint64_t World::stamp_speed(MachineIndex machine) const {
  const std::uint64_t trials = trials_per_second(cpu(machine));
  return trials == 0 ? config_.stamp_trials_per_second : trials;
}

std::int64_t World::thinking_us(MachineIndex machine) const {
  return std::max<std::int64_t>(0, cpus_[machine.value].busy_until.micros - now_.micros);
}

std::int64_t World::late_us(MachineIndex from, MachineIndex to) const {
  const Slowness& slow = slow_[from.value];
  std::int64_t late = slow.by.count * 1000 + thinking_us(from);
  if (slow.times > 1 && cpu(from) == CpuClass::Unpriced)
    late += network_.link_between(from, to).base.count * 1000 * static_cast<std::int64_t>(slow.times - 1);
  return late;
}

void World::think(MachineIndex machine, const crypto::Work& before) {
  Cpu& own = cpus_[machine.value];
  if (own.cpu == CpuClass::Unpriced) return;
  const std::int64_t cost = cost_of(own.cpu, crypto::work() - before) * static_cast<std::int64_t>(slow_[machine.value].times);
  own.busy_until.micros = std::max(own.busy_until, now_).micros + cost;
  own.thought_us += cost;
}

/// An input that comes while its machine thinks waits its turn.
bool World::waits(const Event& event) {
  Cpu& own = cpus_[event.machine];
  if (own.cpu == CpuClass::Unpriced || event.kind == Event::Kind::Thought) return false;
  if (own.busy_until <= now_ && own.waiting.empty()) return false;
  own.waiting.push_back(event);
  if (own.thought != 0) return true;
  own.thought = next_thought_++;
  queue_.push(own.busy_until, {Event::Kind::Thought, event.machine, own.thought, 0});
  return true;
}

void World::go_on_thinking(const Event& event, TraceReader* reader) {
  const auto own = [&]() -> Cpu& { return cpus_[event.machine]; };  // an input may add machines
  if (own().thought != event.a) return;
  own().thought = 0;
  while (!own().waiting.empty() && own().busy_until <= now_ && !paused_[event.machine]) {
    const Event next = own().waiting.front();
    own().waiting.pop_front();
    take_up(next, reader);
  }
  if (own().waiting.empty() || own().thought != 0) return;
  own().thought = next_thought_++;
  queue_.push(std::max(now_, own().busy_until), {Event::Kind::Thought, event.machine, own().thought, 0});
}

/// It went down: what it had in mind is gone, and what waits for it finds nobody.
void World::stop_thinking(MachineIndex machine) {
  Cpu& own = cpus_[machine.value];
  own.busy_until = now_;
  if (own.waiting.empty()) return;
  own.thought = next_thought_++;
  queue_.push(now_, {Event::Kind::Thought, machine.value, own.thought, 0});
}

}  // namespace session::sim
