#include "core/client/client.h"

#include <gtest/gtest.h>

#include "core/store/client_tables.h"

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

class Commands : public testing::Test {
 protected:
  SeededRng rng{1};
  store::MemoryClientStore store;
  wire::Effects effects;
  std::optional<Client> client;
  SessionId bob = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C).id;

  void SetUp() override {
    ASSERT_TRUE(Client::create(store, "Alice", kNow, rng));
    client = Client::open(store, {.seeds = {"seed"}}).value();
    ASSERT_TRUE(client->start(context()));
  }
  Context context(Millis later = {}) { return {kNow + later, rng, store, effects}; }
  std::string refused(const Command& command) {
    const store::MemoryClientStore before = store;
    const auto outcome = client->command(command, context()).value();
    if (!outcome.refused) return "";
    EXPECT_TRUE(store == before) << "a refused command changed the store";
    return outcome.refused->message;
  }
};

TEST_F(Commands, AreRefusedWithAReason) {
  EXPECT_NE(refused(Ask{client->id(), "me"}).find("oneself"), std::string::npos);
  EXPECT_NE(refused(Ask{bob, ""}).find("empty"), std::string::npos);
  EXPECT_NE(refused(Ask{bob, std::string(70'000, 'x')}).find("70000"), std::string::npos);
  EXPECT_NE(refused(Send{bob, "x", {}}).find("request first"), std::string::npos);
  EXPECT_EQ(refused(Ask{bob, "caf\xe9"}), "text: not UTF-8");
  EXPECT_NE(refused(Accept{bob}).find("no request"), std::string::npos);
  EXPECT_NE(refused(Decline{bob}).find("no request"), std::string::npos);
  EXPECT_NE(refused(TryAgain{99}).find("no delivery 99"), std::string::npos);
  EXPECT_EQ(refused(Ask{bob, "hello"}), "");
  EXPECT_NE(refused(Ask{bob, "again"}).find("earlier request"), std::string::npos);
  EXPECT_NE(refused(Send{bob, "x", {}}).find("asked"), std::string::npos);
}

TEST_F(Commands, ARequestThatNobodyAnswersExpiresByTheClock) {  // profile.md 7
  ASSERT_EQ(refused(Ask{bob, "hello"}), "");
  ASSERT_TRUE(client->on(wire::Woken{3}, context(days(4) + hours(1))));
  EXPECT_EQ(static_cast<ContactState>(store.contact(bob)->value().state), ContactState::Expired);
}

TEST_F(Commands, SentAtStrictlyIncreases) {  // profile.md 7
  std::set<std::int64_t> seen;
  for (int i = 0; i < 5; ++i) {
    const auto other = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C).id;
    ASSERT_EQ(refused(Ask{other, "hello"}), "");
    const auto rows = static_cast<store::ClientStore&>(store).messages(other).value();
    EXPECT_TRUE(seen.insert(rows.at(0).sent_at.unix_millis()).second);
  }
}

TEST(Account, ANameIsTextThatCanBeShown) {
  SeededRng rng(1);
  store::MemoryClientStore store;
  const auto why = [&](std::string_view name) { return Client::create(store, name, Instant{}, rng).error().message; };
  EXPECT_EQ(why("J\xfcrgen"), "name: not UTF-8");
  EXPECT_EQ(why("Bob\n\x1b[31mmessage from Alice"), "name: holds a character that cannot be shown");
  EXPECT_EQ(why(" "), "name: empty");
}

TEST(Account, IsMadeOnce) {
  SeededRng rng(2);
  store::MemoryClientStore store;
  EXPECT_EQ(Client::open(store, {}).error().code, ErrorCode::NotFound);
  EXPECT_EQ(Client::create(store, " ", kNow, rng).error().code, ErrorCode::Malformed);
  EXPECT_EQ(Client::create(store, std::string(10'000, 'n'), kNow, rng).error().code, ErrorCode::Malformed);
  ASSERT_TRUE(Client::create(store, "Alice", kNow, rng));
  EXPECT_EQ(Client::create(store, "Alice", kNow, rng).error().code, ErrorCode::Refused);
}

TEST(Account, ARestoredOneIsTheSamePersonOnAnotherDevice) {
  SeededRng rng(3);
  store::MemoryClientStore one, two;
  ASSERT_TRUE(Client::create(one, "Alice", kNow, rng));
  ASSERT_TRUE(Client::restore(two, "Alice", one.account()->value().seed, crypto::Era::C, kNow, rng));
  EXPECT_EQ(Client::open(one, {})->id(), Client::open(two, {})->id());
  EXPECT_NE(one.account()->value().device, two.account()->value().device);
}

}  // namespace
}  // namespace session::client
