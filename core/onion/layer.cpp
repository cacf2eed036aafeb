#include "core/onion/layer.h"

#include <fmt/format.h>

#include "core/base/encoding.h"
#include "core/base/mutant.h"
#include "core/crypto/cipher.h"
#include "core/crypto/hash.h"
#include "core/wire/json.h"

namespace session::onion {
namespace {

namespace json = wire::json;

constexpr unsigned kMaxFirstHopNo = 11;
constexpr std::size_t kSmallestClass = 512, kLargestClass = 8 * 1024 * 1024;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view without_padding(std::string_view text) {
  const auto last = text.find_last_not_of(kSpace);
  return last == text.npos ? std::string_view{} : text.substr(0, last + 1);
}

/// The JSON beside a layer's blob, once its padding is off. Never throws.
Result<json::Document> parse_header(std::string_view text) {
  text = without_padding(text);
  if (text.size() > kMaxHeaderJson)
    return fail(ErrorCode::Malformed, fmt::format("{} bytes of JSON, at most {}", text.size(), kMaxHeaderJson));
  return json::guarded([&] { return json::parse(bytes_of(text), {.bytes = kMaxHeaderJson, .values = 1000, .depth = 16}); });
}

std::optional<EncType> enc_type_of(std::string_view name) {
  if (name == "xchacha20" || name == "xchacha20-poly1305") return EncType::XChaCha20;
  if (name == "aes-gcm" || name == "gcm") return EncType::AesGcm;
  return std::nullopt;
}

/// Key and cipher of the layer that lies beside them. Throws json::BadField.
void read_layer(const json::Fields& fields, crypto::X25519Public& ephemeral, EncType& enc) {
  ephemeral.bytes = fields.hex<32>("ephemeral_key");
  if (const auto name = fields.text_if("enc_type", 32)) {
    const auto known = enc_type_of(*name);
    if (!known) json::reject("enc_type", "unknown cipher '" + *name + "'");
    enc = *known;
  }
}

/// Width 2, so that the number does not change the size.
std::string outer_json(const crypto::X25519Public& ephemeral, EncType enc, unsigned hop_no) {
  return fmt::format(R"({{"enc_type":"{}","ephemeral_key":"{}","hop_no":{:>2}}})", name_of(enc), ephemeral.hex(), hop_no);
}

struct SealedLayer {
  crypto::X25519Public ephemeral;
  crypto::SymmetricKey key;
  Bytes ciphertext;
};

crypto::X25519Pair ephemeral_pair(Rng& rng) {
  SeededRng never_new(1);
  return crypto::x25519_pair(mutant::is_on(Mutant::O2) ? never_new : rng);
}

Result<SealedLayer> seal_for(const Hop& hop, EncType enc, const crypto::X25519Pair& pair, BytesView plain, Rng& rng) {
  auto key = layer_key(enc, pair.secret, hop.x25519, pair.open, hop.x25519);
  if (!key) return fail(key);
  return SealedLayer{pair.open, *key, seal_layer(enc, *key, plain, rng)};
}

}  // namespace

const char* name_of(EncType type) { return type == EncType::AesGcm ? "aes-gcm" : "xchacha20"; }

std::size_t padding_class(std::size_t size) {
  for (std::size_t room = kSmallestClass; room <= kLargestClass; room *= 4)
    if (size <= room) return room;
  return size;
}

Result<crypto::SymmetricKey> layer_key(EncType type, const crypto::X25519Secret& own, const crypto::X25519Public& other,
                                       const crypto::X25519Public& client, const crypto::X25519Public& node) {
  const auto shared = crypto::agree(own, other);
  if (!shared) return fail(shared);
  if (type == EncType::AesGcm) return crypto::SymmetricKey(crypto::hmac_sha256(bytes_of("LOKI"), {shared->bytes()}));
  return crypto::SymmetricKey(crypto::blake2b_256({shared->bytes(), client.bytes, node.bytes}));
}

Bytes seal_layer(EncType type, const crypto::SymmetricKey& key, BytesView plain, Rng& rng) {
  return type == EncType::AesGcm ? crypto::gcm_seal(key, rng.bytes<12>(), plain)
                                 : crypto::xchacha_seal(key, rng.bytes<24>(), plain);
}

Result<Bytes> open_layer(EncType type, const crypto::SymmetricKey& key, BytesView sealed) {
  return type == EncType::AesGcm ? crypto::gcm_open(key, sealed) : crypto::xchacha_open(key, sealed);
}

Bytes frame(BytesView blob, std::string_view json) {
  Bytes framed;
  framed.reserve(4 + blob.size() + json.size());
  append(framed, little(static_cast<std::uint32_t>(blob.size())));
  append(framed, blob);
  append(framed, json);
  return framed;
}

Result<Frame> parse_frame(BytesView bytes) {
  if (bytes.size() < 4) return fail(ErrorCode::Malformed, "frame: shorter than its length field");
  const auto size = load_little<std::uint32_t>(bytes.data());
  if (size > bytes.size() - 4)
    return fail(ErrorCode::Malformed, fmt::format("frame: length {} beyond the {} bytes that follow", size, bytes.size() - 4));
  return Frame{bytes.subspan(4, size), text_of(bytes.subspan(4 + size))};
}

Result<Wrapped> wrap(std::span<const Hop> hops, BytesView rpc, EncType enc, Rng& rng) {
  if (hops.empty() || hops.size() > kMaxHops - kMaxFirstHopNo + 1)
    return fail(ErrorCode::Malformed, fmt::format("an onion of {} layers", hops.size()));
  if (rpc.size() > kMaxBody / 2) return fail(ErrorCode::Refused, fmt::format("a request of {} bytes is too large", rpc.size()));
  std::string header = R"({"headers":{},"pad":1})";
  const std::size_t size = 4 + rpc.size() + header.size();
  header.append(padding_class(size) - size, ' ');
  Bytes plain = frame(rpc, header);

  Wrapped out;
  out.enc = enc;
  out.keys.resize(hops.size());
  std::optional<crypto::X25519Pair> pair;
  for (std::size_t i = hops.size(); i-- > 0;) {
    if (!pair || !mutant::is_on(Mutant::O1Layers)) pair = ephemeral_pair(rng);
    auto layer = seal_for(hops[i], enc, *pair, plain, rng);
    if (!layer) return fail(layer);
    out.keys[i] = layer->key;
    if (i > 0) {
      const bool tells_key = mutant::is_on(Mutant::O1Key);
      plain = frame(layer->ciphertext,
                    fmt::format(R"({{"destination":"{}","enc_type":"{}","ephemeral_key":"{}","seal":{}{}}})", hops[i].id.hex(),
                                name_of(enc), layer->ephemeral.hex(), hops.size() - i,
                                tells_key ? fmt::format(R"(,"key":"{}")", to_hex(layer->key.bytes())) : std::string()));
    } else {
      const auto hop_no = static_cast<unsigned>(rng.below(kMaxFirstHopNo + 1));
      out.body = frame(layer->ciphertext, outer_json(layer->ephemeral, enc, hop_no));
    }
  }
  return out;
}

std::expected<Outer, LayerError> parse_outer(BytesView body) {
  const auto bad = [](std::string_view why) {
    return std::unexpected(LayerError{400, fmt::format("Error parsing onion request: {}", why), {}, {}});
  };
  if (body.size() > kMaxBody) return bad("too large");
  const auto framed = parse_frame(body);
  if (!framed) return bad(framed.error().message);
  const auto header = parse_header(framed->json);
  if (!header) return bad(header.error().message);
  auto outer = json::guarded([&] {
    const json::Fields fields(*header, "the JSON of the layer");
    Outer read;
    read_layer(fields, read.ephemeral, read.enc);
    read.hop_no = fields.number_if<unsigned>("hop_no").value_or(0);
    return read;
  });
  if (!outer) return bad(outer.error().message);
  if (outer->hop_no > kMaxHops) return std::unexpected(LayerError{400, "onion request max path length exceeded", {}, {}});
  outer->ciphertext = to_bytes(framed->blob);
  return *std::move(outer);
}

namespace {

/// Nothing when the filter refuses it.
std::optional<Exit> read_exit(const json::Fields& fields, BytesView layer) {
  constexpr std::string_view kOfTargets = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-";
  const auto text = [&](const char* name, std::string_view otherwise) {
    return std::string(fields.has(name) ? fields.text(name, 512) : otherwise);
  };
  Exit out{text("host", ""), text("target", ""), 443, true, to_bytes(layer)};
  const std::string protocol = text("protocol", "https");
  out.tls = protocol == "https";
  out.port = fields.has("port") ? fields.number<std::uint16_t>("port", 1, 65'535) : std::uint16_t(out.tls ? 443 : 80);
  const bool knows_protocol = out.tls || protocol == "http";
  const bool is_host = json::is_host(out.host) && out.host.front() != '-' && out.host.front() != '.';
  const bool is_target = (out.target.starts_with("/loki/") || out.target.starts_with("/oxen/")) &&
                         out.target.ends_with("/lsrpc") && out.target.find_first_not_of(kOfTargets) == std::string::npos;
  if (!knows_protocol || !is_host || !is_target || text("method", "POST") != "POST") return std::nullopt;
  return out;
}

}  // namespace

std::expected<Peeled, LayerError> peel(const Outer& outer, const crypto::X25519Pair& own) {
  const auto key = layer_key(outer.enc, own.secret, outer.ephemeral, outer.ephemeral, own.open);
  if (!key) return std::unexpected(LayerError{400, "Invalid ciphertext", {}, outer.enc});
  const auto plain = open_layer(outer.enc, *key, outer.ciphertext);
  if (!plain) return std::unexpected(LayerError{400, "Invalid ciphertext", {}, outer.enc});
  return read_opened(outer, *key, *plain);
}

std::expected<Peeled, LayerError> read_opened(const Outer& outer, const crypto::SymmetricKey& key, BytesView plain) {
  const auto bad = [&](std::string_view why) {
    return std::unexpected(LayerError{400, fmt::format("Invalid json: {}", why), key, outer.enc});
  };
  const auto framed = parse_frame(plain);
  if (!framed) return bad(framed.error().message);
  const auto header = parse_header(framed->json);
  if (!header) return bad(header.error().message);
  const json::Value& inner = header->root();
  if (inner.is_object() && !inner.contains("headers") && inner.contains("host")) {
    const auto exit = json::guarded([&] { return read_exit(json::Fields(inner, "the JSON of the layer"), plain); });
    if (!exit || !*exit) return std::unexpected(LayerError{400, "Invalid url", key, outer.enc});
    return Peeled{key, outer.enc, **exit};
  }

  auto inside = json::guarded([&]() -> std::variant<Inner, Final, Exit> {
    const json::Fields fields(inner, "the JSON of the layer");
    if (inner.contains("headers")) {  // whatever its value: service-node.md 6.3
      Final final{to_bytes(framed->blob), fields.flag("base64", true), fields.flag("json", false), false};
      final.pad = fields.number_if<unsigned>("pad").value_or(0) == 1;
      return final;
    }
    crypto::X25519Public ephemeral;
    EncType enc = EncType::AesGcm;
    read_layer(fields, ephemeral, enc);
    return Inner{NodeId{fields.hex<32>("destination")}, frame(framed->blob, outer_json(ephemeral, enc, outer.hop_no + 1)),
                 fields.number_if<unsigned>("seal", 1, kMaxHops).value_or(0)};
  });
  if (!inside) return bad(inside.error().message);
  return Peeled{key, outer.enc, *std::move(inside)};
}

Bytes seal_reply(const crypto::SymmetricKey& key, EncType enc, std::uint16_t status, BytesView body, const Final& final,
                 Rng& rng) {
  std::string text;
  text.reserve(padding_class(body.size() + body.size() / 8 + 32));
  json::ObjectWriter out(text);
  const auto parsed = final.json ? json::guarded([&] { return json::parse_tree(body); }) : fail(ErrorCode::Malformed, "");
  if (parsed) {
    out.name("body");
    text += json::dump(*parsed);
  } else {
    out.text("body", text_of(body));
  }
  out.number("status", status);
  out.end();
  if (final.pad && !mutant::is_on(Mutant::O3)) text.resize(padding_class(text.size()), ' ');
  Bytes sealed = seal_layer(enc, key, bytes_of(text), rng);
  return final.base64 ? to_bytes(to_base64(sealed)) : sealed;
}

namespace {

/// Of an answer of the next class that holds `size`, after so many relays have sealed it; what is larger stays as it is.
std::size_t passed_size(EncType enc, std::size_t size, unsigned seals) {
  const std::size_t sealing = enc == EncType::AesGcm ? crypto::kGcmOverhead : crypto::kXChaChaOverhead;
  const std::size_t added = seals * (kPassedHead + sealing);
  for (std::size_t room = kSmallestClass; room <= kLargestClass; room *= 4)
    if (const std::size_t passed = (room + sealing + 2) / 3 * 4 + added; size <= passed) return passed;
  return size;
}

struct Passed {
  std::uint16_t status = 0;
  BytesView body;
};
std::optional<Passed> read_passed(BytesView plain) {
  if (plain.size() < kPassedHead) return std::nullopt;
  const auto size = load_little<std::uint32_t>(plain.data() + 2);
  if (size > plain.size() - kPassedHead) return std::nullopt;
  return Passed{load_little<std::uint16_t>(plain.data()), plain.subspan(kPassedHead, size)};
}

}  // namespace

Bytes seal_passed(const crypto::SymmetricKey& key, EncType enc, std::uint16_t status, BytesView body, unsigned hops, Rng& rng) {
  const std::size_t room = mutant::is_on(Mutant::O3) ? body.size() : passed_size(enc, body.size(), hops - 1);
  Bytes plain;
  plain.reserve(kPassedHead + room);
  append(plain, little(status));
  append(plain, little(static_cast<std::uint32_t>(body.size())));
  append(plain, body);
  plain.resize(kPassedHead + room);
  return seal_layer(enc, key, plain, rng);
}

Result<Reply> open_reply(std::span<const crypto::SymmetricKey> keys, EncType enc, BytesView answer) {
  if (answer.size() > 2 * kMaxBody) return fail(ErrorCode::Malformed, "onion answer: too large");
  Bytes inside;
  for (std::size_t relay = 0; relay + 1 < keys.size(); ++relay) {
    auto opened = open_layer(enc, keys[relay], answer);
    if (!opened) continue;  // a relay that passes answers on as they are
    inside = *std::move(opened);
    const auto passed = read_passed(inside);
    if (!passed) return fail(ErrorCode::Malformed, "onion answer: a relay's seal holds no answer");
    if (passed->status != 200) return Reply{passed->status, to_bytes(passed->body), relay};
    answer = passed->body;
  }
  const auto sealed = from_base64(text_of(answer));
  const auto plain = open_layer(enc, keys.back(), sealed ? BytesView(*sealed) : answer);
  if (!plain) return fail(plain);
  return json::guarded([&] {
    const json::Document parsed = json::parse(*plain, {.bytes = 2 * kMaxBody, .values = 1'500'000});
    const json::Fields fields(parsed, "the answer");
    Reply reply{fields.number<std::uint16_t>("status", 100, 599), {}};
    const json::Value& body = fields.require("body");
    reply.body = body.is_string() ? to_bytes(body.text()) : to_bytes(json::compact(body));
    return reply;
  });
}

}  // namespace session::onion
