#include "core/node/outbox.h"

#include <cstdlib>
#include <tuple>
#include <vector>

#include "core/wire/bundle.h"
#include "core/wire/hash.h"

namespace session::node {
namespace {

/// A bundle is sent when it is made, or soon after; the next one is due two days later.
constexpr Millis kMisdated = days(1);

/// The slot of a bundle's namespace; nothing for the list's, and others.
std::optional<std::uint32_t> slot_of(Namespace ns) {
  for (std::uint32_t slot = 0; slot < wire::kMaxSlots; ++slot)
    if (ns == wire::bundle_namespace(slot)) return slot;
  return std::nullopt;
}

bool is_of_the_profile(Namespace ns) { return ns == wire::kSlotListNamespace || slot_of(ns); }

Result<std::vector<store::MailHead>> kept_in(const store::MailStore& store, const OutboxEntry& entry) {
  std::vector<store::MailHead> kept;
  const auto visited = store.visit_mailbox(entry.account, entry.ns, [&](const store::MailHead& head) {
    kept.push_back(head);
    return true;
  });
  if (!visited) return fail(visited);
  return kept;
}

Result<bool> is_kept_of_owner(const store::MailStore& store, const store::MailHead& head) {
  const auto row = store.find(head.hash);
  if (!row) return fail(row);
  return *row && is_of_owner({head.account, head.ns, head.timestamp.unix_millis(), (*row)->data});
}

}  // namespace

bool is_of_owner(const OutboxEntry& entry) {
  const auto is_dated = [&](const auto& read) {
    return read && std::abs(entry.timestamp_ms - read->date_ms) <= kMisdated.count;
  };
  if (entry.ns == wire::kSlotListNamespace) return is_dated(wire::decode_signed_slots(entry.data, {entry.account}));
  const auto slot = slot_of(entry.ns);
  if (!slot) return true;
  const auto read = wire::decode_signed_bundle(entry.data, {entry.account});
  return is_dated(read) && read->slot == *slot;
}

Result<bool> is_beaten(const store::MailStore& store, const OutboxEntry& entry) {
  const auto kept = kept_in(store, entry);
  if (!kept) return fail(kept);
  if (kept->empty()) return false;
  const std::string hash = wire::message_hash(entry.account, entry.ns, entry.data).text;
  const bool is_owners = is_of_owner(entry);
  for (const store::MailHead& head : *kept) {
    const auto is_kept_owners = is_of_the_profile(entry.ns) ? is_kept_of_owner(store, head) : Result<bool>(is_owners);
    if (!is_kept_owners) return fail(is_kept_owners);
    const std::int64_t kept_ms = head.timestamp.unix_millis();
    if (*is_kept_owners != is_owners ? *is_kept_owners : std::tie(kept_ms, head.hash.text) > std::tie(entry.timestamp_ms, hash))
      return true;
  }
  return false;
}

Result<void> make_way(store::MailStore& store, const OutboxEntry& entry) {
  if (!is_of_the_profile(entry.ns) || !is_of_owner(entry)) return {};
  const auto kept = kept_in(store, entry);
  if (!kept) return fail(kept);
  for (const store::MailHead& head : *kept) {
    const auto stays = is_kept_of_owner(store, head);
    if (!stays) return fail(stays);
    if (*stays) continue;
    if (auto gone = store.remove(head.account, head.hash); !gone) return fail(gone);
  }
  return {};
}

}  // namespace session::node
