#include "core/signal/state.h"

namespace session::signal {
namespace {

template <class Map, class Key>
std::optional<crypto::SecretBytes> lookup(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

SignalKey signal_key(const crypto::X25519Public& key) {
  SignalKey out{std::byte{5}};
  std::copy(key.bytes.begin(), key.bytes.end(), out.begin() + 1);
  return out;
}

Result<bool> MemoryState::is_trusted(const Address& who, const SignalKey& key) const {
  if (trust_names) return who.name == to_hex(key);
  const auto known = pinned.find(who.name);
  return known == pinned.end() || known->second == key;
}
Result<void> MemoryState::pin(const Address& who, const SignalKey& key) {
  pinned.emplace(who.name, key);
  return {};
}
Result<std::optional<crypto::SecretBytes>> MemoryState::session(const Address& who) const { return lookup(sessions, who); }
Result<void> MemoryState::save_session(const Address& who, const crypto::SecretBytes& record) {
  sessions[who] = record;
  return {};
}
Result<std::optional<crypto::SecretBytes>> MemoryState::prekey(std::uint32_t id) const { return lookup(prekeys, id); }
Result<std::optional<crypto::SecretBytes>> MemoryState::signed_prekey(std::uint32_t id) const {
  return lookup(signed_prekeys, id);
}
Result<bool> MemoryState::base_key_was_seen(const ByteArray<32>& key) const { return base_keys.contains(key); }
Result<void> MemoryState::remember_base_key(const ByteArray<32>& key) {
  base_keys.insert(key);
  return {};
}

}  // namespace session::signal
