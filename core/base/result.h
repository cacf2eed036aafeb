// What can go wrong: a code that a caller could react to, and a sentence fit for a person.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace session {

enum class ErrorCode {
  Malformed,    ///< bytes that do not parse, or a value out of its range; the message names the field
  Unauthentic,  ///< a signature, tag, MAC or certificate that does not verify
  Duplicate,    ///< seen before: a replayed message, a repeated key
  NotFound,     ///< a key, session, prekey, contact or file that is not there
  Refused,      ///< understood, and not allowed: a state, a policy, a limit
  Expired,      ///< too old, or its time has passed
  Unavailable,  ///< a node, network or file that cannot be reached now; trying again may help
  Full,         ///< no room left: disk, quota, queue
  Damaged,      ///< what a file had is not there any more: a page is not what was written
  Cancelled,    ///< the caller asked to stop
  Internal,     ///< a library failed in a way that no input explains
};

/// The code's name as it is spelled above.
[[nodiscard]] const char* name_of(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  ///< what was wrong, with which value, and what to do; never a secret

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::Malformed, "ttl: not a number");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

/// Hands an error on: `if (!key) return fail(key);`
template <class T>
[[nodiscard]] std::unexpected<Error> fail(const Result<T>& failed) {
  return std::unexpected(failed.error());
}

}  // namespace session
