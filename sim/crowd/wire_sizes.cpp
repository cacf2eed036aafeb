#include "sim/crowd/wire_sizes.h"

#include <algorithm>

#include "core/onion/layer.h"
#include "core/wire/answers.h"

namespace session::sim {
namespace {

constexpr std::int64_t kNow = 1'577'836'800'000;  // any time of 13 digits, as all are until 2286
constexpr std::int64_t kTtl = 345'600'000;
constexpr std::uint32_t kLargest = 131'072;  // more than a message of 76 800 bytes in base64

const MessageHash kHash{std::string(43, 'h')};

wire::Authentication signature() {
  wire::Authentication auth;
  auth.timestamp = kNow;
  auth.signature = crypto::Signature{};
  auth.ed25519 = crypto::Ed25519Public{};
  return auth;
}

std::uint32_t size_of(const Bytes& bytes) { return static_cast<std::uint32_t>(bytes.size()); }

/// An answer's body as it lies in the destination's layer, before padding and sealing.
std::uint32_t inner(const Bytes& body) {
  SeededRng dice(1);
  const onion::Final bare{{}, false, false, false};
  const Bytes sealed = onion::seal_reply({}, onion::EncType::XChaCha20, 200, body, bare, dice);
  return static_cast<std::uint32_t>(sealed.size() - crypto::kXChaChaOverhead);
}

/// Four hops, and what each of them gets.
class Journey {
 public:
  Journey() {
    SeededRng dice(1);
    for (int i = 0; i < 4; ++i) {
      const auto keys = crypto::ed25519_pair(dice);
      own_.push_back(crypto::x25519_of(keys));
      hops_.push_back({crypto::node_of(keys.open), own_.back().open});
    }
  }
  [[nodiscard]] RequestSizes operator()(std::size_t rpc) const {
    SeededRng dice(2);
    Bytes body = onion::wrap(hops_, Bytes(rpc, std::byte{' '}), onion::EncType::XChaCha20, dice).value().body;
    RequestSizes sizes{};
    for (std::size_t hop = 0; hop < 4; ++hop) {
      sizes[hop] = size_of(body);
      const auto peeled = onion::peel(onion::parse_outer(body).value(), own_[hop]).value();
      if (const auto* next = std::get_if<onion::Inner>(&peeled.inside)) body = next->body;
    }
    return sizes;
  }

 private:
  std::vector<crypto::X25519Pair> own_;
  std::vector<onion::Hop> hops_;
};

wire::RetrievedMessage message(std::size_t data) { return {kHash, kNow, kNow + kTtl, Bytes(data)}; }

}  // namespace

WireSizes::WireSizes(std::size_t contacts, std::size_t members) {
  const Journey journey;
  for (std::uint32_t low = 0; low < kLargest;) {
    // The largest request of the class in which `low` lies.
    const RequestSizes sizes = journey(low);
    std::uint32_t inside = low, outside = kLargest;
    while (outside - inside > 1) {
      const std::uint32_t middle = inside + (outside - inside) / 2;
      (journey(middle) == sizes ? inside : outside) = middle;
    }
    classes_.push_back({inside, sizes});
    low = inside + 1;
  }

  Account account;
  account.bytes[0] = std::byte{5};
  wire::ListenRequest listen{
      .account = account, .last_hashes = {{0, kHash}}, .tokens = {}, .wait_ms = 20'000, .auth = signature()};
  listen.tokens.resize(std::min(contacts, wire::kMaxTokens));
  listen_ = onion(size_of(wire::to_json(listen)));
  wire::RetrieveRequest fetch{
      .account = account, .ns = 0, .ns_given = true, .last_hash = kHash, .max_size = 90'000, .auth = signature()};
  fetch_ = onion(size_of(wire::to_json(fetch)));
  relay_base_ = size_of(wire::to_json(wire::RelayRequest{account, Bytes(32), {}}));
  store_base_ = size_of(wire::to_json(wire::make_store(account, 0, kNow, Millis{0}, {}))) - 1;  // without the lifetime's digit

  const wire::AnswerHead head{kNow, {}};
  peer_online_ = size_of(wire::to_json(wire::RelayAnswer{true, head}));
  peer_away_ = size_of(wire::to_json(wire::RelayAnswer{false, head}));
  relay_answer_ = inner(wire::to_json(wire::RelayAnswer{true, head}));
  wire::StoreAnswer kept{kHash, {}, head};
  for (std::size_t k = 0; k <= members; ++k) {
    store_answer_.push_back(inner(wire::to_json(kept)));
    NodeId node;
    node.key[0] = static_cast<std::byte>(k);
    kept.swarm.push_back({node, wire::KeptEntry{kHash, {}, kNow, false, kNow}});
    if (k == 0) peer_kept_ = size_of(wire::to_json(kept));
  }

  const auto heard = [&](std::size_t n) {
    wire::ListenAnswer some{{}, {}, head};
    if (n > 0) some.messages[0].assign(n, message(0));
    return inner(wire::to_json(some));
  };
  heard_ = {heard(0), heard(1), heard(2) - heard(1)};
  const auto fetched = [&](std::size_t n) {
    return inner(wire::to_json(wire::RetrieveAnswer{std::vector(n, message(0)), false, head}));
  };
  fetched_ = {fetched(0), fetched(1), fetched(2) - fetched(1)};
  handed_base_ = inner(wire::to_json(wire::ListenAnswer{{}, {Bytes{}}, head}));

  wire::RegistryQuery query;
  query.poll_block_hash = ByteArray<32>{};
  registry_query_ = size_of(wire::to_json(query));
  wire::RegistryAnswer unchanged;
  unchanged.unchanged = true;
  registry_unchanged_ = size_of(wire::to_json(unchanged, query));
}

const RequestSizes& WireSizes::onion(std::uint32_t rpc) const {
  const auto found = std::find_if(classes_.begin(), classes_.end(), [&](const Class& c) { return rpc <= c.most; });
  return found == classes_.end() ? classes_.back().sizes : found->sizes;
}

std::uint32_t WireSizes::answer(std::uint64_t inner) { return base64(onion::padding_class(inner) + crypto::kXChaChaOverhead); }

std::uint32_t WireSizes::listed(const Listing& listing, std::uint32_t messages, std::uint64_t data) {
  if (messages == 0) return answer(listing.empty);
  // Every message's base64 is filled up by itself: a byte more on average than the sum's.
  return answer(listing.first + std::uint64_t{messages - 1} * listing.further + base64(data) + messages - 1);
}

std::uint32_t WireSizes::heard(std::uint32_t messages, std::uint64_t data) const { return listed(heard_, messages, data); }
std::uint32_t WireSizes::fetched(std::uint32_t messages, std::uint64_t data) const { return listed(fetched_, messages, data); }

}  // namespace session::sim
