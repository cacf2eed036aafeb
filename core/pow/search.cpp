// OpenSSL's bare compression function: 72 bytes and their padding are one block, so a trial is one call of it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/pow/search.h"

#include <openssl/sha.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace session::pow {
namespace {

constexpr std::uint64_t kChunk = 4096;

/// The padded block of one trial, laid out once: nonce ‖ inner ‖ 0x80 ‖ zeros ‖ length in bits.
class Kernel {
 public:
  explicit Kernel(const Puzzle& puzzle) {
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

SearchResult search(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count, std::stop_token stop) {
  SearchResult result;
  if (puzzle.target == 0) return result;
  Kernel kernel(puzzle);
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - from;
  const std::uint64_t end = from + std::min(count, room);
  for (std::uint64_t nonce = from; nonce < end; ++nonce) {
    if ((nonce - from) % kChunk == 0 && stop.stop_requested()) return result;
    ++result.trials;
    if (kernel.trial(nonce) < puzzle.target) {
      result.nonce = big(nonce);
      return result;
    }
  }
  return result;
}

SearchResult search_parallel(const Puzzle& puzzle, unsigned threads, std::stop_token stop) {
  if (puzzle.target == 0) return {};
  if (threads <= 1) return search(puzzle, 0, std::numeric_limits<std::uint64_t>::max(), std::move(stop));

  // Chunks are handed out in order. A thread stops only when its next chunk lies behind the best hit, so every nonce before the
  // winner was tried by someone.
  std::atomic<std::uint64_t> next{0}, best{std::numeric_limits<std::uint64_t>::max()}, trials{0};
  const auto work = [&] {
    std::uint64_t own = 0;
    while (!stop.stop_requested()) {
      const std::uint64_t from = next.fetch_add(kChunk);
      if (from >= best.load()) break;
      const SearchResult part = search(puzzle, from, kChunk);
      own += part.trials;
      if (!part.nonce) continue;
      const auto hit = load_big<std::uint64_t>(part.nonce->data());
      for (std::uint64_t known = best.load(); hit < known && !best.compare_exchange_weak(known, hit);) {
      }
    }
    trials += own;
  };
  std::vector<std::jthread> pool;
  for (unsigned i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  pool.clear();  // joins

  SearchResult result{std::nullopt, trials.load()};
  if (best.load() != std::numeric_limits<std::uint64_t>::max() && !stop.stop_requested()) result.nonce = big(best.load());
  return result;
}

}  // namespace session::pow
