#include "app/look/settings.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace session::app {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostBytes = 64 * 1024;

Result<void> read(const Json& json, const char* name, double& out, double least, double most) {
  if (!json.contains(name)) return {};
  const Json& value = json[name];
  if (!value.is_number() || value.get<double>() < least || value.get<double>() > most)
    return fail(ErrorCode::Malformed, fmt::format("{}: must be a number from {} to {}", name, least, most));
  out = value.get<double>();
  return {};
}
Result<void> read(const Json& json, const char* name, std::string& out) {
  if (!json.contains(name)) return {};
  if (!json[name].is_string() || json[name].get<std::string>().empty())
    return fail(ErrorCode::Malformed, fmt::format("{}: must be a text", name));
  out = json[name].get<std::string>();
  return {};
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false, true);
  if (json.is_discarded() || !json.is_object()) return fail(ErrorCode::Malformed, "is no JSON object");
  Settings out;
  double width = out.width, height = out.height;
  for (const auto& done :
       {read(json, "theme", out.theme), read(json, "locale", out.locale), read(json, "scale", out.scale, 0.8, 4),
        read(json, "width", width, 320, 16384), read(json, "height", height, 240, 16384),
        read(json, "list_width", out.list_width, 0, 2000), read(json, "inspector_width", out.inspector_width, 0, 2000)})
    if (!done) return fail(done);
  if (json.contains("reduce_motion")) {
    if (!json["reduce_motion"].is_boolean()) return fail(ErrorCode::Malformed, "reduce_motion: must be true or false");
    out.reduce_motion = json["reduce_motion"].get<bool>();
  }
  out.width = static_cast<int>(width);
  out.height = static_cast<int>(height);
  return out;
}

std::string to_json(const Settings& settings) {
  const Json json = {{"theme", settings.theme},           {"locale", settings.locale},
                     {"scale", settings.scale},           {"reduce_motion", settings.reduce_motion},
                     {"width", settings.width},           {"height", settings.height},
                     {"list_width", settings.list_width}, {"inspector_width", settings.inspector_width}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

LoadedSettings load_settings(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  auto parsed = text.size() > kMostBytes ? fail(ErrorCode::Malformed, "is larger than 64 KB") : parse_settings(text);
  if (parsed) return {*parsed, {}};
  const std::filesystem::path aside = file.string() + ".broken";
  std::filesystem::rename(file, aside, error);
  return {{},
          fmt::format("{}: {}. The defaults are used; the file is kept as {}.", file.filename().string(),
                      parsed.error().message, aside.filename().string())};
}

Result<void> save_settings(const std::filesystem::path& file, const Settings& settings) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path next = file.string() + ".new";
  {
    std::ofstream out(next, std::ios::binary | std::ios::trunc);
    std::filesystem::permissions(next, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    out << to_json(settings);
    out.flush();
    if (!out) return fail(ErrorCode::Unavailable, fmt::format("{}: cannot be written", next.string()));
  }
  std::filesystem::rename(next, file, error);
  if (error) return fail(ErrorCode::Unavailable, fmt::format("{}: {}", file.string(), error.message()));
  return {};
}

}  // namespace session::app
