#include "sim/opening.h"

#include <gtest/gtest.h>

#include "core/wire/hash.h"
#include "core/wire/rpc.h"

namespace session::sim {
namespace {

class Opening : public testing::Test {
 protected:
  void SetUp() override {
    crypto::initialise();
    for (std::byte i{1}; i < std::byte{5}; i = std::byte(std::to_integer<int>(i) + 1)) {
      NodeId id;
      id.key.fill(i);
      keys.push_back(crypto::x25519_pair(rng));
      hops.push_back({id, keys.back().open});
    }
  }
  [[nodiscard]] onion::Outer wrapped(BytesView rpc = bytes_of("{}")) {
    return *onion::parse_outer(onion::wrap(hops, rpc, onion::EncType::XChaCha20, rng)->body);
  }
  SeededRng rng{7};
  std::vector<crypto::X25519Pair> keys;
  std::vector<onion::Hop> hops;
};

TEST_F(Opening, NamesTheAccountAndTheMessageOfAStore) {
  Account account;
  account.bytes.fill(std::byte{5});
  const wire::StoreRequest store = wire::make_store(account, 7, 1'000, seconds(60), to_bytes("sealed"));
  const auto named = named_in(wire::to_json(wire::RpcRequest(store)));
  ASSERT_TRUE(named);
  EXPECT_EQ(*named, (NamedRequest{account, "store", {wire::message_hash(account, 7, bytes_of("sealed"))}}));
}

TEST_F(Opening, FindsTheAccountInsideABatchAndAChoice) {
  const std::string retrieve = R"({"method": "retrieve", "params": {"pubkey": ")" + std::string("05") + std::string(64, 'a') +
                               R"(", "namespace": 0, "timestamp": 1, "signature": ")" + std::string(86, 'A') + R"(=="}})";
  const std::string batch =
      R"({"method": "batch", "params": {"requests": [{"method": "info", "params": {}}, )" + retrieve + "]}}";
  const std::string choice = R"({"method": "ifelse", "params": {"if": {"hf_at_least": [19]}, "then": )" + batch + "}}";
  for (const std::string& text : {retrieve, batch, choice}) {
    const auto named = named_in(bytes_of(text));
    ASSERT_TRUE(named) << text;
    EXPECT_EQ(named->account.hex(), "05" + std::string(64, 'a'));
    EXPECT_EQ(named->method, "retrieve");
  }
}

TEST_F(Opening, NamesNothingInWhatIsNoRequestOrForNobody) {
  for (const char* text : {"", "{", "no JSON", "[]", R"({"method": "info", "params": {}})", R"({"method": "store"})"})
    EXPECT_FALSE(named_in(bytes_of(text))) << text;
}

TEST_F(Opening, OpensALayerOnlyWithItsOwnKey) {
  const onion::Outer outer = wrapped();
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE(open_with(keys[i], outer)) << i;
  const auto opened = open_with(keys[0], outer);
  ASSERT_TRUE(opened);
  EXPECT_EQ(std::get<onion::Inner>(opened->peeled.inside).next, hops[1].id);
}

TEST_F(Opening, OpensWithAFoundKeyAsTheLayersOwnAndAsItsEphemeralSecret) {
  const onion::Outer outer = wrapped();
  const auto own = open_with(keys[0], outer);
  const auto key = to_array<32>(own->peeled.reply_key.bytes());
  EXPECT_TRUE(open_with(key, outer, {}));
  EXPECT_NE(std::ranges::find(own->found, key), own->found.end());
  // What the sender threw away.
  const auto ephemeral = crypto::x25519_pair(rng);
  const auto shared = onion::layer_key(onion::EncType::XChaCha20, ephemeral.secret, keys[0].open, ephemeral.open, keys[0].open);
  const Bytes plain = onion::frame(bytes_of("{}"), R"({"headers":{}})");
  const onion::Outer made{ephemeral.open, onion::EncType::XChaCha20, 0,
                          onion::seal_layer(onion::EncType::XChaCha20, *shared, plain, rng)};
  const auto secret = to_array<32>(ephemeral.secret.bytes());
  EXPECT_TRUE(open_with(secret, made, keys[0].open));
  EXPECT_FALSE(open_with(secret, made, keys[1].open));
  EXPECT_FALSE(open_with(secret, made, {}));
}

TEST_F(Opening, FindsKeysThatAHeaderSpellsOut) {
  const std::string key(64, 'c');
  const auto pair = crypto::x25519_pair(rng);
  const auto shared = onion::layer_key(onion::EncType::XChaCha20, pair.secret, keys[0].open, pair.open, keys[0].open);
  const Bytes plain = onion::frame(bytes_of("{}"), R"({"headers":{},"key":")" + key + R"("})");
  const auto opened = open_with(
      keys[0], {pair.open, onion::EncType::XChaCha20, 0, onion::seal_layer(onion::EncType::XChaCha20, *shared, plain, rng)});
  ASSERT_TRUE(opened);
  EXPECT_NE(std::ranges::find(opened->found, *array_from_hex<32>(key)), opened->found.end());
}

TEST_F(Opening, KnowsASealedAnswerAgainButNoRefusalInClear) {
  const auto peeled = onion::peel(wrapped(), keys[0]);
  const Bytes sealed = onion::seal_reply(peeled->reply_key, peeled->enc, 200, bytes_of("{}"), {{}, true, false, true}, rng);
  EXPECT_TRUE(print_of_sealed(sealed));
  EXPECT_EQ(print_of_sealed(sealed), print_of_sealed(Bytes(sealed)));
  const Bytes again = onion::seal_passed(peeled->reply_key, peeled->enc, 200, sealed, 1, rng);
  EXPECT_TRUE(print_of_sealed(again));
  EXPECT_NE(print_of_sealed(again), print_of_sealed(sealed));
  for (const char* text :
       {"", "Invalid ciphertext", "short", R"({"t":1})", "Next node unreachable: 0000000000000000000000000000000000"})
    EXPECT_FALSE(print_of_sealed(bytes_of(text))) << text;
}

TEST_F(Opening, TellsTheClassOfPaddingAtEveryHop) {
  for (const std::size_t room : {512u, 2048u, 8192u, 131'072u}) {
    Bytes body = onion::wrap(hops, Bytes(room - 60, std::byte{'x'}), onion::EncType::XChaCha20, rng)->body;
    for (std::size_t hop = 0; hop < 4; ++hop) {
      EXPECT_EQ(size_class_of(body.size()), room) << hop;
      const auto peeled = onion::peel(*onion::parse_outer(body), keys[hop]);
      if (const auto* inner = std::get_if<onion::Inner>(&peeled->inside)) body = inner->body;
    }
  }
  EXPECT_EQ(size_class_of(511), 0u);
}

}  // namespace
}  // namespace session::sim
