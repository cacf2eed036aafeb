// session-sim list, check, and how all commands find a scenario.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "core/base/text.h"
#include "sim/shipped.h"
#include "tools/session-sim/commands.h"

namespace session::tool {

int complain(const std::string& what) {
  std::cerr << "session-sim: " << printable(what, "\n") << '\n';
  return 1;
}

Result<sim::Scenario> open_scenario(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    for (const auto& [name, text] : sim::shipped_scenarios())
      if (name == file) return sim::parse_scenario(text, name);
    return fail(ErrorCode::NotFound, fmt::format("{}: cannot be read, and is no scenario of `session-sim list`", file));
  }
  std::string text(sim::kMostScenarioBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || in.gcount() == 0) return fail(ErrorCode::Malformed, fmt::format("{}: cannot be read, or is empty", file));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return sim::parse_scenario(text, file);
}

int list(bool json) {
  for (const auto& [name, text] : sim::shipped_scenarios()) {
    const auto scenario = sim::parse_scenario(text, name);
    if (!scenario) return complain(scenario.error().message);
    const auto& world = scenario->world;
    if (json) {
      const nlohmann::ordered_json line = {
          {"file", name},         {"name", scenario->name},        {"description", scenario->description},
          {"nodes", world.nodes}, {"people", world.people.size()}, {"simulated_s", scenario->end.count / 1000}};
      std::cout << line.dump() << '\n';
    } else {
      std::cout << fmt::format("{:<14} {:>3} nodes {:>3} people {:>6} s  {}\n", name, world.nodes, world.people.size(),
                               scenario->end.count / 1000, scenario->name);
    }
  }
  return 0;
}

int check(const std::vector<std::string>& files) {
  int code = 0;
  for (const std::string& file : files) {
    const auto scenario = open_scenario(file);
    if (!scenario)
      code = complain(scenario.error().message);
    else
      std::cout << fmt::format("{}: {} is a scenario\n", file, scenario->name);
  }
  return code;
}

}  // namespace session::tool
