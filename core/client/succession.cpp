#include "core/client/succession.h"

#include <fmt/format.h>

#include <algorithm>

namespace session::client {
namespace {

constexpr std::size_t kHead = 16;
/// libsignal keeps 40 earlier sessions; what was retired before those is gone anyway.
constexpr std::size_t kMaxRetired = 41;

std::string setting_of(const store::SignalPeer& peer) { return fmt::format("retired:{}:{}", peer.who.hex(), peer.device); }

Result<void> save(store::ClientStore& store, const store::SignalPeer& peer, const Succession& row) {
  Bytes bytes =
      concat(little(static_cast<std::uint64_t>(row.reset_heard)), little(static_cast<std::uint64_t>(row.changed.micros)));
  const std::size_t first = row.retired.size() > kMaxRetired ? row.retired.size() - kMaxRetired : 0;
  for (std::size_t i = first; i < row.retired.size(); ++i) append(bytes, row.retired[i]);
  return store.put_setting(setting_of(peer), bytes);
}

void retire(Succession& row, const signal::BaseKey& key) {
  if (std::ranges::find(row.retired, key) == row.retired.end()) row.retired.push_back(key);
}

bool holds(const std::vector<signal::SessionFacts>& sessions, const signal::BaseKey& key) {
  return std::ranges::any_of(sessions, [&](const auto& each) { return each.base_key == key; });
}

/// The session in use before goes on, not the one that opened the message.
Result<void> put_back(StoredState& state, const store::SignalPeer& peer, const signal::SessionFacts& session) {
  const auto done = signal::promote(state, address_of(peer), session.base_key);
  if (!done) return fail(done);
  return {};
}

}  // namespace

Result<Succession> succession(const store::ClientStore& store, const store::SignalPeer& peer) {
  const auto kept = store.setting(setting_of(peer));
  if (!kept) return fail(kept);
  Succession row;
  if (!*kept || (*kept)->size() < kHead) return row;
  const BytesView bytes = **kept;
  row.reset_heard = load_little<std::int64_t>(bytes.data());
  row.changed = Instant{load_little<std::int64_t>(bytes.data() + 8)};
  for (std::size_t at = kHead; at + 32 <= bytes.size(); at += 32) row.retired.push_back(to_array<32>(bytes.subspan(at, 32)));
  return row;
}

Result<void> on_begun(store::ClientStore& store, const store::SignalPeer& peer, const std::vector<signal::SessionFacts>& before,
                      Instant now) {
  if (before.empty()) return {};
  auto row = succession(store, peer);
  if (!row) return fail(row);
  for (const auto& each : before) retire(*row, each.base_key);
  row->changed = now;
  return save(store, peer, *row);
}

Result<Turn> on_opened(store::ClientStore& store, StoredState& state, const store::SignalPeer& peer,
                       const std::vector<signal::SessionFacts>& before, bool asks_reset, std::int64_t sent_at, Instant now) {
  const auto facts = signal::session_facts(state, address_of(peer));
  if (!facts) return fail(facts);
  if (!*facts) return fail(ErrorCode::Internal, "a message opened without a session");
  const signal::BaseKey opener = (*facts)->base_key;
  Turn turn{.began = !holds(before, opener)};
  if (!turn.began && before.front().base_key == opener) return turn;
  auto row = succession(store, peer);
  if (!row) return fail(row);
  if (!turn.began) {
    if (std::ranges::find(row->retired, opener) == row->retired.end()) return turn;
    if (auto done = put_back(state, peer, before.front()); !done) return fail(done);
    return turn;
  }

  const bool is_stale = asks_reset && sent_at <= row->reset_heard;
  const bool crosses = !before.empty() && !before.front().is_answered;  // ours is under way as well
  turn.reset = asks_reset && !is_stale;
  if (!before.empty() && (is_stale || (crosses && before.front().base_key < opener)))
    if (auto done = put_back(state, peer, before.front()); !done) return fail(done);
  if (!asks_reset) return turn;
  if (is_stale) retire(*row, opener);
  for (const auto& each : before)
    if (!is_stale && each.is_answered) retire(*row, each.base_key);
  // A clock far ahead of ours does not make every later reset an old one.
  row->reset_heard = std::max(row->reset_heard, std::min(sent_at, (now + days(1)).unix_millis()));
  row->changed = now;
  if (auto saved = save(store, peer, *row); !saved) return fail(saved);
  return turn;
}

Result<void> drop_retired(store::ClientStore& store, StoredState& state, const store::SignalPeer& peer, Instant now) {
  auto row = succession(store, peer);
  if (!row) return fail(row);
  if (row->retired.empty() || now - row->changed < kRetiredFor) return {};
  if (auto dropped = signal::drop(state, address_of(peer), row->retired); !dropped) return fail(dropped);
  row->retired.clear();
  return save(store, peer, *row);
}

Result<void> forget_session(store::ClientStore& store, const store::SignalPeer& peer) {
  if (auto removed = store.remove_session(peer); !removed) return fail(removed);
  if (auto removed = store.remove_setting(setting_of(peer)); !removed) return fail(removed);
  return {};
}

Result<void> forget_sessions(store::ClientStore& store, const SessionId& who) {
  const auto devices = store.session_devices(who);
  if (!devices) return fail(devices);
  for (const std::uint32_t device : *devices)
    if (auto forgotten = forget_session(store, {who, device}); !forgotten) return forgotten;
  return {};
}

}  // namespace session::client
