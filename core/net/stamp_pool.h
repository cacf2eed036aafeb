// Threads that search stamps, off the machines' thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/wire/effects.h"

namespace boost::asio {
class io_context;
}

namespace session::net {

class StampPool {
 public:
  /// `threads` 0: one less than the processor has, at least one. Results are posted to `io`.
  explicit StampPool(boost::asio::io_context& io, unsigned threads = 0);
  /// Cancels what is searched and waits for it.
  ~StampPool();
  /// The callback comes once, on the thread of `io`: with a nonce, or without when it was cancelled.
  void find(std::uint64_t id, const pow::Puzzle& puzzle, std::function<void(wire::Stamped)> callback);
  void cancel(std::uint64_t id);
  /// Trials made for it so far; 0 while it waits for its turn, nothing when it is not searched for.
  [[nodiscard]] std::optional<std::uint64_t> progress(std::uint64_t id) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace session::net
