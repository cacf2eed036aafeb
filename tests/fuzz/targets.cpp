#include "tests/fuzz/targets.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <cstdio>
#include <cstdlib>

#include "core/base/rng.h"
#include "core/net/http_server.h"
#include "core/onion/layer.h"
#include "core/wire/answers.h"
#include "core/wire/peer.h"
#include "core/wire/rpc.h"

namespace session::fuzz {
namespace {

/// Not assert: it holds in every build.
void must_hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace

void rpc(BytesView input) {
  const auto request = wire::parse_rpc(input);
  if (!request)
    return must_hold(request.error().status == 400 && !request.error().text.empty(), "a refusal says what is wrong");
  const auto again = wire::parse_rpc(wire::to_json(*request));
  must_hold(again && *again == *request, "what is read is written and read back as the same");
}

void onion(BytesView input) {
  static const crypto::X25519Pair own = [] {
    SeededRng rng(1);
    return crypto::x25519_of(crypto::ed25519_pair(rng));
  }();
  if (const auto frame = onion::parse_frame(input); frame)
    must_hold(onion::frame(frame->blob, frame->json) == to_bytes(input), "a frame is written as it was read");
  if (const auto outer = onion::parse_outer(input); outer) static_cast<void>(onion::peel(*outer, own));
  // The same bytes as the inside of a layer that opens: a stranger may seal whatever he likes.
  SeededRng rng(2);
  const auto ephemeral = crypto::x25519_of(crypto::ed25519_pair(rng));
  const auto key = onion::layer_key(onion::EncType::XChaCha20, ephemeral.secret, own.open, ephemeral.open, own.open).value();
  const onion::Outer outer{ephemeral.open, onion::EncType::XChaCha20, 0,
                           onion::seal_layer(onion::EncType::XChaCha20, key, input, rng)};
  const auto peeled = onion::peel(outer, own);
  if (!peeled) must_hold(peeled.error().status >= 400, "a layer that is refused has a status");
  static_cast<void>(onion::open_reply(key, onion::EncType::XChaCha20, input));
  const Bytes sealed = onion::seal_layer(onion::EncType::XChaCha20, key, input, rng);
  static_cast<void>(onion::open_reply(key, onion::EncType::XChaCha20, bytes_of(to_base64(sealed))));
}

void answers(BytesView input) {
  if (const auto read = wire::parse_store_answer(input); read)
    must_hold(wire::parse_store_answer(wire::to_json(*read)) == read, "store");
  if (const auto read = wire::parse_change_answer(input); read)
    must_hold(wire::parse_change_answer(wire::to_json(*read)) == read, "change");
  if (const auto read = wire::parse_retrieve_answer(input); read)
    must_hold(wire::parse_retrieve_answer(wire::to_json(*read)) == read, "retrieve");
  if (const auto read = wire::parse_listen_answer(input); read)
    must_hold(wire::parse_listen_answer(wire::to_json(*read)) == read, "listen");
  static_cast<void>(wire::parse_expiries_answer(input));
  static_cast<void>(wire::parse_relay_answer(input));
  static_cast<void>(wire::parse_if_else_answer(input));
  static_cast<void>(wire::parse_swarm_answer(input));
  static_cast<void>(wire::parse_info_answer(input));
  static_cast<void>(wire::parse_oxend_answer(input));
  static_cast<void>(wire::parse_batch_answer(input));
  static_cast<void>(wire::parse_work_required(input));
  static_cast<void>(wire::parse_registry_answer(input));
  static_cast<void>(wire::from_headers({std::string(text_of(input)), "1", "x"}));
}

void http(BytesView input) {
  namespace asio = boost::asio;
  static asio::io_context io;
  static std::size_t asked = 0;
  static const auto server =
      net::HttpServer::open(io, {"127.0.0.1", 0}, std::nullopt,
                            [](const wire::Caller&, const wire::Request&, const net::HttpServer::Responder& respond) {
                              ++asked;
                              respond(wire::refusal(404, "nothing"));
                            })
          .value();
  const auto send = [](BytesView bytes) {
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::make_address_v4("127.0.0.1"), server->port()});
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(bytes.data(), bytes.size()), ignored);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    std::string said;
    std::array<char, 4096> part{};
    bool is_over = false;
    const std::function<void()> read = [&] {
      socket.async_read_some(asio::buffer(part), [&](boost::system::error_code error, std::size_t size) {
        said.append(part.data(), size);
        if (error)
          is_over = true;
        else
          read();
      });
    };
    read();
    while (!is_over) io.run_one();
    return said;
  };
  static_cast<void>(send(input));
  const std::size_t before = asked;
  const std::string said =
      send(bytes_of("POST /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
  must_hold(asked == before + 1 && said.starts_with("HTTP/1.1 404"), "the server goes on serving others");
}

}  // namespace session::fuzz
