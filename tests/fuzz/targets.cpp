#include "tests/fuzz/targets.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <cstdio>
#include <cstdlib>

#include "core/base/rng.h"
#include "core/client/sealing.h"
#include "core/crypto/cipher.h"
#include "core/net/http_server.h"
#include "core/onion/layer.h"
#include "core/signal/sealed.h"
#include "core/signal/session_protocol.h"
#include "core/store/client_tables.h"
#include "core/wire/answers.h"
#include "core/wire/bundle.h"
#include "core/wire/message.h"
#include "core/wire/peer.h"
#include "core/wire/peer_test.h"
#include "core/wire/registry.h"
#include "core/wire/rpc.h"
#include "core/wire/swarm_repair.h"
#include "sim/scenario.h"

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

void peers(BytesView input) {
  if (const auto read = wire::decode_repair_request(input); read)
    must_hold(wire::decode_repair_request(wire::encode(*read)) == read, "a request for repair is read back as it was written");
  if (const auto read = wire::decode_repair_answer(input); read)
    must_hold(wire::decode_repair_answer(wire::encode(*read)) == read, "an answer for repair is read back as it was written");
  if (const auto read = wire::parse_storage_challenge(input); read)
    must_hold(wire::parse_storage_challenge(wire::to_json(*read)) == read, "challenge");
  if (const auto read = wire::parse_storage_answer(input); read)
    must_hold(wire::parse_storage_answer(wire::storage_answer_json(*read)) == read, "proof");
  static_cast<void>(wire::parse_ping_answer(input));
}

void seed(BytesView input) {
  const auto read = wire::parse_seed_call(input);
  if (!read) return must_hold(!read.error().message.empty(), "a refusal says what is wrong");
  const auto again =
      wire::parse_seed_call(std::visit([](const auto& request) { return wire::to_json(request); }, read->request));
  must_hold(again && again->request == read->request, "what a seed reads is read back as it was written");
  if (const auto* registration = std::get_if<wire::RegistrationRequest>(&read->request))
    must_hold(!wire::verify_registration(*registration, {}), "nobody is admitted by no key");
}

void scenario(BytesView input) {
  const auto read = sim::parse_scenario(text_of(input), "file");
  if (!read) return must_hold(read.error().message.starts_with("file:"), "a refusal names file and line");
  const std::string written = sim::write_scenario(*read);
  const auto again = sim::parse_scenario(written, "written");
  must_hold(again && sim::write_scenario(*again) == written, "a scenario is read back as it was written");
}

void envelope(BytesView input) {
  static const crypto::Identity own = crypto::identity_of(Bytes(16, std::byte{7}), crypto::Era::C);
  SeededRng rng(3);
  const Instant now = Instant::from_unix_millis(1'700'000'000'000);
  const auto read = wire::unwrap_envelope(input);
  if (read) must_hold(wire::unwrap_envelope(wire::wrap_envelope(*read)) == read, "an envelope is read back as it was written");
  const auto refused = [&](BytesView datum) {
    store::MemoryClientStore store;
    const store::MemoryClientStore before = store;
    const auto opened = client::open(store, {own, 5, 9}, datum, now, rng);
    if (!opened) must_hold(store == before && !opened.error().error.message.empty(), "what is refused changes nothing");
  };
  refused(input);
  // The same bytes behind each seal: whoever writes to us may seal whatever he likes.
  const auto other = crypto::identity_of(Bytes(16, std::byte{8}), crypto::Era::C);
  const auto wrapped = [](Bytes bytes) {
    return wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, 1'700'000'000'000, std::move(bytes)});
  };
  if (auto boxed = crypto::box_seal(own.x25519.open, input, rng)) refused(wrapped(std::move(*boxed)));
  if (auto boxed = signal::box_message(*other.ed25519, own.id, input, rng)) refused(wrapped(std::move(*boxed)));
  if (auto sealed = signal::seal_inner(other.x25519, own.id, input, crypto::x25519_pair(rng))) refused(wrapped(*sealed));
  for (const auto type : {signal::MessageType::Message, signal::MessageType::Prekey})
    if (auto sealed = signal::seal_sender(other.x25519, 1, own.id, {type, to_bytes(input)}, rng)) refused(wrapped(*sealed));
}

void content(BytesView input) {
  const auto read = wire::decode_content(input);
  if (!read) return must_hold(!read.error().message.empty(), "a refusal says what is wrong");
  auto again = wire::decode_content(wire::encode(*read));
  must_hold(again.has_value(), "what is read can be written");
  again->has_unknown = read->has_unknown;  // what is not known is not written
  must_hold(*again == *read, "content is read back as it was written");
}

void bundle(BytesView input) {
  static const crypto::Identity owner = crypto::identity_of(Bytes(16, std::byte{7}), crypto::Era::C);
  const auto check = [&](BytesView datum) {
    if (const auto read = wire::decode_signed_bundle(datum, owner.id); read) {
      must_hold(wire::decode_signed_bundle(wire::encode_signed(*read, *owner.ed25519), owner.id) == read, "bundle");
      static const crypto::Identity other = crypto::identity_of(Bytes(16, std::byte{8}), crypto::Era::C);
      SeededRng rng(4);
      store::MemoryClientStore store;
      const store::MemoryClientStore before = store;
      const auto begun = client::start_session(store, {other, 5, 9}, *read, Instant::from_unix_millis(1), rng);
      if (!begun) must_hold(store == before, "a bundle that is refused changes nothing");
    }
    if (const auto read = wire::decode_signed_slots(datum, owner.id); read)
      must_hold(wire::decode_signed_slots(wire::encode_signed(*read, *owner.ed25519), owner.id) == read, "slots");
  };
  check(input);
  // Signed{1 bytes, 2 signature, 3 signer}, by hand: the owner may sign whatever he likes.
  const auto field = [](unsigned number, BytesView bytes) {
    Bytes out{static_cast<std::byte>(number << 3 | 2)};
    for (std::size_t size = bytes.size();; size >>= 7) {
      out.push_back(static_cast<std::byte>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
      if (size <= 0x7f) break;
    }
    return concat(out, bytes);
  };
  for (const std::string_view what : {"bundle", "slots"}) {
    const auto signature = crypto::sign(owner.ed25519->secret, concat(what, input));
    check(concat(field(1, input), field(2, signature), field(3, owner.ed25519->open.bytes)));
  }
}

void http(BytesView input) {
  namespace asio = boost::asio;
  static asio::io_context io;
  static std::size_t asked = 0;
  static const auto server = net::HttpServer::open(io, {"127.0.0.1", 0}, std::nullopt,
                                                   [](const wire::Caller&, const wire::Request&,
                                                      const net::HttpServer::Responder& respond, const net::HttpServer::Held&) {
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
