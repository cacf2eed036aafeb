#include "sim/crowd/digest.h"

#include <gtest/gtest.h>

namespace session::sim {
namespace {

TEST(CrowdDigest, CoversEveryFieldAndNoBatching) {
  const CrowdFact fact{Instant{1}, 2, 3, 4, 5, CrowdFact::Kind::Sent, false};
  const auto digest_of = [](std::vector<CrowdFact> facts, std::size_t batch) {
    CrowdDigest digest;
    for (std::size_t i = 0; i < facts.size(); i += batch)
      digest.on(std::span(facts).subspan(i, std::min(batch, facts.size() - i)));
    EXPECT_EQ(digest.facts(), facts.size());
    return digest.hex();
  };
  const std::string as_it_is = digest_of({fact}, 1);
  for (int field = 0; field < 7; ++field) {
    CrowdFact other = fact;
    if (field == 0) other.at = Instant{9};
    if (field == 1) other.who = 9;
    if (field == 2) other.other = 9;
    if (field == 3) other.size = 9;
    if (field == 4) other.message = 9;
    if (field == 5) other.kind = CrowdFact::Kind::Lost;
    if (field == 6) other.is_answer = true;
    EXPECT_NE(digest_of({other}, 1), as_it_is) << "field " << field;
  }
  const std::vector<CrowdFact> many(10'000, fact);
  EXPECT_EQ(digest_of(many, 1), digest_of(many, 4'096));
}

}  // namespace
}  // namespace session::sim
