// Prekey bundles and the list of an account's devices, as they lie in its public outbox. Both are signed by the account. How
// old they may be is the client's rule. Source: profile.md 7.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace session::wire {

inline constexpr std::uint32_t kMaxSlots = 8;
inline constexpr std::size_t kMaxOneTimeKeys = 100;
/// The list of slots lies here.
inline constexpr Namespace kSlotListNamespace = -1;
/// The bundle of device slot 0 … 7.
[[nodiscard]] constexpr Namespace bundle_namespace(std::uint32_t slot) {
  return static_cast<Namespace>(-(21 + 20 * static_cast<std::int32_t>(slot)));
}

/// 05 ‖ X25519 public key, as libsignal writes it.
using SignalKey = ByteArray<33>;

struct OneTimeKey {
  std::uint32_t id = 0;  ///< never 0
  SignalKey key{};
  friend bool operator==(const OneTimeKey&, const OneTimeKey&) = default;
};
struct PrekeyBundle {
  SessionId account;
  std::uint32_t slot = 0;  ///< below kMaxSlots
  std::uint32_t device_id = 0;
  std::uint32_t registration_id = 0;
  std::int64_t date_ms = 0;
  std::uint32_t signed_prekey_id = 0;
  SignalKey signed_prekey{};
  ByteArray<64> signed_prekey_signature{};  ///< libsignal's, over the 33 bytes, by the identity key; checked when it is used
  std::vector<OneTimeKey> one_time_keys;    ///< 1 to kMaxOneTimeKeys, distinct ids
  friend bool operator==(const PrekeyBundle&, const PrekeyBundle&) = default;
};
struct DeviceSlot {
  std::uint32_t slot = 0;
  std::uint32_t device_id = 0;
  friend bool operator==(const DeviceSlot&, const DeviceSlot&) = default;
};
struct SlotList {
  SessionId account;
  std::int64_t date_ms = 0;
  std::vector<DeviceSlot> slots;  ///< at most kMaxSlots, distinct
  friend bool operator==(const SlotList&, const SlotList&) = default;
};

/// SignedBundle{bytes, signature, signer}: the signature covers "bundle" ‖ bytes ("slots" ‖ bytes for a list).
[[nodiscard]] Bytes encode_signed(const PrekeyBundle& bundle, const crypto::Ed25519Pair& signer);
[[nodiscard]] Bytes encode_signed(const SlotList& list, const crypto::Ed25519Pair& signer);
/// Errors: Malformed, naming the field; Unauthentic when the signature is wrong, the signer's key does not map to the account,
/// or the account is not `owner`.
[[nodiscard]] Result<PrekeyBundle> decode_signed_bundle(BytesView bytes, const SessionId& owner);
[[nodiscard]] Result<SlotList> decode_signed_slots(BytesView bytes, const SessionId& owner);

}  // namespace session::wire
