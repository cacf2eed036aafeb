// Calls to nodes and seeds: HTTP/1.1 over TLS, with connections kept for a while. A node must show a certificate that it signed
// itself; a seed is what its URL says.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/wire/effects.h"
#include "core/wire/transport.h"

namespace boost::asio {
class io_context;
}

namespace session::net {

/// Where a seed URL points: `http://127.0.0.1:1234` or `https://host:port#<64 hex of the key that signs its certificate>`.
struct SeedAddress {
  wire::Address address;
  bool tls = false;
  std::optional<NodeId> pin;
  /// Nothing says who answers: https without a pin. To be accepted only after a warning (profile.md 4).
  [[nodiscard]] bool is_unverified() const { return tls && !pin; }
};
/// Errors: Malformed (naming what is wrong; a pin without https, which nothing would check), Refused (plain http to another
/// machine).
[[nodiscard]] Result<SeedAddress> parse_seed_url(std::string_view url);

class HttpClient {
 public:
  using Outcome = std::expected<wire::Answer, wire::CallFailure>;
  using Callback = std::function<void(Outcome)>;

  /// Connections that nobody used for `kept_for` are closed.
  explicit HttpClient(boost::asio::io_context& io, Millis kept_for = seconds(30));
  ~HttpClient();
  /// The callback comes once, on the io_context's thread, never from within this call.
  void call(const wire::Peer& to, wire::Request request, Millis timeout, Callback callback);
  /// Drops the connections that are kept, and keeps none any more.
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace session::net
