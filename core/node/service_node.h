// The service node machine: keeps messages for the accounts of its swarm, forwards what clients write to the other members, and
// relays onion layers. It owns no thread, socket or clock. Source: service-node.md 3B, 6.3, 6.4; profile.md 3, 4, 6, 10.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "core/crypto/keys.h"
#include "core/onion/layer.h"
#include "core/onion/replay.h"
#include "core/pow/policy.h"
#include "core/store/mail_store.h"
#include "core/swarm/registry.h"
#include "core/wire/answers.h"
#include "core/wire/effects.h"
#include "core/wire/rpc.h"

namespace session::node {

struct Config {
  crypto::Ed25519Pair keys;
  std::string seed_url;
  swarm::RegistrySnapshot known;  ///< the registry to begin with, where there is one: of a network that was set up by hand
  Millis registry_every = seconds(10);
  Millis peer_timeout = seconds(5);
  Millis hop_timeout = seconds(30);
  Millis sweep_every = seconds(10);
};

struct Context {
  Instant now;
  Rng& rng;
  store::MailStore& store;
  wire::Effects& effects;
};

using Input = std::variant<wire::Requested, wire::Answered, wire::CallFailed, wire::Woken>;

/// A value. Every Requested is answered with exactly one Reply, at once or when peers or the next hop have answered.
class ServiceNode {
 public:
  explicit ServiceNode(Config config);

  /// Asks for the registry and sets the timers. Errors of this and of `on`: the store's; the driver then rolls back, answers
  /// 500 (507 when it is full) itself, and goes on.
  [[nodiscard]] Result<void> start(Context context);
  [[nodiscard]] Result<void> on(const Input& input, Context context);

  [[nodiscard]] NodeId id() const { return crypto::node_of(config_.keys.open); }
  /// It is in a swarm of the registry it knows.
  [[nodiscard]] bool is_ready() const { return swarm_.is_assigned(); }
  [[nodiscard]] SwarmId swarm() const { return swarm_; }
  [[nodiscard]] const swarm::RegistrySnapshot& registry() const { return registry_; }
  [[nodiscard]] std::size_t gathering_requests() const { return gatherings_.size(); }
  /// What holds in every state; asserts.
  void check_invariants() const;

 private:
  enum class Timer : std::uint32_t { Registry = 1, Sweep = 2 };

  /// Where an RPC's answer goes: to a caller in clear, or back through an onion.
  struct Sealing {
    crypto::SymmetricKey key;
    onion::EncType enc{};
    onion::Final final;
  };
  struct Return {
    RequestId request;
    std::optional<Sealing> sealing;
  };
  /// A request whose parts wait for peers: one store, or a batch with stores in it.
  struct Gathering {
    Return back;
    bool is_batch = false;
    std::vector<std::optional<wire::Answer>> parts;
    std::size_t open = 0;
  };
  /// One store of a gathering: what its members have said so far.
  struct Spread {
    std::uint64_t gathering = 0;
    std::size_t part = 0;
    wire::StoreAnswer answer;
    std::size_t open = 0;
  };
  struct PeerCall {
    std::uint64_t spread = 0;
    NodeId peer;
  };
  /// Times of a sender's proofs, each good once. Requests may overtake one another on their way, so those seen are kept, the
  /// newest of them; what is not later than the oldest that was dropped is refused.
  struct ProofWindow {
    std::set<std::int64_t> seen_ms;
    std::int64_t floor_ms = 0;
    [[nodiscard]] bool is_fresh(std::int64_t time_ms) const { return time_ms > floor_ms && !seen_ms.contains(time_ms); }
    void remember(std::int64_t time_ms);
  };
  struct RelayCall {
    RequestId request;
    NodeId next;
  };

  // service_node.cpp
  void on_request(const wire::Requested& input, Context& context);
  void on_call_ended(CallId id, const wire::Answer* answer, wire::CallFailure why, Context& context);
  void ask_registry(Context& context);
  void on_registry(const wire::Answer& answer, Context& context);
  void adopt(swarm::RegistrySnapshot registry, Context& context);
  void sweep(Context& context);
  CallId next_call() { return {next_call_++}; }
  void refuse(const wire::Answer& answer, Context& context);
  [[nodiscard]] wire::AnswerHead head(Instant now) const { return {now.unix_millis(), {}}; }

  // storage_rpc.cpp
  void on_rpc(Return back, BytesView body, Context& context);
  wire::Answer run(const wire::RetrieveRequest& request, Context& context);
  wire::Answer run(const wire::GetSwarmRequest& request, Context& context);
  wire::Answer run(const wire::InfoRequest& request, Context& context);
  wire::Answer run(const wire::OxendRequest& request, Context& context);
  std::optional<wire::Answer> check_store(const wire::StoreRequest& request, Millis clock_slack, Context& context) const;
  wire::MemberResult keep(const wire::StoreRequest& request, bool from_peer, Context& context);
  void answer(const Return& back, wire::Answer answer, Context& context);

  // replicate.cpp
  void spread(const wire::StoreRequest& request, BytesView json, std::uint64_t gathering, std::size_t part, Context& context);
  void on_peer_answer(const PeerCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context);
  void finish_part(std::uint64_t gathering, std::size_t part, wire::Answer answer, Context& context);
  void on_forwarded(const wire::Requested& input, Context& context);
  [[nodiscard]] std::optional<std::string> wrong_with(const wire::PeerProof& proof, Instant now) const;

  // relay.cpp
  void on_onion(const wire::Requested& input, Context& context);
  void forward(RequestId request, const onion::Inner& inner, Context& context);
  void on_hop_answer(const RelayCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context);

  Config config_;
  crypto::X25519Pair x25519_;
  swarm::RegistrySnapshot registry_;
  SwarmId swarm_;
  pow::DifficultyHistory difficulty_;
  onion::ReplayCache replay_;
  std::map<NodeId, ProofWindow> proofs_;
  std::map<std::uint64_t, Gathering> gatherings_;
  std::map<std::uint64_t, Spread> spreads_;
  std::map<CallId, std::variant<PeerCall, RelayCall>> calls_;
  std::optional<CallId> registry_call_;
  std::uint64_t next_call_ = 1;
  std::uint64_t next_row_ = 1;
  std::int64_t last_sent_proof_ms_ = 0;
};

/// The store failed in the middle of an input; stays inside this room.
struct StoreFailure {
  Error error;
};
template <class T>
T must(Result<T> result) {
  if (!result) throw StoreFailure{std::move(result.error())};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace session::node
