// JSON as it was read: a document of values that point into its text. Nothing is copied but strings with escapes in them, and
// nothing is allocated for a value alone, since a node reads half a dozen documents for every request that it passes on. Why it
// is a reader of our own: nlohmann's, which writes and reads all else, builds a tree that costs more than the request;
// RapidJSON reads nearly as fast, and 1.1.0, the newest there is, reads out of bounds at long exponents (CVE-2024-38517). Tests
// hold every text against nlohmann's.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"

namespace session::wire::json {

/// Thrown by everything below when a text or a field is wrong; caught by `guarded`, so that it never leaves the room.
struct BadField {
  std::string text;  ///< whole sentence: `Required field 'x' missing`, `Invalid value given for 'x': why`
};

struct Limits {
  std::size_t bytes = 10 * 1024 * 1024;
  std::size_t values = 100'000;  ///< of any kind, keys included
  std::size_t depth = 16;        ///< containers inside one another
};

/// One value of a Document, which it does not outlive. Values of one document lie behind one another, a container's before its
/// members', a member's key before its value; so a value stays where it is and is never copied.
class Value {
 public:
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  Value(Value&&) noexcept = default;  ///< for the document, while it grows
  Value& operator=(Value&&) noexcept = delete;
  ~Value() = default;

  [[nodiscard]] bool is_null() const { return kind_ == Kind::Null; }
  [[nodiscard]] bool is_boolean() const { return kind_ == Kind::True || kind_ == Kind::False; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::String; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::Array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::Object; }
  /// Without a fraction or an exponent, and of at most 64 bits. Others are numbers too, of which nothing more is known.
  [[nodiscard]] bool is_integer() const { return kind_ == Kind::Unsigned || kind_ == Kind::Negative; }
  [[nodiscard]] bool is_unsigned() const { return kind_ == Kind::Unsigned; }
  [[nodiscard]] bool is_number() const { return is_integer() || kind_ == Kind::Other; }

  /// Of a boolean.
  [[nodiscard]] bool boolean() const { return kind_ == Kind::True; }
  /// Of a string.
  [[nodiscard]] std::string_view text() const { return {text_, size_}; }
  /// Of an unsigned integer.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// Of an integer that is not unsigned: below zero, or "-0".
  [[nodiscard]] std::int64_t below_zero() const { return static_cast<std::int64_t>(number_); }

  /// As it is written in the document.
  [[nodiscard]] std::string_view source() const { return {source_, length_}; }

  /// How many members a container has.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// The member of an object; null when there is none of this name.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Over the values of an array: `for (const Value& each : list)`.
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(const Value* at) : at_(at) {}
    const Value& operator*() const { return *at_; }
    Iterator& operator++() {
      at_ += at_->span_;
      return *this;
    }
    friend bool operator==(Iterator a, Iterator b) = default;

   private:
    const Value* at_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(this + 1); }
  [[nodiscard]] Iterator end() const { return Iterator(this + span_); }

  /// Over the members of an object: `for (const auto [name, value] : object.items())`.
  struct Member {
    std::string_view name;
    const Value& value;
  };
  class Members {
   public:
    class Iterator {
     public:
      explicit Iterator(const Value* at) : at_(at) {}
      Member operator*() const { return {at_->text(), at_[1]}; }
      Iterator& operator++() {
        at_ += 1 + at_[1].span_;
        return *this;
      }
      friend bool operator==(Iterator a, Iterator b) = default;

     private:
      const Value* at_;
    };
    explicit Members(const Value& object) : object_(object) {}
    [[nodiscard]] Iterator begin() const { return Iterator(&object_ + 1); }
    [[nodiscard]] Iterator end() const { return Iterator(&object_ + object_.span_); }

   private:
    const Value& object_;
  };
  [[nodiscard]] Members items() const { return Members(*this); }

 private:
  friend class Reader;
  enum class Kind : std::uint8_t { Null, True, False, String, Unsigned, Negative, Other, Array, Object };
  explicit Value(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::uint32_t size_ = 0;  ///< bytes of a string, members of a container
  std::uint32_t span_ = 1;  ///< so many values are this one and what is inside it
  std::uint32_t length_ = 0;
  const char* source_ = nullptr;
  union {
    const char* text_ = nullptr;
    std::uint64_t number_;
  };
};

/// Values over a text, which must outlive it.
class Document {
 public:
  [[nodiscard]] const Value& root() const { return values_.front(); }
  // NOLINTNEXTLINE(google-explicit-constructor): a document is read like its outermost value
  operator const Value&() const { return root(); }
  [[nodiscard]] const Value* operator->() const { return &root(); }

 private:
  friend class Reader;
  std::vector<Value> values_;
  std::unique_ptr<char[]> unescaped_;
};

/// UTF-8, no key twice in one object, integers exact up to 64 bits, white space around it allowed. Throws BadField.
[[nodiscard]] Document parse(BytesView text, const Limits& limits = {});

}  // namespace session::wire::json
