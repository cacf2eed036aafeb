#include "core/net/http_server.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "core/net/asio.h"

namespace session::net {
namespace {

/// Sends raw bytes to a plain server and reads until it closes or answers.
std::string talk(const std::string& bytes, ServerLimits limits = {}) {
  asio::io_context io;
  auto server = HttpServer::open(
      io, {"127.0.0.1", 0}, std::nullopt,
      [](const wire::Caller&, wire::Request request, const HttpServer::Responder& respond) {
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
  EXPECT_EQ(talk("POST /storage_rpc/v1 HTTP/1.1\r\nHost:", hasty), "");  // closed, without a word
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
