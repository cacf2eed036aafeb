#include "core/signal/overlay.h"

#include <cstdlib>

namespace session::signal {

/// The C interface. Each function is handed the Overlay as its last argument.
struct Callbacks {
  static Overlay& self(void* user) { return *static_cast<Overlay*>(user); }
  static Address address_of(const signal_protocol_address* a) {
    return {std::string(a->name, a->name_len), static_cast<std::uint32_t>(a->device_id)};
  }
  static int broken(Overlay& overlay, const Error& error) {
    overlay.failure_ = error;
    return SG_ERR_UNKNOWN;
  }
  static signal_buffer* copy_of(BytesView bytes) { return signal_buffer_create(raw(bytes), bytes.size()); }

  // --- sessions --------------------------------------------------------------------------------------------------------------
  static int load_session(signal_buffer** record, signal_buffer**, const signal_protocol_address* address, void* user) {
    Overlay& overlay = self(user);
    const Address who = address_of(address);
    if (const auto written = overlay.sessions_.find(who); written != overlay.sessions_.end()) {
      *record = copy_of(written->second.bytes());
      return 1;
    }
    const auto kept = overlay.state_.session(who);
    if (!kept) return broken(overlay, kept.error());
    if (!*kept) return 0;
    *record = copy_of((*kept)->bytes());
    return 1;
  }
  static int sub_devices(signal_int_list** list, const char*, size_t, void*) {
    *list = signal_int_list_alloc();
    return *list == nullptr ? SG_ERR_NOMEM : 0;
  }
  static int store_session(const signal_protocol_address* address, uint8_t* record, size_t size, uint8_t*, size_t, void* user) {
    self(user).sessions_.insert_or_assign(address_of(address), crypto::SecretBytes(to_bytes(view(record, size))));
    return SG_SUCCESS;
  }
  static int contains_session(const signal_protocol_address* address, void* user) {
    signal_buffer* record = nullptr;
    const int found = load_session(&record, nullptr, address, user);
    signal_buffer_bzero_free(record);
    return found;
  }
  static int delete_session(const signal_protocol_address*, void*) { return 0; }  // the library never asks for it here
  static int delete_all_sessions(const char*, size_t, void*) { return 0; }

  // --- prekeys ---------------------------------------------------------------------------------------------------------------
  static int load_key(signal_buffer** record, const Result<std::optional<crypto::SecretBytes>>& kept, void* user) {
    if (!kept) return broken(self(user), kept.error());
    if (!*kept) return SG_ERR_INVALID_KEY_ID;
    *record = copy_of((*kept)->bytes());
    return SG_SUCCESS;
  }
  static int load_prekey(signal_buffer** record, uint32_t id, void* user) {
    return load_key(record, self(user).state_.prekey(id), user);
  }
  static int load_signed_prekey(signal_buffer** record, uint32_t id, void* user) {
    return load_key(record, self(user).state_.signed_prekey(id), user);
  }
  static int contains_prekey(uint32_t id, void* user) {
    const auto kept = self(user).state_.prekey(id);
    if (!kept) broken(self(user), kept.error());
    return kept && *kept ? 1 : 0;
  }
  static int contains_signed_prekey(uint32_t id, void* user) {
    const auto kept = self(user).state_.signed_prekey(id);
    if (!kept) broken(self(user), kept.error());
    return kept && *kept ? 1 : 0;
  }
  static int store_key(uint32_t, uint8_t*, size_t, void*) { return SG_ERR_UNKNOWN; }  // only we make keys
  /// A used one-time key stays: two strangers may have drawn the same (profile.md 10.4). Its owner removes it by age.
  static int remove_key(uint32_t, void*) { return SG_SUCCESS; }

  // --- identity --------------------------------------------------------------------------------------------------------------
  static int identity_pair(signal_buffer** open, signal_buffer** secret, void* user) {
    const crypto::X25519Pair own = self(user).state_.identity();
    *open = copy_of(signal_key(own.open));
    *secret = copy_of(own.secret.bytes());
    return SG_SUCCESS;
  }
  static int registration_id(void* user, uint32_t* id) {
    *id = self(user).state_.registration_id();
    return SG_SUCCESS;
  }
  static int save_identity(const signal_protocol_address* address, uint8_t* key, size_t size, void* user) {
    if (size == 33) self(user).identities_.insert_or_assign(address_of(address), to_array<33>(view(key, size)));
    return SG_SUCCESS;
  }
  static int is_trusted(const signal_protocol_address* address, uint8_t* key, size_t size, void* user) {
    if (size != 33) return 0;
    const auto trusted = self(user).state_.is_trusted(address_of(address), to_array<33>(view(key, size)));
    if (!trusted) return broken(self(user), trusted.error());
    return *trusted ? 1 : 0;
  }
};

Overlay::Overlay(State& state, const Context& context) : state_(state) {
  signal_protocol_store_context* made = nullptr;
  if (signal_protocol_store_context_create(&made, context.get()) != SG_SUCCESS) std::abort();  // out of memory
  store_.reset(made);
  const signal_protocol_session_store sessions{Callbacks::load_session,
                                               Callbacks::sub_devices,
                                               Callbacks::store_session,
                                               Callbacks::contains_session,
                                               Callbacks::delete_session,
                                               Callbacks::delete_all_sessions,
                                               nullptr,
                                               this};
  const signal_protocol_pre_key_store prekeys{
      Callbacks::load_prekey, Callbacks::store_key, Callbacks::contains_prekey, Callbacks::remove_key, nullptr, this};
  const signal_protocol_signed_pre_key_store signed_prekeys{Callbacks::load_signed_prekey,
                                                            Callbacks::store_key,
                                                            Callbacks::contains_signed_prekey,
                                                            Callbacks::remove_key,
                                                            nullptr,
                                                            this};
  const signal_protocol_identity_key_store identities{
      Callbacks::identity_pair, Callbacks::registration_id, Callbacks::save_identity, Callbacks::is_trusted, nullptr, this};
  signal_protocol_store_context_set_session_store(made, &sessions);
  signal_protocol_store_context_set_pre_key_store(made, &prekeys);
  signal_protocol_store_context_set_signed_pre_key_store(made, &signed_prekeys);
  signal_protocol_store_context_set_identity_key_store(made, &identities);
}

Result<void> Overlay::commit() {
  for (const auto& [who, key] : identities_)
    if (auto pinned = state_.pin(who, key); !pinned) return pinned;
  for (const auto& [who, record] : sessions_)
    if (auto saved = state_.save_session(who, record); !saved) return saved;
  for (const auto& key : base_keys_)
    if (auto saved = state_.remember_base_key(key); !saved) return saved;
  return {};
}

}  // namespace session::signal
