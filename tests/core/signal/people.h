// Somebody with keys, and the bundle that offers them: for the tests of this room.
#pragma once

#include <string>
#include <vector>

#include "core/signal/ratchet.h"

namespace session::signal {

inline const Instant kNow = Instant::from_unix_millis(1'580'000'000'000);

struct Person {
  std::string name;
  MemoryState state;
  MadeSignedPrekey signed_key;
  std::vector<wire::OneTimeKey> one_time;

  Person(std::string called, Rng& rng, int keys = 2) : name(std::move(called)) {
    state.own = crypto::x25519_pair(rng);
    state.registration = static_cast<std::uint32_t>(rng.between(1, 16380));
    signed_key = make_signed_prekey(state.own, 1, kNow, rng).value();
    state.signed_prekeys.emplace(1, signed_key.record);
    for (int i = 1; i <= keys; ++i) {
      auto made = make_prekey(static_cast<std::uint32_t>(i), rng).value();
      state.prekeys.emplace(made.open.id, made.record);
      one_time.push_back(made.open);
    }
  }
  [[nodiscard]] BundleKeys bundle(std::size_t key = 0) const {
    BundleKeys keys{state.registration, signal_key(state.own.open), signed_key.id, signed_key.open, signed_key.signature, {}};
    if (key < one_time.size()) keys.one_time = one_time[key];
    return keys;
  }
  [[nodiscard]] Address address() const { return {name, 1}; }
};

inline std::string text_of_plain(const Result<crypto::SecretBytes>& plain) {
  return plain ? std::string(text_of(plain->bytes())) : "error: " + plain.error().message;
}

}  // namespace session::signal
