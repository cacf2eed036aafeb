// The client's sessions and keys.
#include "core/store/client_codec.h"
#include "core/store/client_keys.h"
#include "core/store/client_tables.h"

namespace session::store {

Result<void> ClientOnTables::put_session(const SignalPeer& peer, const crypto::SecretBytes& record) {
  return tables().put(kSessions, peer_key(peer), record.bytes());
}
Result<std::optional<crypto::SecretBytes>> ClientOnTables::find_session(const SignalPeer& peer) const {
  return row_at(tables(), kSessions, peer_key(peer), [](BytesView bytes) { return crypto::SecretBytes(to_bytes(bytes)); });
}
Result<std::vector<std::uint32_t>> ClientOnTables::session_devices(const SessionId& who) const {
  std::vector<std::uint32_t> devices;
  const auto scanned = tables().scan(kSessions, who.account.bytes, [&](BytesView key, BytesView) {
    if (!starts_with(key, who.account.bytes)) return false;
    devices.push_back(load_big<std::uint32_t>(key.data() + 33));
    return true;
  });
  if (!scanned) return fail(scanned);
  return devices;
}
Result<bool> ClientOnTables::remove_session(const SignalPeer& peer) { return tables().erase(kSessions, peer_key(peer)); }
Result<void> ClientOnTables::put_key(KeyKind kind, const KeyRow& row) {
  return tables().put(kKeys, key_key(kind, row.id), encode(row).bytes());
}
Result<std::optional<KeyRow>> ClientOnTables::key(KeyKind kind, std::uint32_t id) const {
  return row_at(tables(), kKeys, key_key(kind, id), decode_key);
}
Result<std::vector<KeyRow>> ClientOnTables::keys(KeyKind kind) const {
  return rows_of(tables(), kKeys, Writer().number(static_cast<std::uint8_t>(kind)).bytes(), decode_key);
}
Result<bool> ClientOnTables::remove_key(KeyKind kind, std::uint32_t id) { return tables().erase(kKeys, key_key(kind, id)); }
Result<bool> ClientOnTables::mark_base_key(const ByteArray<32>& key, Instant expiry) {
  return whole(tables(), [&]() -> Result<bool> { return mark(tables(), kBaseKeys, key, expiry); });
}
Result<bool> ClientOnTables::base_key_was_seen(const ByteArray<32>& key) const { return is_there(tables(), kBaseKeys, key); }

}  // namespace session::store
