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
#include "core/wire/json_value.h"
#include "core/wire/transport.h"

namespace session::wire::json {

/// What is written.
using Json = nlohmann::json;

[[noreturn]] void reject(std::string_view field, std::string_view why);
[[noreturn]] void reject_missing(std::string_view field);

/// The same as `parse`, for what is to be written again.
[[nodiscard]] Json parse_tree(BytesView text, const Limits& limits = {});

/// Compact, keys sorted; whatever is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dump(const Json& value);
/// What was read, written like that.
[[nodiscard]] std::string compact(const Value& value);
/// A text as `dump` would write it.
void quote(std::string& to, std::string_view text);

/// Writes one object as `dump` would, member by member: for what is written for every request. Names come in ascending order.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& to) : to_(to) { to_ += '{'; }
  void end() { to_ += '}'; }
  /// The caller writes the value.
  void name(std::string_view name);
  void text(std::string_view name, std::string_view value);
  void flag(std::string_view name, bool value);
  template <std::integral Int>
  void number(std::string_view name, Int value) {
    this->name(name);
    to_ += std::to_string(value);
  }
  /// Base64 and hex, which need no quoting.
  void plain(std::string_view name, std::string_view value);

 private:
  std::string& to_;
  std::string_view last_;
};

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

// --- one value, called `name` in what they throw -----------------------------------------------------------------------------

/// At most `max_size` bytes, of the document.
[[nodiscard]] std::string_view string_of(const char* name, const Value& value, std::size_t max_size);
/// Base64, padded or not, of at most `max_chars` characters.
[[nodiscard]] Bytes base64_of(const char* name, const Value& value, std::size_t max_chars);
/// Base64 of exactly N bytes, padded or not.
template <std::size_t N>
[[nodiscard]] ByteArray<N> base64_of(const char* name, const Value& value) {
  const Bytes bytes = base64_of(name, value, 2 * N + 4);
  if (bytes.size() != N) reject(name, "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
  return to_array<N>(bytes);
}
[[nodiscard]] MessageHash hash_of(const char* name, const Value& value);

/// An integer of either sign.
struct Wide {
  bool negative = false;
  std::int64_t below_zero = 0;
  std::uint64_t value = 0;
};
[[nodiscard]] Wide integer_of(const char* name, const Value& value);
/// A canonical decimal.
[[nodiscard]] Wide integer_of(const char* name, std::string_view decimal);
/// A JSON integer, or a canonical decimal as text.
template <std::integral Int, class Source>
[[nodiscard]] Int number_of(const char* name, const Source& source, Int low = std::numeric_limits<Int>::min(),
                            Int high = std::numeric_limits<Int>::max()) {
  const Wide wide = integer_of(name, source);
  const bool fits = wide.negative ? std::in_range<Int>(wide.below_zero) : std::in_range<Int>(wide.value);
  const Int result = wide.negative ? static_cast<Int>(wide.below_zero) : static_cast<Int>(wide.value);
  if (!fits || result < low || result > high) reject(name, "value out of range");
  return result;
}

/// Reads the members of one JSON object, which it does not own. Readers throw BadField naming the member.
class Fields {
 public:
  /// `what` names the object when it is none.
  Fields(const Value& object, std::string_view what);

  /// Null counts as absent.
  [[nodiscard]] const Value* find(const char* name) const;
  [[nodiscard]] const Value& require(const char* name) const;
  [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }

  /// At most `max_size` bytes, of the document.
  [[nodiscard]] std::string_view text(const char* name, std::size_t max_size) const {
    return string_of(name, require(name), max_size);
  }
  [[nodiscard]] std::optional<std::string> text_if(const char* name, std::size_t max_size) const;
  template <std::integral Int>
  [[nodiscard]] Int number(const char* name, Int low = std::numeric_limits<Int>::min(),
                           Int high = std::numeric_limits<Int>::max()) const {
    return number_of<Int>(name, require(name), low, high);
  }
  template <std::integral Int>
  [[nodiscard]] std::optional<Int> number_if(const char* name, Int low = std::numeric_limits<Int>::min(),
                                             Int high = std::numeric_limits<Int>::max()) const {
    const Value* value = find(name);
    return value ? std::optional<Int>(number_of<Int>(name, *value, low, high)) : std::nullopt;
  }
  [[nodiscard]] bool flag(const char* name, bool absent) const;
  /// An array of at most `max_size` values.
  [[nodiscard]] const Value& list(const char* name, std::size_t max_size) const;

  template <std::size_t N>
  [[nodiscard]] ByteArray<N> hex(const char* name) const {
    auto bytes = array_from_hex<N>(text(name, 2 * N));
    if (!bytes) reject(name, bytes.error().message);
    return *bytes;
  }
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> base64(const char* name) const {
    return base64_of<N>(name, require(name));
  }
  [[nodiscard]] Bytes base64(const char* name, std::size_t max_chars) const {
    return base64_of(name, require(name), max_chars);
  }
  [[nodiscard]] MessageHash hash(const char* name) const { return hash_of(name, require(name)); }

 private:
  const Value* object_;
};

/// A dotted quad or a name: 1 to 253 letters, digits, dots and hyphens.
[[nodiscard]] bool is_host(std::string_view host);

/// A member of `Fields` under the first of two names that is there; both at once are refused.
[[nodiscard]] const char* one_name_of(const Fields& fields, const char* name, const char* alias);

}  // namespace session::wire::json
