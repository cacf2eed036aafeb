// session-sim: runs scenarios in the simulator, without a window.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <thread>

#include "tools/session-sim/commands.h"

int main(int argc, char** argv) {
  using namespace session;
  const CLI::Validator kWhole(
      [](const std::string& text) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool is_whole = error == std::errc{} && end == text.data() + text.size();
        return is_whole ? std::string() : "'" + text + "' is no whole number from 0 to 18446744073709551615";
      },
      "UINT");
  CLI::App app("Runs scenarios of the Session network in a deterministic simulator.", "session-sim");
  app.require_subcommand(1);
  bool json = false;
  app.add_flag("--json", json, "JSON objects instead of text, one a line");

  tool::RunOptions options;
  auto* run = app.add_subcommand("run", "Runs a scenario; the last line is the digest of its trace")->fallthrough();
  run->add_option("scenario", options.scenario, "The scenario file (JSON), or a name of `session-sim list`")->required();
  run->add_option("--seed", options.seed, "Another seed gives another run")->check(kWhole)->capture_default_str();
  run->add_option("--trace", options.trace, "Writes every fact to this file, one a line");
  run->add_flag("--journey", options.journey, "Tells each message's journey as it happens");
  run->add_option("--fidelity", options.fidelity, "real, or modelled: keys and ciphers without their arithmetic")
      ->check(CLI::IsMember({"real", "modelled"}))
      ->default_str("as the scenario says");
  run->add_flag("--limits", options.limits, "Says first what the model is, and what it leaves out");
  run->add_option("--csv", options.folders.csv, "Writes tables into this folder, which must be new or empty");
  run->add_option("--svg", options.folders.svg, "Writes plots into this folder, which must be new or empty");
  run->add_option("--out", options.folders.all,
                  "Writes tables, plots, report.json and a page that shows them into this folder");

  const auto* list = app.add_subcommand("list", "The scenarios that come with this program")->fallthrough();

  std::vector<std::string> files;
  auto* check = app.add_subcommand("check", "Says whether files are scenarios, else what is wrong: file, line and field");
  check->add_option("file", files, "Scenario files")->required();

  tool::ExploreOptions search;
  search.threads = std::max(1u, std::thread::hardware_concurrency());
  auto* explore =
      app.add_subcommand("explore", "Runs drawn worlds with storms before the oracles; the last line is JSON")->fallthrough();
  explore->add_option("--time", search.seconds, "Seconds; worlds that have begun are finished")->check(kWhole);
  explore->add_option("--count", search.count, "How many seeds")->check(kWhole);
  explore->add_option("--seed", search.first_seed, "The first seed")->check(kWhole)->capture_default_str();
  explore->add_option("--jobs,--threads", search.threads, "Worlds at once")->check(CLI::Range(1, 1024))->capture_default_str();
  explore
      ->add_option("--fidelity", search.fidelity, "real, or modelled: many more worlds an hour, and nothing shown of R and W")
      ->check(CLI::IsMember({"real", "modelled"}))
      ->capture_default_str();
  auto* towns = explore->add_flag("--towns", search.towns, "Draws towns: 60 nodes and 40 people with habits, for hours");
  explore->add_flag("--months", search.months, "Draws months: few nodes, and people of whom one is away for weeks")
      ->excludes(towns);
  explore->add_option("--mutant", search.mutant, "Switches on a defect, to see that it is found (builds for tests only)");
  explore->add_option("--keep", search.keep, "A folder: what fails is cut small and written there as a scenario");

  std::string judged;
  std::uint64_t seed = 1;
  auto* judge = app.add_subcommand("judge", "Runs one scenario before the oracles")->fallthrough();
  judge->add_option("scenario", judged, "The scenario file (JSON), or a name of `session-sim list`")->required();
  judge->add_option("--seed", seed, "Another seed gives another run")->check(kWhole)->capture_default_str();

  tool::KnowsOptions question;
  auto* knows = app.add_subcommand("knows", "Plays a scenario and says who could know what, and why")->fallthrough();
  knows->add_option("scenario", question.scenario, "The scenario file (JSON), or a name of `session-sim list`")->required();
  knows->add_option("--who", question.who,
                    "Who tell one another all: node-03, a person, seed, links (watched), key-of:node-03, guard-of:Alice, "
                    "swarm-of:Bob; with commas between");
  knows->add_option("--at", question.at, "The moment to ask at, such as 90s or 10m [the end]");
  knows->add_option("--hostile", question.hostile, "Percent of the nodes: how much one, two and so many of them join")
      ->check(CLI::Range(0u, 100u));
  knows->add_option("--seed", question.seed, "Another seed gives another run")->check(kWhole)->capture_default_str();
  knows->add_option("--fidelity", question.fidelity, "real, or modelled: keys and ciphers without their arithmetic")
      ->check(CLI::IsMember({"real", "modelled"}))
      ->default_str("as the scenario says");
  knows->add_option("--memory", question.megabytes, "MiB of packets that are kept, the newest")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  knows->add_flag("--all", question.all, "Every request, and not the first of them");

  tool::CrowdOptions many;
  auto* crowd =
      app.add_subcommand("crowd", "Up to millions of people at once, modelled; the last line is the digest")->fallthrough();
  crowd->add_option("--people", many.people, "How many people")->check(kWhole)->capture_default_str();
  crowd->add_option("--nodes", many.nodes, "How many service nodes")->check(kWhole)->capture_default_str();
  crowd->add_option("--time", many.time, "How long, such as 10m, 3h or 7d")->capture_default_str();
  crowd->add_option("--seed", many.seed, "Another seed gives another run")->check(kWhole)->capture_default_str();
  crowd->add_option("--online", many.online_percent, "Percent of the people who are online at any time")->capture_default_str();
  crowd->add_option("--messages", many.messages_a_day, "Messages that each of them writes a day")
      ->check(kWhole)
      ->capture_default_str();
  crowd->add_option("--contacts", many.contacts, "People whom each of them knows")->check(kWhole)->capture_default_str();
  crowd->add_option("--preset", many.preset, "The network's rules: readme, loki-2020 or today")->capture_default_str();
  crowd->add_option("--difficulty", many.difficulty, "Of the proof of work, instead of the preset's")
      ->check(CLI::Range(1, 1'000'000));
  crowd->add_option("--latency", many.latency, "What every packet takes [20ms]");
  crowd->add_option("--jitter", many.jitter, "And up to so much more [30ms]");
  crowd->add_option("--loss", many.loss_percent, "Percent of the packets that never arrive")->check(CLI::Range(0, 90));
  crowd->add_option("--fails-every", many.fails_every, "Each node breaks down once in so long, on average [never]");
  crowd->add_option("--fails-for", many.fails_for, "And comes back after so long, on average [1h]");
  crowd->add_flag("--regions", many.regions,
                  "Machines stand all over the world, by the table of regions, instead of --latency");
  crowd->add_option("--csv", many.folders.csv,
                    "Writes crowd.csv and crowd-nodes.csv into this folder, which must be new or empty");
  crowd->add_option("--svg", many.folders.svg, "Writes plots into this folder, which must be new or empty");
  crowd->add_option("--out", many.folders.all, "Writes both into this folder");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.json = json;
  if (run->parsed()) return tool::run(options);
  if (list->parsed()) return tool::list(json);
  if (explore->parsed()) {
    search.json = json;
    return tool::explore(search);
  }
  question.json = json;
  if (knows->parsed()) return tool::knows(question);
  many.json = json;
  if (crowd->parsed()) return tool::crowd(many);
  if (judge->parsed()) return tool::judge(judged, seed, json);
  return tool::check(files);
}
