// The search for a stamp: nonces are tried from 0 upwards, and the first that fits is the stamp, whatever the number of
// threads.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "core/pow/stamp.h"

namespace session::pow {

struct SearchResult {
  std::optional<Nonce> nonce;  ///< empty: none in the range, or stopped
  std::uint64_t trials = 0;
};

/// The smallest fitting nonce in [from, from + count), on the calling thread. Looks at `stop` every few thousand trials.
[[nodiscard]] SearchResult search(const Puzzle& puzzle, std::uint64_t from, std::uint64_t count, std::stop_token stop = {});

/// The smallest fitting nonce of all, with `threads` threads (at least 1) that take consecutive chunks. A target of 0 is met by
/// nothing and answered at once. `trials` counts what all threads did together.
[[nodiscard]] SearchResult search_parallel(const Puzzle& puzzle, unsigned threads, std::stop_token stop = {});

}  // namespace session::pow
