#include "tools/session-sim/outputs.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace session::tool {
namespace {

namespace fs = std::filesystem;

Result<void> make_empty(const std::string& option, const std::string& folder) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::Refused, fmt::format("--{}: {}: {}", option, folder, why));
  };
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) return refuse("is there already and is no folder");
  fs::create_directories(folder, error);
  if (error) return refuse("cannot be made: " + error.message());
  const bool is_empty = fs::is_empty(folder, error);
  if (error) return refuse("cannot be read: " + error.message());
  if (!is_empty) return refuse("has files in it, which would be lost; name another folder, or empty it");
  return {};
}

Result<void> write_file(const std::string& folder, const std::string& name, const std::string& text) {
  const fs::path path = fs::path(folder) / name;
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) return fail(ErrorCode::Unavailable, fmt::format("{}: cannot be written", path.string()));
  return {};
}

}  // namespace

Result<void> prepare(const OutputFolders& folders) {
  const std::pair<const char*, const std::string*> wanted[] = {
      {"out", &folders.all}, {"csv", &folders.csv}, {"svg", &folders.svg}};
  for (const auto& [option, folder] : wanted)
    if (!folder->empty())
      if (auto made = make_empty(option, *folder); !made) return made;
  return {};
}

Result<void> write_text(const std::string& folder, const std::string& other, const std::string& name, const std::string& text) {
  for (const std::string& each : {folder, other})
    if (!each.empty())
      if (auto written = write_file(each, name, text); !written) return written;
  return {};
}

Result<void> write(const OutputFolders& folders, const sim::RunReport& report) {
  Result<void> outcome;
  const auto put = [&](const std::string& folder, const std::string& name, const std::string& text) {
    if (auto written = write_file(folder, name, text); !written && outcome) outcome = std::move(written);
  };
  for (const std::string& folder : {folders.csv, folders.all})
    if (!folder.empty())
      for (const auto& [name, text] : sim::csv_files(report)) put(folder, name, text);
  for (const std::string& folder : {folders.svg, folders.all})
    if (!folder.empty())
      for (const auto& [name, plot] : sim::plots_of(report)) put(folder, name + ".svg", sim::to_svg(plot));
  if (folders.all.empty()) return outcome;
  put(folders.all, "report.json", sim::report_json(report) + "\n");
  put(folders.all, "summary.txt", sim::summary_text(report));
  put(folders.all, "index.html", sim::report_page(report));
  return outcome;
}

}  // namespace session::tool
