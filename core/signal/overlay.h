// libsignal's view of a State during one operation: reads go through, writes are collected and applied together at the end. For
// the sources of this room.
#pragma once

#include <signal_protocol.h>

#include <map>
#include <memory>
#include <vector>

#include "core/signal/provider.h"
#include "core/signal/state.h"

namespace session::signal {

class Overlay {
 public:
  /// Both must outlive it.
  Overlay(State& state, const Context& context);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  [[nodiscard]] signal_protocol_store_context* get() const { return store_.get(); }
  /// The State's own error, when a callback met one.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  void remember(const ByteArray<32>& base_key) { base_keys_.push_back(base_key); }
  /// Applies all that was written.
  [[nodiscard]] Result<void> commit();

 private:
  friend struct Callbacks;
  struct Free {
    void operator()(signal_protocol_store_context* c) const { signal_protocol_store_context_destroy(c); }
  };
  State& state_;
  std::map<Address, crypto::SecretBytes> sessions_;
  std::map<Address, SignalKey> identities_;
  std::vector<ByteArray<32>> base_keys_;
  std::optional<Error> failure_;
  std::unique_ptr<signal_protocol_store_context, Free> store_;
};

}  // namespace session::signal
