// Bounded, strict JSON for the sources of this room. Included by them only: it brings in the whole of nlohmann/json.
#pragma once

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/wire/transport.h"

namespace session::wire::json {

using Json = nlohmann::json;

/// Thrown by everything below when a text or a field is wrong; caught by `guarded`, so that it never leaves the room.
struct BadField {
  std::string text;  ///< whole sentence: `Required field 'x' missing`, `Invalid value given for 'x': why`
};
[[noreturn]] void reject(std::string_view field, std::string_view why);
[[noreturn]] void reject_missing(std::string_view field);

struct Limits {
  std::size_t bytes = 10 * 1024 * 1024;
  std::size_t values = 100'000;  ///< of any kind, keys included
  std::size_t depth = 16;        ///< containers inside one another
};
/// UTF-8, no key twice in one object, integers exact up to 64 bits, white space around it allowed. Throws BadField.
[[nodiscard]] Json parse(BytesView text, const Limits& limits = {});

/// Compact; whatever is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dump(const Json& value);

template <class T>
struct ResultOf {
  using Type = Result<T>;
};
template <class T>
struct ResultOf<Result<T>> {
  using Type = Result<T>;
};

/// Runs `read` and turns what it throws into Malformed. `read` returns a value, or a Result of one.
template <class Read>
[[nodiscard]] auto guarded(Read&& read) -> ResultOf<decltype(read())>::Type {
  try {
    return std::forward<Read>(read)();
  } catch (const BadField& bad) {
    return fail(ErrorCode::Malformed, bad.text);
  } catch (const nlohmann::json::exception& failure) {
    return fail(ErrorCode::Malformed, failure.what());
  }
}

/// Reads the members of one JSON object, which it does not own. Readers throw BadField naming the member.
class Fields {
 public:
  /// `what` names the object when it is none.
  Fields(const Json& object, std::string_view what);

  /// Null counts as absent.
  [[nodiscard]] const Json* find(const char* name) const;
  [[nodiscard]] const Json& require(const char* name) const;
  [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }

  /// At most `max_size` bytes.
  [[nodiscard]] const std::string& text(const char* name, std::size_t max_size) const;
  [[nodiscard]] std::optional<std::string> text_if(const char* name, std::size_t max_size) const;
  /// A JSON integer, or a string of a canonical decimal.
  template <std::integral Int>
  [[nodiscard]] Int number(const char* name, Int low = std::numeric_limits<Int>::min(),
                           Int high = std::numeric_limits<Int>::max()) const {
    return narrow<Int>(name, require(name), low, high);
  }
  template <std::integral Int>
  [[nodiscard]] std::optional<Int> number_if(const char* name, Int low = std::numeric_limits<Int>::min(),
                                             Int high = std::numeric_limits<Int>::max()) const {
    const Json* value = find(name);
    return value ? std::optional<Int>(narrow<Int>(name, *value, low, high)) : std::nullopt;
  }
  [[nodiscard]] bool flag(const char* name, bool absent) const;
  /// An array of at most `max_size` values.
  [[nodiscard]] const Json& list(const char* name, std::size_t max_size) const;

  template <std::size_t N>
  [[nodiscard]] ByteArray<N> hex(const char* name) const {
    auto bytes = array_from_hex<N>(text(name, 2 * N));
    if (!bytes) reject(name, bytes.error().message);
    return *bytes;
  }
  /// Base64 of exactly N bytes, padded or not.
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> base64(const char* name) const {
    const Bytes bytes = base64(name, 2 * N + 4);
    if (bytes.size() != N) reject(name, "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
    return to_array<N>(bytes);
  }
  /// Base64, padded or not, of at most `max_chars` characters.
  [[nodiscard]] Bytes base64(const char* name, std::size_t max_chars) const;
  [[nodiscard]] MessageHash hash(const char* name) const;

 private:
  template <std::integral Int>
  [[nodiscard]] static Int narrow(const char* name, const Json& value, Int low, Int high) {
    const Wide wide = integer(name, value);
    const bool fits = wide.negative ? std::in_range<Int>(wide.below_zero) : std::in_range<Int>(wide.value);
    const Int result = wide.negative ? static_cast<Int>(wide.below_zero) : static_cast<Int>(wide.value);
    if (!fits || result < low || result > high) reject(name, "value out of range");
    return result;
  }
  struct Wide {
    bool negative = false;
    std::int64_t below_zero = 0;
    std::uint64_t value = 0;
  };
  [[nodiscard]] static Wide integer(const char* name, const Json& value);

  const Json* object_;
};

/// A dotted quad or a name: 1 to 253 letters, digits, dots and hyphens.
[[nodiscard]] bool is_host(std::string_view host);

/// A member of `Fields` under the first of two names that is there; both at once are refused.
[[nodiscard]] const char* one_name_of(const Fields& fields, const char* name, const char* alias);

}  // namespace session::wire::json
