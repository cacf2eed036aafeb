// What both backends read out of a client and its store for a snapshot.
#pragma once

#include "app/model/snapshot.h"
#include "core/client/client.h"
#include "core/store/client_store.h"
#include "core/swarm/registry.h"

namespace session::app {

inline constexpr std::size_t kMessagesShown = 1000;

/// The conversation with one person; null when there is none. Errors: the store's.
[[nodiscard]] Result<std::shared_ptr<const Conversation>> describe_conversation(const store::ClientStore& store,
                                                                                const SessionId& contact);
/// The newest first.
void sort_conversations(Conversations& conversations);
/// Errors: the store's.
[[nodiscard]] Result<void> mark_read(store::ClientStore& store, const SessionId& contact);

/// Nodes by swarm, swarms by id; nobody is down, no people. `machine_of` says a node's number.
[[nodiscard]] Network describe_network(const swarm::Registry& registry,
                                       const std::function<Machine(const NodeId&)>& machine_of);
/// The index of the swarm that keeps an account's messages; 0 in an empty network.
[[nodiscard]] std::uint32_t swarm_index(const Network& network, const swarm::Registry& registry, const Account& account);

/// How long one trial of the proof of work takes here, measured for a few milliseconds.
[[nodiscard]] double measure_trials_per_second();

}  // namespace session::app
