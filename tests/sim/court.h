// A small world before all judges, for the tests that each of them finds the defect it is there for.
#pragma once

#include "sim/oracles.h"
#include "tests/sim/friends.h"

namespace session::sim {

/// What happens is read by the judges.
class Judged : public Friends {
 protected:
  Oracles oracles{world};

  void SetUp() override {
    reader = &oracles;
    befriend("hello, it is Alice");
    run(alice, client::Send{id(bob), "the first words"});
    pass();
    ASSERT_TRUE(oracles.violations().empty()) << oracles.violations()[0].oracle << ' ' << oracles.violations()[0].what;
  }
  void pass(Millis span = seconds(20)) {
    Friends::pass(span);
    oracles.check();
  }
  [[nodiscard]] MachineIndex member(MachineIndex of, std::size_t i = 0) const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(of).account))[i]);
  }
  void note(trace::Fact fact, MachineIndex who) { oracles.on({world.now(), who, std::move(fact)}); }
  /// The names of the oracles that were violated, in order.
  [[nodiscard]] std::string found() const {
    std::string out;
    for (const Violation& violation : oracles.violations()) out += (out.empty() ? "" : " ") + violation.oracle;
    return out;
  }
};

}  // namespace session::sim
