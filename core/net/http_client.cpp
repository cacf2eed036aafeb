#include "core/net/http_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <vector>

#include "core/net/asio.h"
#include "core/net/certificate.h"
#include "core/wire/json.h"
#include "core/wire/peer.h"

namespace session::net {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using ErrorCodeOf = boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kMaxAnswer = 24 * 1024 * 1024;  // base64 of 8 MiB and what stands around it, twice escaped
constexpr std::size_t kKeptPerPeer = 8;

struct Target {
  wire::Address address;
  bool tls = true;
  std::optional<NodeId> node;  ///< whose certificate must be shown
  std::string path;            ///< of a server; of nodes and seeds the route tells it
  bool is_server = false, may_be_private = true;
  [[nodiscard]] std::string key() const {
    return fmt::format("{}{}{}{}", is_server ? "v" : "", tls ? "s" : "p", address.text(), node ? node->hex() : "");
  }
};

std::unexpected<Error> bad_url(std::string_view url, std::string_view why) {
  return fail(ErrorCode::Malformed, fmt::format("seed URL '{}': {}", url.substr(0, 200), why));
}

/// An address, not a name that begins like one: 127.0.0.1.example.org is anywhere.
bool is_loopback(const std::string& host) {
  ErrorCodeOf error;
  const auto ip = asio::ip::make_address_v4(host, error);
  return host == "localhost" || (!error && ip.is_loopback());
}

/// Not of this machine, a private or a link's network, nor an address inside which another one hides.
bool is_public(const asio::ip::address& address) {
  if (address.is_v6()) {
    const auto bytes = address.to_v6().to_bytes();
    const bool is_global = (bytes[0] & 0xe0) == 0x20;
    const bool is_tunnel = bytes[0] == 0x20 && (bytes[1] == 0x02 || (bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0));
    return is_global && !is_tunnel;
  }
  const auto number = address.to_v4().to_uint();
  const auto in = [&](std::uint32_t network, int bits) { return (number ^ network) >> (32 - bits) == 0; };
  return !in(0, 8) && !in(0x0a000000, 8) && !in(0x64400000, 10) && !in(0x7f000000, 8) && !in(0xa9fe0000, 16) &&
         !in(0xac100000, 12) && !in(0xc0000000, 24) && !in(0xc0a80000, 16) && !in(0xc6120000, 15) && number < 0xe0000000;
}

}  // namespace

Result<SeedAddress> parse_seed_url(std::string_view url) {
  SeedAddress seed;
  std::string_view rest = url;
  if (rest.starts_with("https://"))
    seed.tls = true, rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else
    return bad_url(url, "it begins with https:// or, on this machine, http://");
  if (const auto hash = rest.find('#'); hash != rest.npos) {
    const auto pin = NodeId::parse(rest.substr(hash + 1));
    if (!pin) return bad_url(url, "after # come the 64 hex digits of a key");
    seed.pin = *pin;
    rest = rest.substr(0, hash);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != rest.npos) return bad_url(url, "an origin has no path");
  seed.address.port = seed.tls ? 443 : 80;
  if (const auto colon = rest.rfind(':'); colon != rest.npos) {
    const std::string_view digits = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed.address.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || seed.address.port == 0)
      return bad_url(url, fmt::format("'{}' is no port", digits));
    rest = rest.substr(0, colon);
  }
  if (rest.empty()) return bad_url(url, "no host");
  if (!wire::json::is_host(rest)) return bad_url(url, "a host has letters, digits, dots and hyphens");
  seed.address.host = rest;
  if (seed.tls) return seed;
  if (!is_loopback(seed.address.host))
    return fail(ErrorCode::Refused,
                fmt::format("seed URL '{}': plain http is for this machine only; use https", url.substr(0, 200)));
  if (seed.pin) return bad_url(url, "a key after # needs https: without it nothing is checked");
  return seed;
}

/// A connection, bare or under TLS, and when it was last used.
struct Link {
  std::unique_ptr<beast::tcp_stream> plain;
  std::unique_ptr<beast::ssl_stream<beast::tcp_stream>> secure;
  Clock::time_point used;
  [[nodiscard]] beast::tcp_stream& tcp() { return secure ? beast::get_lowest_layer(*secure) : *plain; }
  [[nodiscard]] bool is_open() { return tcp().socket().is_open(); }
};

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
  Impl(asio::io_context& io_, Millis kept_for_)
      : io(io_), tls(asio::ssl::context::tls_client), sweep(io_), kept_for(kept_for_.count) {
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.set_verify_mode(asio::ssl::verify_none);  // certificates are checked by who signed their key, after the handshake
  }
  std::unique_ptr<Link> take(const std::string& key) {
    auto& list = kept[key];
    while (!list.empty()) {
      auto link = std::move(list.back());
      list.pop_back();
      if (link->is_open() && Clock::now() - link->used < kept_for) return link;
    }
    return nullptr;
  }
  void give(const std::string& key, std::unique_ptr<Link> link) {
    if (closed) return;
    link->used = Clock::now();
    link->tcp().expires_never();
    auto& list = kept[key];
    if (list.size() < kKeptPerPeer) list.push_back(std::move(link));
    if (!std::exchange(sweeping, true)) sweep_later();
  }
  /// A peer that is never called again must not hold its sockets.
  void sweep_later() {
    sweep.expires_after(kept_for);
    sweep.async_wait([weak = weak_from_this()](ErrorCodeOf error) {
      const auto self = weak.lock();
      if (error || !self || self->closed) return;
      for (auto& [key, list] : self->kept)
        std::erase_if(list, [&](const auto& old) { return Clock::now() - old->used >= self->kept_for; });
      std::erase_if(self->kept, [](const auto& peer) { return peer.second.empty(); });
      self->sweeping = !self->kept.empty();
      if (self->sweeping) self->sweep_later();
    });
  }
  void close() {
    closed = true;
    sweep.cancel();
    kept.clear();
  }
  asio::io_context& io;
  /// For servers outside the network. Made when the first is called: reading the machine's authorities takes its time.
  asio::ssl::context& for_servers() {
    if (authorities) return *authorities;
    authorities.emplace(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(authorities->native_handle(), TLS1_2_VERSION);
    ErrorCodeOf ignored;  // without authorities no server's certificate is good
    authorities->set_default_verify_paths(ignored);
    authorities->set_verify_mode(asio::ssl::verify_peer);
    return *authorities;
  }
  asio::ssl::context tls;
  std::optional<asio::ssl::context> authorities;
  asio::steady_timer sweep;
  std::chrono::milliseconds kept_for;
  bool sweeping = false;
  bool closed = false;
  std::map<std::string, std::vector<std::unique_ptr<Link>>> kept;
};

namespace {

/// One call from connecting to its answer. A kept connection that turns out dead before any byte of the answer is replaced
/// once.
template <class Client>
class Exchange : public std::enable_shared_from_this<Exchange<Client>> {
 public:
  Exchange(std::shared_ptr<Client> client, Target target, const wire::Request& request, Millis timeout,
           HttpClient::Callback callback)
      : client_(std::move(client)),
        target_(std::move(target)),
        resolver_(client_->io),
        deadline_(client_->io),
        callback_(std::move(callback)) {
    request_.method(http::verb::post);
    request_.target(target_.is_server ? target_.path : wire::path_of(request.route));
    request_.version(11);
    request_.set(http::field::host, target_.address.text());
    request_.set(http::field::content_type, request.route == wire::Route::Onion || request.route == wire::Route::SwarmRepair
                                                ? "application/octet-stream"
                                                : "application/json");
    if (request.proof) {
      const auto headers = wire::to_headers(*request.proof);
      request_.set(wire::kSenderHeader, headers.sender);
      request_.set(wire::kTimeHeader, headers.time);
      request_.set(wire::kSignatureHeader, headers.signature);
    }
    request_.keep_alive(true);
    request_.body() = std::string(text_of(request.body));
    request_.prepare_payload();
    deadline_.expires_after(std::chrono::milliseconds(timeout.count));
  }

  void start() {
    auto self = this->shared_from_this();
    deadline_.async_wait([self](ErrorCodeOf error) {
      if (!error) self->finish(std::unexpected(wire::CallFailure::Timeout));
    });
    link_ = client_->take(target_.key());
    reused_ = link_ != nullptr;
    if (reused_) return write();
    connect();
  }

 private:
  void finish(HttpClient::Outcome outcome) {
    if (!callback_) return;
    auto callback = std::exchange(callback_, nullptr);
    ErrorCodeOf ignored;
    deadline_.cancel();
    resolver_.cancel();
    if (link_) link_->tcp().socket().close(ignored);
    callback(std::move(outcome));
  }
  void unreachable() { finish(std::unexpected(wire::CallFailure::Unreachable)); }

  void connect() {
    auto self = this->shared_from_this();
    resolver_.async_resolve(target_.address.host, std::to_string(target_.address.port),
                            [self](ErrorCodeOf error, const tcp::resolver::results_type& found) {
                              if (!self->callback_) return;
                              if (error) return self->unreachable();
                              self->open(found);
                            });
  }
  void open(const tcp::resolver::results_type& found) {
    std::vector<tcp::endpoint> reachable;
    for (const auto& each : found)
      if (target_.may_be_private || is_public(each.endpoint().address())) reachable.push_back(each.endpoint());
    if (reachable.empty()) return unreachable();
    link_ = std::make_unique<Link>();
    if (target_.tls)
      link_->secure = std::make_unique<beast::ssl_stream<beast::tcp_stream>>(
          client_->io, target_.is_server ? client_->for_servers() : client_->tls);
    else
      link_->plain = std::make_unique<beast::tcp_stream>(client_->io);
    if (target_.tls && target_.is_server) {
      link_->secure->set_verify_callback(asio::ssl::host_name_verification(target_.address.host));
      SSL_set_tlsext_host_name(link_->secure->native_handle(), target_.address.host.c_str());
    }
    auto self = this->shared_from_this();
    link_->tcp().async_connect(reachable, [self](ErrorCodeOf error, const tcp::endpoint&) {
      if (!self->callback_) return;
      if (error) return self->unreachable();
      ErrorCodeOf ignored;
      self->link_->tcp().socket().set_option(tcp::no_delay(true), ignored);
      if (!self->link_->secure) return self->write();
      self->link_->secure->async_handshake(asio::ssl::stream_base::client, [self](ErrorCodeOf failed) {
        if (!self->callback_) return;
        if (failed) return self->unreachable();
        self->check();
      });
    });
  }
  /// Before a byte of the request leaves.
  void check() {
    if (target_.node) {
      const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(link_->secure->native_handle()),
                                                              &X509_free);
      if (!check_certificate(shown.get(), *target_.node)) return finish(std::unexpected(wire::CallFailure::BadCertificate));
    }
    write();
  }
  void write() {
    auto self = this->shared_from_this();
    const auto written = [self](ErrorCodeOf error, std::size_t) {
      if (!self->callback_) return;
      if (error) return self->retry_or_fail();
      self->read();
    };
    if (link_->secure)
      http::async_write(*link_->secure, request_, written);
    else
      http::async_write(*link_->plain, request_, written);
  }
  void read() {
    parser_.emplace();
    parser_->body_limit(kMaxAnswer);
    auto self = this->shared_from_this();
    const auto done = [self](ErrorCodeOf error, std::size_t) {
      if (!self->callback_) return;
      if (error == http::error::body_limit) return self->finish(std::unexpected(wire::CallFailure::TooLarge));
      if (error && !self->parser_->got_some()) return self->retry_or_fail();
      if (error) return self->unreachable();
      self->answered();
    };
    if (link_->secure)
      http::async_read(*link_->secure, buffer_, *parser_, done);
    else
      http::async_read(*link_->plain, buffer_, *parser_, done);
  }
  void retry_or_fail() {
    if (!std::exchange(reused_, false)) return unreachable();
    link_.reset();
    buffer_.clear();
    connect();
  }
  void answered() {
    auto response = parser_->release();
    wire::Answer answer;
    answer.status = static_cast<std::uint16_t>(response.result_int());
    answer.body = to_bytes(response.body());
    const auto type = response[http::field::content_type];
    answer.type = type.starts_with("application/json") ? wire::ContentType::Json
                  : type.starts_with("text/")          ? wire::ContentType::Text
                                                       : wire::ContentType::Binary;
    if (response.keep_alive()) client_->give(target_.key(), std::move(link_));
    finish(std::move(answer));
  }

  std::shared_ptr<Client> client_;
  Target target_;
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  HttpClient::Callback callback_;
  http::request<http::string_body> request_;
  std::unique_ptr<Link> link_;
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::string_body>> parser_;
  bool reused_ = false;
};

}  // namespace

HttpClient::HttpClient(asio::io_context& io, Millis kept_for) : impl_(std::make_shared<Impl>(io, kept_for)) {}
HttpClient::~HttpClient() { close(); }
void HttpClient::close() { impl_->close(); }

void HttpClient::call(const wire::Peer& to, wire::Request request, Millis timeout, Callback callback) {
  Target target;
  if (const auto* node = std::get_if<wire::NodePeer>(&to)) {
    target = {node->address, true, node->id, {}, false, true};
  } else if (const auto* server = std::get_if<wire::ServerPeer>(&to)) {
    target = {server->address, server->tls, {}, server->target, true, server->may_be_private};
  } else {
    const auto seed = parse_seed_url(std::get<wire::SeedPeer>(to).url);
    if (!seed) {
      asio::post(impl_->io, [callback = std::move(callback)] { callback(std::unexpected(wire::CallFailure::Unreachable)); });
      return;
    }
    target = {seed->address, seed->tls, seed->pin, {}, false, true};
  }
  std::make_shared<Exchange<Impl>>(impl_, std::move(target), request, timeout, std::move(callback))->start();
}

}  // namespace session::net
