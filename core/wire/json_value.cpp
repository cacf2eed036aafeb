#include "core/wire/json_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace session::wire::json {
namespace {

/// Objects with more members are sorted to find a key that stands there twice.
constexpr std::size_t kFewMembers = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_plain(char c) { return static_cast<signed char>(c) >= ' ' && c != '"' && c != '\\'; }

[[noreturn]] void refuse(const std::string& why = "") { throw BadField{"invalid json" + why}; }
[[noreturn]] void refuse_repeated() { refuse(": the same key twice in one object"); }

/// The length of the character of more than one byte that begins at `at`; 0 for what is no UTF-8 (Unicode, table 3-7).
std::size_t length_of_character(const char* at, const char* end) {
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  const auto left = static_cast<std::size_t>(end - at);
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < left && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef)
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  if (first >= 0xf0 && first <= 0xf4)
    return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

char* write_character(char* to, std::uint32_t code) {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
  return to;
}

}  // namespace

/// Reads one text from its beginning to its end. Recursion is bounded by the limit on depth.
class Reader {
 public:
  Reader(std::string_view text, const Limits& limits)
      : begin_(text.data()), at_(begin_), end_(at_ + text.size()), limits_(limits) {
    out_.values_.reserve(std::min<std::size_t>(text.size() / 8 + 2, 64));
  }

  Document read() && {
    if (std::string_view(at_, end_).starts_with("\xef\xbb\xbf")) at_ += 3;
    read_value(0);
    skip_space();
    if (at_ != end_) refuse();
    return std::move(out_);
  }

 private:
  void skip_space() {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }
  [[nodiscard]] char next() {
    skip_space();
    if (at_ == end_) refuse();
    return *at_;
  }
  Value& add(Value::Kind kind) {
    if (out_.values_.size() >= limits_.values) refuse(": more than " + std::to_string(limits_.values) + " values");
    return out_.values_.emplace_back(Value(kind));
  }

  void read_value(std::size_t depth) {
    const char first = next();
    const std::size_t place = out_.values_.size();
    const char* from = at_;
    switch (first) {
      case '{': read_object(depth); break;
      case '[': read_array(depth); break;
      case '"': read_string(); break;
      case 't': read_word("true", Value::Kind::True); break;
      case 'f': read_word("false", Value::Kind::False); break;
      case 'n': read_word("null", Value::Kind::Null); break;
      default: read_number();
    }
    out_.values_[place].source_ = from;
    out_.values_[place].length_ = static_cast<std::uint32_t>(at_ - from);
  }

  void read_word(std::string_view word, Value::Kind kind) {
    if (!std::string_view(at_, end_).starts_with(word)) refuse();
    at_ += word.size();
    add(kind);
  }

  void enter(std::size_t depth) const {
    if (depth == limits_.depth) refuse(": nested deeper than " + std::to_string(limits_.depth));
  }
  void close(std::size_t container, std::size_t members) {
    Value& value = out_.values_[container];
    value.size_ = static_cast<std::uint32_t>(members);
    value.span_ = static_cast<std::uint32_t>(out_.values_.size() - container);
  }

  void read_array(std::size_t depth) {
    const std::size_t container = out_.values_.size();
    add(Value::Kind::Array);
    enter(depth);
    ++at_;
    std::size_t members = 0;
    if (next() == ']') {
      ++at_;
      return close(container, 0);
    }
    for (;;) {
      read_value(depth + 1);
      ++members;
      const char c = next();
      ++at_;
      if (c == ']') return close(container, members);
      if (c != ',') refuse();
    }
  }

  void read_object(std::size_t depth) {
    const std::size_t container = out_.values_.size();
    add(Value::Kind::Object);
    enter(depth);
    ++at_;
    std::size_t members = 0;
    if (next() == '}') {
      ++at_;
      return close(container, 0);
    }
    for (;;) {
      if (next() != '"') refuse();
      const std::size_t key = out_.values_.size();
      read_string();
      if (members < kFewMembers) refuse_known_key(container, key);
      if (next() != ':') refuse();
      ++at_;
      read_value(depth + 1);
      ++members;
      const char c = next();
      ++at_;
      if (c == '}') break;
      if (c != ',') refuse();
    }
    close(container, members);
    if (members > kFewMembers) refuse_repeated_keys(out_.values_[container]);
  }

  void refuse_known_key(std::size_t container, std::size_t key) const {
    const Value* values = out_.values_.data();
    for (std::size_t at = container + 1; at < key; at += 1 + values[at + 1].span_)
      if (values[at].text() == values[key].text()) refuse_repeated();
  }
  static void refuse_repeated_keys(const Value& object) {
    std::vector<std::string_view> names;
    names.reserve(object.size());
    for (const auto [name, value] : object.items()) names.push_back(name);
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) refuse_repeated();
  }

  void read_string() {
    Value& value = add(Value::Kind::String);
    const char* from = ++at_;
    for (;;) {
      while (at_ != end_ && is_plain(*at_)) ++at_;
      if (at_ == end_) refuse();
      if (*at_ == '"') {
        value.text_ = from;
        value.size_ = static_cast<std::uint32_t>(at_++ - from);
        return;
      }
      if (*at_ == '\\') return read_escaped(value, from);
      skip_character();
    }
  }
  void skip_character() {
    const std::size_t length = length_of_character(at_, end_);
    if (length == 0) refuse();
    at_ += length;
  }

  /// A string is never longer than it is written, so all of them have room in as many bytes as the text.
  void read_escaped(Value& value, const char* from) {
    if (!out_.unescaped_) {
      out_.unescaped_ = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(end_ - begin_));
      free_ = out_.unescaped_.get();
    }
    value.text_ = free_;
    free_ = std::copy(from, at_, free_);
    for (;;) {
      const char* plain = at_;
      while (at_ != end_ && is_plain(*at_)) ++at_;
      free_ = std::copy(plain, at_, free_);
      if (at_ == end_) refuse();
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        read_escape();
      } else {
        const char* character = at_;
        skip_character();
        free_ = std::copy(character, at_, free_);
      }
    }
    ++at_;
    value.size_ = static_cast<std::uint32_t>(free_ - value.text_);
  }

  void read_escape() {
    if (end_ - at_ < 2) refuse();
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    const char name = at_[1];
    at_ += 2;
    if (const auto known = kNames.find(name); known != kNames.npos) {
      *free_++ = kMeant[known];
      return;
    }
    if (name != 'u') refuse();
    std::uint32_t code = read_four_digits();
    if (code >= 0xdc00 && code <= 0xdfff) refuse();
    if (code >= 0xd800 && code <= 0xdbff) {  // the first half of a character; the other follows
      if (!std::string_view(at_, end_).starts_with("\\u")) refuse();
      at_ += 2;
      const std::uint32_t second = read_four_digits();
      if (second < 0xdc00 || second > 0xdfff) refuse();
      code = 0x10000 + ((code & 0x3ff) << 10 | (second & 0x3ff));
    }
    free_ = write_character(free_, code);
  }
  std::uint32_t read_four_digits() {
    if (end_ - at_ < 4) refuse();
    std::uint32_t code = 0;
    const auto [stopped, problem] = std::from_chars(at_, at_ + 4, code, 16);
    if (problem != std::errc{} || stopped != at_ + 4) refuse();
    at_ += 4;
    return code;
  }

  void read_digits() {
    if (at_ == end_ || !is_digit(*at_)) refuse();
    while (at_ != end_ && is_digit(*at_)) ++at_;
  }
  void read_number() {
    const char* from = at_;
    const bool is_negative = *at_ == '-';
    if (is_negative) ++at_;
    if (at_ != end_ && *at_ == '0') {
      ++at_;
    } else {
      read_digits();
    }
    const bool is_whole = at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E');
    if (is_whole && is_negative) {
      std::int64_t number = 0;
      if (std::from_chars(from, at_, number).ec == std::errc{}) {
        add(Value::Kind::Negative).number_ = static_cast<std::uint64_t>(number);
        return;
      }
    } else if (is_whole) {
      std::uint64_t number = 0;
      if (std::from_chars(from, at_, number).ec == std::errc{}) {
        add(Value::Kind::Unsigned).number_ = number;
        return;
      }
    }
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      read_digits();
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      read_digits();
    }
    double number = 0;  // nothing here reads one, but what no double can hold is no number to others either
    if (std::from_chars(from, at_, number).ec == std::errc::result_out_of_range && !is_tiny(from)) refuse();
    add(Value::Kind::Other);
  }
  /// Of a number that no double can hold: it is too near to zero, and not too large.
  [[nodiscard]] bool is_tiny(const char* from) const {
    long double wide = 0;  // std::strtod would heed the locale
    if (std::from_chars(from, at_, wide).ec != std::errc::result_out_of_range) return wide > -1 && wide < 1;
    const std::string_view text(from, static_cast<std::size_t>(at_ - from));
    return text.find("e-") != text.npos || text.find("E-") != text.npos;
  }

  const char *begin_, *at_, *end_;
  const Limits& limits_;
  Document out_;
  char* free_ = nullptr;  ///< in `unescaped_`
};

const Value* Value::find(std::string_view name) const {
  for (const auto [known, value] : items())
    if (known == name) return &value;
  return nullptr;
}

Document parse(BytesView text, const Limits& limits) {
  if (text.size() > limits.bytes) refuse(": more than " + std::to_string(limits.bytes) + " bytes");
  const std::string_view view = text_of(text);
  if (view.find('\0') != std::string_view::npos) refuse(": a zero byte");
  return Reader(view, limits).read();
}

}  // namespace session::wire::json
