// The search for a stamp: nonces are tried from 0 upwards, and the first that fits is the stamp, whatever the number of
// threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "core/pow/kernel.h"
#include "core/pow/stamp.h"

namespace session::pow {

struct SearchResult {
  std::optional<Nonce> nonce;  ///< empty: none in the range, or stopped
  std::uint64_t trials = 0;
};

/// The smallest fitting nonce in [from, from + count), on the calling thread. Looks at `stop` every few thousand trials.
[[nodiscard]] SearchResult search(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count, std::stop_token stop = {},
                                  const Kernel& kernel = kernels().front());
/// The same with OpenSSL's SHA-512, one nonce after another: what the kernels are held against.
[[nodiscard]] SearchResult search_plain(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count);

/// The smallest fitting nonce of all, with `threads` threads (at least 1) that take consecutive chunks. A target of 0 is met by
/// nothing and answered at once. `trials` counts what all threads did together; `progress`, if given, is raised by them while
/// they work.
[[nodiscard]] SearchResult search_parallel(const Puzzle& puzzle, unsigned threads, std::stop_token stop = {},
                                           std::atomic<std::uint64_t>* progress = nullptr);

/// Trials a second of one thread of this machine: measured for about 20 ms at the first call, then remembered.
[[nodiscard]] std::uint64_t trials_per_second();

}  // namespace session::pow
