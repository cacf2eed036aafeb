// Modelled cryptography changes bytes and nothing else: the same scenario under both gives the same facts, in the same order,
// at the same times, of the same machines, with the same sizes, names and texts. Nodes and accounts keep their real keys; what
// differs are the hashes of messages, which name bytes, and they differ by a renaming. How long a stamp takes must not depend
// on bytes either, so both runs draw it.
#include <gtest/gtest.h>

#include <map>

#include "core/crypto/hash.h"
#include "sim/scenario.h"
#include "sim/shipped.h"

namespace session::sim {
namespace {

/// All that a trace says, with a message's hash as the number of its first mention.
class Facts final : public TraceReader {
 public:
  struct Line {
    Instant at;
    std::string text;
    Bytes canonical;
    friend bool operator==(const Line&, const Line&) = default;
  };
  void on(const trace::Record& record) override {
    trace::Record renamed = record;
    std::visit(
        [&](auto& fact) {
          if constexpr (requires { fact.hash.text; })
            if (!fact.hash.text.empty())
              fact.hash.text = std::to_string(numbers_.emplace(fact.hash.text, numbers_.size()).first->second);
        },
        renamed.fact);
    lines.push_back({record.at, trace::to_text(renamed.fact), {}});
    trace::append_canonical(lines.back().canonical, renamed);
  }
  void on_link(const PacketOnLink& packet) override { bodies.push_back(crypto::blake2b_256({packet.body})); }
  [[nodiscard]] std::size_t messages() const { return numbers_.size(); }
  std::vector<Line> lines;
  std::vector<ByteArray<32>> bodies;

 private:
  std::map<std::string, std::size_t> numbers_;
};

struct Played {
  Facts facts;
  std::vector<std::string> problems;
};
Played play(std::string_view file, Fidelity fidelity) {
  Scenario scenario = parse_scenario(file, "scenario").value();
  scenario.world.stamps = Stamps::Drawn;
  scenario.world.fidelity = fidelity;
  ScenarioRun world(scenario, 1);
  Played out;
  world.advance(world.end(), &out.facts);
  out.problems = world.problems();
  return out;
}

class BothFidelities : public testing::TestWithParam<ShippedScenario> {};

TEST_P(BothFidelities, ChangesNothingButBytes) {
  const Played real = play(GetParam().text, Fidelity::Real), modelled = play(GetParam().text, Fidelity::Modelled);
  for (std::size_t i = 0; i < std::min(real.facts.lines.size(), modelled.facts.lines.size()); ++i)
    ASSERT_EQ(modelled.facts.lines[i], real.facts.lines[i])
        << "fact " << i << " at " << real.facts.lines[i].at.micros << "\n  real:     " << real.facts.lines[i].text
        << "\n  modelled: " << modelled.facts.lines[i].text;
  EXPECT_EQ(modelled.facts.lines.size(), real.facts.lines.size());
  EXPECT_EQ(modelled.facts.messages(), real.facts.messages());
  EXPECT_EQ(modelled.problems, real.problems);
  EXPECT_NE(modelled.facts.bodies, real.facts.bodies) << "the model was not in force";
}

/// All that ship; without optimisation, where each takes seconds, those that show most in the least time.
std::vector<ShippedScenario> affordable() {
  std::vector<ShippedScenario> all = shipped_scenarios();
#ifndef NDEBUG
  std::erase_if(all, [](const ShippedScenario& s) { return s.name != "one" && s.name != "app" && s.name != "storm"; });
#endif
  return all;
}

INSTANTIATE_TEST_SUITE_P(Shipped, BothFidelities, testing::ValuesIn(affordable()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace session::sim
