// session-sim: runs scenarios in the simulator, without a window.
#include <CLI/CLI.hpp>

#include "tools/session-sim/commands.h"

int main(int argc, char** argv) {
  using namespace session;
  CLI::App app("Runs scenarios of the Session network in a deterministic simulator.", "session-sim");
  app.require_subcommand(1);
  bool json = false;
  app.add_flag("--json", json, "JSON objects instead of text, one a line");

  tool::RunOptions options;
  auto* run = app.add_subcommand("run", "Runs a scenario; the last line is the digest of its trace")->fallthrough();
  run->add_option("scenario", options.scenario, "The scenario file (JSON), or a name of `session-sim list`")->required();
  run->add_option("--seed", options.seed, "Another seed gives another run")->capture_default_str();
  run->add_option("--trace", options.trace, "Writes every fact to this file, one a line");
  run->add_flag("--journey", options.journey, "Tells each message's journey as it happens");

  const auto* list = app.add_subcommand("list", "The scenarios that come with this program")->fallthrough();

  std::vector<std::string> files;
  auto* check = app.add_subcommand("check", "Says whether files are scenarios, else what is wrong: file, line and field");
  check->add_option("file", files, "Scenario files")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.json = json;
  if (run->parsed()) return tool::run(options);
  if (list->parsed()) return tool::list(json);
  return tool::check(files);
}
