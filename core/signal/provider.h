// libsignal-protocol-c's context with our crypto provider: libsodium for HMAC and SHA-512, OpenSSL for AES, and random numbers
// from the caller's Rng. For the sources of this room.
#pragma once

#include <signal_protocol.h>

#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/rng.h"

namespace session::signal {

/// Owns a signal_context that draws from `rng`, which must outlive it. Cheap: one per operation.
class Context {
 public:
  explicit Context(Rng& rng);
  [[nodiscard]] signal_context* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(signal_context* c) const { signal_context_destroy(c); }
  };
  std::unique_ptr<signal_context, Free> context_;
};

/// The library's reference-counted types, released at the end of a scope.
template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* taken) : pointer_(taken) {}
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  ~Ref() {
    if (pointer_ != nullptr) signal_type_unref(reinterpret_cast<signal_type_base*>(pointer_));
  }
  [[nodiscard]] T* get() const { return pointer_; }
  /// For functions that return through T**.
  [[nodiscard]] T** out() { return &pointer_; }

 private:
  T* pointer_ = nullptr;
};

/// Wiped and freed at the end of a scope.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { signal_buffer_bzero_free(buffer_); }
  [[nodiscard]] signal_buffer** out() { return &buffer_; }
  [[nodiscard]] signal_buffer* get() const { return buffer_; }
  [[nodiscard]] BytesView bytes() const {
    return buffer_ == nullptr ? BytesView{} : view(signal_buffer_const_data(buffer_), signal_buffer_len(buffer_));
  }

 private:
  signal_buffer* buffer_ = nullptr;
};

/// The library's code as an error of ours; `what` begins the sentence.
[[nodiscard]] Error error_of(int code, std::string_view what);

}  // namespace session::signal
