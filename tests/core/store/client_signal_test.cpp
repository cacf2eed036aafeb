// The suite that every ClientStore passes: sessions and keys.
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;

crypto::SecretBytes secret(std::string_view text) { return crypto::SecretBytes(to_bytes(text)); }

template <class Kind>
class SignalSuite : public testing::Test {
 public:
  Kind made;
  ClientStore& client = made.client;
};
TYPED_TEST_SUITE(SignalSuite, Kinds);

TYPED_TEST(SignalSuite, KeepsSessionsAndKeysByKind) {
  ASSERT_TRUE(this->client.put_session({person(2), 300}, secret("second")));
  ASSERT_TRUE(this->client.put_session({person(2), 1}, secret("first")));
  ASSERT_TRUE(this->client.put_session({person(3), 2}, secret("other")));
  EXPECT_THAT(this->client.session_devices(person(2)).value(), ElementsAre(1, 300));
  EXPECT_EQ(to_bytes(this->client.find_session({person(2), 300}).value()->bytes()), to_bytes("second"));
  EXPECT_TRUE(this->client.remove_session({person(2), 1}).value());
  EXPECT_FALSE(this->client.find_session({person(2), 1}).value().has_value());
  ASSERT_TRUE(this->client.put_key(KeyKind::OneTime, {.id = 5, .record = secret("one-time"), .created = at(1), .used = at(2)}));
  ASSERT_TRUE(this->client.put_key(KeyKind::Signed, {.id = 5, .record = secret("signed"), .created = at(1), .used = {}}));
  const auto key = this->client.key(KeyKind::OneTime, 5).value();
  ASSERT_TRUE(key);
  EXPECT_EQ(key->used, at(2));
  EXPECT_EQ(text_of(key->record.bytes()), "one-time");
  EXPECT_EQ(this->client.keys(KeyKind::Signed)->size(), 1u);
  EXPECT_TRUE(this->client.remove_key(KeyKind::OneTime, 5).value());
  EXPECT_FALSE(this->client.key(KeyKind::OneTime, 5).value().has_value());
  EXPECT_TRUE(this->client.key(KeyKind::Signed, 5).value().has_value());
}

}  // namespace
}  // namespace session::store
