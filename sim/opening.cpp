#include "sim/opening.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/wire/hash.h"
#include "core/wire/rpc.h"

namespace session::sim {
namespace {

constexpr std::size_t kKeyDigits = 64;
constexpr std::size_t kSmallestSealed = 12 + 16 + 12;  ///< nonce, tag, and what no two answers have alike

std::optional<NamedRequest> name(const wire::RpcRequest& request);

struct Namer {
  template <class Request>
  std::optional<NamedRequest> operator()(const Request& request) const {
    if constexpr (requires { request.account; }) {
      NamedRequest out{request.account, wire::method_of(request), {}};
      if constexpr (std::is_same_v<Request, wire::StoreRequest>)
        out.messages.push_back(wire::message_hash(request.account, request.ns, request.data));
      if constexpr (requires { request.messages; }) out.messages = request.messages;
      if constexpr (std::is_same_v<Request, wire::RetrieveRequest>)
        if (request.last_hash) out.messages.push_back(*request.last_hash);
      if constexpr (std::is_same_v<Request, wire::ListenRequest>)
        for (const auto& [ns, last] : request.last_hashes)
          if (last) out.messages.push_back(*last);
      return out;
    } else if constexpr (requires { request.requests; }) {
      for (const wire::Subrequest& part : request.requests)
        if (auto out = std::visit(*this, part)) return out;
      return std::nullopt;
    } else if constexpr (requires { request.then_part; }) {
      for (const auto* parts : {&request.then_part, &request.else_part})
        for (const wire::AnyRequest& part : *parts)
          if (auto out = name(part.request)) return out;
      return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
};

std::optional<NamedRequest> name(const wire::RpcRequest& request) { return std::visit(Namer{}, request); }

/// Every 64 hex digits in a row.
void find_keys(std::string_view text, std::vector<ByteArray<32>>& found) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  for (std::size_t from = 0; from + kKeyDigits <= text.size();) {
    const std::string_view word = text.substr(from, kKeyDigits);
    const auto other = word.find_last_not_of(kDigits);
    if (other != word.npos) {
      from += other + 1;
      continue;
    }
    if (const auto key = array_from_hex<32>(word)) found.push_back(*key);
    from += kKeyDigits;
  }
}

std::optional<OpenedLayer> open_by_key(const crypto::SymmetricKey& key, const onion::Outer& layer) {
  const auto plain = onion::open_layer(layer.enc, key, layer.ciphertext);
  if (!plain) return std::nullopt;
  auto peeled = onion::read_opened(layer, key, *plain);
  if (!peeled) return std::nullopt;
  OpenedLayer out{*std::move(peeled), {to_array<32>(key.bytes())}};
  if (const auto framed = onion::parse_frame(*plain)) find_keys(framed->json.substr(0, onion::kMaxHeaderJson), out.found);
  // Whom it goes to is no secret.
  if (const auto* inner = std::get_if<onion::Inner>(&out.peeled.inside)) std::erase(out.found, inner->next.key);
  return out;
}

}  // namespace

std::optional<NamedRequest> named_in(BytesView rpc) {
  const auto request = wire::parse_rpc(rpc);
  return request ? name(*request) : std::nullopt;
}

std::optional<OpenedLayer> open_with(const crypto::X25519Pair& own, const onion::Outer& layer) {
  const auto key = onion::layer_key(layer.enc, own.secret, layer.ephemeral, layer.ephemeral, own.open);
  return key ? open_by_key(*key, layer) : std::nullopt;
}

std::optional<OpenedLayer> open_with(const ByteArray<32>& found, const onion::Outer& layer,
                                     const std::optional<crypto::X25519Public>& addressee) {
  if (found == layer.ephemeral.bytes) return std::nullopt;  // the public half, which stands beside every layer
  if (auto opened = open_by_key(crypto::SymmetricKey(found), layer)) return opened;
  if (!addressee) return std::nullopt;
  const auto key = onion::layer_key(layer.enc, crypto::X25519Secret(found), *addressee, layer.ephemeral, *addressee);
  return key ? open_by_key(*key, layer) : std::nullopt;
}

Print print_of(BytesView bytes) { return crypto::blake2b_128({bytes}); }

std::optional<Print> print_of_sealed(BytesView answer) {
  if (answer.size() < kSmallestSealed) return std::nullopt;
  const auto is_printable = [](std::byte b) { return b >= std::byte{' '} && b < std::byte{0x7f}; };
  if (std::ranges::all_of(answer, is_printable) && !from_base64(text_of(answer))) return std::nullopt;  // words
  return print_of(answer);
}

std::size_t size_class_of(std::size_t layer_size) {
  std::size_t found = 0;
  for (std::size_t room = 512; room <= 8 * 1024 * 1024 && room <= layer_size; room *= 4) found = room;
  return found;
}

}  // namespace session::sim
