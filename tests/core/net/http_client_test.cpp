#include "core/net/http_client.h"

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
    auto opened = HttpServer::open(io, {"127.0.0.1", 0}, make_certificate(node).value(),
                                   [this](const wire::Caller&, wire::Request request, const HttpServer::Responder& respond) {
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
  auto opened = HttpServer::open(io, {"127.0.0.1", port}, make_certificate(node).value(),
                                 [](const wire::Caller&, wire::Request, const HttpServer::Responder& respond) { respond({}); });
  ASSERT_TRUE(opened);
  server = std::move(*opened);
  EXPECT_TRUE(call(client, peer(node), "two"));
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

}  // namespace
}  // namespace session::net
