#include "core/wire/json.h"

#include <charconv>
#include <set>
#include <vector>

namespace session::wire::json {
namespace {

/// Counts while the parser runs, and stops it by throwing.
class Watch {
 public:
  explicit Watch(const Limits& limits) : limits_(limits) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_end || event == Event::array_end) {
      open_.pop_back();
      return true;
    }
    if (++values_ > limits_.values) throw BadField{"invalid json: more than " + std::to_string(limits_.values) + " values"};
    if (event == Event::object_start || event == Event::array_start) {
      open_.emplace_back();
      if (open_.size() > limits_.depth) throw BadField{"invalid json: nested deeper than " + std::to_string(limits_.depth)};
    }
    if (event == Event::key && !open_.back().insert(parsed.get_ref<const std::string&>()).second)
      throw BadField{"invalid json: the same key twice in one object"};
    return true;
  }

 private:
  const Limits& limits_;
  std::size_t values_ = 0;
  std::vector<std::set<std::string>> open_;  ///< keys seen in each open container
};

}  // namespace

void reject(std::string_view field, std::string_view why) {
  throw BadField{"Invalid value given for '" + std::string(field) + "': " + std::string(why)};
}

void reject_missing(std::string_view field) { throw BadField{"Required field '" + std::string(field) + "' missing"}; }

Json parse(BytesView text, const Limits& limits) {
  if (text.size() > limits.bytes) throw BadField{"invalid json: more than " + std::to_string(limits.bytes) + " bytes"};
  const std::string_view view = text_of(text);
  // The library takes a zero byte for the end, whatever stands after it.
  if (view.find('\0') != std::string_view::npos) throw BadField{"invalid json: a zero byte"};
  Watch watch(limits);
  Json value = Json::parse(
      view.begin(), view.end(),
      [&watch](int depth, Json::parse_event_t event, Json& parsed) { return watch(depth, event, parsed); }, false);
  if (value.is_discarded()) throw BadField{"invalid json"};
  return value;
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Fields::Fields(const Json& object, std::string_view what) : object_(&object) {
  if (!object.is_object()) reject(what, "expected an object");
}

const Json* Fields::find(const char* name) const {
  const auto at = object_->find(name);
  return at == object_->end() || at->is_null() ? nullptr : &*at;
}

const Json& Fields::require(const char* name) const {
  const Json* value = find(name);
  if (!value) reject_missing(name);
  return *value;
}

const std::string& Fields::text(const char* name, std::size_t max_size) const {
  const Json& value = require(name);
  if (!value.is_string()) reject(name, "expected a string");
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > max_size) reject(name, "longer than " + std::to_string(max_size) + " characters");
  return text;
}

std::optional<std::string> Fields::text_if(const char* name, std::size_t max_size) const {
  return has(name) ? std::optional<std::string>(text(name, max_size)) : std::nullopt;
}

bool Fields::flag(const char* name, bool absent) const {
  const Json* value = find(name);
  if (!value) return absent;
  if (!value->is_boolean()) reject(name, "expected true or false");
  return value->get<bool>();
}

const Json& Fields::list(const char* name, std::size_t max_size) const {
  const Json& value = require(name);
  if (!value.is_array()) reject(name, "expected a list");
  if (value.size() > max_size) reject(name, "more than " + std::to_string(max_size) + " entries");
  return value;
}

Bytes Fields::base64(const char* name, std::size_t max_chars) const {
  const std::string& chars = text(name, max_chars);
  auto bytes = from_base64(chars);
  if (!bytes && chars.size() % 4 != 0) bytes = from_base64(chars, Padding::Without);
  if (!bytes) reject(name, bytes.error().message);
  return std::move(*bytes);
}

MessageHash Fields::hash(const char* name) const {
  auto parsed = MessageHash::parse(text(name, 128));
  if (!parsed) reject(name, parsed.error().message);
  return std::move(*parsed);
}

Fields::Wide Fields::integer(const char* name, const Json& value) {
  Wide wide;
  if (value.is_number_unsigned()) {
    wide.value = value.get<std::uint64_t>();
    return wide;
  }
  if (value.is_number_integer()) {
    wide.below_zero = value.get<std::int64_t>();
    wide.negative = wide.below_zero < 0;
    wide.value = wide.negative ? 0 : static_cast<std::uint64_t>(wide.below_zero);
    return wide;
  }
  if (value.is_number()) reject(name, "value out of range");
  if (!value.is_string()) reject(name, "expected an integer");
  const auto& text = value.get_ref<const std::string&>();
  wide.negative = text.starts_with('-');
  const std::string_view digits = std::string_view(text).substr(wide.negative ? 1 : 0);
  const bool canonical = digits == "0" ? !wide.negative : !digits.empty() && digits.front() != '0';
  if (!canonical || digits.find_first_not_of("0123456789") != std::string_view::npos) reject(name, "expected a plain decimal");
  const char* end = text.data() + text.size();
  const auto [at, problem] =
      wide.negative ? std::from_chars(text.data(), end, wide.below_zero) : std::from_chars(text.data(), end, wide.value);
  if (problem != std::errc{} || at != end) reject(name, "value out of range");
  return wide;
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
