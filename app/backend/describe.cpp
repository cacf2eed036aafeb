#include "app/backend/describe.h"

#include <algorithm>
#include <functional>

#include "core/base/encoding.h"

namespace session::app {
namespace {

std::string read_key(const SessionId& contact) { return "app/read/" + contact.hex(); }

/// The newest message that was seen.
Result<std::uint64_t> read_until(const store::ClientStore& store, const SessionId& contact) {
  const auto kept = store.setting(read_key(contact));
  if (!kept) return fail(kept);
  if (!*kept || (*kept)->size() != 8) return 0;
  return load_little<std::uint64_t>((*kept)->data());
}

}  // namespace

Result<std::shared_ptr<const Conversation>> describe_conversation(const store::ClientStore& store, const SessionId& contact) {
  const auto row = store.contact(contact);
  if (!row) return fail(row);
  if (!*row) return nullptr;
  const auto rows = store.messages(contact, kMessagesShown);
  if (!rows) return fail(rows);
  const auto state = static_cast<client::ContactState>((*row)->state);
  if (state == client::ContactState::Stranger && rows->empty()) return nullptr;
  const auto seen = read_until(store, contact);
  if (!seen) return fail(seen);

  auto out = std::make_shared<Conversation>();
  out->id = contact;
  out->name = (*row)->name;
  out->state = state;
  out->forward_secrecy = (*row)->forward_secrecy;
  out->last_at = (*row)->changed;
  for (const store::MessageRow& each : *rows) {
    Message message;
    message.id = each.id;
    message.outgoing = each.outgoing;
    message.at = each.outgoing ? each.sent_at : each.received_at;
    message.text = each.body;
    message.state = static_cast<client::State>(each.state);
    message.delivery = each.outbox;
    message.kept_until = each.expiry;
    if (each.outgoing && each.outbox != 0) {
      const auto delivery = store.outbox(each.outbox);
      if (!delivery) return fail(delivery);
      if (*delivery) {
        message.kept_by = (*delivery)->kept_by;
        message.of = (*delivery)->of;
        message.error = (*delivery)->last_error;
        message.next_attempt = (*delivery)->next_attempt;
        message.kept_until = (*delivery)->timestamp + (*delivery)->ttl;
        message.sealed_bytes = static_cast<std::uint32_t>((*delivery)->sealed.size());
      }
    }
    if (!each.outgoing && each.id > *seen) ++out->unread;
    out->last_at = message.at;
    out->messages.push_back(std::move(message));
  }
  return out;
}

std::shared_ptr<const Conversations> describe_anew(const Conversations& before, const std::set<SessionId>& touched,
                                                   const store::ClientStore& store) {
  auto out = std::make_shared<Conversations>();
  for (const auto& each : before)
    if (!touched.contains(each->id)) out->push_back(each);
  for (const SessionId& contact : touched)
    if (const auto made = describe_conversation(store, contact); made && *made) out->push_back(*made);
  std::stable_sort(out->begin(), out->end(), [](const auto& a, const auto& b) { return a->last_at > b->last_at; });
  return out;
}

std::optional<SessionId> contact_of(const client::Command& command) {
  return std::visit(
      [](const auto& what) -> std::optional<SessionId> {
        if constexpr (requires { what.to; })
          return what.to;
        else if constexpr (requires { what.who; })
          return what.who;
        else
          return std::nullopt;
      },
      command);
}

void name_delivery(Chronicle& chronicle, const store::ClientStore& store, std::uint64_t delivery) {
  const auto row = store.outbox(delivery);
  if (!row || !*row || (*row)->message == 0) return;
  const auto message = store.message((*row)->message);
  if (message && *message)
    chronicle.name_message(delivery, (*message)->sent_at.unix_millis(), static_cast<std::uint32_t>((*message)->body.size()));
}

Standing standing_of(const client::Client& client) {
  const auto& fetches = client.fetches();
  return {fetches.rounds == 0      ? Connection::Connecting
          : fetches.last_succeeded ? Connection::Connected
                                   : Connection::Stale,
          fetches.last_error.empty() ? client.courier().trouble() : fetches.last_error,
          static_cast<std::uint32_t>(client.outbox().size())};
}

void Notices::add(const std::string& text) {
  constexpr std::size_t kKept = 20;
  all_.push_back({++last_, text});
  if (all_.size() > kKept) all_.erase(all_.begin());
}

Result<void> mark_read(store::ClientStore& store, const SessionId& contact) {
  const auto newest = store.messages(contact, 1);
  if (!newest) return fail(newest);
  if (newest->empty()) return {};
  const auto seen = read_until(store, contact);
  if (!seen) return fail(seen);
  if (*seen >= newest->back().id) return {};
  return store.put_setting(read_key(contact), little(newest->back().id));
}

Network describe_network(const swarm::Registry& registry, const std::function<Machine(const NodeId&)>& machine_of) {
  Network network;
  network.height = registry.height();
  network.parameters = registry.network();
  network.nodes.reserve(registry.nodes().size());
  for (const SwarmId id : registry.swarm_ids()) {
    SwarmShown swarm;
    swarm.id = id;
    swarm.first = static_cast<std::uint32_t>(network.nodes.size());
    for (const NodeId& member : registry.members(id)) {
      NodeShown node;
      node.id = member;
      node.machine = machine_of(member);
      node.swarm = static_cast<std::uint32_t>(network.swarms.size());
      if (const auto* entry = registry.find(member)) node.address = entry->address.host;
      if (node.machine != kNoMachine) {
        if (network.node_of.size() <= node.machine) network.node_of.resize(node.machine + 1, kNoMachine);
        network.node_of[node.machine] = static_cast<std::uint32_t>(network.nodes.size());
      }
      network.nodes.push_back(std::move(node));
    }
    swarm.count = static_cast<std::uint32_t>(network.nodes.size()) - swarm.first;
    network.swarms.push_back(swarm);
  }
  return network;
}

std::uint32_t swarm_index(const Network& network, const swarm::Registry& registry, const Account& account) {
  const SwarmId id = registry.swarm_of(account);
  for (std::uint32_t i = 0; i < network.swarms.size(); ++i)
    if (network.swarms[i].id == id) return i;
  return 0;
}

}  // namespace session::app
