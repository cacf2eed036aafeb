// The suite that every ClientStore passes: deliveries and journeys.
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;

template <class Kind>
class OutboxSuite : public testing::Test {
 public:
  Kind made;
  ClientStore& client = made.client;
};
TYPED_TEST_SUITE(OutboxSuite, Kinds);

TYPED_TEST(OutboxSuite, TheOutboxKeepsSealedBytesAndNeverUsesANumberAgain) {
  OutboxRow row{.message = 3,
                .to = person(2),
                .ns = -21,
                .kind = 1,
                .state = 2,
                .sealed = to_bytes("sealed"),
                .created = at(1),
                .timestamp = at(2),
                .ttl = days(4),
                .attempts = 3,
                .next_attempt = at(4),
                .nonce = ByteArray<8>{},
                .difficulty = 10,
                .trials = 11,
                .work_micros = 12,
                .path = {NodeId{}, NodeId{}},
                .kept_by = 4,
                .of = 5,
                .hash = hash_of(6),
                .last_error = "timeout",
                .content = to_bytes("what is to be sealed"),
                .sent_at = 13,
                .device = 14,
                .handed = at(15),
                .way = 16};
  EXPECT_EQ(this->client.add_outbox(row).value(), 1u);
  row.id = 1;
  EXPECT_EQ(this->client.outbox(1).value(), row);
  row.nonce.reset();
  row.state = 8;
  ASSERT_TRUE(this->client.update_outbox(row));
  EXPECT_THAT(this->client.outbox().value(), ElementsAre(row));
  EXPECT_TRUE(this->client.remove_outbox(1).value());
  EXPECT_FALSE(this->client.remove_outbox(1).value());
  EXPECT_EQ(this->client.add_outbox(row).value(), 2u);
}

TYPED_TEST(OutboxSuite, TheFirstDeliveryOfAMessageHasItsNumberAndAllOthersHaveTheirOwn) {
  EXPECT_EQ(this->client.add_message(message_row(2, 10))->id, 1u);
  EXPECT_EQ(this->client.add_outbox(OutboxRow{}).value(), 2u);
  EXPECT_EQ(this->client.add_message(message_row(2, 11))->id, 3u);
  OutboxRow carries;
  carries.message = 3;
  EXPECT_EQ(this->client.add_outbox(carries).value(), 3u);
  EXPECT_EQ(this->client.outbox(3).value()->id, 3u);
  EXPECT_EQ(this->client.add_outbox(carries).value(), 4u);
  EXPECT_EQ(this->client.add_message(message_row(2, 12))->id, 5u);
  // What was a delivery's number once is never another's.
  EXPECT_TRUE(this->client.remove_outbox(3).value());
  EXPECT_EQ(this->client.add_outbox(carries).value(), 6u);
  EXPECT_TRUE(this->client.remove_message(3).value());
  EXPECT_EQ(this->client.add_outbox(carries).value(), 7u);
}

TYPED_TEST(OutboxSuite, AJourneyIsToldInOrderAndTrimmedByAge) {
  for (const std::int64_t n : {5, 3, 9}) ASSERT_TRUE(this->client.add_journey({7, at(n), "step " + std::to_string(n)}));
  ASSERT_TRUE(this->client.add_journey({8, at(4), "other"}));
  const auto steps = this->client.journey(7).value();
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0], (JourneyRow{7, at(5), "step 5"}));
  EXPECT_EQ(steps[2].text, "step 9");
  EXPECT_EQ(this->client.trim_journeys(at(5)).value(), 2u);
  EXPECT_EQ(this->client.journey(7)->size(), 2u);
  const JourneyRow whole{.outbox = 9,
                         .at = at(1),
                         .text = "kept",
                         .step = 4,
                         .hops = {NodeId{}, NodeId{}},
                         .bytes = 76'800,
                         .trials = 65'536,
                         .micros = 12};
  ASSERT_TRUE(this->client.add_journey(whole));
  EXPECT_THAT(this->client.journey(9).value(), ElementsAre(whole));
}

}  // namespace
}  // namespace session::store
