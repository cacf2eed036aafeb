// Onion requests: one layer for each relay and one for the destination. Wrapping is the client's, peeling a node's; the answer
// is sealed by the destination, with the key of its own layer, and again by each relay that is asked to, and so is a refusal.
// Source: service-node.md 6.0, 6.3, 6.4; profile.md 6, 10.3.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::onion {

/// How a layer is encrypted. XChaCha20-Poly1305 is ours; AES-GCM is what a layer has that does not say.
enum class EncType { AesGcm, XChaCha20 };
[[nodiscard]] const char* name_of(EncType type);

inline constexpr unsigned kMaxHops = 15;
inline constexpr std::size_t kMaxBody = 10 * 1024 * 1024;
inline constexpr std::size_t kMaxHeaderJson = 4096;

/// The size classes of padding: 512 B · 4ⁿ, up to 8 MiB. What is larger stays as it is.
[[nodiscard]] std::size_t padding_class(std::size_t size);

/// The key of a layer, the same for the request and its answer. `own` is the ephemeral side for a client and the node's side
/// for a node; the client's public key comes first in both. Errors: Malformed for a key of small order.
[[nodiscard]] Result<crypto::SymmetricKey> layer_key(EncType type, const crypto::X25519Secret& own,
                                                     const crypto::X25519Public& other, const crypto::X25519Public& client,
                                                     const crypto::X25519Public& node);
/// Nonce in front; the nonce is 12 or 24 bytes, drawn from `rng`.
[[nodiscard]] Bytes seal_layer(EncType type, const crypto::SymmetricKey& key, BytesView plain, Rng& rng);
[[nodiscard]] Result<Bytes> open_layer(EncType type, const crypto::SymmetricKey& key, BytesView sealed);

/// u32 little-endian length ‖ blob ‖ JSON.
[[nodiscard]] Bytes frame(BytesView blob, std::string_view json);
struct Frame {
  BytesView blob;
  std::string_view json;
};
/// Views into `bytes`. Errors: Malformed (shorter than 4 bytes, a length beyond the end).
[[nodiscard]] Result<Frame> parse_frame(BytesView bytes);

// --- the client's side
// ---------------------------------------------------------------------------------------------------------

struct Hop {
  NodeId id;
  crypto::X25519Public x25519;
};
struct Wrapped {
  Bytes body;                              ///< for the guard
  std::vector<crypto::SymmetricKey> keys;  ///< of the layers, the guard's first; the destination's last
  EncType enc = EncType::XChaCha20;
};
/// The request for hops.back() in as many layers as there are hops, the guard first. Every layer has its own ephemeral key; the
/// request is padded to its class, so that the size at a hop depends on class and hop alone; `hop_no` starts at a random 0–11.
/// Each relay is asked to seal what it passes back (`"seal":n` beside the destination, which is n hops away), so that no two of
/// them, nor the guard and the destination, know an answer by its bytes or its size. Nodes that do not know this pass it on as
/// it is. Errors: Malformed (no hop, too many, a key of small order), Refused (larger than 10 MiB wrapped).
[[nodiscard]] Result<Wrapped> wrap(std::span<const Hop> hops, BytesView rpc, EncType enc, Rng& rng);

struct Reply {
  std::uint16_t status = 0;
  Bytes body;
  std::optional<std::size_t> refused_behind = {};  ///< the relay (0: the guard) that says that it came no further, and why
};
/// What the destination answered, out of the seals of those relays that made one; or what a relay sealed instead, its own
/// refusal or that of the hop behind it. `keys` as in Wrapped. Errors: Malformed, Unauthentic.
[[nodiscard]] Result<Reply> open_reply(std::span<const crypto::SymmetricKey> keys, EncType enc, BytesView answer);
[[nodiscard]] inline Result<Reply> open_reply(const crypto::SymmetricKey& key, EncType enc, BytesView answer) {
  return open_reply(std::span(&key, 1), enc, answer);
}

// --- a node's side
// -------------------------------------------------------------------------------------------------------------

/// The body that a hop receives.
struct Outer {
  crypto::X25519Public ephemeral;
  EncType enc = EncType::AesGcm;
  unsigned hop_no = 0;
  Bytes ciphertext;
};
/// A refusal of a layer. With a key the reason goes back to the client, sealed (table 6.4: "wrapped"); without, to the hop
/// before.
struct LayerError {
  std::uint16_t status = 400;
  std::string text;
  std::optional<crypto::SymmetricKey> reply_key;
  EncType enc = EncType::AesGcm;
};
[[nodiscard]] std::expected<Outer, LayerError> parse_outer(BytesView body);

/// Inside is a layer for another node: `body` is ready to be sent to it.
struct Inner {
  NodeId next;
  Bytes body;
  unsigned seal = 0;  ///< hops to the destination, when what comes back is to be sealed before it is passed on; else 0
};
/// This node is the destination.
struct Final {
  Bytes rpc;
  bool base64 = true;  ///< the answer goes as base64 text
  bool json = false;   ///< the answer's body is embedded as JSON and not as a string
  bool pad = false;    ///< the answer is padded to its class
};
/// A server outside the network is the destination; `body` is the whole layer, as the server wants it. The target passed the
/// filter of service-node.md 6.3, the host is a name or an address.
struct Exit {
  std::string host, target;
  std::uint16_t port = 443;
  bool tls = true;
  Bytes body;
};
struct Peeled {
  crypto::SymmetricKey reply_key;
  EncType enc = EncType::AesGcm;
  std::variant<Inner, Final, Exit> inside;
};
[[nodiscard]] std::expected<Peeled, LayerError> peel(const Outer& outer, const crypto::X25519Pair& own);
/// What lies in the layer once it was opened with `key`.
[[nodiscard]] std::expected<Peeled, LayerError> read_opened(const Outer& outer, const crypto::SymmetricKey& key,
                                                            BytesView plain);

/// The destination's answer. `body` is text, or binary when `final.base64` is off
/// and the client can live with it.
[[nodiscard]] Bytes seal_reply(const crypto::SymmetricKey& key, EncType enc, std::uint16_t status, BytesView body,
                               const Final& final, Rng& rng);

/// What a relay passes back, `hops` away from the destination: status and body of what came, or of its own refusal, filled up
/// to the size that an answer of the next class has at this place, and sealed. So neither status nor size tell more than a
/// class.
[[nodiscard]] Bytes seal_passed(const crypto::SymmetricKey& key, EncType enc, std::uint16_t status, BytesView body,
                                unsigned hops, Rng& rng);
/// What each relay adds to an answer of a class, beside nonce and tag.
inline constexpr std::size_t kPassedHead = 2 + 4;  ///< status and size of the body, little-endian

}  // namespace session::onion
