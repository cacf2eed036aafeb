// Proof of work: what a stamp is, what it costs, and whether one is good. Source: service-node.md 4.1, profile.md 1.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace session::pow {

/// 8 bytes, counted from 0 as a big-endian number.
using Nonce = ByteArray<8>;

/// What is searched: SHA-512(nonce ‖ inner) whose first 8 bytes, read big-endian, are strictly below the target.
struct Puzzle {
  ByteArray<64> inner{};     ///< SHA-512 of the payload
  std::uint64_t target = 0;  ///< 0 can never be met
  friend bool operator==(const Puzzle&, const Puzzle&) = default;
};

/// The exact texts that a stamp covers, as they stand in the request.
struct Payload {
  std::string timestamp;  ///< decimal, Unix milliseconds
  std::string ttl;        ///< decimal, milliseconds
  std::string account;    ///< 66 hex digits
  std::string data;       ///< base64
  [[nodiscard]] std::size_t size() const { return timestamp.size() + ttl.size() + account.size() + data.size(); }
};

/// Expected number of trials: difficulty · (T + ⌊⌊ttl/1000⌋·T / 65535⌋) with T = payload bytes + 8. Errors: Malformed when a
/// product leaves 64 bits or the difficulty is 0.
[[nodiscard]] Result<std::uint64_t> expected_trials(std::size_t payload_size, Millis ttl, std::uint64_t difficulty);
/// ⌊(2^64 − 1) / expected trials⌋. Errors: as above.
[[nodiscard]] Result<std::uint64_t> target_for(std::size_t payload_size, Millis ttl, std::uint64_t difficulty);
/// Errors: Malformed when ttl is no plain decimal, or as above.
[[nodiscard]] Result<Puzzle> puzzle_for(const Payload& payload, std::uint64_t difficulty);

/// First 8 bytes of the digest for this nonce, as a number.
[[nodiscard]] std::uint64_t trial(const Puzzle& puzzle, const Nonce& nonce);
/// The whole digest SHA-512(nonce ‖ inner); the message id of 2020.
[[nodiscard]] ByteArray<64> digest(const Puzzle& puzzle, const Nonce& nonce);
[[nodiscard]] bool is_met(const Puzzle& puzzle, const Nonce& nonce);

}  // namespace session::pow
