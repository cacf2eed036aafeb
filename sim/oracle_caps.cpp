// That nobody can fill a machine's tables beyond their caps.
#include <fmt/format.h>

#include "sim/oracles.h"

namespace session::sim {
namespace {

class CapsOracle final : public Oracle {
 public:
  void check(Court& court) override {
    const World& world = court.world();
    for (std::size_t i = 0; i < world.nodes(); ++i) look_at(world.service_node(world.node(i)).fillings(), world.node(i), court);
    for (const MachineIndex person : world.people())
      if (!world.failure(person))  // what an input left that was taken back is not in use any more
        look_at(world.client(person).fillings(world.account(person)), person, court);
  }

 private:
  static void look_at(const Fillings& fillings, MachineIndex whose, Court& court) {
    court.look("L1");
    if (const auto wrong = wrong_with_fillings(fillings)) court.violate("L1", fmt::format("{}: {}", court.name(whose), *wrong));
  }
};

}  // namespace

std::optional<std::string> wrong_with_fillings(const Fillings& fillings) {
  for (const Filling& table : fillings)
    if (table.size > table.most) return fmt::format("{} {}, at most {}", table.size, table.table, table.most);
  return std::nullopt;
}

std::unique_ptr<Oracle> caps_oracle() { return std::make_unique<CapsOracle>(); }

}  // namespace session::sim
