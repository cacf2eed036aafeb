// What a run is told as: a summary for people, one JSON object, tables as CSV, plots, and a page that shows them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/metrics.h"
#include "sim/plot.h"
#include "sim/scenario.h"
#include "sim/sybil.h"

namespace session::sim {

struct RunReport {
  std::string name, description;  ///< of the scenario
  std::uint64_t seed = 0;
  std::string commit;  ///< of the program
  std::size_t swarms = 0;
  Millis simulated;
  std::int64_t wall_micros = 0;
  std::uint64_t events = 0, facts = 0;
  std::vector<std::string> problems;
  std::string digest;
  std::vector<std::string> model;  ///< as `model_of` says it
  Measures measures;
  std::vector<SybilPrice> sybil;  ///< of kSybilShares, at the end
};

/// What of this world is measured, what is drawn from which table, and what is left out: a sentence each.
[[nodiscard]] std::vector<std::string> model_of(const WorldConfig& world);

/// For people, aligned, some forty lines.
[[nodiscard]] std::string summary_text(const RunReport& report);
/// One object in one line; docs/session-sim.md names its fields.
[[nodiscard]] std::string report_json(const RunReport& report);

/// A file's name and its text.
using NamedText = std::pair<std::string, std::string>;
/// Tables with a head line: summary, latency, traffic, world and nodes.
[[nodiscard]] std::vector<NamedText> csv_files(const RunReport& report);
/// latency, traffic, load and mailboxes, without the ending.
[[nodiscard]] std::vector<std::pair<std::string, Plot>> plots_of(const RunReport& report);
/// A page that shows the summary and the plots, which lie beside it as NAME.svg.
[[nodiscard]] std::string report_page(const RunReport& report);

/// "12,345".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "512 B", "4.1 kB", "1.2 GB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// "512 µs", "412 ms", "12.3 s", "4.5 min", "3.2 h", "1.5 d".
[[nodiscard]] std::string span_text(std::uint64_t micros);

}  // namespace session::sim
