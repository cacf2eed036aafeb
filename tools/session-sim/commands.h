// The commands of session-sim. Each returns the program's exit code: 0, or 1 with a line on stderr that says why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario.h"
#include "tools/session-sim/outputs.h"

namespace session::tool {

struct RunOptions {
  std::string scenario;
  std::uint64_t seed = 1;
  std::string trace;
  std::string fidelity;  ///< "real" or "modelled"; empty: as the scenario says
  bool journey = false;
  bool limits = false;  ///< prints what the model leaves out, before it runs
  bool json = false;
  OutputFolders folders;
};
int run(const RunOptions& options);

/// The scenarios that ship, a line each: name, nodes, people, time, what it shows.
int list(bool json);
/// Says of every file whether it is a scenario; 1 if one is none.
int check(const std::vector<std::string>& files);

struct ExploreOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t count = 0;    ///< of seeds; 0: as many as there is time for
  std::uint64_t seconds = 0;  ///< 0: as long as it takes
  unsigned threads = 1;
  std::string fidelity = "real";  ///< or "modelled"
  bool towns = false;             ///< larger worlds, for longer
  bool months = false;            ///< small ones, for a month and more
  std::string mutant;             ///< the name of one of core/base/mutant.h, or empty
  std::string keep;               ///< a folder for the scenarios of what failed, cut small
  bool json = false;
};
/// Drawn worlds with storms before the oracles; 1 if one was violated. The last line is JSON.
int explore(const ExploreOptions& options);
/// One scenario before the oracles.
int judge(const std::string& file, std::uint64_t seed, bool json);

struct KnowsOptions {
  std::string scenario;
  std::uint64_t seed = 1;
  std::string who;  ///< as sim::parse_coalition reads it; or empty
  std::string at;   ///< a time of the run; empty: its end
  std::string fidelity;
  std::optional<unsigned> hostile;  ///< percent of the nodes
  std::size_t megabytes = 256;      ///< of packets that are kept
  bool all = false;
  bool json = false;
};
/// What some of the machines could know, computed from what they saw and the keys they hold.
int knows(const KnowsOptions& options);

struct CrowdOptions {
  std::size_t people = 10'000, nodes = 1'000;
  std::uint64_t seed = 1;
  std::string time = "1h";
  std::uint32_t online_percent = 25, messages_a_day = 40, contacts = 30, loss_percent = 0;
  std::string latency, jitter, fails_every, fails_for;  ///< times as in scenarios; empty: as usual
  std::string preset = "readme";
  std::uint64_t difficulty = 0;  ///< 0: the preset's
  bool regions = false;
  OutputFolders folders;
  bool json = false;
};
/// Many people at once, modelled; 2 for options that are wrong.
int crowd(const CrowdOptions& options);

/// Prints "session-sim: what" and returns 1.
int complain(const std::string& what);
/// A file, or a shipped scenario by its name. Errors: NotFound, Malformed.
[[nodiscard]] Result<sim::Scenario> open_scenario(const std::string& file);

}  // namespace session::tool
