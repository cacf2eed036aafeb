#include "app/look/catalogue.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace session::assets {
extern const std::string_view k_locale_en;
extern const std::string_view k_locale_de;
}  // namespace session::assets

namespace session::app {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

Result<std::map<std::string, std::string, std::less<>>> parse_words(std::string_view json) {
  if (json.size() > kMostBytes) return fail(ErrorCode::Malformed, "locale: is larger than 1 MB");
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object()) return fail(ErrorCode::Malformed, "locale: is no JSON object");
  std::map<std::string, std::string, std::less<>> out;
  for (const auto& [key, value] : parsed.items()) {
    if (!value.is_string()) return fail(ErrorCode::Malformed, fmt::format("locale: {}: is no text", key.substr(0, 60)));
    out[key] = value.get<std::string>();
  }
  return out;
}

}  // namespace

Catalogue::Catalogue() : words_(parse_words(assets::k_locale_en).value()) {}

Result<Catalogue> Catalogue::parse(std::string_view json) {
  auto words = parse_words(json);
  if (!words) return fail(words);
  Catalogue out;
  for (auto& [key, value] : *words) {
    if (!out.words_.contains(key)) return fail(ErrorCode::Malformed, fmt::format("locale: {}: no such key", key.substr(0, 60)));
    out.words_[key] = std::move(value);
  }
  return out;
}

Result<Catalogue> Catalogue::built_in(std::string_view name) {
  if (name == "en") return Catalogue();
  if (name == "de") return parse(assets::k_locale_de);
  return fail(ErrorCode::NotFound, fmt::format("locale: there is none called {}; en and de are built in", name.substr(0, 40)));
}

const char* Catalogue::operator()(std::string_view key) const {
  const auto found = words_.find(key);
  return found == words_.end() ? key.data() : found->second.c_str();
}

void Catalogue::replace(std::string& text, std::string_view value) {
  if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, value);
}

}  // namespace session::app
