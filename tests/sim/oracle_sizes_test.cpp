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
    return verdict(world.node(0), alice, concat(Bytes(3 * 46), bytes_of(to_base64(Bytes(size + 40)))), true);
  };
  EXPECT_EQ(answer(512), "");
  EXPECT_EQ(answer(2048), "");
  EXPECT_EQ(answer(508), "O3");
  EXPECT_EQ(answer(700), "O3");
}

TEST_F(SizesOracle, ExcusesNoGuardForWhatCameDamaged) {  // it fills up whatever came
  Court court(world);
  const auto oracle = sizes_oracle();
  const auto passes = [&](MachineIndex from, MachineIndex to, BytesView body, bool is_damaged) {
    oracle->on_link({1, world.now(), body, from, to, true, false, is_damaged}, court);
  };
  passes(world.node(1), world.node(0), Bytes(333, std::byte{0xff}), true);
  passes(world.node(0), alice, Bytes(333 + 46, std::byte{0xff}), true);
  passes(world.node(0), alice, bytes_of("Invalid ciphertext"), false);
  EXPECT_TRUE(court.violations().empty());
  passes(world.node(0), alice, Bytes(333 + 46, std::byte{0xff}), false);
  ASSERT_EQ(court.violations().size(), 1u);
  EXPECT_EQ(court.violations()[0].oracle, "O3");
}

}  // namespace
}  // namespace session::sim
