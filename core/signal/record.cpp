#include "core/signal/record.h"

#include <curve.h>
#include <session_record.h>
#include <session_state.h>

#include <algorithm>

#include "core/signal/provider.h"

namespace session::signal {
namespace {

/// A record taken apart for the length of one function. Reading and writing one draws no random numbers.
class Opened {
 public:
  /// `present` is false when nothing is kept.
  static Result<bool> open(Opened& out, const State& state, const Address& peer) {
    const auto kept = state.session(peer);
    if (!kept) return fail(kept);
    if (!*kept) return false;
    const BytesView bytes = (*kept)->bytes();
    const int code = session_record_deserialize(out.record_.out(), raw(bytes), bytes.size(), out.context_.get());
    if (code != SG_SUCCESS) return std::unexpected(error_of(code, "session"));
    return true;
  }
  Opened() : none_(0), context_(none_) {}
  [[nodiscard]] session_record* get() const { return record_.get(); }
  [[nodiscard]] Result<void> save(State& state, const Address& peer) const {
    Buffer buffer;
    if (const int code = session_record_serialize(buffer.out(), record_.get()); code != SG_SUCCESS)
      return std::unexpected(error_of(code, "session"));
    return state.save_session(peer, crypto::SecretBytes(to_bytes(buffer.bytes())));
  }

 private:
  SeededRng none_;
  Context context_;
  Ref<session_record> record_;
};

Result<SessionFacts> read(const session_state* state) {
  const ec_public_key* base = state == nullptr ? nullptr : session_state_get_alice_base_key(state);
  if (base == nullptr) return fail(ErrorCode::Malformed, "session: its record holds no base key");
  Buffer buffer;
  const int code = ec_public_key_serialize(buffer.out(), base);
  if (code != SG_SUCCESS || buffer.bytes().size() != 33) return std::unexpected(error_of(code, "session"));
  return SessionFacts{to_array<32>(buffer.bytes().subspan(1)), session_state_has_unacknowledged_pre_key_message(state) == 0};
}

bool has_key(const session_state* state, const BaseKey& key) {
  const auto facts = read(state);
  return facts && facts->base_key == key;
}

}  // namespace

Result<std::vector<SessionFacts>> kept_sessions(const State& state, const Address& peer) {
  Opened opened;
  const auto present = Opened::open(opened, state, peer);
  if (!present) return fail(present);
  std::vector<SessionFacts> out;
  if (!*present) return out;
  const auto in_use = read(session_record_get_state(opened.get()));
  if (!in_use) return fail(in_use);
  out.push_back(*in_use);
  for (auto* node = session_record_get_previous_states_head(opened.get()); node != nullptr;
       node = session_record_get_previous_states_next(node)) {
    const auto earlier = read(session_record_get_previous_states_element(node));
    if (earlier) out.push_back(*earlier);  // one that cannot be named cannot be chosen either
  }
  return out;
}

Result<bool> promote(State& state, const Address& peer, const BaseKey& key) {
  Opened opened;
  const auto present = Opened::open(opened, state, peer);
  if (!present) return fail(present);
  if (!*present) return false;
  if (has_key(session_record_get_state(opened.get()), key)) return true;
  for (auto* node = session_record_get_previous_states_head(opened.get()); node != nullptr;
       node = session_record_get_previous_states_next(node)) {
    session_state* chosen = session_record_get_previous_states_element(node);
    if (!has_key(chosen, key)) continue;
    signal_type_ref(reinterpret_cast<signal_type_base*>(chosen));  // removing the node lets go of it
    const Ref<session_state> held(chosen);
    session_record_get_previous_states_remove(opened.get(), node);
    if (const int code = session_record_promote_state(opened.get(), chosen); code != SG_SUCCESS)
      return std::unexpected(error_of(code, "session"));
    if (auto saved = opened.save(state, peer); !saved) return fail(saved);
    return true;
  }
  return false;
}

Result<std::size_t> drop(State& state, const Address& peer, std::span<const BaseKey> keys) {
  Opened opened;
  const auto present = Opened::open(opened, state, peer);
  if (!present) return fail(present);
  if (!*present) return std::size_t{0};
  std::size_t dropped = 0;
  for (auto* node = session_record_get_previous_states_head(opened.get()); node != nullptr;) {
    const session_state* each = session_record_get_previous_states_element(node);
    if (std::ranges::any_of(keys, [&](const BaseKey& key) { return has_key(each, key); })) {
      node = session_record_get_previous_states_remove(opened.get(), node);
      ++dropped;
    } else {
      node = session_record_get_previous_states_next(node);
    }
  }
  if (dropped > 0)
    if (auto saved = opened.save(state, peer); !saved) return fail(saved);
  return dropped;
}

}  // namespace session::signal
