// What every part of the client machine is handed with an input: the time, the dice, the store and the list of wishes.
#pragma once

#include <exception>
#include <utility>

#include "core/base/rng.h"
#include "core/store/client_store.h"
#include "core/wire/effects.h"

namespace session::client {

struct Context {
  Instant now;
  Rng& rng;
  store::ClientStore& store;
  wire::Effects& effects;
};

/// The store failed in the middle of an input. It stays inside this room: `Client` turns it into its Result, and the driver
/// takes the whole input back. Nothing that was wished for may be carried out then.
struct StoreFailure : std::exception {
  explicit StoreFailure(Error e) : error(std::move(e)) {}
  [[nodiscard]] const char* what() const noexcept override { return error.message.c_str(); }
  Error error;
};

/// It is the store that failed, and not what was asked of the layers above it, which fail with other codes.
[[nodiscard]] inline bool is_of_store(const Error& error) {
  return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Full || error.code == ErrorCode::Damaged;
}

/// The value of a store's answer.
template <class T>
T must(Result<T> result) {
  if (!result) throw StoreFailure(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
/// What came of an operation on the store that may fail for reasons of its own too: those are the caller's.
template <class Outcome>
Outcome unless_store_failed(Outcome outcome) {
  if (!outcome && is_of_store(outcome.error())) throw StoreFailure(std::move(outcome.error()));
  return outcome;
}

}  // namespace session::client
