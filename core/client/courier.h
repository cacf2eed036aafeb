// The courier carries requests to service nodes in onion layers and brings the answers back. It knows the registry, the guards
// and the paths; it does not know what the requests are about.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/context.h"
#include "core/client/witnesses.h"
#include "core/onion/layer.h"
#include "core/onion/paths.h"
#include "core/swarm/registry.h"
#include "core/wire/registry.h"

namespace session::client {

class Courier {
 public:
  /// A seed that is named twice, in whatever writing, is one source.
  Courier(std::vector<std::string> seeds, Millis call_timeout);

  /// Takes up the guards and the last registry from the store.
  void load(Context& context);
  /// Null until one was heard.
  [[nodiscard]] const swarm::Registry* registry() const { return registry_.get(); }
  /// Asks for a new registry, unless one is on its way: through a path where there is one, else of a seed, directly. What a
  /// node says is believed when it is what is known already, or when another node says the same (`doubt` asks for both); of two
  /// seeds or more, two must say the same, or the only one that answers what is known already, or anything for ten minutes in
  /// which the others are silent. Where seeds are of no use for so long, and nodes tell of another network, witnesses are asked
  /// (reliability.md 2).
  void refresh(Context& context);
  /// The registry is old enough, or was found wrong, to be asked for anew, and the last failure is long enough ago.
  [[nodiscard]] bool wants_refresh(Instant now) const;
  /// Before this a failure is not repeated: 1 s, 2 s, 4 s ... 64 s after it. Never more than that from `now`, whatever became
  /// of the clock.
  [[nodiscard]] Instant refresh_again(Instant now) const;
  [[nodiscard]] bool is_refreshing() const { return refresh_call_.has_value(); }
  /// Why the last refresh failed; empty after a good one.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  /// Asks for the registry anew at the next opportunity: a node said that the swarm is another. Where the last doubt changed
  /// nothing, not within a minute of it.
  void doubt() { doubted_ = true; }

  struct Sent {
    CallId call;
    onion::Path path;
    std::size_t bytes = 0;  ///< that left for the guard
  };
  struct Options {
    std::optional<Millis> timeout = std::nullopt;  ///< absent: as every request's
    std::optional<NodeId> spare = std::nullopt;    ///< a guard that another path is preferred to
  };
  /// One request to `destination`, in four layers. Errors: Unavailable (no registry, unknown destination, no path).
  [[nodiscard]] Result<Sent> send(const NodeId& destination, BytesView rpc, std::string_view method, Context& context,
                                  const Options& options);
  [[nodiscard]] Result<Sent> send(const NodeId& destination, BytesView rpc, std::string_view method, Context& context) {
    return send(destination, rpc, method, context, Options{});
  }

  /// What became of a call. `failure` is empty exactly when the destination answered; then `status` and `body` are its.
  struct Outcome {
    CallId call;
    NodeId destination;
    std::uint16_t status = 0;
    Bytes body;
    std::optional<Error> failure;
    std::optional<NodeId> culprit;  ///< of a failure: the node that the request did not reach, where that is known
    NodeId guard;                   ///< the first hop of the path it went by
    Instant sent;                   ///< when it left, by our own clock
  };
  /// The outcome of one of `send`'s calls; nothing for the courier's own business and for answers nobody waits for.
  [[nodiscard]] std::optional<Outcome> on(const wire::Answered& input, Context& context);
  [[nodiscard]] std::optional<Outcome> on(const wire::CallFailed& input, Context& context);

  /// Other middle and last hops behind the same guards, from the next request on. Errors: Refused within a minute of the last.
  [[nodiscard]] Result<void> renew_paths(Context& context);
  /// Forgets the registry, the paths and what was held against nodes; the guards stay.
  void forget(Context& context);
  [[nodiscard]] const std::vector<onion::Path>& paths() const { return paths_.paths(); }
  [[nodiscard]] const std::vector<onion::Guard>& guards() const { return paths_.guards(); }
  /// When the registry was heard; Instant{}: never.
  [[nodiscard]] Instant registry_at() const { return registry_at_; }
  /// How many lists were believed that differed from the one before.
  [[nodiscard]] std::uint64_t lists() const { return lists_; }

  [[nodiscard]] std::size_t in_flight() const { return calls_.size() + (refresh_call_ ? 1 : 0); }
  [[nodiscard]] std::uint64_t unknown_answers() const { return unknown_answers_; }

 private:
  struct Row {
    onion::Path path;
    NodeId destination;
    std::vector<crypto::SymmetricKey> keys;  ///< of the onion's layers
    onion::EncType enc{};
    Instant sent;
  };

  /// What one source said of the service nodes, before another was heard.
  struct Opinion {
    NodeId node;       ///< NodeId{}: a seed's
    std::string seed;  ///< empty: a node's
    swarm::RegistrySnapshot registry;
    Bytes body;  ///< as it came
  };

  struct Heard {
    Result<swarm::RegistrySnapshot> list;
    bool is_other = false;  ///< a node tells of another network than the one known; its keys were not looked at
  };
  [[nodiscard]] Heard read_list(const Outcome& outcome, Instant now) const;
  void ask_seed(Context& context);
  bool ask_node(Context& context);
  bool ask_list(const NodeId& node, Context& context);
  bool ask_witness(Context& context);
  bool end_witnesses(Context& context);
  void hear_witness(Outcome outcome, Context& context);
  void believe(Opinion opinion, Context& context);
  std::optional<Opinion> weigh(Opinion opinion, Context& context);
  std::optional<Opinion> weigh_alone(Context& context);
  void refresh_failed(std::string why, Context& context);
  void pause(std::string why, std::size_t failures, Context& context);
  void adopt(swarm::RegistrySnapshot heard, Instant at, Context& context);
  Outcome refused(CallId id, const Row& row, const onion::Reply& refusal, Context& context);
  Outcome broken(CallId id, const Row& row, std::string reason, std::optional<NodeId> culprit, Context& context);
  std::optional<Outcome> finish(Outcome outcome, Context& context);
  std::optional<Outcome> finish_refresh(Outcome outcome, Context& context);
  void save_guards(Context& context);

  std::vector<std::string> seeds_;
  Millis call_timeout_;
  swarm::RegistrySnapshot registry_;
  Instant registry_at_;
  onion::PathPool paths_;
  std::map<CallId, Row> calls_;
  std::optional<CallId> refresh_call_;
  std::vector<Opinion> opinions_;         ///< of distinct sources, no two alike; all of nodes or all of seeds
  std::vector<std::string> asked_seeds_;  ///< since the last good answer; the last one is who is asked now
  std::uint64_t next_call_ = 1;
  std::uint64_t unknown_answers_ = 0;
  std::size_t refresh_failures_ = 0;  ///< in a row
  std::size_t node_failures_ = 0;     ///< of those, through paths since seeds were asked
  std::size_t silent_witnesses_ = 0;  ///< in a row
  Witnesses witnesses_;
  swarm::RegistrySnapshot lone_;  ///< what one seed said while the others were silent
  Spell lone_spell_;              ///< in which nobody said anything else
  bool asks_witness_ = false;     ///< is what the call under way is for
  std::uint64_t lists_ = 0;
  Instant doubt_again_;  ///< not before
  Instant refresh_again_;
  bool doubted_ = false;
  std::string trouble_;
};

}  // namespace session::client
