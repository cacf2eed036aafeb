// Cryptography without its arithmetic, for simulations of many: sizes, draws, refusals and what opens with what are the real
// ones; secrecy is not. Whoever reads this source can forge and open everything. Only sim links it.
#pragma once

#include <span>

#include "core/crypto/suite.h"

namespace session::modelled {

/// Puts modelled cryptography in force on this thread while it lives, when it is wanted.
class Scope {
 public:
  explicit Scope(bool wanted);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

 private:
  const crypto::Suite* before_;
};

/// The points that X25519 agrees on nothing with, the top bit aside: libsodium's list.
[[nodiscard]] std::span<const crypto::X25519Public> points_of_small_order();

/// The nonce of a stamp whose trial gives `value`.
[[nodiscard]] ByteArray<8> nonce_for(const ByteArray<64>& inner, std::uint64_t value);

}  // namespace session::modelled
