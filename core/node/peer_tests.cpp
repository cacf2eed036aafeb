#include "core/node/peer_tests.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/node/service_node.h"
#include "core/swarm/obligations.h"
#include "core/wire/peer_test.h"
#include "core/wire/registry.h"

namespace session::node {
namespace {

constexpr std::size_t kFailingAtOnce = 4;
constexpr std::uint32_t kFewestFailures = 4;   ///< one after another, before a node is said to fail
constexpr std::uint32_t kLongestBackOff = 12;  ///< times the pause between tests
/// Messages that came a moment ago, or go in a moment, prove nothing: members need not agree on them.
constexpr Millis kSettled = minutes(5);
constexpr Millis kSoon = seconds(1);

std::size_t active_in(const swarm::Registry& registry) {
  return static_cast<std::size_t>(std::ranges::count_if(registry.nodes(), [](const auto& node) { return node.active; }));
}

}  // namespace

// --- what is known --------------------------------------------------------------------------------------------------------

std::vector<NodeId> PeerTests::due(const swarm::Registry& registry, const NodeId& self, Instant now, Rng& rng) {
  std::erase_if(records_, [&](const auto& record) { return registry.find(record.first) == nullptr; });
  std::erase_if(pass_, [&](const NodeId& node) { return registry.find(node) == nullptr; });
  if (pass_.empty()) {
    for (const wire::RegistryEntry& node : registry.nodes())
      if (node.funded && node.id != self) pass_.push_back(node.id);
    rng.shuffle(pass_);
  }
  std::vector<NodeId> due;
  if (!pass_.empty()) {
    due.push_back(pass_.back());
    pass_.pop_back();
  }
  for (const auto& [node, record] : records_) {
    if (due.size() > kFailingAtOnce) break;
    const bool is_there = !due.empty() && node == due.front();
    if (record.failing_since && record.again <= now && !is_there) due.push_back(node);
  }
  return due;
}

void PeerTests::pass(const NodeId& node) { records_[node] = {}; }

void PeerTests::fail(const NodeId& node, Instant now) {
  Record& record = records_[node];
  if (!record.failing_since) record.failing_since = now;
  record.failures = std::min(record.failures + 1, kLongestBackOff);
  record.again = now + Millis{every_.count * record.failures};
}

bool PeerTests::is_passing(const NodeId& node) const {
  const auto found = records_.find(node);
  return found != records_.end() && !found->second.failing_since;
}

std::optional<Instant> PeerTests::failing_since(const NodeId& node) const {
  const auto found = records_.find(node);
  return found == records_.end() || found->second.failures < kFewestFailures ? std::nullopt : found->second.failing_since;
}

// --- asking ---------------------------------------------------------------------------------------------------------------

void ServiceNode::begin_peer_tests(Context& context) {
  started_ = context.now;
  if (config_.test_every > Millis{})
    context.effects.wake(static_cast<std::uint32_t>(Timer::Tests),
                         context.now + Millis{context.rng.between(1, config_.test_every.count)});
  // Whoever is set up together does not prove together; the first after about a block, like the network's own.
  const Millis block_time = registry_ ? registry_->network().block_time : seconds(120);
  context.effects.wake(static_cast<std::uint32_t>(Timer::Proof),
                       context.now + swarm::half_blocks(1, block_time) + Millis{context.rng.between(0, block_time.count)});
}

void ServiceNode::test_peers(Context& context) {
  const std::int64_t pause = config_.test_every.count;
  context.effects.wake(static_cast<std::uint32_t>(Timer::Tests),
                       context.now + Millis{context.rng.between(pause * 7 / 10, pause * 13 / 10)});
  // Without a quorum nobody is judged, and nobody need be tested.
  if (!is_ready() || active_in(*registry_) <= swarm::kValidators) return;
  for (const NodeId& node : tests_.due(*registry_, id(), context.now, context.rng)) {
    if (testing_.size() >= kMaxTests) return;
    const auto* entry = registry_->find(node);
    if (entry->has_address()) ask_peer(Test{node, {}, {}}, wire::Route::PingTest, wire::ping_json(), context);
  }
}

void ServiceNode::ask_peer(const Test& test, wire::Route route, const Bytes& body, Context& context) {
  const auto* entry = registry_->find(test.node);
  const CallId call = next_call();
  const onion::Print content = crypto::blake2b_128({bytes_of(wire::path_of(route)), body});
  context.effects.call({call, wire::NodePeer{test.node, entry->address},
                        signed_for(test.node, route, body, content, context.now), config_.peer_timeout});
  testing_.emplace(call, test);
}

/// False when this call was no test.
bool ServiceNode::on_test_ended(CallId call, const wire::Answer* answer, Context& context) {
  const auto found = testing_.find(call);
  if (found == testing_.end()) return false;
  const Test test = found->second;
  testing_.erase(found);
  const bool is_ok = answer != nullptr && answer->status == 200;
  if (test.expected) {
    const auto proof = is_ok ? wire::parse_storage_answer(answer->body) : Result<ByteArray<32>>(ByteArray<32>{});
    judge(test.node, proof && *proof == *test.expected, context);
  } else {
    const auto who = is_ok ? wire::parse_ping_answer(answer->body) : Result<NodeId>(NodeId{});
    if (!who || *who != test.node)
      judge(test.node, false, context);
    else if (!challenge(test.node, context))
      judge(test.node, true, context);
  }
  return true;
}

void ServiceNode::judge(const NodeId& node, bool passed, Context& context) {
  if (passed)
    tests_.pass(node);
  else
    tests_.fail(node, context.now);
}

/// Asks a member of the own swarm for something that both must keep; false when there is nothing to ask for.
bool ServiceNode::challenge(const NodeId& node, Context& context) {
  const auto* entry = registry_->find(node);
  if (entry == nullptr || !is_ready() || entry->swarm != swarm_) return false;
  const auto row = must(context.store.random_row(context.rng));
  if (!row || context.now - row->head.arrived < kSettled || row->head.expiry - context.now < kSettled ||
      registry_->swarm_of(row->head.account) != swarm_)
    return false;
  const wire::StorageChallenge challenge{row->head.hash, context.rng.bytes<16>()};
  ask_peer(Test{node, challenge.hash, wire::storage_proof(challenge, row->data)}, wire::Route::StorageTest,
           wire::to_json(challenge), context);
  return true;
}

// --- answering ------------------------------------------------------------------------------------------------------------

/// A node that is in no swarm answers too: a decommissioned one must be able to show that it is there again.
void ServiceNode::on_ping(const wire::Requested& input, Context& context) {
  const Return back{input.id, {}};
  if (!input.request.proof) return answer(back, wire::refusal(401, "X-Snode-Sender: missing"), context);
  answer(back, {200, wire::ping_answer_json(id()), wire::ContentType::Json}, context);
}

void ServiceNode::on_storage_test(const wire::Requested& input, Context& context) {
  const Return back{input.id, {}};
  if (!is_ready()) return answer(back, wire::refusal(503, "Service node is not ready: not in a swarm yet"), context);
  if (!input.request.proof) return answer(back, wire::refusal(401, "X-Snode-Sender: missing"), context);
  if (registry_->find(input.request.proof->sender)->swarm != swarm_)
    return answer(back, wire::refusal(401, "X-Snode-Sender: a node of another swarm"), context);
  const auto challenge = wire::parse_storage_challenge(input.request.body);
  if (!challenge) return answer(back, wire::refusal(400, "invalid request: " + challenge.error().message), context);
  const auto row = must(context.store.find(challenge->hash));
  if (!row) return answer(back, wire::refusal(404, "hash: not kept here"), context);
  answer(back, {200, wire::storage_answer_json(wire::storage_proof(*challenge, row->data)), wire::ContentType::Json}, context);
}

// --- what the registry is told --------------------------------------------------------------------------------------------

void ServiceNode::prove_uptime(Context& context) {
  const Millis block_time = registry_ ? registry_->network().block_time : seconds(120);
  context.effects.wake(static_cast<std::uint32_t>(Timer::Proof),
                       context.now + std::max(kSoon, swarm::half_blocks(5, block_time)));
  if (!registry_ || registry_->find(id()) == nullptr || proof_call_) return;
  if (proved_ && context.now - *proved_ < swarm::proof_period(block_time)) return;
  wire::UptimeProof proof;
  proof.id = id();
  proof.time_ms = context.now.unix_millis();
  wire::sign_uptime(proof, config_.keys.secret);
  proof_call_ = next_call();
  context.effects.call(
      {*proof_call_, wire::SeedPeer{config_.seed_url}, {wire::Route::SeedRpc, wire::to_json(proof), {}}, seconds(10)});
}

/// As a validator of the newest block: whom it was given to judge, and what its own tests and the proofs say.
void ServiceNode::vote_on_peers(Context& context) {
  const Millis block_time = registry_->network().block_time;
  if (context.now - started_ < swarm::proof_validity(block_time)) return;
  // One that was away itself, such as a machine that slept, must not take the others for dead.
  const auto* self = registry_->find(id());
  if (self == nullptr || !has_fresh_proof(*self, context.now)) return;
  const swarm::Quorum quorum = swarm::quorum_of(*registry_);
  if (!quorum.has_validator(id())) return;
  for (const NodeId& node : quorum.tested) {
    const auto& entry = *registry_->find(node);
    const bool passes = tests_.is_passing(node) && has_fresh_proof(entry, context.now);
    const auto failing = tests_.failing_since(node);
    const bool fails =
        (failing && context.now - *failing >= swarm::failing_time(block_time)) || !has_fresh_proof(entry, context.now);
    const bool is_wanted = entry.active ? fails : passes || (fails && entry.earned_downtime_blocks < 0);
    if (!is_wanted) continue;
    wire::ObligationsVote vote{quorum.height, quorum.block_hash, id(), node, !entry.active && passes, {}};
    wire::sign_vote(vote, config_.keys.secret);
    votes_.push_back(vote);
  }
}

bool ServiceNode::has_fresh_proof(const wire::RegistryEntry& entry, Instant now) const {
  const Millis validity = swarm::proof_validity(registry_->network().block_time);
  if (entry.last_uptime_proof_s != 0)
    return now - Instant::from_unix_millis(static_cast<std::int64_t>(entry.last_uptime_proof_s) * 1000) <= validity;
  // It has not proved anything yet: it has as long for its first proof as one is good for.
  const auto blocks = static_cast<std::int64_t>(registry_->height() - entry.registration_height);
  return swarm::half_blocks(2 * blocks, registry_->network().block_time) <= validity;
}

void ServiceNode::send_votes(Context& context) {
  std::erase_if(votes_, [&](const auto& vote) { return vote.height + swarm::kVoteLifetime < registry_->height(); });
  if (votes_call_ || votes_.empty()) return;
  votes_sent_ = std::min(votes_.size(), wire::kMaxVotes);
  const wire::ObligationsVotes some(votes_.begin(), votes_.begin() + static_cast<std::ptrdiff_t>(votes_sent_));
  votes_call_ = next_call();
  context.effects.call(
      {*votes_call_, wire::SeedPeer{config_.seed_url}, {wire::Route::SeedRpc, wire::to_json(some), {}}, seconds(10)});
}

/// False when this call told the registry nothing. What got no answer is told again; what was refused is not.
bool ServiceNode::on_told(CallId call, const wire::Answer* answer, Context& context) {
  if (proof_call_ == call) {
    proof_call_.reset();
    if (answer != nullptr && wire::parse_registration_answer(answer->body)) proved_ = context.now;
    return true;
  }
  if (votes_call_ != call) return false;
  votes_call_.reset();
  if (answer != nullptr && answer->status == 200) {
    votes_.erase(votes_.begin(), votes_.begin() + static_cast<std::ptrdiff_t>(std::min(votes_sent_, votes_.size())));
    send_votes(context);
  }
  return true;
}

}  // namespace session::node
