// session: the desktop program.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/backend/live.h"
#include "app/backend/simulated.h"
#include "app/ui/window.h"
#include "core/crypto/keys.h"

namespace {

using session::app::WindowOptions;

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::stringstream all;
  all << in.rdbuf();
  if (all.str().size() > most) return std::nullopt;
  return all.str();
}

int complain(const std::string& what) {
  std::cerr << "session: " << what << '\n';
  return 1;
}

/// `variable`/session, or `usual`/session in the home folder.
std::filesystem::path own_folder(const char* variable, const char* usual) {
  if (const char* folder = std::getenv(variable); folder != nullptr && *folder != '\0')
    return std::filesystem::path(folder) / "session";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / usual / "session";
}

}  // namespace

int main(int argc, char** argv) {
  session::crypto::initialise();
  CLI::App cli("Session: a private messenger without a company in the middle, and the laboratory of its network.", "session");
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  std::string size, theme, script, screenshot, settings_file, scenario_file;
  double scale = 0, measure_idle = 0;
  int measure_frames = 0;
  std::uint64_t seed = 1;
  std::string network = "simulated", folder;
  std::vector<std::string> seeds;
  cli.add_option("--network", network, "simulated (inside the program) or live")
      ->check(CLI::IsMember({"simulated", "live"}))
      ->option_text("KIND");
  cli.add_option("--seed-url", seeds, "Of the live network: where its registry is asked for; may be given again")
      ->option_text("URL");
  cli.add_option("--dir", folder, "Of the live network: the account's folder, as session-cli has it")->option_text("FOLDER");
  cli.add_option("--scenario", scenario_file, "The simulated network: a scenario's file")->option_text("FILE");
  cli.add_option("--seed", seed, "What its dice begin with")->option_text("N");
  cli.add_option("--size", size, "Of the window, in pixels")->option_text("WxH");
  cli.add_option("--scale", scale, "Of everything in it, 0.8 to 4")->check(CLI::Range(0.8, 4.0))->option_text("X");
  cli.add_option("--theme", theme, "dark, light, contrast, or a theme's file")->option_text("NAME");
  cli.add_option("--settings", settings_file, "Where settings are kept")->option_text("FILE");
  cli.add_option("--script", script, "Plays a script, a JSON object a line, and ends")->option_text("FILE");
  cli.add_option("--screenshot", screenshot, "Writes a picture of the first message that is kept, and ends")
      ->option_text("FILE");
  cli.add_option("--measure-idle", measure_idle, "Counts the frames that are drawn while nothing happens")
      ->check(CLI::Range(1.0, 600.0))
      ->option_text("SECONDS");
  cli.add_option("--measure-frames", measure_frames, "Draws so many frames of the map as fast as it can, and tells their times")
      ->check(CLI::Range(10, 100000))
      ->option_text("N");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return cli.exit(problem) == 0 ? 0 : 2;
  }

  WindowOptions options;
  options.fonts = program / "fonts";
  const bool is_driven = !script.empty() || !screenshot.empty() || measure_idle > 0 || measure_frames > 0;
  if (!settings_file.empty() || !is_driven) {
    options.settings_file = settings_file.empty() ? own_folder("XDG_CONFIG_HOME", ".config") / "settings.json"
                                                  : std::filesystem::path(settings_file);
    const auto loaded = session::app::load_settings(options.settings_file);
    options.settings = loaded.settings;
    options.notice = loaded.notice;
  }
  if (!theme.empty()) options.settings.theme = theme;
  if (scale > 0) options.settings.scale = scale;
  if (!size.empty()) {
    int w = 0, h = 0;
    char rest = 0;
    if (std::sscanf(size.c_str(), "%dx%d%c", &w, &h, &rest) != 2 || w < 320 || h < 240 || w > 16384 || h > 16384) {
      std::cerr << fmt::format("session: --size: \"{}\" is no size; write WIDTHxHEIGHT, from 320x240 to 16384x16384\n", size);
      return 2;
    }
    options.size = {w, h};
  }
  options.screenshot = screenshot;
  options.measure_idle = measure_idle;
  options.measure_frames = measure_frames;
  if (!script.empty()) {
    const auto text = read_file(script, 1 << 20);
    if (!text) return complain(fmt::format("--script: {} cannot be read, or is larger than 1 MB", script));
    if (text->find_first_not_of(" \r\n\t") == std::string::npos) return complain(fmt::format("--script: {} is empty", script));
    options.script = *text;
    options.script_file = script;
  }
  session::app::Wake wake;
  if (network == "live") {
    if (seeds.empty()) return complain("--seed-url: missing; it names the live network's seed");
    session::app::LiveOptions live;
    live.folder = folder.empty() ? own_folder("XDG_DATA_HOME", ".local/share") / "live" : std::filesystem::path(folder);
    live.seeds = seeds;
    live.on_snapshot = [&wake] { wake.ring(); };
    return session::app::run_window(options, wake, [&] { return session::app::live_backend(live); });
  }
  if (scenario_file.empty()) scenario_file = (program / "scenarios" / "app.json").string();
  const auto scenario_text = read_file(scenario_file, 4 << 20);
  if (!scenario_text) return complain(fmt::format("--scenario: {} cannot be read, or is larger than 4 MB", scenario_file));
  auto scenario = session::sim::parse_scenario(*scenario_text, scenario_file);
  if (!scenario) return complain(scenario.error().message);

  return session::app::run_window(options, wake, [&] {
    session::app::SimulatedOptions simulated;
    simulated.scenario = *scenario;
    simulated.seed = seed;
    simulated.on_snapshot = [&wake] { wake.ring(); };
    return session::app::simulated_backend(std::move(simulated));
  });
}
