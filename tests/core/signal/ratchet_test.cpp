#include "core/signal/ratchet.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "core/base/encoding.h"
#include "core/crypto/identity.h"
#include "tests/core/signal/people.h"

namespace session::signal {
namespace {

class Ratchet : public testing::Test {
 protected:
  SeededRng rng{42};
  Person alice{"alice", rng}, bob{"bob", rng};
  void meet() { ASSERT_TRUE(start(alice.state, bob.address(), bob.bundle(), rng)); }
  Ciphertext say(Person& from, const Person& to, std::string_view text) {
    return encrypt(from.state, to.address(), bytes_of(text), rng).value();
  }
  std::string hear(Person& to, const Person& from, const Ciphertext& message) {
    return text_of_plain(decrypt(to.state, from.address(), message, rng));
  }
};

TEST_F(Ratchet, OpensTheVectorOfTheOldClient) {  // client.md 2.5
  MemoryState responder;
  responder.own = crypto::x25519_pair(
      crypto::X25519Secret(from_hex("18a6bac0b886524ef968282fc139dec60e1e2d3c4b5a69788796a5b4c3d2e140").value()));
  ASSERT_EQ(to_hex(signal_key(responder.own.open)), "0504b51adf3ef30e8ceaf540f36388d9b94c9cbe7b2c1e77694ca65bbec9f85f02");
  // Records are protobufs: signed prekey {1 id, 2 public, 3 private, 4 signature, 5 timestamp}; prekey {1 id, 2 public, 3
  // private}.
  const auto record = [](const char* open, const std::string& secret, bool is_signed) {
    Bytes bytes =
        concat(from_hex("08011221").value(), from_hex(open).value(), from_hex("1a20").value(), from_hex(secret).value());
    if (is_signed) append(bytes, concat(from_hex("2240").value(), Bytes(64), from_hex("290000000000000000").value()));
    return crypto::SecretBytes(bytes);
  };
  std::string twenties, tens;
  for (int i = 0; i < 31; ++i) twenties += "20", tens += "10";
  responder.signed_prekeys.emplace(
      1, record("0506453fcd9cef5a1f53acc4f942104c0c8e9e27d5c7b37f5507cdcd1628105963", twenties + "60", true));
  responder.prekeys.emplace(1,
                            record("05781faab908430150daccdd6f9d6c5086e34f73a93ebbaa271765e5036edfc519", tens + "50", false));
  const Bytes body = from_hex(
                         "330801122105fcfa25ef68cbae488537bc37c7899bd5e597839507ef6df2262201629d10f3251a21057e73017d7357888bf5c"
                         "8120c2a546a6d81051f99"
                         "14d7b36f6daa956d1cae195e2242330a210511bdc468383971614ca58e438a7669ae9c968b9a9cd6743607660196686c95201"
                         "000180022101820a10691"
                         "19431e34d91db56d09906160414f02834504bc28d2093001")
                         .value();
  EXPECT_EQ(text_of_plain(decrypt(responder, {"bob", 1}, {MessageType::Prekey, body}, rng)), "vector");
}

TEST_F(Ratchet, TwoPeopleTalk) {
  meet();
  const auto first = say(alice, bob, "one");
  EXPECT_EQ(first.type, MessageType::Prekey);
  EXPECT_EQ(hear(bob, alice, first), "one");
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "two")), "two");  // still a first message, of the same session
  const auto answer = say(bob, alice, "three");
  EXPECT_EQ(answer.type, MessageType::Message);
  EXPECT_EQ(hear(alice, bob, answer), "three");
  const auto later = say(alice, bob, "four");
  EXPECT_EQ(later.type, MessageType::Message);
  EXPECT_EQ(hear(bob, alice, later), "four");
}

TEST_F(Ratchet, OrderDoesNotMatterAndRepetitionIsRefused) {
  meet();
  std::vector<Ciphertext> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(say(alice, bob, std::to_string(i)));
  std::vector<std::size_t> order(20);
  for (std::size_t i = 0; i < 20; ++i) order[i] = i;
  rng.shuffle(order);
  for (const auto i : order) EXPECT_EQ(hear(bob, alice, sent[i]), std::to_string(i));
  for (const auto& message : sent)
    EXPECT_EQ(decrypt(bob.state, alice.address(), message, rng).error().code, ErrorCode::Duplicate);
}

TEST_F(Ratchet, AChangeAnywhereIsRefusedAndChangesNothing) {  // reliability.md R7
  meet();
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "hello")), "hello");
  ASSERT_EQ(hear(alice, bob, say(bob, alice, "hello")), "hello");
  const auto message = say(alice, bob, "secret");
  for (std::size_t i = 0; i < message.body.size(); ++i) {
    Ciphertext bad = message;
    bad.body[i] ^= std::byte{1};
    const Bytes before = to_bytes(bob.state.sessions.at(alice.address()).bytes());
    EXPECT_FALSE(decrypt(bob.state, alice.address(), bad, rng)) << i;
    ASSERT_EQ(to_bytes(bob.state.sessions.at(alice.address()).bytes()), before) << i;
  }
  EXPECT_EQ(hear(bob, alice, message), "secret");
}

TEST_F(Ratchet, AChangedFirstMessageLeavesNoSession) {
  meet();
  const auto message = say(alice, bob, "secret");
  for (std::size_t i = 0; i < message.body.size(); i += 3) {
    Ciphertext bad = message;
    bad.body[i] ^= std::byte{0x20};
    if (decrypt(bob.state, alice.address(), bad, rng)) continue;  // its registration id is not authenticated
    ASSERT_TRUE(bob.state.sessions.empty() && bob.state.base_keys.empty()) << i;
  }
}

TEST_F(Ratchet, TwoStrangersMayDrawTheSameOneTimeKey) {  // profile.md 10.4
  Person carol("carol", rng);
  meet();
  ASSERT_TRUE(start(carol.state, bob.address(), bob.bundle(), rng));
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "from alice")), "from alice");
  EXPECT_EQ(hear(bob, carol, say(carol, bob, "from carol")), "from carol");
}

TEST_F(Ratchet, ARepeatedBaseKeyIsRefusedOnceItsSessionIsGone) {  // profile.md 10.4
  meet();
  const auto first = say(alice, bob, "one");
  ASSERT_EQ(hear(bob, alice, first), "one");
  bob.state.sessions.clear();
  EXPECT_EQ(decrypt(bob.state, alice.address(), first, rng).error().code, ErrorCode::Duplicate);
}

/// 1/x mod 2^255 - 19: the x of the same point plus that of order two, with which every X25519 agreement comes out the same.
Bytes other_form(BytesView x) {
  const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> work(BN_CTX_new(), &BN_CTX_free);
  using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
  const Number p(BN_new(), &BN_free), n(BN_lebin2bn(raw(x), 32, nullptr), &BN_free);
  BN_set_bit(p.get(), 255);
  BN_sub_word(p.get(), 19);
  const Number inverse(BN_mod_inverse(nullptr, n.get(), p.get(), work.get()), &BN_free);
  Bytes out(32);
  BN_bn2lebinpad(inverse.get(), raw_out(out), 32);
  return out;
}

TEST_F(Ratchet, AnotherFormOfTheSameBaseKeyIsARepetition) {  // profile.md 10.4, reliability.md R6
  meet();
  const auto first = say(alice, bob, "pay five");
  const MemoryState before = bob.state;
  constexpr std::size_t kBaseKey = 6;  // version, prekey id, tag, length, 05
  ASSERT_EQ(first.body[kBaseKey - 1], std::byte{5});
  Ciphertext high_bit = first, inverse = first;
  high_bit.body[kBaseKey + 31] ^= std::byte{0x80};
  std::ranges::copy(other_form(BytesView(first.body).subspan(kBaseKey, 32)), inverse.body.begin() + kBaseKey);
  for (const auto& other : {high_bit, inverse}) {
    bob.state = before;
    ASSERT_EQ(hear(bob, alice, other), "pay five");  // nothing in the protocol forbids it once
    auto again = decrypt(bob.state, alice.address(), first, rng);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::Duplicate);
    bob.state = before;
    ASSERT_EQ(hear(bob, alice, first), "pay five");
    again = decrypt(bob.state, alice.address(), other, rng);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::Duplicate);
  }
}

TEST_F(Ratchet, ABundleWithoutOneTimeKeyWorks) {
  ASSERT_TRUE(start(alice.state, bob.address(), bob.bundle(99), rng));
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "hi")), "hi");
}

TEST_F(Ratchet, AForgedBundleIsRefused) {
  BundleKeys forged = bob.bundle();
  forged.signed_prekey_signature[5] ^= std::byte{1};
  EXPECT_EQ(start(alice.state, bob.address(), forged, rng).error().code, ErrorCode::Unauthentic);
  forged = bob.bundle();
  forged.identity = signal_key(alice.state.own.open);
  EXPECT_EQ(start(alice.state, bob.address(), forged, rng).error().code, ErrorCode::Unauthentic);
  EXPECT_TRUE(alice.state.sessions.empty());
}

TEST_F(Ratchet, AnotherIdentityUnderAKnownNameIsRefused) {
  meet();
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "it is me")), "it is me");
  Person impostor("alice", rng);
  ASSERT_TRUE(start(impostor.state, bob.address(), bob.bundle(), rng));
  EXPECT_EQ(decrypt(bob.state, alice.address(), say(impostor, bob, "me too"), rng).error().code, ErrorCode::Unauthentic);
}

TEST_F(Ratchet, ASessionTellsItsBaseKeyAndWhetherItWasAnswered) {
  EXPECT_FALSE(session_facts(alice.state, bob.address())->has_value());
  meet();
  const auto begun = session_facts(alice.state, bob.address()).value();
  ASSERT_TRUE(begun);
  EXPECT_FALSE(begun->is_answered);
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "hello")), "hello");
  const auto met = session_facts(bob.state, alice.address()).value();
  ASSERT_TRUE(met);
  EXPECT_TRUE(met->is_answered);
  EXPECT_EQ(met->base_key, begun->base_key);
  ASSERT_EQ(hear(alice, bob, say(bob, alice, "hello")), "hello");
  EXPECT_TRUE((*session_facts(alice.state, bob.address()))->is_answered);
  meet();  // a new session is another one
  EXPECT_NE((*session_facts(alice.state, bob.address()))->base_key, begun->base_key);
  for (const Bytes& broken : {Bytes{}, Bytes(7, std::byte{0xff})}) {
    alice.state.sessions[bob.address()] = crypto::SecretBytes(broken);
    EXPECT_FALSE(session_facts(alice.state, bob.address()));
  }
}

TEST_F(Ratchet, BothMayBeginAtOnce) {
  meet();
  ASSERT_TRUE(start(bob.state, alice.address(), alice.bundle(), rng));
  const auto a = say(alice, bob, "a"), b = say(bob, alice, "b");
  EXPECT_EQ(hear(bob, alice, a), "a");
  EXPECT_EQ(hear(alice, bob, b), "b");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(hear(bob, alice, say(alice, bob, "x")), "x");
    EXPECT_EQ(hear(alice, bob, say(bob, alice, "y")), "y");
  }
  const auto one = session_facts(alice.state, bob.address()).value(), other = session_facts(bob.state, alice.address()).value();
  EXPECT_EQ(one->base_key, other->base_key);  // both ended in the same session
  EXPECT_TRUE(one->is_answered && other->is_answered);
}

/// Everything that a refused message must leave alone.
auto all_of(const MemoryState& state) {
  std::map<Address, Bytes> sessions;
  for (const auto& [who, record] : state.sessions) sessions.emplace(who, to_bytes(record.bytes()));
  return std::tuple(sessions, state.pinned, state.base_keys, state.prekeys.size(), state.signed_prekeys.size());
}

TEST_F(Ratchet, AnyOrderWithLossRepetitionAndDamageOpensEachMessageOnce) {  // reliability.md R6, R7
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    SeededRng dice(seed);
    Person a("a", dice), b("b", dice);
    ASSERT_TRUE(start(a.state, b.address(), b.bundle(dice.below(3)), dice));
    struct Flight {
      bool to_b;
      std::string text;
      Ciphertext message;
      bool is_opened = false;
    };
    std::vector<Flight> flights;
    for (int step = 0; step < 150; ++step) {
      const bool from_a = dice.below(2) == 0;
      Person &from = from_a ? a : b, &to = from_a ? b : a;
      if (dice.below(2) == 0 && has_session(from.state, to.address()).value()) {
        const std::string text = std::to_string(step);
        flights.push_back({from_a, text, encrypt(from.state, to.address(), bytes_of(text), dice).value()});
      }
      if (flights.empty()) continue;
      Flight& flight = flights[dice.below(flights.size())];
      Person &hearer = flight.to_b ? b : a, &speaker = flight.to_b ? a : b;
      Ciphertext message = flight.message;
      const bool is_damaged = dice.below(4) == 0;
      if (is_damaged) message.body.back() ^= std::byte{1};
      const auto before = all_of(hearer.state);
      const auto plain = decrypt(hearer.state, speaker.address(), message, dice);
      if (plain) {
        EXPECT_FALSE(flight.is_opened);
        EXPECT_EQ(text_of(plain->bytes()), flight.text);
        flight.is_opened = true;
      } else {
        EXPECT_TRUE(is_damaged || flight.is_opened) << plain.error().message;
        EXPECT_EQ(all_of(hearer.state), before);
      }
    }
  }
}

TEST_F(Ratchet, MoreThan2000SkippedMessagesAreRefused) {
  meet();
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "0")), "0");
  Ciphertext last;
  for (int i = 0; i < 2002; ++i) last = say(alice, bob, "x");
  EXPECT_FALSE(decrypt(bob.state, alice.address(), last, rng));
}

TEST_F(Ratchet, WhatCannotBeSaidIsRefused) {
  EXPECT_EQ(encrypt(alice.state, bob.address(), bytes_of("x"), rng).error().code, ErrorCode::NotFound);
  meet();
  EXPECT_EQ(encrypt(alice.state, bob.address(), Bytes(kMaxMessage + 1), rng).error().code, ErrorCode::Refused);
  EXPECT_FALSE(decrypt(bob.state, alice.address(), {MessageType::Message, {}}, rng));
  EXPECT_FALSE(decrypt(bob.state, alice.address(), {MessageType::Prekey, Bytes(200, std::byte{0x33})}, rng));
}

TEST_F(Ratchet, TheSameDiceGiveTheSameBytes) {
  const auto run = [] {
    SeededRng dice(7);
    Person a("a", dice), b("b", dice);
    EXPECT_TRUE(start(a.state, b.address(), b.bundle(), dice));
    return encrypt(a.state, b.address(), bytes_of("same"), dice)->body;
  };
  EXPECT_EQ(run(), run());
}

TEST_F(Ratchet, SafetyNumberIsThatOfTheVector) {  // client.md 10.7
  const auto id = [](const char* seed) { return crypto::identity_of(from_hex(seed).value(), crypto::Era::A); };
  const auto a = id("000102030405060708090a0b0c0d0e0f"), b = id("be1d11154ff9b6de77873f0b6b0bcc46");
  const auto number = safety_number(a.id.hex(), signal_key(a.x25519.open), b.id.hex(), signal_key(b.x25519.open), rng);
  EXPECT_EQ(number.value(), "031667061590649549818058306425261181994785914679065572337542");
  EXPECT_EQ(safety_number(b.id.hex(), signal_key(b.x25519.open), a.id.hex(), signal_key(a.x25519.open), rng), number);
}

}  // namespace
}  // namespace session::signal
