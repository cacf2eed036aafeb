#include "core/wire/peer.h"

#include <charconv>

#include "core/crypto/hash.h"

namespace session::wire {

ByteArray<32> proof_digest(std::string_view method, std::string_view path, const NodeId& recipient, std::int64_t time_ms,
                           BytesView body) {
  const auto size = [](std::size_t bytes) { return little(static_cast<std::uint32_t>(bytes)); };
  const std::string to = recipient.hex();
  const std::string time = std::to_string(time_ms);
  Bytes head;
  head.reserve(192);
  for (const std::string_view part : {std::string_view("snode"), method, path, std::string_view(to), std::string_view(time)}) {
    append(head, size(part.size()));
    append(head, part);
  }
  append(head, size(body.size()));
  return crypto::blake2b_256({head, body});
}

PeerProof sign_peer(const crypto::Ed25519Pair& own, const NodeId& recipient, std::int64_t time_ms, Route route,
                    BytesView body) {
  const auto digest = proof_digest("POST", path_of(route), recipient, time_ms, body);
  return {crypto::node_of(own.open), time_ms, crypto::sign(own.secret, digest)};
}

std::optional<ByteArray<32>> verify_peer(const PeerProof& proof, const NodeId& recipient, Route route, BytesView body) {
  const auto digest = proof_digest("POST", path_of(route), recipient, proof.time_ms, body);
  if (!crypto::verify(crypto::key_of(proof.sender), digest, proof.signature)) return std::nullopt;
  return digest;
}

PeerHeaders to_headers(const PeerProof& proof) {
  return {proof.sender.hex(), std::to_string(proof.time_ms), to_base64(proof.signature)};
}

Result<PeerProof> from_headers(const PeerHeaders& headers) {
  PeerProof proof;
  const auto bad = [](const char* header, const std::string& why) {
    return fail(ErrorCode::Malformed, std::string(header) + ": " + why);
  };
  const auto sender = NodeId::parse(headers.sender);
  if (!sender) return bad(kSenderHeader, sender.error().message);
  proof.sender = *sender;
  const char* end = headers.time.data() + headers.time.size();
  const auto [at, problem] = std::from_chars(headers.time.data(), end, proof.time_ms);
  if (problem != std::errc{} || at != end || proof.time_ms < 0 || std::to_string(proof.time_ms) != headers.time)
    return bad(kTimeHeader, "no plain decimal");
  const auto signature =
      headers.signature.size() > 128 ? Result<Bytes>(fail(ErrorCode::Malformed, "too long")) : from_base64(headers.signature);
  if (!signature) return bad(kSignatureHeader, signature.error().message);
  if (signature->size() != 64) return bad(kSignatureHeader, "expected 64 bytes, got " + std::to_string(signature->size()));
  proof.signature = to_array<64>(*signature);
  return proof;
}

}  // namespace session::wire
