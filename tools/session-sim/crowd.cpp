// session-sim crowd: many people at once, and what they do to a network.
#include "sim/crowd/crowd.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sim/crowd/digest.h"
#include "sim/scenario_fields.h"
#include "tools/session-sim/commands.h"

namespace session::tool {
namespace {

using sim::Crowd;
using sim::Histogram;

constexpr int kParts = 120;  // of the run: rows of the series

/// "1234567" -> "1,234,567".
std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}
std::string bytes(double n) {
  const char* unit = "B";
  for (const char* next : {"kB", "MB", "GB", "TB"})
    if (n >= 1000) n /= 1000, unit = next;
  return fmt::format("{:.{}f} {}", n, n < 10 && unit[0] != 'B' ? 1 : 0, unit);
}
std::string time(std::uint64_t ms) {
  if (ms < 1'000) return fmt::format("{} ms", ms);
  const double s = static_cast<double>(ms) / 1000;
  if (s < 120) return fmt::format("{:.1f} s", s);
  if (s < 7200) return fmt::format("{:.0f} min", s / 60);
  return fmt::format("{:.1f} h", s / 3600);
}
std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}
std::string spread(const Histogram& h) {
  if (h.count() == 0) return "none";
  return fmt::format("p50 {}, p90 {}, p99 {}, longest {}", time(h.quantile(500)), time(h.quantile(900)), time(h.quantile(990)),
                     time(h.most()));
}
nlohmann::ordered_json numbers(const Histogram& h) {
  return {{"count", h.count()},        {"mean_ms", h.mean()},       {"p50_ms", h.quantile(500)},
          {"p90_ms", h.quantile(900)}, {"p99_ms", h.quantile(990)}, {"max_ms", h.most()}};
}

/// One row for each part of the run.
struct Row {
  Millis at;
  std::size_t online = 0, waiting = 0;
  sim::CrowdSums sums;
};

Result<void> write_csv(const std::string& folder, const std::vector<Row>& rows, const Crowd& crowd) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::filesystem::path base(folder);
  std::ofstream series(base / "crowd.csv"), nodes(base / "crowd-nodes.csv");
  series
      << "second,online,messages_waiting,packets,bytes,lost,written,shown,shown_at_once,confirmed,failed,receipts,kept,listens,"
         "fetches,stamps,trials,retries,new_paths,outages\n";
  for (const Row& r : rows)
    series << fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", r.at.count / 1000, r.online,
                          r.waiting, r.sums.packets, r.sums.bytes, r.sums.lost, r.sums.written, r.sums.shown, r.sums.at_once,
                          r.sums.confirmed, r.sums.failed, r.sums.receipts, r.sums.kept, r.sums.listens, r.sums.fetches,
                          r.sums.stamps, r.sums.trials, r.sums.retries, r.sums.new_paths, r.sums.outages);
  nodes << "node,packets,bytes,kept,kept_bytes,busy_us,down\n";
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) {
    const auto load = crowd.load(n);
    nodes << fmt::format("{},{},{},{},{},{},{}\n", n, load.packets, load.bytes, load.kept, load.kept_bytes, load.busy_us,
                         load.is_down ? 1 : 0);
  }
  series.flush(), nodes.flush();
  if (!series || !nodes) return fail(ErrorCode::Unavailable, fmt::format("--csv: {}: cannot be written", folder));
  return {};
}

/// A thing of every node, sorted.
template <class Of>
std::vector<double> sorted(const Crowd& crowd, Of&& of) {
  std::vector<double> all;
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) all.push_back(static_cast<double>(of(crowd.load(n))));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

int crowd(const CrowdOptions& options) {
  sim::CrowdConfig config;
  config.seed = options.seed;
  config.people = options.people;
  config.nodes = options.nodes;
  config.habits.online_percent = options.online_percent;
  config.habits.messages_a_day = options.messages_a_day;
  config.habits.contacts = options.contacts;
  config.link.loss_ppm = options.loss_percent * 10'000;
  const auto preset = pow::preset(options.preset);
  if (!preset)
    return complain(fmt::format("--preset: '{}' is none of {}", options.preset, fmt::join(pow::preset_names(), ", ")));
  config.network = *preset;
  if (options.difficulty != 0) config.network.difficulty = options.difficulty;
  Millis length{};
  const auto read = [](const char* name, const std::string& text, Millis& into) {
    if (text.empty()) return true;
    const auto parsed = sim::duration(text);
    if (!parsed) complain(fmt::format("{}: '{}' is no time such as 500ms, 2s, 5m, 3h or 1d", name, text));
    if (parsed) into = *parsed;
    return parsed.has_value();
  };
  if (!read("--time", options.time, length) || !read("--latency", options.latency, config.link.base) ||
      !read("--jitter", options.jitter, config.link.jitter) ||
      !read("--fails-every", options.fails_every, config.outages.up_for) ||
      !read("--fails-for", options.fails_for, config.outages.down_for))
    return 2;
  if (length < seconds(1) || length > days(366)) return complain("--time: from 1s to 366d"), 2;
  if (const std::string wrong = sim::wrong_with(config); !wrong.empty()) return complain(wrong), 2;

  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  Crowd crowd(config);
  const double built = std::chrono::duration<double>(Clock::now() - started).count();
  if (!options.json)
    std::cout << fmt::format("{} people and {} service nodes in {} swarms, seed {}\n", grouped(crowd.people()),
                             grouped(crowd.nodes()), crowd.swarms(), options.seed);
  sim::CrowdDigest digest;
  std::vector<Row> rows;
  const Instant begin = crowd.now();
  const auto running = Clock::now();
  for (int part = 1; part <= kParts; ++part) {
    crowd.run_until(begin + Millis{length.count * part / kParts}, &digest);
    rows.push_back({crowd.now() - begin, crowd.online(), crowd.messages(), crowd.sums()});
    if (!options.json) std::cerr << fmt::format("\r{:3} %", part * 100 / kParts) << std::flush;
  }
  if (!options.json) std::cerr << "\r     \r";
  const double wall = std::chrono::duration<double>(Clock::now() - running).count();
  if (!options.csv.empty())
    if (const auto written = write_csv(options.csv, rows, crowd); !written) return complain(written.error().message);

  const sim::CrowdSums& s = crowd.sums();
  const double simulated = static_cast<double>(length.count) / 1000;
  const auto busy = sorted(crowd, [](const auto& load) { return load.busy_us; });
  const auto kept = sorted(crowd, [](const auto& load) { return load.kept_bytes; });
  const auto traffic = sorted(crowd, [](const auto& load) { return load.bytes; });
  const auto middle = [](const std::vector<double>& all) { return all[all.size() / 2]; };
  if (options.json) {
    const nlohmann::ordered_json line = {
        {"people", crowd.people()},
        {"nodes", crowd.nodes()},
        {"swarms", crowd.swarms()},
        {"seed", options.seed},
        {"simulated_s", simulated},
        {"wall_s", wall},
        {"events", crowd.events()},
        {"online", crowd.online()},
        {"written", s.written},
        {"shown", s.shown},
        {"shown_at_once", s.at_once},
        {"confirmed", s.confirmed},
        {"failed", s.failed},
        {"receipts", s.receipts},
        {"stores", s.kept},
        {"kept_by_members", s.kept_by},
        {"listens", s.listens},
        {"fetches", s.fetches},
        {"packets", s.packets},
        {"bytes", s.bytes},
        {"lost", s.lost},
        {"retries", s.retries},
        {"new_paths", s.new_paths},
        {"outages", s.outages},
        {"stamps", s.stamps},
        {"trials", s.trials},
        {"until_shown_at_once", numbers(crowd.shown_at_once())},
        {"until_shown_later", numbers(crowd.shown_late())},
        {"until_kept", numbers(crowd.kept_after())},
        {"stamp", numbers(crowd.stamped_in())},
        {"node_busy_share", {{"median", middle(busy) / 1e6 / simulated}, {"most", busy.back() / 1e6 / simulated}}},
        {"node_kept_bytes", {{"median", middle(kept)}, {"most", kept.back()}}},
        {"node_bytes_in", {{"median", middle(traffic)}, {"most", traffic.back()}}},
        {"facts", digest.facts()},
        {"digest", digest.hex()}};
    std::cout << line.dump() << '\n';
    return 0;
  }
  const auto say = [](const char* what, const std::string& how) { std::cout << fmt::format("{:<12} {}\n", what, how); };
  say("online", fmt::format("{} of them now ({})", grouped(crowd.online()), percent(crowd.online(), crowd.people())));
  say("messages",
      fmt::format("{} written, {} read so far: {} at once, {} from the swarm; {} expired unread", grouped(s.written),
                  grouped(s.shown), grouped(s.at_once), grouped(s.shown - s.at_once), grouped(s.failed)));
  say("at once", spread(crowd.shown_at_once()));
  say("later", spread(crowd.shown_late()));
  say("until kept", spread(crowd.kept_after()));
  if (s.kept > 0)
    say("kept", fmt::format("{} times, by {:.2f} members on average", grouped(s.kept),
                            static_cast<double>(s.kept_by) / static_cast<double>(s.kept)));
  say("work", s.stamps == 0
                  ? std::string("none was due")
                  : fmt::format("{} stamps ({} of messages), {} trials each on average; {}", grouped(s.stamps),
                                percent(s.stamps, s.written), grouped(s.trials / s.stamps), spread(crowd.stamped_in())));
  say("waiting",
      fmt::format("{} listens and {} fetches: who waits, not who talks, is the load", grouped(s.listens), grouped(s.fetches)));
  say("traffic", fmt::format("{} packets, {}; {} a person and day", grouped(s.packets), bytes(static_cast<double>(s.bytes)),
                             bytes(static_cast<double>(s.bytes) / static_cast<double>(crowd.people()) / simulated * 86'400)));
  say("a node", fmt::format("{} a second come in at the median, {} at the busiest; its core is busy for {:.2f} % and {:.2f} %",
                            bytes(middle(traffic) / simulated), bytes(traffic.back() / simulated),
                            100 * middle(busy) / 1e6 / simulated, 100 * busy.back() / 1e6 / simulated));
  say("mailboxes", fmt::format("{} at the median node, {} at the fullest", bytes(middle(kept)), bytes(kept.back())));
  if (s.lost > 0 || s.outages > 0)
    say("failures", fmt::format("{} packets lost, {} outages of nodes; {} requests sent again, {} paths built anew",
                                grouped(s.lost), grouped(s.outages), grouped(s.retries), grouped(s.new_paths)));
  std::cout << fmt::format(
      "{} simulated in {:.2f} s ({:.0f} times real time; {:.2f} s to set up), {} events ({:.1f} million a second)\n",
      time(static_cast<std::uint64_t>(length.count)), wall, simulated / wall, built, grouped(crowd.events()),
      static_cast<double>(crowd.events()) / wall / 1e6);
  std::cout << "modelled: packets, sizes and times as the real machines', but no bytes, keys or forks of the registry; see "
               "`run --limits`\n";
  std::cout << "digest " << digest.hex() << '\n';
  return 0;
}

}  // namespace session::tool
