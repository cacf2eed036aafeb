#include "core/net/http_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/net/asio.h"
#include "core/net/http_client.h"

namespace session::net {
namespace {

/// Sends raw bytes to a plain server and reads until it closes or answers.
std::string talk(const std::string& bytes, ServerLimits limits = {}) {
  asio::io_context io;
  auto server = HttpServer::open(
      io, {"127.0.0.1", 0}, std::nullopt,
      [](const wire::Caller&, wire::Request request, const HttpServer::Responder& respond, const HttpServer::Held&) {
        respond({200, std::move(request.body), wire::ContentType::Text});
      },
      limits);
  EXPECT_TRUE(server);
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), (*server)->port()});
  std::string answer;
  std::array<char, 4096> part{};
  bool over = false;
  std::function<void()> read = [&] {
    socket.async_read_some(asio::buffer(part), [&](const boost::system::error_code& error, std::size_t n) {
      answer.append(part.data(), n);
      over = error || answer.find("\r\n\r\n") != std::string::npos;
      if (!over) read();
    });
  };
  asio::async_write(socket, asio::buffer(bytes), [](const boost::system::error_code&, std::size_t) {});
  read();
  while (!over) io.run_one();
  return answer.substr(0, answer.find("\r\n"));
}

std::string post(const std::string& path, const std::string& head = "", const std::string& body = "x") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(HttpServer, AnswersKnownDoorsOnly) {
  EXPECT_EQ(talk(post("/storage_rpc/v1")), "HTTP/1.1 200 OK");
  EXPECT_EQ(talk(post("/elsewhere")), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(talk("GET /storage_rpc/v1 HTTP/1.1\r\nHost: h\r\n\r\n"), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(talk("PUT /storage_rpc/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed");
}

TEST(HttpServer, BoundsWhatComesIn) {  // reliability.md 5
  EXPECT_EQ(talk(post("/storage_rpc/v1", "X-Long: " + std::string(9000, 'a') + "\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
  ServerLimits small;
  small.body_bytes = 100;
  EXPECT_EQ(talk(post("/storage_rpc/v1", "", std::string(200, 'b')), small), "HTTP/1.1 413 Payload Too Large");
  EXPECT_EQ(talk("nonsense\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  std::string many;
  for (int i = 0; i < 70; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(talk(post("/storage_rpc/v1", many)), "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(talk(post("/storage_rpc/v1", "X-Snode-Sender: nobody\r\n")), "HTTP/1.1 400 Bad Request");
}

TEST(HttpServer, ASlowCallerIsShownOut) {
  ServerLimits hasty;
  hasty.request_time = Millis{50};
  EXPECT_EQ(talk("POST /storage_rpc/v1 HTTP/1.1\r\nHost:", hasty), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(talk("POST /storage_rpc/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx", hasty),
            "HTTP/1.1 408 Request Timeout");
}

TEST(HttpServer, AHeadHasLessTimeThanARequest) {  // reliability.md 7
  ServerLimits limits;
  limits.head_time = Millis{50};
  limits.request_time = days(1);
  EXPECT_EQ(talk("POST /storage_rpc/v1 HTTP/1.1\r\nHost:", limits), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(talk("", limits), "HTTP/1.1 408 Request Timeout");
}

TEST(HttpServer, TwoLengthsAreRefused) {
  EXPECT_EQ(talk(post("/storage_rpc/v1", "Content-Length: 2\r\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(talk(post("/storage_rpc/v1", "Transfer-Encoding: chunked\r\n")), "HTTP/1.1 400 Bad Request");
}

/// A plain server that counts what it hears, and a bare caller.
class Door : public testing::Test {
 protected:
  asio::io_context io;
  std::unique_ptr<HttpServer> server;
  asio::ip::tcp::socket caller{io};
  int requests = 0;

  void open(ServerLimits limits = {}) {
    server =
        HttpServer::open(
            io, {"127.0.0.1", 0}, std::nullopt,
            [this](const wire::Caller&, const wire::Request&, const HttpServer::Responder& respond, const HttpServer::Held&) {
              ++requests;
              respond({200, to_bytes("yes"), wire::ContentType::Text});
            },
            limits)
            .value();
  }
  void connect() { caller.connect({asio::ip::make_address("127.0.0.1"), server->port()}); }
  void say(const std::string& bytes) { asio::write(caller, asio::buffer(bytes)); }
  /// All that comes until the server hangs up.
  std::string hear_to_the_end() {
    std::string heard;
    bool over = false;
    asio::async_read(caller, asio::dynamic_buffer(heard), [&](const boost::system::error_code&, std::size_t) { over = true; });
    while (!over) io.run_one();
    return heard;
  }
};

TEST_F(Door, PipelinedRequestsAreAllAnswered) {
  open();
  connect();
  say(post("/storage_rpc/v1") + post("/storage_rpc/v1") + post("/storage_rpc/v1", "Connection: close\r\n"));
  hear_to_the_end();
  EXPECT_EQ(requests, 3);
}

TEST_F(Door, ASilentCallerIsLetGoAfterHisAnswer) {
  ServerLimits limits;
  limits.idle_time = Millis{50};
  open(limits);
  connect();
  say(post("/storage_rpc/v1"));
  const auto heard = hear_to_the_end();
  EXPECT_TRUE(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("yes")) << heard;
}

TEST_F(Door, ASlowBodyIsCutOffLongBeforeTheRequestsTime) {
  ServerLimits limits;
  limits.head_time = Millis{50};
  limits.body_rate = 1'000'000;
  limits.request_time = seconds(3600);
  open(limits);
  connect();
  say("POST /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this");
  EXPECT_TRUE(hear_to_the_end().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(requests, 0);
}

/// A TLS client whose bytes a test carries by hand.
class ByHand {
 public:
  ByHand() {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }
  /// True when the handshake is complete.
  bool shake() { return SSL_do_handshake(ssl_.get()) == 1; }
  void hear(const std::string& sealed) {
    if (!sealed.empty()) BIO_write(SSL_get_rbio(ssl_.get()), sealed.data(), static_cast<int>(sealed.size()));
  }
  std::string seal(const std::string& text) {
    EXPECT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
    return outgoing();
  }
  /// What it wants to be sent.
  std::string outgoing() {
    return all([this](char* to, int most) { return BIO_read(SSL_get_wbio(ssl_.get()), to, most); });
  }
  std::string opened() {
    return all([this](char* to, int most) { return SSL_read(ssl_.get(), to, most); });
  }

 private:
  template <class Read>
  static std::string all(Read&& read) {
    std::string found;
    std::array<char, 4096> part{};
    for (int n = 0; (n = read(part.data(), static_cast<int>(part.size()))) > 0;)
      found.append(part.data(), static_cast<std::size_t>(n));
    return found;
  }
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), SSL_free};
};

/// Callers from several addresses of loopback, and a machine that answers when it is told to.
class Crowd : public testing::Test {
 protected:
  struct Caller {
    asio::ip::tcp::socket socket;
    std::string heard;
    std::array<char, 4096> part{};
    bool is_over = false;
  };
  struct Taken {
    HttpServer::Responder respond;
    HttpServer::Held held;
  };
  asio::io_context io;
  std::unique_ptr<HttpServer> server;
  std::vector<std::unique_ptr<Caller>> callers;
  std::vector<Taken> taken;
  bool answers_at_once = true;

  void open(const ServerLimits& limits, std::optional<Certificate> certificate = {}) {
    server = HttpServer::open(
                 io, {"127.0.0.1", 0}, std::move(certificate),
                 [this](const wire::Caller&, const wire::Request&, HttpServer::Responder respond, HttpServer::Held held) {
                   if (answers_at_once) return respond({200, to_bytes("yes"), wire::ContentType::Text});
                   taken.push_back({std::move(respond), std::move(held)});
                 },
                 limits)
                 .value();
  }
  Caller& come(const char* address = "127.0.0.1", bool reads = true) {
    auto& caller = *callers.emplace_back(new Caller{asio::ip::tcp::socket(io), {}, {}});
    caller.socket.open(asio::ip::tcp::v4());
    caller.socket.bind({asio::ip::make_address(address), 0});
    caller.socket.connect({asio::ip::make_address("127.0.0.1"), server->port()});
    caller.socket.set_option(asio::ip::tcp::no_delay(true));  // every byte arrives at once
    if (reads) listen(caller);
    return caller;
  }
  void listen(Caller& caller) {
    caller.socket.async_read_some(asio::buffer(caller.part), [&](const boost::system::error_code& error, std::size_t n) {
      caller.heard.append(caller.part.data(), n);
      caller.is_over = static_cast<bool>(error);
      if (!error) listen(caller);
    });
  }
  /// Until nothing is left to do: the other end of loopback has then seen what was written.
  void settle() {
    while (io.poll_one() > 0) {
    }
  }
  void say(Caller& caller, const std::string& bytes) {
    asio::write(caller.socket, asio::buffer(bytes));
    settle();
  }
  /// One turn: bytes to the server, and what came from it.
  void exchange(ByHand& tls, Caller& caller, const std::string& sealed) {
    if (!sealed.empty() && !caller.is_over) asio::write(caller.socket, asio::buffer(sealed));
    io.poll_one();
    tls.hear(std::exchange(caller.heard, {}));
  }
  /// The handshake, and a first request.
  void hand_over(ByHand& tls, Caller& caller) {
    while (!tls.shake()) exchange(tls, caller, tls.outgoing());
    exchange(tls, caller, tls.outgoing() + tls.seal(whole(1)));
  }
  static std::string head(std::size_t length, const std::string& more = "") {
    return "POST /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\n" + more + "Content-Length: " + std::to_string(length) + "\r\n\r\n";
  }
  static std::string whole(std::size_t length) { return head(length) + std::string(length, 'w'); }
  static std::string part(std::size_t length, std::size_t announced) { return head(announced) + std::string(length, 'p'); }
  static std::string status(const Caller& caller) { return caller.heard.substr(0, 12); }
};

constexpr const char *kYes = "HTTP/1.1 200", *kBusy = "HTTP/1.1 503";

/// Two callers trickle up to the limit; who comes with a small request is heard, and the one who began first makes room.
TEST_F(Crowd, WhoBeganFirstMakesRoomForBodies) {
  ServerLimits limits;
  limits.bodies_bytes = 1000;
  limits.body_bytes = 500;
  open(limits);
  auto &alice = come("127.0.0.2"), &bob = come("127.0.0.3"), &carol = come("127.0.0.4");
  say(alice, part(499, 500));
  say(bob, part(499, 500));
  EXPECT_EQ(alice.heard + bob.heard, "");
  say(carol, whole(10));
  EXPECT_EQ(status(carol), kYes);
  EXPECT_EQ(status(alice), kBusy);
  EXPECT_TRUE(alice.is_over);
  say(bob, "p");  // he had room, and has it
  EXPECT_EQ(status(bob), kYes);
}

TEST_F(Crowd, OneAddressHasAQuarterOfTheBodies) {
  ServerLimits limits;
  limits.bodies_bytes = 4000;
  limits.body_bytes = 1000;
  open(limits);
  auto &bob = come("127.0.0.3"), &alice = come("127.0.0.2"), &second = come("127.0.0.2");
  say(bob, part(999, 1000));
  say(alice, part(900, 1000));
  say(second, part(100, 150));
  EXPECT_EQ(alice.heard + second.heard, "");
  say(second, std::string(1, 'p'));
  EXPECT_EQ(status(alice), kBusy);
  EXPECT_EQ(bob.heard, "");  // who began before her, elsewhere
  say(second, std::string(49, 'p'));
  EXPECT_EQ(status(second), kYes);
}

/// What is only announced takes no room, and what was counted is given back with its connection.
TEST_F(Crowd, BodiesCountAsTheyArrive) {
  ServerLimits limits;
  limits.bodies_bytes = limits.body_bytes = 1000;
  open(limits);
  std::vector<Caller*> many;
  for (int i = 0; i < 5; ++i) {
    many.push_back(&come());
    say(*many.back(), part(100, 1000));
  }
  say(come(), "POST /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + std::string(100, 'c'));
  for (const auto& caller : callers) EXPECT_EQ(caller->heard, "");
  for (const auto& caller : callers) caller->socket.close();
  settle();
  auto& last = come();
  say(last, part(999, 1000));
  say(last, "p");
  EXPECT_EQ(status(last), kYes);
}

/// What the machine has is never taken from it; it counts until the machine lets go of the body, not until it answers.
TEST_F(Crowd, WhatTheMachineHasIsNotShed) {
  ServerLimits limits;
  limits.bodies_bytes = limits.body_bytes = 1000;
  open(limits);
  answers_at_once = false;
  auto &alice = come(), &bob = come(), &carol = come();
  say(alice, whole(900));
  ASSERT_EQ(taken.size(), 1u);
  say(bob, whole(900));
  EXPECT_EQ(status(bob), kBusy);
  EXPECT_EQ(alice.heard, "");
  taken[0].held.reset();
  say(carol, whole(900));
  EXPECT_EQ(taken.size(), 2u);
  for (const auto& request : taken) request.respond({200, {}, wire::ContentType::Text});
  settle();
  EXPECT_EQ(status(alice), kYes);
  EXPECT_EQ(status(carol), kYes);
}

/// profile.md 10.9: registered service nodes have as many connections as they wish; they come and go while the server runs.
TEST_F(Crowd, SparedAddressesAreNotCounted) {
  ServerLimits limits;
  limits.connections_of_address = 1;
  limits.spares_loopback = false;
  open(limits);
  std::string spared;
  server->spare([&](const std::string& address) { return address == spared; });
  const auto stays = [&](const char* address) {
    auto& caller = come(address);
    settle();
    return !caller.is_over;
  };
  EXPECT_TRUE(stays("127.0.0.2"));
  EXPECT_FALSE(stays("127.0.0.2"));
  spared = "127.0.0.2";
  EXPECT_TRUE(stays("127.0.0.2"));
  EXPECT_TRUE(stays("127.0.0.2"));
  EXPECT_TRUE(stays("127.0.0.3"));
  EXPECT_FALSE(stays("127.0.0.3"));
}

TEST_F(Crowd, SparedAddressesNeverMakeRoom) {
  ServerLimits limits;
  limits.connections = 2;
  open(limits);
  server->spare([&](const std::string& address) { return address == "127.0.0.2"; });
  auto &node = come("127.0.0.2"), &bob = come("127.0.0.3");
  say(node, whole(1));  // silent for longer than Bob
  say(bob, whole(1));
  come("127.0.0.4");
  settle();
  EXPECT_FALSE(node.is_over);
  EXPECT_TRUE(bob.is_over);
}

/// Callers that connect to a TLS server and say nothing; who is not closed is greeted when he begins to speak.
TEST_F(Crowd, HandshakesAtOnceAreBounded) {
  SeededRng rng(5);
  const auto keys = crypto::ed25519_pair(rng);
  ServerLimits limits;
  limits.handshakes = 2;
  open(limits, make_certificate(keys).value());
  auto &alice = come(), &bob = come();
  settle();
  auto& carol = come();
  settle();
  EXPECT_FALSE(alice.is_over || bob.is_over);
  EXPECT_TRUE(carol.is_over);
  HttpClient client(io);
  const auto ask = [&] {
    std::optional<HttpClient::Outcome> outcome;
    client.call(wire::NodePeer{crypto::node_of(keys.open), {"127.0.0.1", server->port()}},
                {wire::Route::StorageRpc, to_bytes("x"), {}}, seconds(10),
                [&](HttpClient::Outcome o) { outcome = std::move(o); });
    while (!outcome) io.run_one();
    return outcome->has_value();
  };
  EXPECT_FALSE(ask());
  alice.socket.close();  // a handshake that ends badly is over
  settle();
  EXPECT_TRUE(ask());
  auto& dave = come();  // and so is one that ended well, though its connection is kept
  settle();
  EXPECT_FALSE(dave.is_over);
}

/// Who asks for much and does not read it keeps others waiting only as long as he is there.
TEST_F(Crowd, AnswersThatNobodyReadsAreBounded) {
  ServerLimits limits;
  limits.body_bytes = 1000;
  limits.bodies_bytes = 8 << 20;
  open(limits);
  answers_at_once = false;
  const auto asks_much = [&](const char* address, std::size_t bytes) {
    auto& caller = come(address, false);
    say(caller, whole(1));
    taken.back().respond({200, Bytes(bytes), wire::ContentType::Binary});
    settle();
    return &caller;
  };
  // More than the kernel takes off the hands of the server.
  auto* alice = asks_much("127.0.0.2", 64 << 20);
  const std::size_t before = taken.size();
  auto &bob = come("127.0.0.3"), &carol = come("127.0.0.3");
  say(bob, whole(1));
  EXPECT_EQ(status(bob), kBusy);
  EXPECT_EQ(taken.size(), before);
  alice->socket.close();
  settle();
  say(carol, whole(1));
  EXPECT_EQ(taken.size(), before + 1);
  asks_much("127.0.0.2", 7 << 20);
  auto& same = come("127.0.0.2");
  say(same, whole(1));
  EXPECT_EQ(status(same), kBusy);
  auto& other = come("127.0.0.4");
  say(other, whole(1));
  EXPECT_EQ(taken.size(), before + 3);
}

TEST_F(Crowd, WhoWasSilentLongestMakesRoom) {  // reliability.md 7
  ServerLimits limits;
  limits.connections = 2;
  open(limits);
  auto &alice = come(), &bob = come();
  say(alice, whole(1));
  say(bob, whole(1));
  auto& carol = come();
  settle();
  EXPECT_TRUE(alice.is_over);
  bob.heard.clear();
  say(bob, whole(1));
  say(carol, whole(1));
  EXPECT_EQ(status(bob), kYes);
  EXPECT_EQ(status(carol), kYes);
}

TEST_F(Crowd, WhoIsInTheMiddleOfARequestMakesNoRoom) {
  ServerLimits limits;
  limits.connections = 2;
  open(limits);
  auto &alice = come(), &bob = come();
  say(alice, part(1, 2));
  say(bob, part(1, 2));
  auto& carol = come();
  settle();
  EXPECT_TRUE(carol.is_over);
  say(alice, "p");
  say(bob, "p");
  EXPECT_EQ(status(alice), kYes);
  EXPECT_EQ(status(bob), kYes);
}

/// The time of silence can run out while the bytes that end the silence are on their way through TLS, where no read waits that
/// could be cancelled. It says nothing of the request that they are.
TEST_F(Crowd, TheEndOfSilenceIsNotHeldAgainstTheNextRequest) {
  SeededRng rng(6);
  ServerLimits limits;
  limits.idle_time = Millis{0};
  open(limits, make_certificate(crypto::ed25519_pair(rng)).value());
  for (const auto& [body, expected] : {std::pair{"5\r\nhello\r\n0\r\n\r\n", kYes}, {"nonsense\r\n", "HTTP/1.1 400"}}) {
    ByHand tls;
    auto& caller = come();
    hand_over(tls, caller);
    // One more byte in every turn: whenever the server reads, there is something, and it never waits.
    const std::string next = tls.seal("POST /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(2000, 'l') +
                                      "\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    for (const char byte : next) exchange(tls, caller, std::string(1, byte));
    while (!caller.is_over) exchange(tls, caller, "");
    const std::string heard = tls.opened();
    EXPECT_EQ(heard.substr(0, 12), kYes);
    EXPECT_EQ(heard.substr(heard.rfind("HTTP/1.1 "), 12), expected);
  }
}

/// Nor is a silence that begins again in the middle of what was on its way anybody's to keep.
TEST_F(Crowd, WhoFallsSilentInTheMiddleIsLetGo) {
  SeededRng rng(6);
  ServerLimits limits;
  limits.idle_time = Millis{0};
  open(limits, make_certificate(crypto::ed25519_pair(rng)).value());
  ByHand tls;
  auto& caller = come();
  hand_over(tls, caller);
  const std::string next = tls.seal(whole(2000));
  for (const char byte : next.substr(0, 1000)) exchange(tls, caller, std::string(1, byte));
  while (!caller.is_over) io.run_one();
  tls.hear(caller.heard);
  EXPECT_EQ(tls.opened().substr(0, 12), kYes);
}

TEST(ServerLimits, BodiesTakeAQuarterOfASmallMemory) {
  EXPECT_EQ(bodies_bytes_for(400), 100u);
  EXPECT_EQ(bodies_bytes_for(1ULL << 30), 256u << 20);
  EXPECT_EQ(bodies_bytes_for(1ULL << 40), 256u << 20);
  EXPECT_GT(ServerLimits{}.bodies_bytes, 0u);
}

/// A node that is stopped is gone, with all that its handler refers to; a request may be complete at that very moment.
TEST_F(Door, NothingIsHandedOverAfterItClosed) {
  for (int turns = 0; turns < 8; ++turns) {
    open();
    connect();
    while (io.poll_one() > 0) {
    }
    say(post("/storage_rpc/v1"));
    int left = turns, before = -1;
    std::function<void()> turn = [&] {
      if (left-- > 0) return asio::post(io, turn);
      server.reset();
      before = requests;
    };
    asio::post(io, turn);
    while (io.poll_one() > 0) {
    }
    ASSERT_GE(before, 0);
    EXPECT_EQ(requests, before) << "closed in turn " << turns;
    caller.close();
    io.restart();
    requests = 0;
  }
}

/// Takes every file descriptor that the process may have, until it is destroyed.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    const int next = ::dup(0);
    ::close(next);
    few.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Door, WithoutDescriptorsItWaitsAndDoesNotSpin) {
  open();
  connect();
  {
    const NoDescriptors none;
    int steps = 0;
    while (steps < 1000 && io.poll_one() > 0) ++steps;
    EXPECT_LT(steps, 1000);
  }
  say(post("/storage_rpc/v1", "Connection: close\r\n"));
  hear_to_the_end();
  EXPECT_EQ(requests, 1);
}

TEST(HttpServer, ATakenPortIsNamed) {
  asio::io_context io;
  const auto first = HttpServer::open(io, {"127.0.0.1", 0}, std::nullopt, {});
  ASSERT_TRUE(first);
  const auto second = HttpServer::open(io, {"127.0.0.1", (*first)->port()}, std::nullopt, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string((*first)->port())), std::string::npos);
}

}  // namespace
}  // namespace session::net
