#include "core/onion/layer.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/encoding.h"
#include "core/crypto/cipher.h"
#include "core/crypto/hash.h"

namespace session::onion {
namespace {

/// Always the same byte.
class ConstantRng final : public Rng {
 public:
  explicit ConstantRng(std::uint8_t byte) : byte_(byte) {}
  std::uint64_t next() override { return 0x0101010101010101u * byte_; }

 private:
  std::uint8_t byte_;
};

const crypto::X25519Pair kClient = crypto::x25519_pair(
    crypto::X25519Secret(from_hex("7d446468c186d6fb3c83365ab77a37b1f9fa3e59eb9788a40ae2e9560f196f30").value()));
const crypto::X25519Pair kServer = crypto::x25519_pair(
    crypto::X25519Secret(from_hex("f512f68e81a932aa2ff6d8723baa260a43a6f789d61c91b71f73e4f284e3600a").value()));

struct Node {
  Hop hop;
  crypto::X25519Pair pair;
};
std::vector<Node> nodes(std::size_t count, Rng& rng) {
  std::vector<Node> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto keys = crypto::ed25519_pair(rng);
    const auto pair = crypto::x25519_of(keys);
    out.push_back({{crypto::node_of(keys.open), pair.open}, pair});
  }
  return out;
}
std::vector<Hop> hops(const std::vector<Node>& list) {
  std::vector<Hop> out;
  for (const Node& node : list) out.push_back(node.hop);
  return out;
}

TEST(Layer, KeysAreThoseOfTheVectors) {  // service-node.md 6.0
  const auto gcm = layer_key(EncType::AesGcm, kClient.secret, kServer.open, kClient.open, kServer.open);
  EXPECT_EQ(to_hex(gcm->bytes()), "3bb5fc9d718d88fa673d69829e737b97b4a0e4be2915fc7ef8a5f5d0776c1e6f");
  const auto xchacha = layer_key(EncType::XChaCha20, kServer.secret, kClient.open, kClient.open, kServer.open);
  EXPECT_EQ(to_hex(xchacha->bytes()), "489bc44da3522e9acd6fb1b4c6cbf42d1d2739de64466dfafa819a9f8c21c403");
}

TEST(Layer, FramingIsThatOfTheVector) {  // service-node.md 6.3
  const std::string body = R"({"method":"info","params":{}})";
  const Bytes plain = frame(bytes_of(body), R"({"headers":""})");
  ASSERT_EQ(plain.size(), 47u);
  EXPECT_EQ(to_hex(BytesView(plain).first(4)), "1d000000");
  const auto key = layer_key(EncType::AesGcm, kClient.secret, kServer.open, kClient.open, kServer.open).value();
  const Bytes layer = crypto::gcm_seal(key, to_array<12>(from_hex("000102030405060708090a0b").value()), plain);
  EXPECT_EQ(
      to_hex(layer),
      "000102030405060708090a0b7f3334bdf04bbdf44b027e787c04ee2e5d40a549dfe72f94613a741a8a08770e0971e3fee6975daa617b443800dd0b"
      "c805caba05b986ae1966317e57c162c7");
  const Bytes whole = frame(layer, R"({"ephemeral_key":")" + kClient.open.hex() + R"("})");
  ASSERT_EQ(whole.size(), 163u);
  EXPECT_EQ(to_hex(crypto::sha256({whole})), "9d2b861147c0ca38bf6eb3cd814ae2bc97fde14818f1228f2fb4729456400540");

  const auto outer = parse_outer(whole);
  ASSERT_TRUE(outer);
  const auto peeled = peel(*outer, kServer);
  ASSERT_TRUE(peeled);
  const auto& final = std::get<Final>(peeled->inside);
  EXPECT_EQ(text_of(final.rpc), body);
  ConstantRng ones(0xff);
  EXPECT_EQ(text_of(seal_reply(peeled->reply_key, peeled->enc, 200, bytes_of("{}"), final, ones)),
            "////////////////CUmPZ/SyAWmIHuijR9UmR+JZhMlwvoWxehIPOKABsXg7TdrTTBx2mMGQ");
}

TEST(Layer, EveryHopTakesOffOneLayerAndTheLastReadsTheRequest) {
  SeededRng rng(1);
  for (std::size_t count = 1; count <= 4; ++count) {
    for (const EncType enc : {EncType::XChaCha20, EncType::AesGcm}) {
      const auto path = nodes(count, rng);
      Bytes rpc(rng.below(3000));
      for (auto& byte : rpc) byte = static_cast<std::byte>('a' + rng.below(26));
      const auto wrapped = wrap(hops(path), rpc, enc, rng);
      ASSERT_TRUE(wrapped);
      Bytes body = wrapped->body;
      for (std::size_t i = 0; i < count; ++i) {
        const auto outer = parse_outer(body);
        ASSERT_TRUE(outer) << outer.error().text;
        for (std::size_t other = 0; other < count; ++other) {
          if (other != i) {
            EXPECT_FALSE(peel(*outer, path[other].pair));
          }
        }
        const auto peeled = peel(*outer, path[i].pair);
        ASSERT_TRUE(peeled) << peeled.error().text;
        if (i + 1 < count) {
          const auto& inner = std::get<Inner>(peeled->inside);
          EXPECT_EQ(inner.next, path[i + 1].hop.id);
          body = inner.body;
          continue;
        }
        const auto& final = std::get<Final>(peeled->inside);
        EXPECT_EQ(final.rpc, rpc);
        EXPECT_TRUE(final.pad);
        const Bytes sealed = seal_reply(peeled->reply_key, peeled->enc, 421, bytes_of("body \"quoted\""), final, rng);
        const auto reply = open_reply(wrapped->keys, enc, sealed);
        ASSERT_TRUE(reply);
        // And out of the seals of all relays, and of some.
        for (unsigned sealing = 0; sealing < 1U << (count - 1); ++sealing) {
          Bytes passed = sealed;
          for (std::size_t relay = count - 1; relay-- > 0;)
            if ((sealing >> relay & 1U) != 0)
              passed = seal_passed(wrapped->keys[relay], enc, 200, passed, static_cast<unsigned>(count - 1 - relay), rng);
          EXPECT_EQ(open_reply(wrapped->keys, enc, passed)->body, reply->body) << sealing;
          passed[passed.size() / 2] ^= std::byte{1};
          EXPECT_FALSE(open_reply(wrapped->keys, enc, passed)) << sealing;
        }
        EXPECT_EQ(reply->status, 421);
        EXPECT_EQ(text_of(reply->body), "body \"quoted\"");
        const Final plain{.base64 = false};
        const auto text = open_layer(enc, wrapped->keys.back(),
                                     seal_reply(peeled->reply_key, peeled->enc, 200, bytes_of("{\"a\":1}\n"), plain, rng));
        ASSERT_TRUE(text);
        EXPECT_EQ(text_of(*text), R"({"body":"{\"a\":1}\n","status":200})");
      }
    }
  }
}

TEST(Layer, AChangedByteIsRefusedAndNeverMisread) {
  SeededRng rng(2);
  const auto path = nodes(2, rng);
  const auto wrapped = wrap(hops(path), bytes_of("{}"), EncType::XChaCha20, rng).value();
  const auto whole = peel(*parse_outer(wrapped.body), path[0].pair).value();
  for (std::size_t i = 0; i < wrapped.body.size(); ++i) {
    Bytes bad = wrapped.body;
    bad[i] ^= std::byte{1};
    const auto outer = parse_outer(bad);
    if (!outer) continue;
    const auto peeled = peel(*outer, path[0].pair);
    if (!peeled) continue;
    // Only the number of the hop lies outside what is authenticated, and it is no secret.
    EXPECT_EQ(std::get<Inner>(peeled->inside).next, std::get<Inner>(whole.inside).next);
  }
}

TEST(Layer, NoKeyAndNoNonceOccursTwice) {  // reliability.md O2
  SeededRng rng(3);
  const auto path = nodes(4, rng);
  std::set<Bytes> seen;
  for (int i = 0; i < 50; ++i) {
    Bytes body = wrap(hops(path), bytes_of("{}"), EncType::XChaCha20, rng)->body;
    for (std::size_t hop = 0; hop < 4; ++hop) {
      const auto outer = parse_outer(body).value();
      EXPECT_TRUE(seen.insert(to_bytes(outer.ephemeral.bytes)).second);
      EXPECT_TRUE(seen.insert(Bytes(outer.ciphertext.begin(), outer.ciphertext.begin() + 24)).second);
      const auto peeled = peel(outer, path[hop].pair).value();
      if (const auto* inner = std::get_if<Inner>(&peeled.inside)) body = inner->body;
    }
  }
}

TEST(Layer, SizeAtAHopDependsOnClassAndHopAlone) {  // reliability.md O3
  SeededRng rng(4);
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> size_of;
  for (int i = 0; i < 300; ++i) {
    const auto path = nodes(4, rng);
    const Bytes rpc(rng.below(9000), std::byte{'r'});
    const std::size_t padded = padding_class(frame(rpc, R"({"headers":{},"pad":1})").size());
    Bytes body = wrap(hops(path), rpc, EncType::XChaCha20, rng)->body;
    for (std::size_t hop = 0; hop < 4; ++hop) {
      const auto [known, fresh] = size_of.emplace(std::pair{padded, hop}, body.size());
      EXPECT_EQ(known->second, body.size()) << "class " << padded << " hop " << hop;
      const auto peeled = peel(*parse_outer(body), path[hop].pair).value();
      if (const auto* inner = std::get_if<Inner>(&peeled.inside)) {
        body = inner->body;
      } else {
        const Bytes answer(rng.below(padded / 3), std::byte{'a'});
        const auto reply = seal_reply(peeled.reply_key, peeled.enc, 200, answer, std::get<Final>(peeled.inside), rng);
        const std::size_t answer_class = padding_class(answer.size() + 24);
        const auto [same, first] = size_of.emplace(std::pair{answer_class, 99}, reply.size());
        EXPECT_EQ(same->second, reply.size());
      }
    }
  }
}

TEST(Layer, WhatARelayPassesBackTellsNoMoreThanAClass) {  // reliability.md O3
  SeededRng rng(9);
  for (const EncType enc : {EncType::XChaCha20, EncType::AesGcm}) {
    const auto wrapped = wrap(hops(nodes(4, rng)), bytes_of("{}"), enc, rng).value();
    const auto answer = [&](std::size_t size) {
      return seal_reply(wrapped.keys[3], enc, 200, Bytes(size, std::byte{'a'}), {{}, true, false, true}, rng);
    };
    // Back over the relays from `first` on, the guard being 0.
    const auto pass = [&](std::size_t first, std::uint16_t status, Bytes body) {
      for (std::size_t relay = first + 1; relay-- > 0; status = 200)
        body = seal_passed(wrapped.keys[relay], enc, status, body, static_cast<unsigned>(3 - relay), rng);
      return body;
    };
    const std::size_t small = pass(2, 200, answer(1)).size(), next = pass(2, 200, answer(1000)).size();
    EXPECT_LT(small, next);
    EXPECT_EQ(pass(2, 200, answer(400)).size(), small);
    for (std::size_t relay = 0; relay < 3; ++relay) {
      for (const std::size_t size : {0u, 1u, 81u, 700u}) {
        const Bytes came = pass(relay, 502, Bytes(size, std::byte{'r'}));
        EXPECT_EQ(came.size(), small) << relay << ' ' << size;
        const auto reply = open_reply(wrapped.keys, enc, came);
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->status, 502);
        EXPECT_EQ(reply->body, Bytes(size, std::byte{'r'}));
        EXPECT_EQ(reply->refused_behind, relay);
      }
    }
    EXPECT_EQ(pass(2, 200, Bytes(small - 1, std::byte{'x'})).size(), next) << "a mark by size is lost in the class";
    const std::size_t huge = 12'000'000;
    EXPECT_GT(pass(2, 200, Bytes(huge)).size(), huge);
  }
}

TEST(Layer, AHostileRelaysSealIsRefusedWhatever) {
  SeededRng rng(10);
  const auto wrapped = wrap(hops(nodes(4, rng)), bytes_of("{}"), EncType::XChaCha20, rng).value();
  for (const Bytes& inside : {Bytes{}, Bytes(5), concat(little(std::uint16_t{200}), little(std::uint32_t{1})),
                              concat(little(std::uint16_t{200}), little(~std::uint32_t{0}), Bytes(100)), Bytes(6)}) {
    const auto reply =
        open_reply(wrapped.keys, EncType::XChaCha20, seal_layer(EncType::XChaCha20, wrapped.keys[0], inside, rng));
    // Status 0 and nothing else is a refusal, if a strange one.
    EXPECT_EQ(reply.has_value(), inside == Bytes(6)) << to_hex(inside);
  }
}

TEST(Layer, AsksForSealsWithinTheLongestPath) {
  SeededRng rng(11);
  const auto key = layer_key(EncType::XChaCha20, kServer.secret, kClient.open, kClient.open, kServer.open).value();
  const auto seal_of = [&](const std::string& seal) -> std::optional<unsigned> {
    const std::string json = R"({"destination":")" + std::string(64, 'a') + R"(","ephemeral_key":")" + kClient.open.hex() +
                             '"' + (seal.empty() ? "" : R"(,"seal":)" + seal) + '}';
    const auto peeled = peel(
        {kClient.open, EncType::XChaCha20, 0, seal_layer(EncType::XChaCha20, key, frame(bytes_of("x"), json), rng)}, kServer);
    return peeled ? std::optional(std::get<Inner>(peeled->inside).seal) : std::nullopt;
  };
  EXPECT_EQ(seal_of(""), 0u);
  EXPECT_EQ(seal_of("1"), 1u);
  EXPECT_EQ(seal_of("15"), 15u);
  for (const char* bad : {"0", "16", "-1", "1.5", "4294967297"}) EXPECT_FALSE(seal_of(bad)) << bad;
}

TEST(Layer, TheFirstHopNumberIsRandomAndGrows) {  // profile.md 10.3
  SeededRng rng(5);
  const auto path = nodes(2, rng);
  std::set<unsigned> seen;
  for (int i = 0; i < 300; ++i) {
    const auto wrapped = wrap(hops(path), bytes_of("{}"), EncType::XChaCha20, rng).value();
    const auto outer = parse_outer(wrapped.body).value();
    seen.insert(outer.hop_no);
    const auto peeled = peel(outer, path[0].pair).value();
    EXPECT_EQ(parse_outer(std::get<Inner>(peeled.inside).body)->hop_no, outer.hop_no + 1);
  }
  EXPECT_EQ(seen.size(), 12u);
  EXPECT_EQ(*seen.rbegin(), 11u);
}

TEST(Layer, HostileFramesAreRefused) {
  SeededRng rng(6);
  const std::string key = kClient.open.hex();
  const auto text_of_error = [](BytesView body) { return parse_outer(body).error().text; };
  EXPECT_NE(text_of_error({}).find("frame"), std::string::npos);
  EXPECT_NE(text_of_error(from_hex("ffffffff7b7d").value()).find("beyond"), std::string::npos);
  EXPECT_NE(text_of_error(frame({}, "{")).find("Error parsing"), std::string::npos);
  EXPECT_NE(text_of_error(frame({}, "{}")).find("ephemeral_key"), std::string::npos);
  EXPECT_NE(text_of_error(frame({}, R"({"ephemeral_key":"00"})")).find("ephemeral_key"), std::string::npos);
  EXPECT_NE(text_of_error(frame({}, R"({"ephemeral_key":")" + key + R"(","enc_type":"rot13"})")).find("enc_type"),
            std::string::npos);
  EXPECT_EQ(text_of_error(frame({}, R"({"ephemeral_key":")" + key + R"(","hop_no":16})")),
            "onion request max path length exceeded");
  EXPECT_NE(text_of_error(frame({}, std::string(5000, '['))).find("JSON"), std::string::npos);
  for (int i = 0; i < 20'000; ++i) {
    Bytes junk(rng.below(120));
    rng.fill(junk);
    static_cast<void>(parse_outer(junk));
  }
}

TEST(Layer, WhatIsWrongInsideGoesBackSealed) {  // service-node.md 6.4: "wrapped"
  SeededRng rng(7);
  const auto key = layer_key(EncType::XChaCha20, kServer.secret, kClient.open, kClient.open, kServer.open).value();
  const auto error_of = [&](BytesView plain) {
    const auto peeled = peel({kClient.open, EncType::XChaCha20, 0, seal_layer(EncType::XChaCha20, key, plain, rng)}, kServer);
    EXPECT_FALSE(peeled);
    return peeled.error();
  };
  for (const Bytes& plain : {Bytes{}, frame({}, "nonsense"), frame({}, "{}"), frame({}, R"({"destination":"00"})")}) {
    const LayerError error = error_of(plain);
    EXPECT_EQ(error.status, 400);
    ASSERT_TRUE(error.reply_key);
  }
  EXPECT_EQ(error_of(frame({}, R"({"host":"example.org","target":"/x"})")).text, "Invalid url");
  EXPECT_FALSE(peel({kClient.open, EncType::XChaCha20, 0, Bytes(60)}, kServer).error().reply_key);
}

TEST(Layer, WhateverTheHeadersAreTheHopIsTheLast) {  // service-node.md 6.3: its value is irrelevant
  SeededRng rng(8);
  const auto key = layer_key(EncType::XChaCha20, kServer.secret, kClient.open, kClient.open, kServer.open).value();
  for (const char* headers : {"null", "\"\"", "{}", "[]", "0"}) {
    const Bytes plain = frame(bytes_of("rpc"), std::string(R"({"headers":)") + headers + "}");
    const auto peeled = peel({kClient.open, EncType::XChaCha20, 0, seal_layer(EncType::XChaCha20, key, plain, rng)}, kServer);
    ASSERT_TRUE(peeled) << headers;
    EXPECT_TRUE(std::holds_alternative<Final>(peeled->inside)) << headers;
  }
}

TEST(Layer, AnExitMustPassTheFilter) {  // service-node.md 6.3
  SeededRng rng(7);
  const auto key = layer_key(EncType::XChaCha20, kServer.secret, kClient.open, kClient.open, kServer.open).value();
  const auto peeled = [&](std::string_view json) {
    return peel(
        {kClient.open, EncType::XChaCha20, 0, seal_layer(EncType::XChaCha20, key, frame(bytes_of("sealed"), json), rng)},
        kServer);
  };
  constexpr std::string_view kFull =
      R"({"host":"files.example.org","target":"/loki/v3/lsrpc","method":"POST","port":8080,"protocol":"http"})";
  const auto full = peeled(kFull);
  ASSERT_TRUE(full);
  const auto& exit = std::get<Exit>(full->inside);
  EXPECT_EQ(exit.host, "files.example.org");
  EXPECT_EQ(exit.target, "/loki/v3/lsrpc");
  EXPECT_EQ(exit.port, 8080);
  EXPECT_FALSE(exit.tls);
  EXPECT_EQ(exit.body, frame(bytes_of("sealed"), kFull));
  const auto plain = peeled(R"({"host":"example.org","target":"/oxen/v4/lsrpc"})");
  ASSERT_TRUE(plain);
  EXPECT_EQ(std::get<Exit>(plain->inside).port, 443);
  EXPECT_TRUE(std::get<Exit>(plain->inside).tls);
  for (const std::string_view bad :
       {R"({"host":"example.org"})", R"({"host":"example.org","target":1})", R"({"host":1,"target":"/loki/v3/lsrpc"})",
        R"({"host":"","target":"/loki/v3/lsrpc"})", R"({"host":"a b","target":"/loki/v3/lsrpc"})",
        R"({"host":"a\r\nX: y","target":"/loki/v3/lsrpc"})", R"({"host":"u@example.org","target":"/loki/v3/lsrpc"})",
        R"({"host":"-a","target":"/loki/v3/lsrpc"})", R"({"host":"example.org","target":"/loki/v3/lsrpc?x"})",
        R"({"host":"example.org","target":"/loki/lsrpc?/lsrpc"})", R"({"host":"example.org","target":"/other/lsrpc"})",
        R"({"host":"example.org","target":"/loki/v3/files"})", R"({"host":"example.org","target":"/loki/ HTTP/1.1/lsrpc"})",
        R"({"host":"example.org","target":"/loki/\r\n/lsrpc"})", R"({"host":"example.org","target":"/loki/v3/lsrpc","port":0})",
        R"({"host":"example.org","target":"/loki/v3/lsrpc","port":65536})",
        R"({"host":"example.org","target":"/loki/v3/lsrpc","protocol":"ftp"})",
        R"({"host":"example.org","target":"/loki/v3/lsrpc","method":"GET"})"}) {
    const auto refused = peeled(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().text, "Invalid url") << bad;
    EXPECT_TRUE(refused.error().reply_key) << bad;
  }
}

TEST(Layer, TooManyHopsAndNoneAreRefused) {
  SeededRng rng(8);
  EXPECT_FALSE(wrap({}, bytes_of("{}"), EncType::XChaCha20, rng));
  const auto many = nodes(8, rng);
  EXPECT_FALSE(wrap(hops(many), bytes_of("{}"), EncType::XChaCha20, rng));
}

}  // namespace
}  // namespace session::onion
