#include "core/wire/peer_test.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/wire/json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;

constexpr json::Limits kLimits{.bytes = 4096, .values = 16};
constexpr std::size_t kMaxHash = 128;
constexpr std::uint64_t kMaxRange = 256;

std::uint64_t number_at(const ByteArray<32>& bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
  return number;
}

}  // namespace

Bytes ping_json() { return to_bytes("{}"); }
Bytes ping_answer_json(const NodeId& self) { return to_bytes(json::dump(Json{{"pubkey_ed25519", self.hex()}})); }

Result<NodeId> parse_ping_answer(BytesView text) {
  return json::guarded([&] {
    const json::Document whole = json::parse(text, kLimits);
    return NodeId{Fields(whole, "answer").hex<32>("pubkey_ed25519")};
  });
}

Bytes to_json(const StorageChallenge& challenge) {
  return to_bytes(json::dump(Json{{"hash", challenge.hash.text}, {"challenge", to_base64(challenge.nonce)}}));
}

Result<StorageChallenge> parse_storage_challenge(BytesView text) {
  return json::guarded([&] {
    const json::Document whole = json::parse(text, kLimits);
    const Fields fields(whole, "request");
    const auto hash = MessageHash::parse(fields.text("hash", kMaxHash));
    if (!hash) json::reject("hash", hash.error().message);
    return StorageChallenge{*hash, fields.base64<16>("challenge")};
  });
}

ByteArray<32> storage_proof(const StorageChallenge& challenge, BytesView data) {
  const auto dice = crypto::blake2b_256({bytes_of("range"), challenge.nonce, bytes_of(challenge.hash.text)});
  BytesView range;
  if (!data.empty()) {
    const auto from = static_cast<std::size_t>(number_at(dice, 0) % data.size());
    const std::uint64_t most = std::min<std::uint64_t>(kMaxRange, data.size() - from);
    range = data.subspan(from, static_cast<std::size_t>(1 + number_at(dice, 8) % most));
  }
  return crypto::blake2b_256({challenge.nonce, bytes_of(challenge.hash.text), range});
}

Bytes storage_answer_json(const ByteArray<32>& proof) { return to_bytes(json::dump(Json{{"proof", to_base64(proof)}})); }

Result<ByteArray<32>> parse_storage_answer(BytesView text) {
  return json::guarded([&] {
    const json::Document whole = json::parse(text, kLimits);
    return Fields(whole, "answer").base64<32>("proof");
  });
}

}  // namespace session::wire
