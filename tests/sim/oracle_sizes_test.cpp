#include "sim/oracle_sizes.h"

#include "core/onion/layer.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

class SizesOracle : public Judged {
 protected:
  /// What one packet makes of a court that saw nothing else.
  [[nodiscard]] std::string verdict(MachineIndex from, MachineIndex to, BytesView body, bool is_answer) {
    Court court(world);
    const auto oracle = sizes_oracle();
    oracle->on_link({1, world.now(), body, from, to, is_answer, false}, court);
    EXPECT_EQ(court.cases().size(), 1u) << "it was not looked at";
    return court.violations().empty() ? "" : court.violations()[0].oracle;
  }
  [[nodiscard]] Bytes request(std::size_t size) {
    SeededRng rng(1);
    std::vector<onion::Hop> hops;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto& entry = *world.registry()->find(world.service_node(world.node(i)).id());
      hops.push_back({entry.id, entry.x25519});
    }
    return onion::wrap(hops, Bytes(size, std::byte{'x'}), onion::EncType::XChaCha20, rng)->body;
  }
};

TEST_F(SizesOracle, FindsRequestsOfNoPaddingClass) {  // O3
  for (const std::size_t size : {1u, 400u, 600u, 20'000u}) {
    Bytes body = request(size);
    EXPECT_EQ(verdict(alice, world.node(0), body, false), "") << size;
    body.push_back(std::byte{' '});
    EXPECT_EQ(verdict(alice, world.node(0), body, false), "O3") << size;
  }
}

TEST_F(SizesOracle, FindsAnswersOfNoPaddingClass) {  // O3: the mutant that leaves answers bare
  const auto answer = [&](std::size_t size) {
    return verdict(world.node(0), alice, concat(Bytes(3 * 40), bytes_of(to_base64(Bytes(size + 40)))), true);
  };
  EXPECT_EQ(answer(512), "");
  EXPECT_EQ(answer(2048), "");
  EXPECT_EQ(answer(508), "O3");
  EXPECT_EQ(answer(700), "O3");
}

TEST_F(SizesOracle, HoldsNothingAgainstWhoSealsWhatWasDamagedOnItsWay) {
  // What is damaged before the middle, and then what the guard hands out.
  const auto violations = [&](MachineIndex guard, std::size_t size, std::size_t left = 333) {
    Court court(world);
    const auto oracle = sizes_oracle();
    const auto passes = [&](MachineIndex from, MachineIndex to, std::size_t bytes, bool is_damaged) {
      oracle->on_link({1, world.now(), Bytes(bytes, std::byte{0xff}), from, to, true, false, is_damaged}, court);
    };
    passes(world.node(2), world.node(1), left, true);
    passes(world.node(1), world.node(0), left + 40, false);
    passes(guard, alice, size, false);
    return court.violations().size();
  };
  EXPECT_EQ(violations(world.node(0), 413), 0u);
  EXPECT_EQ(violations(world.node(0), 414), 1u);
  EXPECT_EQ(violations(world.node(1), 413), 1u) << "another's";
  EXPECT_EQ(violations(world.node(0), 80, 0), 0u) << "cut to nothing";
  EXPECT_EQ(violations(world.node(0), 373), 0u) << "a refusal, which nobody seals";
}

}  // namespace
}  // namespace session::sim
