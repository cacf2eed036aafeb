// People's machines in a world: the product's runner (core/client/runner.h) on a disk and a network of the world's.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "core/client/count_start.h"
#include "core/modelled/suite.h"
#include "sim/world.h"

namespace session::sim {

/// What a person's machine is lent for one input. What it wishes is carried out when it has thought.
class World::Lent final : public client::Driver {
 public:
  Lent(World& world, MachineIndex machine, TraceReader* reader) : world_(world), machine_(machine), reader_(reader) {}
  [[nodiscard]] Instant now() const override { return world_.clock_of(machine_); }
  [[nodiscard]] Rng& rng() override { return world_.dice_[machine_.value]; }
  [[nodiscard]] store::ClientStore& store() override { return world_.person_at(machine_).store; }
  [[nodiscard]] bool is_tracing() const override { return reader_ != nullptr; }
  [[nodiscard]] store::EpochCounter* counter() override { return &world_.person_at(machine_).keyring; }
  void carry_out(std::vector<wire::Effect> effects) override {
    if (store().in_transaction()) return world_.carry_out(machine_, std::move(effects), reader_);  // a mutant's doing
    if (wishes_.empty())
      wishes_ = std::move(effects);
    else
      std::ranges::move(effects, std::back_inserter(wishes_));
  }
  void give_up(Millis pause) override {
    keep_facts();
    pause_ = pause;
  }

  /// How long it is to wait before it begins anew; nothing when it goes on.
  [[nodiscard]] std::optional<Millis> pause() const { return pause_; }
  /// Nothing but what is known leaves.
  void keep_facts() {
    std::erase_if(wishes_, [](const wire::Effect& wish) { return !std::holds_alternative<trace::Fact>(wish); });
  }
  [[nodiscard]] std::vector<wire::Effect> take_wishes() { return std::move(wishes_); }

 private:
  World& world_;
  MachineIndex machine_;
  TraceReader* reader_;
  std::vector<wire::Effect> wishes_;
  std::optional<Millis> pause_;
};

template <class Work>
void World::work(MachineIndex machine, TraceReader* reader, const Work& work) {
  Person& person = person_at(machine);
  const modelled::Scope cryptography(is_modelled());
  site::Live live = sites_of(machine);
  const site::Scope sites(&live);
  const bool is_struck = person.disk.fault != DiskFault::None || person.disk.power_fails;
  if (is_struck) {
    // Dice of its own for each input, so that those of the machine fall as they would.
    store::Fault strikes = person.disk.strikes;
    strikes.dice = SeededRng(config_.seed, fmt::format("disk of {} {}", names_[machine.value], ++person.disk.draws)).next();
    strikes.syncs |= person.disk.power_fails;  // what a power cut leaves is all of it or nothing too
    person.store.set(strikes);
  }
  Lent lent(*this, machine, reader);
  const crypto::Work before = crypto::work();
  work(person, lent);
  think(machine, before);
  if (is_struck) person.store.set({});
  assert(is_struck || !lent.pause());
#ifndef NDEBUG
  if (!person.runner->failure()) person.runner->machine().check_invariants();
#endif
  if (lent.pause()) forget_calls(machine);
  if (down_[machine.value]) lent.keep_facts();  // what is in the store is taken up from there when there is a connection
  carry_out(machine, lent.take_wishes(), reader);
  if (!lent.pause()) return;
  if (person.disk.power_fails) {
    note(trace::FaultBegan{machine, "the power fails"}, machine, reader);
    return set_down(machine, true, reader);
  }
  queue_.push(now_ + *lent.pause(), {Event::Kind::StartAgain, machine.value, 0, generation_[machine.value]});
}

bool World::count_person(Person& person, Lent& lent) {
  if (person.is_counted) return true;
  const auto counted = client::count_start(person.store, person.keyring, lent.now(), lent.rng());
  if (!counted) person.runner->store_failed(counted.error(), lent);
  return person.is_counted = counted.has_value();
}

void World::start_person(MachineIndex machine, TraceReader* reader) {
  const modelled::Scope cryptography(is_modelled());
  Person& mine = person_at(machine);
  const bool is_first = !mine.runner;
  mine.is_counted = false;
  if (is_first) {
    client::Config config;
    for (std::size_t s = 0; s < seeds_.size(); ++s) config.seeds.push_back(seed_url(s));
    auto opened = client::Runner::open(mine.store, config);
    assert(opened);
    mine.runner.emplace(std::move(*opened));
  } else {
    mine.runner->end();
  }
  work(machine, reader, [&](Person& person, Lent& lent) {
    if (!count_person(person, lent)) return;
    if (is_first)
      person.runner->start(lent);
    else
      person.runner->begin_anew(lent);
  });
}

void World::begin_person_anew(MachineIndex machine, TraceReader* reader) {
  work(machine, reader, [](Person& person, Lent& lent) {
    if (count_person(person, lent)) person.runner->begin_anew(lent);
  });
}

void World::feed_person(MachineIndex machine, const client::Input& input, TraceReader* reader) {
  work(machine, reader, [&](Person& person, Lent& lent) { person.runner->on(input, lent); });
}

Result<client::Outcome> World::command(MachineIndex machine, const client::Command& command, TraceReader* reader) {
  Result<client::Outcome> outcome;
  work(machine, reader, [&](Person& person, Lent& lent) {
    person.runner->remember(command);
    outcome = count_person(person, lent) ? person.runner->command(command, lent) : std::unexpected(*person.runner->failure());
  });
  return outcome;
}

void World::put_back(Person& person) {
  person.store = *person.backup;
  person.runner->end();
  person.is_counted = false;
  person.was_put_back = true;
}

}  // namespace session::sim
