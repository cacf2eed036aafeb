#include "core/net/http_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "core/net/asio.h"
#include "core/net/http_server.h"

namespace session::net {
namespace {

class Client : public testing::Test {
 protected:
  asio::io_context io;
  SeededRng rng{1};
  crypto::Ed25519Pair node = crypto::ed25519_pair(rng);
  std::unique_ptr<HttpServer> server;
  int requests = 0;
  std::vector<HttpServer::Responder> unanswered;

  void SetUp() override {
    auto opened = HttpServer::open(
        io, {"127.0.0.1", 0}, make_certificate(node).value(),
        [this](const wire::Caller&, wire::Request request, const HttpServer::Responder& respond, const HttpServer::Held&) {
          ++requests;
          if (text_of(request.body) == "silence") return unanswered.push_back(respond);
          respond({421, std::move(request.body), wire::ContentType::Text});
        });
    ASSERT_TRUE(opened);
    server = std::move(*opened);
  }
  HttpClient::Outcome call(HttpClient& client, const wire::Peer& to, std::string_view body, Millis timeout = seconds(10)) {
    std::optional<HttpClient::Outcome> outcome;
    client.call(to, {wire::Route::StorageRpc, to_bytes(body), {}}, timeout,
                [&](HttpClient::Outcome o) { outcome = std::move(o); });
    while (!outcome) io.run_one();
    return *outcome;
  }
  [[nodiscard]] wire::NodePeer peer(const crypto::Ed25519Pair& keys) const {
    return {crypto::node_of(keys.open), {"127.0.0.1", server->port()}};
  }
};

TEST_F(Client, GetsTheAnswerWhateverItsStatus) {
  HttpClient client(io);
  for (int i = 0; i < 5; ++i) {
    const auto answer = call(client, peer(node), "hello");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 421);
    EXPECT_EQ(text_of(answer->body), "hello");
  }
}

TEST_F(Client, SendsNothingToWhoIsNotTheNode) {
  HttpClient client(io);
  const auto answer = call(client, peer(crypto::ed25519_pair(rng)), "secret");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), wire::CallFailure::BadCertificate);
  EXPECT_EQ(requests, 0);
}

TEST_F(Client, GivesUpInTime) {
  HttpClient client(io);
  EXPECT_EQ(call(client, peer(node), "silence", Millis{50}).error(), wire::CallFailure::Timeout);
}

TEST_F(Client, TellsWhenNobodyIsThere) {
  HttpClient client(io);
  const auto gone = peer(node);
  server->close();
  server.reset();
  EXPECT_EQ(call(client, gone, "x").error(), wire::CallFailure::Unreachable);
}

TEST_F(Client, AKeptConnectionThatDiedIsReplaced) {
  HttpClient client(io);
  ASSERT_TRUE(call(client, peer(node), "one"));
  const auto port = server->port();
  server.reset();
  auto opened = HttpServer::open(
      io, {"127.0.0.1", port}, make_certificate(node).value(),
      [](const wire::Caller&, wire::Request, const HttpServer::Responder& respond, const HttpServer::Held&) { respond({}); });
  ASSERT_TRUE(opened);
  server = std::move(*opened);
  EXPECT_TRUE(call(client, peer(node), "two"));
}

/// Answers every request with "ok" by hand, and sees connections come and go.
class PlainSeed {
 public:
  explicit PlainSeed(asio::io_context& io) : acceptor_(io, {asio::ip::make_address("127.0.0.1"), 0}) { accept(); }
  [[nodiscard]] wire::SeedPeer peer() const {
    return {"http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())};
  }
  int came = 0, gone = 0;

 private:
  struct Caller {
    explicit Caller(asio::ip::tcp::socket s) : socket(std::move(s)) {}
    asio::ip::tcp::socket socket;
    std::array<char, 4096> part{};
  };
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
      if (error) return;
      ++came;
      read(std::make_shared<Caller>(std::move(socket)));
      accept();
    });
  }
  void read(const std::shared_ptr<Caller>& caller) {
    caller->socket.async_read_some(
        asio::buffer(caller->part), [this, caller](const boost::system::error_code& error, std::size_t) {
          if (error) return static_cast<void>(++gone);
          asio::write(caller->socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
          read(caller);
        });
  }
  asio::ip::tcp::acceptor acceptor_;
};

TEST_F(Client, KeepsAConnectionForTheNextCall) {
  PlainSeed seed(io);
  HttpClient client(io);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(call(client, seed.peer(), "x"));
  EXPECT_EQ(seed.came, 1);
}

TEST_F(Client, HangsUpWhenNobodyCallsAgain) {
  PlainSeed seed(io);
  HttpClient client(io, Millis{20});
  ASSERT_TRUE(call(client, seed.peer(), "x"));
  while (seed.gone == 0) io.run_one();
  EXPECT_TRUE(call(client, seed.peer(), "y"));
  EXPECT_EQ(seed.came, 2);
}

TEST_F(Client, KeepsNothingAfterItClosed) {
  PlainSeed seed(io);
  HttpClient client(io);
  bool answered = false;
  client.call(seed.peer(), {wire::Route::SeedRpc, to_bytes("x"), {}}, seconds(10), [&](const auto&) { answered = true; });
  client.close();
  while (!answered || seed.gone == 0) io.run_one();
}

TEST(SeedUrl, TellsLoopbackFromNamesThatBeginLikeIt) {
  EXPECT_TRUE(parse_seed_url("http://127.9.8.7:1"));
  EXPECT_TRUE(parse_seed_url("http://localhost:1"));
  for (const char* far : {"http://127.0.0.1.example.org", "http://127.example.org:80", "http://localhost.example.org"})
    EXPECT_EQ(parse_seed_url(far).error().code, ErrorCode::Refused) << far;
  for (const char* odd : {"http://127.0.0.1@example.org", "https://h\r\nX-Other: 1", "https://a b"})
    EXPECT_EQ(parse_seed_url(odd).error().code, ErrorCode::Malformed) << odd;
}

TEST(SeedUrl, APinIsNeverIgnored) {
  const std::string pin = "#" + std::string(64, 'a');
  EXPECT_EQ(parse_seed_url("http://127.0.0.1:1" + pin).error().code, ErrorCode::Malformed);
  EXPECT_FALSE(parse_seed_url("https://h" + pin)->is_unverified());
  EXPECT_TRUE(parse_seed_url("https://h")->is_unverified());
  EXPECT_FALSE(parse_seed_url("http://127.0.0.1:1")->is_unverified());
}

TEST(SeedUrl, SaysWhatIsWrong) {
  EXPECT_EQ(parse_seed_url("http://127.0.0.1:1234")->address.port, 1234);
  EXPECT_EQ(parse_seed_url("https://seed.example.org")->address.port, 443);
  EXPECT_TRUE(parse_seed_url("https://h:1#" + std::string(64, 'a'))->pin);
  for (const char* bad :
       {"", "ftp://x", "http://127.0.0.1:99999", "http://127.0.0.1:1/path", "https://h#12", "http://", "https://h:0"})
    EXPECT_EQ(parse_seed_url(bad).error().code, ErrorCode::Malformed) << bad;
  EXPECT_EQ(parse_seed_url("http://example.org").error().code, ErrorCode::Refused);
}

/// A server outside the network: its own path, and no way into the private networks of whoever leads there.
TEST_F(Client, LeadsToServersButNotIntoPrivateNetworks) {
  const auto outside = HttpServer::open(io, {"127.0.0.1", 0}, std::nullopt, {}, {}, [](std::string_view) {
                         return std::optional<wire::Answer>();
                       }).value();
  HttpClient client(io);
  const auto at = [&](const std::string& host, bool may_be_private) {
    return wire::ServerPeer{{host, outside->port()}, false, "/loki/v3/lsrpc", may_be_private};
  };
  for (const char* host : {"127.0.0.1", "localhost", "0.0.0.0"}) {
    const auto refused = call(client, at(host, false), "x");
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error(), wire::CallFailure::Unreachable) << host;
  }
  const auto answer = call(client, at("127.0.0.1", true), "x");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(text_of(answer->body), "POST /loki/v3/lsrpc Not Found");
  // Under TLS the certificate must be one for the name: a node's own is none.
  const auto stranger = call(client, wire::ServerPeer{{"127.0.0.1", server->port()}, true, "/loki/v3/lsrpc", true}, "x");
  ASSERT_FALSE(stranger);
  EXPECT_EQ(requests, 0);
}

}  // namespace
}  // namespace session::net
