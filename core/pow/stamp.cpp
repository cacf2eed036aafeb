#include "core/pow/stamp.h"

#include <charconv>

#include "core/base/mutant.h"
#include "core/crypto/hash.h"
#include "core/crypto/suite.h"

namespace session::pow {
namespace {

std::unexpected<Error> too_much() {
  return fail(ErrorCode::Malformed, "stamp: size, lifetime and difficulty together are beyond any possible work");
}

/// A plain decimal without leading zeros, at most 2^63 - 1.
Result<std::int64_t> decimal(std::string_view text, const char* field) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool canonical = !text.empty() && text[0] != '-' && (text.size() == 1 || text[0] != '0');
  if (error != std::errc{} || end != text.data() + text.size() || !canonical)
    return fail(ErrorCode::Malformed, std::string(field) + ": not a plain decimal number");
  return value;
}

}  // namespace

Result<std::uint64_t> expected_trials(std::size_t payload_size, Millis ttl, std::uint64_t difficulty) {
  if (difficulty == 0) return fail(ErrorCode::Malformed, "difficulty: 0; it starts at 1");
  if (ttl.count < 0) return fail(ErrorCode::Malformed, "ttl: negative");
  const std::uint64_t total = payload_size + sizeof(Nonce);
  const auto lifetime_s = static_cast<std::uint64_t>(ttl.count / 1000);
  std::uint64_t by_time = 0, sum = 0, trials = 0;
  if (__builtin_mul_overflow(lifetime_s, total, &by_time)) return too_much();
  if (__builtin_add_overflow(total, by_time / (mutant::is_on(Mutant::W1Divisor) ? 65536 : 65535), &sum)) return too_much();
  if (__builtin_mul_overflow(sum, difficulty, &trials)) return too_much();
  return trials;
}

Result<std::uint64_t> target_for(std::size_t payload_size, Millis ttl, std::uint64_t difficulty) {
  const auto trials = expected_trials(payload_size, ttl, difficulty);
  if (!trials) return fail(trials);
  return ~std::uint64_t{0} / *trials;
}

Result<Puzzle> puzzle_for(const Payload& payload, std::uint64_t difficulty) {
  const auto ttl = decimal(payload.ttl, "ttl");
  if (!ttl) return fail(ttl);
  const auto target = target_for(payload.size(), Millis{*ttl}, difficulty);
  if (!target) return fail(target);
  return Puzzle{
      crypto::sha512({bytes_of(payload.timestamp), bytes_of(mutant::is_on(Mutant::W1) ? std::string_view() : payload.ttl),
                      bytes_of(payload.account), bytes_of(payload.data)}),
      *target};
}

ByteArray<64> digest(const Puzzle& puzzle, const Nonce& nonce) { return crypto::sha512({nonce, puzzle.inner}); }

std::uint64_t trial(const Puzzle& puzzle, const Nonce& nonce) {
  if (const crypto::Suite* suite = crypto::Suite::current()) return suite->trial(puzzle.inner, nonce);
  return load_big<std::uint64_t>(digest(puzzle, nonce).data());
}

bool is_met(const Puzzle& puzzle, const Nonce& nonce) { return trial(puzzle, nonce) < puzzle.target; }

}  // namespace session::pow
