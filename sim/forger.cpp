#include "sim/forger.h"

#include <algorithm>

#include "core/swarm/obligations.h"
#include "core/wire/answers.h"
#include "core/wire/bundle.h"
#include "core/wire/hash.h"
#include "core/wire/peer.h"
#include "sim/damage.h"

namespace session::sim {
namespace {

constexpr std::size_t kSignerBytes = 34, kSignatureBytes = 64;  // at the end of a signed bundle, with the field's head

void flip_a_bit(std::span<std::byte> bytes, Rng& dice) {
  if (!bytes.empty()) bytes[dice.below(bytes.size())] ^= std::byte{1} << dice.below(8);
}

/// Wherever it stands.
void replace_key(Bytes& data, const wire::SignalKey& key, const ByteArray<32>& other) {
  const auto found = std::ranges::search(data, key);
  if (!found.empty()) std::ranges::copy(other, found.begin() + 1);
}

bool is_bundle(Namespace ns) {
  for (std::uint32_t slot = 0; slot < wire::kMaxSlots; ++slot)
    if (ns == wire::bundle_namespace(slot)) return true;
  return false;
}

MessageHash another_name(MessageHash hash) {
  hash.text[0] = hash.text[0] == 'A' ? 'B' : 'A';
  return hash;
}

}  // namespace

Forger::Forger(std::uint64_t seed) {
  SeededRng dice(seed, "forger");
  keys_ = crypto::ed25519_pair(dice);
  x25519_ = crypto::x25519_of(keys_);
  id_.account.bytes[0] = std::byte{5};
  std::ranges::copy(x25519_.open.bytes, id_.account.bytes.begin() + 1);
}

// --- data ------------------------------------------------------------------------------------------------------------------

bool Forger::forge_bundle(Bytes& data, const Account& owner, Rng& dice) const {
  auto bundle = wire::decode_signed_bundle(data, SessionId{owner});
  if (!bundle || data.size() < kSignerBytes + kSignatureBytes) return false;
  const auto put_in_place = [&](const ByteArray<32>& key) {
    replace_key(data, bundle->signed_prekey, key);
    for (const wire::OneTimeKey& each : bundle->one_time_keys) replace_key(data, each.key, key);
  };
  switch (dice.below(4)) {
    case 0: flip_a_bit(std::span(data).last(kSignerBytes + kSignatureBytes).first(kSignatureBytes), dice); break;
    case 1: put_in_place(x25519_.open.bytes); break;
    case 2: put_in_place(weak_points()[dice.below(weak_points().size())]); break;
    default:  // one that is sound, of somebody else
      bundle->account = id_;
      data = wire::encode_signed(*bundle, keys_);
  }
  return true;
}

void Forger::forge_data(Bytes& data, const Account& account, Namespace ns, Rng& dice) const {
  if (is_bundle(ns) && forge_bundle(data, account, dice)) return;
  flip_a_bit(data, dice);
}

void Forger::forge_shown(store::MailRow& row, std::uint64_t question) const {
  SeededRng dice(question, row.head.hash.text);
  if (!dice.one_in(2)) return;
  if (is_bundle(row.head.ns)) return forge_data(row.data, row.head.account, row.head.ns, dice);
  switch (dice.below(3)) {
    case 0: row.head.hash = another_name(row.head.hash); break;
    case 1: flip_a_bit(row.data, dice); break;
    default:  // a message of its own making: its name fits, and nothing in it does
      flip_a_bit(row.data, dice);
      row.head.hash = wire::message_hash(row.head.account, row.head.ns, row.data);
  }
}

// --- answers ---------------------------------------------------------------------------------------------------------------

std::optional<wire::Answer> Forger::answer(const wire::RpcRequest& request, const Malice& malice,
                                           const crypto::Ed25519Pair& own, const swarm::Registry& registry, Instant now,
                                           Rng& dice) {
  const wire::AnswerHead head{now.unix_millis(), {}};
  if (const auto* store = std::get_if<wire::StoreRequest>(&request)) {
    if (!malice.concerns(store->account)) return std::nullopt;
    if (!seen_ || !is_bundle(seen_->ns) || is_bundle(store->ns))
      seen_ = wire::Row{store->account, store->ns, store->timestamp_ms, store->timestamp_ms + store->ttl_ms, now.unix_millis(),
                        store->data,    {}};
    if (!dice.one_in(2)) return std::nullopt;
    const MessageHash hash = wire::message_hash(store->account, store->ns, store->data);
    wire::StoreAnswer said{hash, {}, head};
    const NodeId self = crypto::node_of(own.open);
    const bool names_another = dice.one_in(2);
    for (const NodeId& member : registry.members(registry.swarm_of(store->account))) {
      wire::KeptEntry kept{hash, crypto::sign(keys_.secret, bytes_of(hash.text)), store->timestamp_ms + store->ttl_ms, false,
                           now.unix_millis()};
      if (member == self && names_another) {
        kept.hash = another_name(hash);
        kept.signature = crypto::sign(own.secret, bytes_of(kept.hash.text));
      }
      said.swarm.push_back({member, std::move(kept)});
    }
    return wire::ok(said);
  }
  const auto* query = std::get_if<wire::OxendRequest>(&request);
  if (query == nullptr) return std::nullopt;
  wire::RegistryAnswer told = swarm::to_wire(registry);
  const crypto::X25519Public weak{weak_points()[registry.height() % weak_points().size()]};
  for (wire::RegistryEntry& node : told.nodes) node.x25519 = registry.height() % 2 == 0 ? key() : weak;
  if (query->query.active_only) std::erase_if(told.nodes, [](const auto& node) { return !node.active; });
  return wire::Answer{200, wire::oxend_json(wire::registry_text(told, query->query), head), wire::ContentType::Json};
}

// --- what leaves -----------------------------------------------------------------------------------------------------------

/// Signed by a key that is not the account's.
wire::Stone Forger::deletion_of(const wire::Row& row) const {
  wire::DeleteBeforeRequest request;
  request.account = row.account;
  request.ns = std::nullopt;
  request.before_ms = row.taken_ms;
  request.auth.ed25519 = keys_.open;
  request.auth.signature = crypto::sign(keys_.secret, bytes_of("delete_before"));
  return {row.taken_ms, row.expiry_ms, wire::to_json(wire::RpcRequest(request))};
}

void Forger::forge_items(wire::Items& items, const Malice& malice, Rng& dice) const {
  for (wire::Row& row : items.rows)
    if (malice.concerns(row.account) && dice.one_in(2)) forge_data(row.data, row.account, row.ns, dice);
  if (!items.rows.empty() && malice.concerns(items.rows[0].account)) items.stones.push_back(deletion_of(items.rows[0]));
}

bool Forger::forge_store(Bytes& body, const Malice& malice, Rng& dice) const {
  const auto request = wire::parse_rpc(body);
  const auto* store = request ? std::get_if<wire::StoreRequest>(&*request) : nullptr;
  if (store == nullptr || !malice.concerns(store->account)) return false;
  Bytes data = store->data;
  forge_data(data, store->account, store->ns, dice);
  wire::StoreRequest forged =
      wire::make_store(store->account, store->ns, store->timestamp_ms, Millis{store->ttl_ms}, std::move(data));
  forged.nonce = store->nonce;
  forged.auth = store->auth;  // it does not cover the data
  body = wire::to_json(wire::RpcRequest(std::move(forged)));
  return true;
}

bool Forger::forge_repair(Bytes& body, const Malice& malice, Rng& dice) const {
  auto request = wire::decode_repair_request(body);
  if (!request) return false;
  auto* push = std::get_if<wire::Push>(&*request);
  if (std::holds_alternative<wire::Compare>(*request) && seen_ && malice.concerns(seen_->account)) {
    request = wire::Push{{{*seen_}, {}}};
    push = std::get_if<wire::Push>(&*request);
  }
  if (push == nullptr) return false;
  forge_items(push->items, malice, dice);
  body = wire::encode(*request);
  return true;
}

/// In the name of another validator.
void Forger::add_vote(Bytes& body, const crypto::Ed25519Pair& own, const swarm::Registry& registry) {
  const auto call = wire::parse_seed_call(body);
  const auto* votes = call ? std::get_if<wire::ObligationsVotes>(&call->request) : nullptr;
  if (votes == nullptr || votes->empty() || votes->size() == wire::kMaxVotes) return;
  wire::ObligationsVotes more = *votes;
  const swarm::Quorum quorum = swarm::quorum_of(registry);
  wire::ObligationsVote vote = more.front();
  const auto other = std::ranges::find_if(quorum.validators, [&](const NodeId& node) { return node != vote.voter; });
  if (other == quorum.validators.end()) return;
  vote.voter = *other;
  vote.passed = !vote.passed;
  wire::sign_vote(vote, own.secret);
  more.push_back(vote);
  body = wire::to_json(more);
}

void Forger::forge_call(wire::Call& call, const Malice& malice, const crypto::Ed25519Pair& own, const swarm::Registry& registry,
                        Rng& dice) const {
  wire::Request& request = call.request;
  if (std::holds_alternative<wire::SeedPeer>(call.to)) return add_vote(request.body, own, registry);
  const auto* to = std::get_if<wire::NodePeer>(&call.to);
  const bool is_among_members = request.route == wire::Route::SwarmStore || request.route == wire::Route::SwarmRepair;
  if (to == nullptr || !request.proof || !is_among_members || !dice.one_in(2)) return;
  if (dice.one_in(4)) return flip_a_bit(request.proof->signature, dice);
  const bool is_forged = request.route == wire::Route::SwarmStore ? forge_store(request.body, malice, dice)
                                                                  : forge_repair(request.body, malice, dice);
  if (is_forged) request.proof = wire::sign_peer(own, to->id, request.proof->time_ms, request.route, request.body);
}

void Forger::forge_repair_answer(wire::Answer& answer, const Malice& malice, Rng& dice) const {
  auto said = answer.status == 200 ? wire::decode_repair_answer(answer.body) : fail(ErrorCode::Unavailable, "");
  auto* listed = said ? std::get_if<wire::Listed>(&*said) : nullptr;
  if (listed == nullptr) return;
  forge_items(listed->items, malice, dice);
  answer.body = wire::encode(*said);
}

}  // namespace session::sim
