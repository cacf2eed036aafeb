// Carries out what one machine wishes, with real sockets, timers and threads, and brings what comes of it back as inputs.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/net/asio.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "core/net/stamp_pool.h"

namespace session::net {

/// The system's clock, as the machines know time.
[[nodiscard]] Instant system_now();

/// Facts of a process's machines, for log lines. Called on the io_context's thread.
using TraceSink = std::function<void(const std::string& machine, Instant at, const trace::Fact& fact)>;

/// Lives on the io_context's thread, and no longer than its machine's host. After `stop` nothing comes back any more.
class Carrier : public std::enable_shared_from_this<Carrier> {
 public:
  using Feed = std::function<void(std::variant<wire::Answered, wire::CallFailed, wire::Woken, wire::Stamped>)>;

  Carrier(asio::io_context& io, std::string name, Feed feed, TraceSink sink)
      : io_(io), client_(io), name_(std::move(name)), feed_(std::move(feed)), sink_(std::move(sink)) {}
  [[nodiscard]] bool is_tracing() const { return static_cast<bool>(sink_); }
  /// The answer to a request that came in goes to the Responder that was kept for it.
  [[nodiscard]] RequestId keep(HttpServer::Responder responder);
  void refuse(RequestId request, const wire::Answer& answer);
  /// For a machine that begins anew: every request that waits gets this answer, and nothing that the machine before wished
  /// comes back. The new one counts its calls from 1 again, and would take a late answer for one of its own.
  void begin_anew(const wire::Answer& answer);
  void carry_out(std::vector<wire::Effect> effects);
  void stop();
  /// Trials made so far for the stamp that the machine wished under this number; nothing when it is not searched for.
  [[nodiscard]] std::optional<std::uint64_t> stamp_progress(std::uint64_t id) const {
    return pool_ ? pool_->progress(id) : std::nullopt;
  }

 private:
  struct Timer {
    std::unique_ptr<asio::steady_timer> timer;
    std::uint64_t setting = 0;
  };
  void call(wire::Call call);
  void wake(const wire::Wake& wake);
  void stamp(const wire::Stamp& stamp);

  asio::io_context& io_;
  HttpClient client_;
  std::unique_ptr<StampPool> pool_;  ///< made at the first stamp
  std::string name_;
  Feed feed_;
  TraceSink sink_;
  std::map<std::uint32_t, Timer> timers_;
  std::map<RequestId, HttpServer::Responder> requests_;
  std::uint64_t next_request_ = 1;
  std::uint64_t next_setting_ = 1;
  std::uint64_t life_ = 0;  ///< of the machine: how often it began anew
};

}  // namespace session::net
