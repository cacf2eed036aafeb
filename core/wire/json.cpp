#include "core/wire/json.h"

#include <cassert>
#include <charconv>
#include <vector>

namespace session::wire::json {
namespace {

/// Builds a tree from the parser's events. The library's own callback parser looks through every container again at each of
/// its members' ends, which is quadratic in what a stranger sends.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}
  [[nodiscard]] Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    count();
    const auto [at, is_new] = open_.back()->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
    if (!is_new) throw BadField{"invalid json: the same key twice in one object"};
    member_ = &at->second;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }

 private:
  void count() {
    if (++values_ > limits_.values) throw BadField{"invalid json: more than " + std::to_string(limits_.values) + " values"};
  }
  /// Puts a value where the parser stands.
  template <class Value>
  Json& place(Value&& value) {
    count();
    if (open_.empty()) return root_ = Json(std::forward<Value>(value));
    if (open_.back()->is_array()) return open_.back()->get_ref<Json::array_t&>().emplace_back(std::forward<Value>(value));
    return *member_ = Json(std::forward<Value>(value));
  }
  template <class Value>
  bool add(Value&& value) {
    (void)place(std::forward<Value>(value));
    return true;
  }
  bool open(Json container) {
    if (open_.size() == limits_.depth) throw BadField{"invalid json: nested deeper than " + std::to_string(limits_.depth)};
    open_.push_back(&place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const Limits& limits_;
  Json root_;
  std::vector<Json*> open_;  ///< the containers around, outermost first; only the last one grows, so the others stay in place
  Json* member_ = nullptr;   ///< where the value of the last key belongs
  std::size_t values_ = 0;
};

}  // namespace

void reject(std::string_view field, std::string_view why) {
  throw BadField{"Invalid value given for '" + std::string(field) + "': " + std::string(why)};
}

void reject_missing(std::string_view field) { throw BadField{"Required field '" + std::string(field) + "' missing"}; }

Json parse_tree(BytesView text, const Limits& limits) {
  if (text.size() > limits.bytes) throw BadField{"invalid json: more than " + std::to_string(limits.bytes) + " bytes"};
  const std::string_view view = text_of(text);
  // The library takes a zero byte for the end, whatever stands after it.
  if (view.find('\0') != std::string_view::npos) throw BadField{"invalid json: a zero byte"};
  Builder builder(limits);
  if (!Json::sax_parse(view.begin(), view.end(), &builder)) throw BadField{"invalid json"};
  return builder.take();
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }
std::string compact(const Value& value) {
  // It was read within limits, those of this function's caller.
  return dump(parse_tree(bytes_of(value.source()),
                         {.bytes = value.source().size(), .values = value.source().size(), .depth = value.source().size()}));
}

void quote(std::string& to, std::string_view text) {
  const auto needs_care = [](char c) { return static_cast<signed char>(c) < ' ' || c == '"' || c == '\\'; };
  const std::size_t begin = to.size();
  to += '"';
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    const char* plain = at;
    while (at != end && !needs_care(*at)) ++at;
    to.append(plain, at);
    if (at == end) break;
    if (*at != '"' && *at != '\\') {  // controls, and what may be no UTF-8
      to.resize(begin);
      to += dump(Json(text));
      return;
    }
    to += '\\';
    to += *at++;
  }
  to += '"';
}

void ObjectWriter::name(std::string_view name) {
  assert(last_.data() == nullptr || last_ < name);
  if (last_.data() != nullptr) to_ += ',';
  last_ = name;
  to_ += '"';
  to_ += name;
  to_ += "\":";
}

void ObjectWriter::text(std::string_view name, std::string_view value) {
  this->name(name);
  quote(to_, value);
}

void ObjectWriter::flag(std::string_view name, bool value) {
  this->name(name);
  to_ += value ? "true" : "false";
}

void ObjectWriter::plain(std::string_view name, std::string_view value) {
  this->name(name);
  to_ += '"';
  to_ += value;
  to_ += '"';
}

std::string_view string_of(const char* name, const Value& value, std::size_t max_size) {
  if (value.is_null()) reject_missing(name);
  if (!value.is_string()) reject(name, "expected a string");
  if (value.text().size() > max_size) reject(name, "longer than " + std::to_string(max_size) + " characters");
  return value.text();
}

Bytes base64_of(const char* name, const Value& value, std::size_t max_chars) {
  const std::string_view chars = string_of(name, value, max_chars);
  auto bytes = from_base64(chars);
  if (!bytes && chars.size() % 4 != 0) bytes = from_base64(chars, Padding::Without);
  if (!bytes) reject(name, bytes.error().message);
  return std::move(*bytes);
}

MessageHash hash_of(const char* name, const Value& value) {
  auto parsed = MessageHash::parse(string_of(name, value, 128));
  if (!parsed) reject(name, parsed.error().message);
  return std::move(*parsed);
}

Wide integer_of(const char* name, std::string_view text) {
  Wide wide;
  wide.negative = text.starts_with('-');
  const std::string_view digits = text.substr(wide.negative ? 1 : 0);
  const bool canonical = digits == "0" ? !wide.negative : !digits.empty() && digits.front() != '0';
  if (!canonical || digits.find_first_not_of("0123456789") != std::string_view::npos) reject(name, "expected a plain decimal");
  const char* end = text.data() + text.size();
  const auto [at, problem] =
      wide.negative ? std::from_chars(text.data(), end, wide.below_zero) : std::from_chars(text.data(), end, wide.value);
  if (problem != std::errc{} || at != end) reject(name, "value out of range");
  return wide;
}

Wide integer_of(const char* name, const Value& value) {
  if (value.is_null()) reject_missing(name);
  if (value.is_string()) return integer_of(name, value.text());
  if (value.is_unsigned()) return {false, 0, value.number()};
  if (value.is_integer()) return {value.below_zero() < 0, value.below_zero(), 0};
  reject(name, value.is_number() ? "value out of range" : "expected an integer");
}

Fields::Fields(const Value& object, std::string_view what) : object_(&object) {
  if (!object.is_object()) reject(what, "expected an object");
}

const Value* Fields::find(const char* name) const {
  const Value* value = object_->find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Value& Fields::require(const char* name) const {
  const Value* value = find(name);
  if (!value) reject_missing(name);
  return *value;
}

std::optional<std::string> Fields::text_if(const char* name, std::size_t max_size) const {
  return has(name) ? std::optional<std::string>(text(name, max_size)) : std::nullopt;
}

bool Fields::flag(const char* name, bool absent) const {
  const Value* value = find(name);
  if (!value) return absent;
  if (!value->is_boolean()) reject(name, "expected true or false");
  return value->boolean();
}

const Value& Fields::list(const char* name, std::size_t max_size) const {
  const Value& value = require(name);
  if (!value.is_array()) reject(name, "expected a list");
  if (value.size() > max_size) reject(name, "more than " + std::to_string(max_size) + " entries");
  return value;
}

bool is_host(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  return !host.empty() && host.size() <= 253 && host.find_first_not_of(kAllowed) == std::string_view::npos;
}

const char* one_name_of(const Fields& fields, const char* name, const char* alias) {
  if (!fields.has(alias)) return name;
  if (fields.has(name)) throw BadField{"Cannot specify both '" + std::string(name) + "' and '" + std::string(alias) + "'"};
  return alias;
}

}  // namespace session::wire::json
