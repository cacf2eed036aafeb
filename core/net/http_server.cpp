#include "core/net/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <list>
#include <map>
#include <set>

#include "core/net/asio.h"
#include "core/wire/answers.h"
#include "core/wire/peer.h"

namespace session::net {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using ErrorCodeOf = boost::system::error_code;

namespace {

constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kFirstRead = 4096;
constexpr auto kCancelAgain = std::chrono::milliseconds(100);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::chrono::milliseconds as_chrono(Millis m) { return std::chrono::milliseconds(m.count); }

const char* content_type(wire::ContentType type) {
  switch (type) {
    case wire::ContentType::Json: return "application/json";
    case wire::ContentType::Text: return "text/plain";
    case wire::ContentType::Binary: return "application/octet-stream";
  }
  return "text/plain";
}

/// A request's body as it comes: nothing is set aside for what a head only announces.
struct ComingBody {
  using value_type = Bytes;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, ErrorCodeOf& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, ErrorCodeOf& error) {
      error = {};
      for (const asio::const_buffer part : beast::buffers_range_ref(buffers)) append(body_, view(part.data(), part.size()));
      return beast::buffer_bytes(buffers);
    }
    void finish(ErrorCodeOf& error) { error = {}; }

   private:
    value_type& body_;
  };
};

/// Bytes in sum, and those of each address.
class Sum {
 public:
  void add(const std::string& address, std::uint64_t bytes) {
    if (bytes == 0) return;
    all_ += bytes;
    of_[address] += bytes;
  }
  void take(const std::string& address, std::uint64_t bytes) {
    if (bytes == 0) return;
    all_ -= bytes;
    if (const auto mine = of_.find(address); (mine->second -= bytes) == 0) of_.erase(mine);
  }
  [[nodiscard]] std::uint64_t all() const { return all_; }
  [[nodiscard]] std::uint64_t of(const std::string& address) const {
    const auto found = of_.find(address);
    return found == of_.end() ? 0 : found->second;
  }

 private:
  std::uint64_t all_ = 0;
  std::map<std::string, std::uint64_t> of_;
};

}  // namespace

std::uint64_t bodies_bytes_for(std::uint64_t memory_bytes) { return std::min(256ULL * 1024 * 1024, memory_bytes / 4ULL); }

std::uint64_t default_bodies_bytes() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return bodies_bytes_for(std::numeric_limits<std::uint64_t>::max());
  return bodies_bytes_for(static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page));
}

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  struct Connection {
    virtual ~Connection() = default;
    virtual void close() = 0;
    /// Ends a connection that is idle.
    virtual void make_room() = 0;
    /// Ends one whose body is still coming; its bytes count no more.
    virtual void shed() = 0;
    [[nodiscard]] virtual const std::string& peer() const = 0;
  };
  Impl(asio::io_context& io, Handler h, ServerLimits l, Pages p)
      : acceptor(io), pause(io), handler(std::move(h)), limits(l), pages(std::move(p)) {}

  void accept();
  void accept_later();
  void make_room_for_bodies(const std::string& address);
  /// What one address may have of `bodies_bytes`: a quarter, but never less than one body.
  [[nodiscard]] std::uint64_t share() const { return std::max(limits.bodies_bytes / 4, limits.body_bytes); }
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::optional<asio::ssl::context> tls;
  Handler handler;
  ServerLimits limits;
  Pages pages;
  IsSpared is_spared = [](const std::string&) { return false; };
  std::set<Connection*> open;
  std::map<std::string, std::size_t> open_of;  ///< connections of an address
  std::list<Connection*> idle;                 ///< those that wait for a request, the longest first
  Sum bodies;                                  ///< what bodies take that came, or come
  Sum answers;                                 ///< what answers take that are being written
  std::list<Connection*> coming;               ///< those whose body is not complete, who began first in front
  std::size_t handshakes = 0;                  ///< under way
  std::size_t owed = 0;                        ///< requests handed over whose answer is not written
  bool closed = false;                         ///< whoever owned the handler may be gone
};

namespace {

/// One connection: reads a request, has it answered, reads the next. `Stream` is a TCP stream, bare or under TLS.
template <class Server, class Stream>
class Session final : public Server::Connection, public std::enable_shared_from_this<Session<Server, Stream>> {
 public:
  template <class... Args>
  Session(std::shared_ptr<Server> server, std::string peer, Args&&... args)
      : server_(std::move(server)),
        peer_(std::move(peer)),
        stream_(std::forward<Args>(args)...),
        deadline_(stream_.get_executor()) {
    server_->open.insert(this);
    ++server_->open_of[peer_];
  }
  ~Session() override {
    no_longer_coming();
    written();
    owe(false);
    shake(false);
    stir();
    server_->open.erase(this);
    if (const auto mine = server_->open_of.find(peer_); --mine->second == 0) server_->open_of.erase(mine);
  }

  void start() {
    if constexpr (requires { stream_.next_layer(); }) {
      shake(true);
      lowest().expires_after(as_chrono(server_->limits.handshake_time));
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](ErrorCodeOf error) {
        self->shake(false);
        if (error) return;
        self->lowest().expires_never();
        self->read_head();
      });
    } else {
      read_head();
    }
  }
  void close() override {
    ErrorCodeOf ignored;
    deadline_.cancel();
    lowest().socket().close(ignored);
  }

 private:
  using Clock = std::chrono::steady_clock;
  /// The bytes of one body, counted as long as it lives.
  class Body {
   public:
    explicit Body(const Session& of) : server_(of.server_), peer_(of.peer_) {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body() { server_->bodies.take(peer_, bytes_); }
    void grow_to(std::uint64_t bytes) { server_->bodies.add(peer_, bytes - std::exchange(bytes_, bytes)); }

   private:
    std::shared_ptr<Server> server_;
    std::string peer_;
    std::uint64_t bytes_ = 0;
  };
  void shake(bool is_shaking) {
    if (is_shaking_ == is_shaking) return;
    is_shaking_ = is_shaking;
    is_shaking ? ++server_->handshakes : --server_->handshakes;
  }
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  /// Ends the read under way when it has not come to its end by then; again and again, as a read of several steps goes on when
  /// it is cancelled between two of them. Not the stream's own expiry: that closes the socket, and then 408 could not be said.
  void read_by(Clock::time_point when) {
    deadline_.expires_at(when);
    deadline_.async_wait([weak = this->weak_from_this()](ErrorCodeOf error) {
      const auto self = weak.lock();
      if (error || !self || self->deadline_.expiry() > Clock::now()) return;  // set anew in the meantime
      self->late_ = true;
      self->lowest().cancel();
      self->read_by(Clock::now() + kCancelAgain);
    });
  }

  /// Between two requests a caller may be silent for long; from the first byte on he may not.
  void await_next() {
    if (server_->closed) return close();
    if (buffer_.size() > 0) return read_head();
    idle_ = server_->idle.insert(server_->idle.end(), this);
    parser_.reset();  // a caller who is silent holds as little as can be
    buffer_.shrink_to_fit();
    read_by(Clock::now() + as_chrono(server_->limits.idle_time));
    stream_.async_read_some(buffer_.prepare(kFirstRead), [self = this->shared_from_this()](ErrorCodeOf error, std::size_t n) {
      self->stir();
      if (error) return self->close();
      self->buffer_.commit(n);
      self->read_head();
    });
  }
  void make_room() override {
    stir();
    close();
  }

  /// No longer idle.
  void stir() {
    if (!idle_) return;
    server_->idle.erase(*idle_);
    idle_.reset();
  }

  void read_head() {
    late_ = false;  // of the request before
    parser_.emplace();
    parser_->header_limit(server_->limits.head_bytes);
    parser_->body_limit(server_->limits.body_bytes);
    const auto began = Clock::now();
    read_by(began + as_chrono(std::min(server_->limits.head_time, server_->limits.request_time)));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this(), began](ErrorCodeOf error, std::size_t) {
                              if (error) return self->fail(error);
                              self->begin_body(began);
                            });
  }
  /// How long it may take is known or bounded before any of it is read.
  void begin_body(Clock::time_point began) {
    if (late_) return fail(asio::error::operation_aborted);
    const ServerLimits& limits = server_->limits;
    if (server_->answers.all() >= limits.bodies_bytes || server_->answers.of(peer_) >= server_->share())
      return refuse_for_now();
    const auto announced = parser_->content_length();
    const std::uint64_t length = announced ? *announced : parser_->chunked() ? limits.body_bytes : 0;
    const auto body_time = limits.head_time + Millis{static_cast<std::int64_t>(length * 1000 / limits.body_rate)};
    read_by(std::min(began + as_chrono(limits.request_time), Clock::now() + as_chrono(body_time)));
    parser_->eager(true);
    body_ = std::make_shared<Body>(*this);
    if (parser_->is_done()) return take();
    read_body();
  }
  void read_body() {
    http::async_read_some(stream_, buffer_, *parser_, [self = this->shared_from_this()](ErrorCodeOf error, std::size_t) {
      if (error || self->shed_) return self->fail(error);
      self->grow();
      if (self->shed_) return self->fail({});
      if (!self->parser_->is_done()) return self->late_ ? self->fail(asio::error::operation_aborted) : self->read_body();
      self->no_longer_coming();
      self->take();
    });
  }
  /// Counts what came, and makes room for it: by others that began before, or by itself when it is the first.
  void grow() {
    const std::size_t bytes = parser_->get().body().size();
    body_->grow_to(bytes);
    if (!coming_ && bytes > 0) coming_ = server_->coming.insert(server_->coming.end(), this);
    server_->make_room_for_bodies(peer_);
  }
  void shed() override {
    shed_ = true;
    no_longer_coming();
    body_.reset();
    lowest().cancel();
    read_by(Clock::now() + kCancelAgain);
  }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  void no_longer_coming() {
    if (!coming_) return;
    server_->coming.erase(*coming_);
    coming_.reset();
  }

  /// What is wrong with the bytes, or with their pace, is said where anybody can still hear it; then the connection ends.
  void fail(ErrorCodeOf error) {
    if (server_->closed || error == http::error::end_of_stream) return close();
    std::uint16_t status = 0;
    no_longer_coming();
    body_.reset();
    parser_.reset();
    if (shed_) return refuse_for_now();
    if (late_ && error == asio::error::operation_aborted)
      status = 408;
    else if (error == http::error::body_limit)
      status = 413;
    else if (error == http::error::header_limit)
      status = 431;
    else if (error.category() == http::make_error_code(http::error::bad_version).category())
      status = 400;
    if (status == 0) return close();
    keep_ = false;
    respond(wire::refusal(status, status == 408 ? "the request took too long" : error.message()));
  }

  void refuse_for_now() {
    keep_ = false;
    respond(wire::refusal(503, "too many bytes of other requests wait here; try again later"));
  }

  void take() {
    if (server_->closed) return close();
    const HttpServer::Held held = std::exchange(body_, nullptr);
    auto request = parser_->release();
    keep_ = request.keep_alive();
    const std::string target(request.target());
    std::size_t fields = 0;
    for (auto field = request.begin(); field != request.end(); ++field) ++fields;
    if (fields > kMaxFields) return respond(wire::refusal(431, "more than 64 header fields"));
    if (request.method() != http::verb::post && request.method() != http::verb::get)
      return respond(wire::refusal(405, "only GET and POST are understood"));
    if (request.method() == http::verb::get && server_->pages)
      if (const auto page = server_->pages(target)) return respond(*page);
    const auto route = request.method() == http::verb::post ? wire::route_of(target) : std::nullopt;
    if (!route)
      return respond(
          wire::refusal(404, fmt::format("{} {} Not Found", std::string(request.method_string()), target.substr(0, 200))));

    wire::Request read{*route, std::move(request.body()), {}};
    if (request.count(wire::kSenderHeader) > 0) {
      const auto field = [&](const char* name) { return std::string(request[name]); };
      const auto proof =
          wire::from_headers({field(wire::kSenderHeader), field(wire::kTimeHeader), field(wire::kSignatureHeader)});
      if (!proof) return respond(wire::refusal(400, proof.error().message));
      read.proof = *proof;
    }
    deadline_.expires_at(Clock::time_point::max());  // the machine answers within its own times
    owe(true);
    server_->handler(
        {peer_, peer_.starts_with("127.")}, std::move(read),
        [self = this->shared_from_this()](wire::Answer answer) {
          asio::post(self->stream_.get_executor(), [self, answer = std::move(answer)] { self->respond(answer); });
        },
        held);
  }

  void written() { server_->answers.take(peer_, std::exchange(answer_bytes_, 0)); }
  void owe(bool is_owing) {
    if (is_owing_ == is_owing) return;
    is_owing_ = is_owing;
    is_owing ? ++server_->owed : --server_->owed;
  }

  void respond(const wire::Answer& answer) {
    deadline_.expires_at(Clock::time_point::max());
    auto response = std::make_shared<http::response<http::string_body>>();
    response->version(11);
    response->result(answer.status);
    response->set(http::field::content_type, content_type(answer.type));
    response->keep_alive(keep_);
    response->body() = std::string(text_of(answer.body));
    response->prepare_payload();
    answer_bytes_ = answer.body.size();
    server_->answers.add(peer_, answer_bytes_);
    lowest().expires_after(as_chrono(server_->limits.request_time));
    http::async_write(stream_, *response, [self = this->shared_from_this(), response](ErrorCodeOf error, std::size_t) {
      self->written();
      self->owe(false);
      if (error || !self->keep_) return self->close();
      self->lowest().expires_never();
      self->await_next();
    });
  }

  std::shared_ptr<Server> server_;
  std::string peer_;
  Stream stream_;
  asio::steady_timer deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<ComingBody>> parser_;
  std::shared_ptr<Body> body_;  ///< until somebody takes it
  using Place = std::optional<typename std::list<typename Server::Connection*>::iterator>;
  Place idle_, coming_;
  std::uint64_t answer_bytes_ = 0;  ///< of the answer that is being written
  bool shed_ = false, is_owing_ = false, is_shaking_ = false;
  bool keep_ = true;
  bool late_ = false;
};

}  // namespace

/// Who began first goes first. What a machine has already is never shed, so the newcomer himself may have to go.
void HttpServer::Impl::make_room_for_bodies(const std::string& address) {
  while (bodies.of(address) > share()) {
    const auto first = std::ranges::find_if(coming, [&](const Connection* c) { return c->peer() == address; });
    if (first == coming.end()) break;
    (*first)->shed();
  }
  while (bodies.all() > limits.bodies_bytes && !coming.empty()) coming.front()->shed();
}

void HttpServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCodeOf error, tcp::socket socket) {
    if (error == asio::error::operation_aborted || self->closed) return;
    if (error) return self->accept_later();
    ErrorCodeOf gone;
    const auto remote = socket.remote_endpoint(gone);
    const std::string peer = gone ? std::string() : remote.address().to_string();
    const auto mine = self->open_of.find(peer);
    const bool is_many = mine != self->open_of.end() && mine->second >= self->limits.connections_of_address;
    const bool is_free = (self->limits.spares_loopback && remote.address().is_loopback()) || self->is_spared(peer);
    const bool can_greet = !self->tls || self->handshakes < self->limits.handshakes;
    const bool may_come = !gone && can_greet && (!is_many || is_free);
    bool has_room = self->open.size() < self->limits.connections;
    if (may_come && !has_room) {  // who was silent longest makes room (reliability.md 7)
      const auto silent = std::ranges::find_if(self->idle, [&](const Connection* c) { return !self->is_spared(c->peer()); });
      has_room = silent != self->idle.end();
      if (has_room) (*silent)->make_room();
    }
    if (may_come && has_room) {
      socket.set_option(tcp::no_delay(true), gone);
      if (self->tls) {
        std::make_shared<Session<Impl, beast::ssl_stream<beast::tcp_stream>>>(self, peer, beast::tcp_stream(std::move(socket)),
                                                                              *self->tls)
            ->start();
      } else {
        std::make_shared<Session<Impl, beast::tcp_stream>>(self, peer, std::move(socket))->start();
      }
    }
    self->accept();
  });
}

/// Without file descriptors accepting fails at once, and again at once: others get the thread meanwhile.
void HttpServer::Impl::accept_later() {
  pause.expires_after(kAcceptPause);
  pause.async_wait([self = shared_from_this()](ErrorCodeOf error) {
    if (!error && !self->closed) self->accept();
  });
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(asio::io_context& io, const wire::Address& address,
                                                     std::optional<Certificate> certificate, Handler handler,
                                                     ServerLimits limits, Pages pages) {
  auto impl = std::make_shared<Impl>(io, std::move(handler), limits, std::move(pages));
  const auto failed = [&](const ErrorCodeOf& error) {
    return fail(ErrorCode::Unavailable, fmt::format("cannot listen on {}: {}", address.text(), error.message()));
  };
  ErrorCodeOf error;
  const auto ip = asio::ip::make_address(address.host, error);
  if (error) return failed(error);
  const tcp::endpoint endpoint(ip, address.port);
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failed(error);
  if (certificate) {
    impl->tls.emplace(asio::ssl::context::tls_server);
    SSL_CTX* context = impl->tls->native_handle();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);  // connections are kept: nobody resumes one
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_use_certificate(context, certificate->x509.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, certificate->key.get()) != 1)
      return fail(ErrorCode::Internal, "TLS refuses the certificate");
  }
  impl->accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { close(); }

std::uint16_t HttpServer::port() const {
  ErrorCodeOf error;
  return impl_->acceptor.local_endpoint(error).port();
}

std::size_t HttpServer::owed_answers() const { return impl_->owed; }

void HttpServer::spare(IsSpared is_spared) { impl_->is_spared = std::move(is_spared); }

void HttpServer::close() {
  ErrorCodeOf ignored;
  impl_->closed = true;
  impl_->pause.cancel();
  impl_->acceptor.close(ignored);
  impl_->is_spared = [](const std::string&) { return false; };
  for (Impl::Connection* connection : std::set<Impl::Connection*>(impl_->open)) connection->close();
}

}  // namespace session::net
