// What both backends read out of a client and its store for a snapshot.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "app/model/chronicle.h"
#include "core/client/client.h"
#include "core/store/client_store.h"
#include "core/swarm/registry.h"

namespace session::app {

inline constexpr std::size_t kMessagesShown = 1000;

/// The conversation with one person; null when there is none. Errors: the store's.
[[nodiscard]] Result<std::shared_ptr<const Conversation>> describe_conversation(const store::ClientStore& store,
                                                                                const SessionId& contact);
/// The conversations anew where something was touched, the newest first. What cannot be read is left out.
[[nodiscard]] std::shared_ptr<const Conversations> describe_anew(const Conversations& before,
                                                                 const std::set<SessionId>& touched,
                                                                 const store::ClientStore& store);
/// Whom a command is about; nothing where it is about nobody.
[[nodiscard]] std::optional<SessionId> contact_of(const client::Command& command);
/// Tells the chronicle by what name a delivery's recipient will know its message.
void name_delivery(Chronicle& chronicle, const store::ClientStore& store, std::uint64_t delivery);

/// How a client that has a connection stands.
struct Standing {
  Connection connection = Connection::Offline;
  std::string trouble;  ///< why it is not connected
  std::uint32_t outbox = 0;
  friend bool operator==(const Standing&, const Standing&) = default;
};
[[nodiscard]] Standing standing_of(const client::Client& client);

/// Notices that a view has not taken yet; the newest few are kept.
class Notices {
 public:
  void add(const std::string& text);
  [[nodiscard]] const std::vector<Notice>& all() const { return all_; }

 private:
  std::vector<Notice> all_;
  std::uint64_t last_ = 0;
};
/// Errors: the store's.
[[nodiscard]] Result<void> mark_read(store::ClientStore& store, const SessionId& contact);

/// Nodes by swarm, swarms by id; nobody is down, no people. `machine_of` says a node's number.
[[nodiscard]] Network describe_network(const swarm::Registry& registry,
                                       const std::function<Machine(const NodeId&)>& machine_of);
/// The index of the swarm that keeps an account's messages; 0 in an empty network.
[[nodiscard]] std::uint32_t swarm_index(const Network& network, const swarm::Registry& registry, const Account& account);

}  // namespace session::app
