// The service node machine: keeps messages for the accounts of its swarm, forwards what clients write to the other members, and
// relays onion layers. It owns no thread, socket or clock. Source: service-node.md 3B, 6.3, 6.4; profile.md 3, 4, 6, 10.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "core/base/filling.h"
#include "core/crypto/keys.h"
#include "core/node/limits.h"
#include "core/node/listing.h"
#include "core/node/peer_tests.h"
#include "core/onion/layer.h"
#include "core/onion/replay.h"
#include "core/pow/policy.h"
#include "core/store/mail_store.h"
#include "core/swarm/registry.h"
#include "core/wire/answers.h"
#include "core/wire/effects.h"
#include "core/wire/rpc.h"
#include "core/wire/signed_text.h"
#include "core/wire/swarm_repair.h"

namespace session::node {

/// Where onion paths may end beside nodes. `Public`: servers that everybody can reach; `Any`: this machine and private networks
/// too, for networks that live there.
enum class Exits { None, Public, Any };

struct Config {
  crypto::Ed25519Pair keys;
  std::string seed_url;
  swarm::RegistrySnapshot known;  ///< the registry to begin with, where there is one: of a network that was set up by hand
  Millis registry_every = seconds(10);
  Millis peer_timeout = seconds(5);
  Millis hop_timeout = seconds(30);
  Millis sweep_every = seconds(10);
  Millis test_every = seconds(10);     ///< another node is tested (service-node.md 5.4); 0: none ever
  std::size_t swept_at_once = 10'000;  ///< messages; when there were more, the next sweep comes soon
  Limits limits;
  Millis repair_every = minutes(1);  ///< a member of the swarm is compared with (profile.md 4)
  Millis repair_timeout = seconds(10);
  std::size_t repair_bytes = 1024 * 1024;                   ///< of one request or answer, beyond its first item
  std::size_t repair_entries = 8'192;                       ///< listed in one request
  std::int64_t repair_bytes_per_second = 16 * 1024 * 1024;  ///< that are sent and taken for repairs, as this node asks for them
  std::int64_t answer_bytes = 7'800'000;                    ///< of messages in one answer at most (service-node.md 3B.3)
  Exits exits = Exits::None;
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
  [[nodiscard]] std::size_t waiting_requests() const { return compounds_.size() + spreads_.size() + listeners_.size(); }
  [[nodiscard]] std::size_t listeners() const { return listeners_.size(); }
  /// What `old`, which failed, had seen and counted: so that a store that fails lets nobody send again what was sent, nor begin
  /// with a full bucket. For one that has not started yet.
  void take_over(ServiceNode& old);
  /// Other limits from now on; what callers have used up is forgotten.
  void set_limits(const Limits& limits);
  /// Answers everybody who listens that nothing came: they shall ask anew, and elsewhere.
  void end_all_listeners(Context context);
  /// What holds in every state; asserts.
  void check_invariants() const;
  /// Of every table that others can fill.
  [[nodiscard]] Fillings fillings() const;

 private:
  enum class Timer : std::uint32_t {
    Registry = 1,
    Sweep = 2,
    Listen = 3,
    Repair = 4,
    RepairOn = 5,
    Move = 6,
    Tests = 10,
    Proof = 11
  };

  /// Where an RPC's answer goes: to a caller in clear, or back through an onion.
  struct Sealing {
    crypto::SymmetricKey key;
    onion::EncType enc{};
    onion::Final final;
  };
  /// Whose bucket is charged for what a request costs beside its first token.
  struct Payer {
    std::string name;
    bool is_peer = false;
  };
  struct Return {
    RequestId request;
    std::optional<Sealing> sealing;
    std::optional<Payer> payer = std::nullopt;
  };
  struct PartOf {
    std::uint64_t compound = 0;
    std::size_t part = 0;
  };
  using To = std::variant<Return, PartOf>;
  /// A batch, a sequence or a choice: what its parts have answered so far.
  struct Compound {
    enum class Kind { Batch, Sequence, IfElse } kind = Kind::Batch;
    To to;
    std::vector<std::optional<wire::Answer>> parts;
    std::size_t open = 0;
    std::vector<wire::Subrequest> rest;  ///< of a sequence, the next at the end
    wire::IfElseAnswer outcome;          ///< of a choice
    std::int64_t left = 0;               ///< bytes that what is read for it may have; of the outermost alone
  };
  /// What is written on every member of the swarm, but stores.
  using Change = std::variant<wire::DeleteRequest, wire::DeleteAllRequest, wire::DeleteBeforeRequest, wire::ExpireRequest,
                              wire::ExpireAllRequest, wire::RevokeRequest, wire::UnrevokeRequest>;
  struct ChangeSpread {
    Change request;  ///< to check what the members signed
    wire::ChangeAnswer answer;
  };
  struct RelaySpread {};
  /// What was forwarded to the other members, and what they have said so far.
  struct Spread {
    To to;
    std::variant<wire::StoreAnswer, ChangeSpread, RelaySpread> what;
    std::size_t open = 0;
  };
  struct PeerCall {
    std::uint64_t spread = 0;
    NodeId peer;
  };
  struct Listener {
    Return back;
    wire::ListenRequest request;
    crypto::Ed25519Public key;  ///< that signed
    Instant until;
  };
  /// What this node has signed for others within the last millisecond. The same request to the same node again takes a later
  /// time, or it would be refused as a replay; different ones may share theirs, so no flood makes the times run ahead.
  struct SentProofs {
    std::int64_t at_ms = 0;
    std::map<std::pair<NodeId, onion::Print>, std::int64_t> last_ms;
    [[nodiscard]] std::int64_t time_for(const NodeId& recipient, const onion::Print& content, Instant now);
  };
  /// Another node that is being tested: first whether it answers, then whether it keeps `hash`.
  struct Test {
    NodeId node;
    MessageHash hash;
    std::optional<ByteArray<32>> expected;  ///< the proof; nothing while it is only asked whether it answers
  };
  struct RelayCall {
    RequestId request;
    std::optional<NodeId> next;  ///< none: a server outside the network
    struct Seal {
      crypto::SymmetricKey key;
      onion::EncType enc{};
      unsigned hops = 1;  ///< to the destination
    };
    std::optional<Seal> seal = {};  ///< for what is passed back, where the client asked for one
  };
  /// What the one repair under way waits for.
  struct RepairCall {};
  /// This node compares what it keeps with a member of its swarm, and both end with what either had.
  struct Repair {
    enum class State {
      Comparing,  ///< digests are with the peer
      Listing,    ///< a list is with the peer
      Pushing,    ///< what it lacked is with the peer
      Pausing,    ///< so that no more bytes a second are moved than may be
    };
    State state = State::Comparing;
    NodeId peer;
    wire::Buckets differing;
    store::Print first{};              ///< from where on to list next
    store::Print listed_to{};          ///< the end of what the peer has the list of
    bool is_listed = false;            ///< all of it
    std::vector<store::Print> wanted;  ///< by the peer, still to be pushed; the next at the end
    std::uint32_t taken = 0, given = 0;
  };

  struct MoveCall {};
  /// Messages of other swarms' accounts are handed to so many members of the one swarm they belong to that they are safe there.
  struct Move {
    enum class State {
      Offering,    ///< what there is, is with a member
      Pushing,     ///< what he lacked is with him
      Confirming,  ///< asked again what he lacks
      Pausing,     ///< so that no more bytes a second are moved than may be
    };
    State state = State::Offering;
    SwarmId to;
    std::vector<wire::Listing> entries;
    std::vector<std::uint32_t> acknowledged;  ///< each by so many members
    std::uint32_t needed = 0;
    std::vector<NodeId> members;       ///< still to be asked; the next at the end
    std::vector<store::Print> wanted;  ///< by this member, still to be pushed; the next at the end
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
  void start_request(const wire::RpcRequest& request, To to, Context& context);
  [[nodiscard]] std::optional<Payer> payer_of(const wire::Requested& input) const;
  [[nodiscard]] bool charge(const To& to, std::size_t hashes, Instant now);
  void finish(const To& to, wire::Answer answer, Context& context);
  wire::Answer run(const wire::RetrieveRequest& request, std::int64_t* left, Context& context);
  wire::Answer run(const wire::GetSwarmRequest& request, Context& context);
  wire::Answer run(const wire::InfoRequest& request, Context& context);
  wire::Answer run(const wire::OxendRequest& request, std::int64_t* left, Context& context);
  [[nodiscard]] Compound* outermost(const To& to);
  [[nodiscard]] std::int64_t* left_for(const To& to);
  /// 421 when another swarm keeps this account.
  [[nodiscard]] std::optional<wire::Answer> check_swarm(const Account& account, const Context& context) const;
  std::optional<wire::Answer> check_store(const wire::StoreRequest& request, Millis clock_slack, Context& context) const;
  [[nodiscard]] bool has_room(std::uint64_t bytes, const Context& context) const;
  [[nodiscard]] std::optional<wire::Answer> check_room(const wire::StoreRequest& request, Context& context) const;
  [[nodiscard]] bool has_share_for(const Account& account, Namespace ns, std::size_t bytes, Context& context) const;
  /// `taken`: when the first node took it; afterwards, as what it is taken for.
  wire::MemberResult keep(const wire::StoreRequest& request, Instant& taken, bool from_peer, Context& context);
  void answer(const Return& back, wire::Answer answer, Context& context);

  // compound.cpp
  void start_batch(const wire::BatchRequest& request, To to, Context& context);
  void start_sequence(const wire::SequenceRequest& request, To to, Context& context);
  void start_if_else(const wire::IfElseRequest& request, To to, Context& context);
  void next_of_sequence(std::uint64_t number, Context& context);
  void finish_part(const PartOf& part, wire::Answer answer, Context& context);

  // mailbox.cpp
  wire::Answer run(const wire::GetExpiriesRequest& request, Context& context);
  template <class Request>
  std::optional<wire::Answer> check_change(const Request& request, Millis clock_slack, Context& context) const;
  [[nodiscard]] std::optional<wire::Answer> check_revocations(const wire::RevokeRequest& request, Context& context) const;
  template <class Request>
  wire::MemberChange carry_out_change(const Request& request, Instant& taken, Context& context);
  template <class Request>
  bool obey_stone(const Request& request, const wire::Stone& stone, Context& context);
  [[nodiscard]] std::optional<wire::Answer> check(const Change& request, Millis clock_slack, Context& context) const;
  wire::MemberChange carry_out(const Change& request, Instant& taken, Context& context);
  /// A tombstone of a peer's, once everything about it is found to be true.
  bool take(const wire::Stone& stone, Context& context);

  // listen.cpp
  void start_listening(const wire::ListenRequest& request, const To& to, Context& context);
  void start_relaying(const wire::RelayRequest& request, const To& to, Context& context);
  std::uint32_t hand_over(const wire::RelayRequest& request, Context& context);
  void wake_listeners(const Account& account, Namespace ns, Context& context);
  void end_listening(std::uint64_t number, wire::ListenAnswer answer, Context& context);
  void end_late_listeners(Context& context);
  wire::ListenAnswer newer_for(const wire::ListenRequest& request, Context& context);
  /// What came after `last`, as far as `budget` goes; true when more is there.
  bool read_newer(const Account& account, Namespace ns, const std::optional<MessageHash>& last, std::int64_t most,
                  std::int64_t& budget, std::vector<wire::RetrievedMessage>& out, Context& context);

  // replicate.cpp
  void spread_store(const wire::StoreRequest& request, const To& to, Context& context);
  void spread_change(const Change& request, const To& to, Context& context);
  void spread_to_peers(Spread row, BytesView json, Instant taken, Context& context);
  static void count_out(Spread& row, const NodeId& member);
  void on_peer_answer(const PeerCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context);
  void finish_spread(Spread done, Context& context);
  void on_forwarded(const wire::Requested& input, Context& context);
  template <class Request>
  wire::Answer run_forwarded(const Request& request, Instant taken, Context& context);
  [[nodiscard]] std::optional<std::string> wrong_with(const wire::PeerProof& proof, Instant now) const;
  /// A request to another node, with this node's proof.
  [[nodiscard]] wire::Request signed_for(const NodeId& recipient, wire::Route route, BytesView body,
                                         const onion::Print& content, Instant now, Instant at_least = {});

  /// Nothing when this request may be served now; else the refusal. A proof is judged here, once and for all.
  [[nodiscard]] std::optional<wire::Answer> check_caller(const wire::Requested& input, Instant now);

  // repair.cpp
  void begin_repairs(Context& context);
  void repair_with(const NodeId& peer, Context& context);
  void repair_next(Context& context);
  void ask_for_repair(const wire::RepairRequest& request, Context& context);
  void on_repair_answer(const wire::Answer* answer, Context& context);
  void go_on_repairing(Context& context);
  void pause_repair(std::size_t bytes, Context& context);
  void end_repair(bool is_whole, Context& context);
  [[nodiscard]] std::vector<NodeId> other_members() const;
  [[nodiscard]] bool is_member(const NodeId& node) const {  ///< of this node's swarm
    const auto* entry = registry_->find(node);
    return entry != nullptr && entry->swarm == swarm_;
  }
  [[nodiscard]] wire::List list_from(const Repair& repair, Context& context);
  void on_repair_request(const wire::Requested& input, Context& context);
  wire::Answer run(const wire::Compare& request, Context& context);
  wire::Answer run(const wire::List& request, Context& context);
  wire::Answer run(const wire::Offer& request, Context& context);
  wire::Answer run(const wire::Push& request, Context& context);
  /// What lies under a print and is of this swarm's accounts, written for a peer; false when there is no such thing.
  bool read_item(const store::Print& print, SwarmId of, wire::Items& out, std::size_t& bytes, Context& context);
  std::uint32_t take(const wire::Items& items, Context& context);
  bool take(const wire::Row& row, Context& context);
  [[nodiscard]] bool is_sound(const wire::Row& row, const Context& context) const;
  [[nodiscard]] bool has_worked(const wire::Row& row) const;

  // moves.cpp
  void look_for_moves(Context& context);
  void begin_move(Context& context);
  void go_on_moving(Context& context);
  void ask_for_move(const wire::RepairRequest& request, Context& context);
  void offer_to_next(Context& context);
  void on_move_answer(const wire::Answer* answer, Context& context);
  void end_move(Context& context);
  [[nodiscard]] Bytes place() const;

  // relay.cpp
  void on_onion(const wire::Requested& input, Context& context);
  void forward(RequestId request, const onion::Peeled& peeled, const onion::Inner& inner, Context& context);
  void leave(const Return& back, const onion::Exit& exit, Context& context);
  void pass_back(const RelayCall& call, const wire::Answer& what, Context& context);
  void on_hop_answer(const RelayCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context);

  // peer_tests.cpp
  void begin_peer_tests(Context& context);
  void test_peers(Context& context);
  void ask_peer(const Test& test, wire::Route route, const Bytes& body, Context& context);
  bool on_test_ended(CallId call, const wire::Answer* answer, Context& context);
  void judge(const NodeId& node, bool passed, Context& context);
  bool challenge(const NodeId& node, Context& context);
  void on_ping(const wire::Requested& input, Context& context);
  void on_storage_test(const wire::Requested& input, Context& context);
  void prove_uptime(Context& context);
  void vote_on_peers(Context& context);
  [[nodiscard]] bool has_fresh_proof(const wire::RegistryEntry& entry, Instant now) const;
  void send_votes(Context& context);
  bool on_told(CallId call, const wire::Answer* answer, Context& context);

  Config config_;
  crypto::X25519Pair x25519_;
  swarm::RegistrySnapshot registry_;
  SwarmId swarm_;
  RegistryListing listing_;
  std::optional<pow::DifficultyHistory> difficulty_;  ///< there when the registry is
  onion::ReplayCache replay_;
  onion::ReplayCache proofs_;  ///< of peers, each good once; they may overtake one another on their way
  SentProofs sent_;
  TokenBuckets callers_, peers_;
  std::map<std::uint64_t, Compound> compounds_;
  std::map<std::uint64_t, Spread> spreads_;
  std::map<CallId, std::variant<PeerCall, RelayCall, RepairCall, MoveCall>> calls_;
  std::map<std::uint64_t, Listener> listeners_;
  std::set<std::pair<Instant, std::uint64_t>> listener_ends_;
  std::map<Account, std::set<std::uint64_t>> listeners_of_;
  TokenBuckets relayed_;  ///< by the hex of a token's hash
  std::optional<CallId> registry_call_;
  std::optional<Repair> repair_;
  std::vector<NodeId> to_repair_;     ///< members that are compared with after this one; the next at the end
  std::map<NodeId, Instant> missed_;  ///< members that did not take what was forwarded to them, and when it was the last time
  bool is_compared_ = false;          ///< with one member at least since this node came into its swarm
  std::optional<Move> move_;
  bool is_placed_ = true;          ///< all that is kept belongs here
  Bytes place_;                    ///< for which swarms this is, or is being, seen to
  store::Print move_from_{};       ///< from where on to look for what does not
  std::set<SwarmId> unreachable_;  ///< swarms that did not take all of theirs, this time
  Instant difficulty_since_;       ///< from when on it is known what the difficulty was
  std::string revocations_seen_;   ///< up to where they were looked at for old ones
  PeerTests tests_;
  std::map<CallId, Test> testing_;
  Instant started_;
  std::optional<Instant> proved_;  ///< when the registry took the last uptime proof
  std::optional<CallId> proof_call_, votes_call_;
  wire::ObligationsVotes votes_;  ///< that the registry has not taken yet
  std::size_t votes_sent_ = 0;    ///< the first of them, in the call under way
  std::uint64_t next_call_ = 1;
  std::uint64_t next_row_ = 1;
};

/// Asks the store, once a subaccount shows its token.
[[nodiscard]] std::function<bool(const wire::SubaccountToken&)> revoked_in(Context& context, const Account& account);

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
