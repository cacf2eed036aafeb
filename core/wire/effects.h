// What a machine asks of the world, and what the world tells a machine. Both are data: they can be printed, counted, copied and
// replayed. A driver carries effects out in order, and only after the store's writes made before them are committed.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "core/base/time.h"
#include "core/base/trace.h"
#include "core/pow/stamp.h"
#include "core/wire/transport.h"

namespace session::wire {

// --- effects -------------------------------------------------------------------------------------------------------------

/// One request; exactly one `Answered` or `CallFailed` with the same id comes back, unless the machine is gone by then.
struct Call {
  CallId id;
  Peer to;
  Request request;
  Millis timeout;
};
/// The answer to a request that came in.
struct Reply {
  RequestId id;
  Answer answer;
};
/// Wake me: the machine's own number for the reason, and when. A later Wake with the same number replaces the earlier one.
struct Wake {
  std::uint32_t timer = 0;
  Instant at;
};
/// Look for a stamp, off the machine's thread. `id` is the machine's own; `Stamped` comes back.
struct Stamp {
  std::uint64_t id = 0;
  pow::Puzzle puzzle;
};
/// The search is no longer wanted. A `Stamped` that is under way already may still come.
struct CancelStamp {
  std::uint64_t id = 0;
};

using Effect = std::variant<Call, Reply, Wake, Stamp, CancelStamp, trace::Fact>;

/// Collects what a machine wants, in order. With `tracing` off, facts are not even made.
class Effects {
 public:
  explicit Effects(bool tracing = true) : tracing_(tracing) {}

  void call(Call call) { list_.emplace_back(std::move(call)); }
  void reply(RequestId id, Answer answer) { list_.emplace_back(Reply{id, std::move(answer)}); }
  void wake(std::uint32_t timer, Instant at) { list_.emplace_back(Wake{timer, at}); }
  void stamp(std::uint64_t id, pow::Puzzle puzzle) { list_.emplace_back(Stamp{id, std::move(puzzle)}); }
  void cancel_stamp(std::uint64_t id) { list_.emplace_back(CancelStamp{id}); }
  [[nodiscard]] bool tracing() const { return tracing_; }
  void note(trace::Fact fact) {
    if (tracing_) list_.emplace_back(std::move(fact));
  }

  [[nodiscard]] const std::vector<Effect>& list() const { return list_; }
  [[nodiscard]] std::vector<Effect> take() { return std::exchange(list_, {}); }

 private:
  std::vector<Effect> list_;
  bool tracing_;
};

// --- inputs ----------------------------------------------------------------------------------------------------------------

/// A request came in; the machine owes one Reply with the same id, now or later.
struct Requested {
  RequestId id;
  Caller from;
  Request request;
};
struct Answered {
  CallId id;
  Answer answer;
};
enum class CallFailure { Timeout, Unreachable, BadCertificate, TooLarge, Cancelled };
[[nodiscard]] const char* name_of(CallFailure failure);
struct CallFailed {
  CallId id;
  CallFailure why = CallFailure::Timeout;
};
struct Woken {
  std::uint32_t timer = 0;
};
/// A stamp was found, or (no nonce) its search was cancelled.
struct Stamped {
  std::uint64_t id = 0;
  std::optional<pow::Nonce> nonce;
  std::uint64_t trials = 0;
  std::int64_t micros = 0;
};

}  // namespace session::wire
