// A server for machines' doors: HTTP/1.1 over TLS, or plain on loopback for a seed. Everything that comes in is bounded in size
// and time. Source: reliability.md 5 and 7.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "core/net/certificate.h"
#include "core/wire/transport.h"

namespace boost::asio {
class io_context;
}

namespace session::net {

/// 256 MiB, or a quarter of a smaller memory.
[[nodiscard]] std::uint64_t bodies_bytes_for(std::uint64_t memory_bytes);
/// The same for this machine's memory.
[[nodiscard]] std::uint64_t default_bodies_bytes();

struct ServerLimits {
  std::uint32_t head_bytes = 8 * 1024;
  std::uint64_t body_bytes = 10 * 1024 * 1024;
  /// Of all bodies that are read or wait for the machine; beyond it who began first gets 503. One address may have a quarter.
  /// The answers that wait to be written have as much again; beyond it new requests get 503.
  std::uint64_t bodies_bytes = default_bodies_bytes();
  std::uint64_t body_rate = 1024;  ///< bytes a second that a body must come with, after a beginning of `head_time`
  Millis handshake_time = seconds(5);
  Millis head_time = seconds(10);     ///< from the first byte, or from the connection's beginning
  Millis request_time = seconds(30);  ///< head and body
  Millis idle_time = seconds(60);     ///< between two requests
  std::size_t connections = 10'000;
  std::size_t handshakes = 200;  ///< of TLS, under way at once; who comes then is closed
  std::size_t connections_of_address = 64;
  bool spares_loopback = true;  ///< of the limit before
};

class HttpServer {
 public:
  /// Answers one request; may be called later, once.
  using Responder = std::function<void(wire::Answer)>;
  /// Whoever takes a request keeps this as long as its body takes memory: so long its bytes count in `bodies_bytes`.
  using Held = std::shared_ptr<const void>;
  using Handler = std::function<void(wire::Caller, wire::Request, Responder, Held)>;

  /// What GET of a path gives; nothing: 404. For a port of the operator's own.
  using Pages = std::function<std::optional<wire::Answer>(std::string_view path)>;

  /// Listens at once. With a certificate it speaks TLS. Port 0 takes a free one. Errors: Unavailable, naming address and port.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> open(boost::asio::io_context& io, const wire::Address& address,
                                                                std::optional<Certificate> certificate, Handler handler,
                                                                ServerLimits limits = {}, Pages pages = {});
  ~HttpServer();
  [[nodiscard]] std::uint16_t port() const;
  /// Requests that were handed over and whose answers are not written yet.
  [[nodiscard]] std::size_t owed_answers() const;
  /// Whose connections are not counted for each address, and never closed to make room. Asked anew each time.
  using IsSpared = std::function<bool(const std::string& address)>;
  void spare(IsSpared is_spared);
  /// No new connections, and the open ones are closed.
  void close();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace session::net
