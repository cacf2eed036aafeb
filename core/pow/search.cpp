#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/pow/search.h"

#include <openssl/sha.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

namespace session::pow {
namespace {

constexpr std::uint64_t kChunk = 4096;

/// OpenSSL's bare compression function: 72 bytes and their padding are one block, so a trial is one call of it.
/// The padded block of one trial, laid out once: nonce ‖ inner ‖ 0x80 ‖ zeros ‖ length in bits.
class PlainTrial {
 public:
  explicit PlainTrial(const Puzzle& puzzle) {
    SHA512_Init(&start_);
    std::copy(puzzle.inner.begin(), puzzle.inner.end(), block_.begin() + sizeof(Nonce));
    block_[kMessage] = std::byte{0x80};
    const auto bits = big(static_cast<std::uint64_t>(kMessage * 8));
    std::copy(bits.begin(), bits.end(), block_.end() - 8);
  }
  [[nodiscard]] std::uint64_t trial(std::uint64_t nonce) {
    const auto bytes = big(nonce);
    std::copy(bytes.begin(), bytes.end(), block_.begin());
    SHA512_CTX state = start_;
    SHA512_Transform(&state, raw(block_));
    return state.h[0];
  }

 private:
  static constexpr std::size_t kMessage = sizeof(Nonce) + 64;
  SHA512_CTX start_{};
  ByteArray<128> block_{};
};

}  // namespace

SearchResult search(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count, std::stop_token stop, const Kernel& kernel) {
  SearchResult result;
  if (puzzle.target == 0) return result;
  const Prepared prepared = prepare(puzzle);
  count = std::min(count, std::numeric_limits<std::uint64_t>::max() - from);
  while (result.trials < count && !stop.stop_requested()) {
    const std::uint64_t part = std::min(kChunk, count - result.trials);
    const std::uint64_t missed = kernel.first_hit(prepared, from + result.trials, part);
    if (missed < part) {
      result.nonce = big(from + result.trials + missed);
      result.trials += missed + 1;
      return result;
    }
    result.trials += part;
  }
  return result;
}

SearchResult search_plain(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count) {
  SearchResult result;
  PlainTrial plain(puzzle);
  count = std::min(count, std::numeric_limits<std::uint64_t>::max() - from);
  while (result.trials < count) {
    const std::uint64_t nonce = from + result.trials++;
    if (plain.trial(nonce) >= puzzle.target) continue;
    result.nonce = big(nonce);
    break;
  }
  return result;
}

SearchResult search_parallel(const Puzzle& puzzle, unsigned threads, std::stop_token stop,
                             std::atomic<std::uint64_t>* progress) {
  if (puzzle.target == 0) return {};
  // Chunks are handed out in order. A thread stops only when its next chunk lies behind the best hit, so every nonce before the
  // winner was tried by someone.
  std::atomic<std::uint64_t> next{0}, best{std::numeric_limits<std::uint64_t>::max()}, own_count{0};
  std::atomic<std::uint64_t>& trials = progress != nullptr ? *progress : own_count;
  const auto work = [&] {
    while (!stop.stop_requested()) {
      const std::uint64_t from = next.fetch_add(kChunk);
      if (from >= best.load()) break;
      const SearchResult part = search(puzzle, from, kChunk);
      trials.fetch_add(part.trials, std::memory_order_relaxed);
      if (!part.nonce) continue;
      const auto hit = load_big<std::uint64_t>(part.nonce->data());
      for (std::uint64_t known = best.load(); hit < known && !best.compare_exchange_weak(known, hit);) {
      }
    }
  };
  std::vector<std::jthread> pool;
  for (unsigned i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  pool.clear();  // joins

  SearchResult result{std::nullopt, trials.load()};
  if (best.load() != std::numeric_limits<std::uint64_t>::max() && !stop.stop_requested()) result.nonce = big(best.load());
  return result;
}

std::uint64_t trials_per_second() {
  static const std::uint64_t rate = [] {
    Puzzle puzzle;
    puzzle.target = 1;  // practically never met
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    std::uint64_t trials = 0;
    do trials += search(puzzle, trials, kChunk).trials;
    while (Clock::now() - begun < std::chrono::milliseconds(20));
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count();
    return trials * 1'000'000 / static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 1));
  }();
  return rate;
}

}  // namespace session::pow
