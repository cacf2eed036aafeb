// session-sim crowd: many people at once, and what they do to a network.
#include "sim/crowd/crowd.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "sim/crowd/digest.h"
#include "sim/plot.h"
#include "sim/report.h"
#include "sim/scenario_fields.h"
#include "tools/session-sim/commands.h"
#include "tools/session-sim/outputs.h"

namespace session::tool {
namespace {

using sim::Crowd;
using sim::Distribution;

constexpr int kParts = 120;  // of the run: rows of the series

using sim::grouped;

std::string bytes(double n) { return sim::bytes_text(static_cast<std::uint64_t>(n)); }
std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}
std::string spread(const Distribution& d) {
  if (d.count() == 0) return "none";
  return fmt::format("p50 {}, p90 {}, p99 {}, longest {}", sim::span_text(d.quantile(500'000)),
                     sim::span_text(d.quantile(900'000)), sim::span_text(d.quantile(990'000)), sim::span_text(d.max()));
}
nlohmann::ordered_json numbers(const Distribution& d) {
  return {{"count", d.count()},
          {"p50", d.quantile(500'000)},
          {"p90", d.quantile(900'000)},
          {"p99", d.quantile(990'000)},
          {"max", d.max()}};
}

/// One row for each part of the run.
struct Row {
  Millis at;
  std::size_t online = 0, waiting = 0;
  sim::CrowdSums sums;
};

/// A folder's files, by their names.
using Texts = std::vector<std::pair<std::string, std::string>>;

Texts tables(const std::vector<Row>& rows, const Crowd& crowd) {
  std::string series =
      "second,online,messages_waiting,packets,bytes,lost,written,shown,shown_at_once,confirmed,failed,receipts,kept,listens,"
      "fetches,stamps,trials,retries,new_paths,outages\n";
  for (const Row& r : rows)
    series += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", r.at.count / 1000, r.online,
                          r.waiting, r.sums.packets, r.sums.bytes, r.sums.lost, r.sums.written, r.sums.shown, r.sums.at_once,
                          r.sums.confirmed, r.sums.failed, r.sums.receipts, r.sums.kept, r.sums.listens, r.sums.fetches,
                          r.sums.stamps, r.sums.trials, r.sums.retries, r.sums.new_paths, r.sums.outages);
  std::string nodes = "node,packets,bytes,kept,kept_bytes,busy_us,down\n";
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) {
    const auto load = crowd.load(n);
    nodes += fmt::format("{},{},{},{},{},{},{}\n", n, load.packets, load.bytes, load.kept, load.kept_bytes, load.busy_us,
                         load.is_down ? 1 : 0);
  }
  return {{"crowd.csv", std::move(series)}, {"crowd-nodes.csv", std::move(nodes)}};
}

sim::PlotLine rising(const std::string& name, const Distribution& d) {
  sim::PlotLine line{.name = name};
  std::uint64_t sum = 0;
  d.visit([&](std::uint64_t upto, std::uint64_t count) {
    sum += count;
    line.points.push_back({static_cast<double>(std::max<std::uint64_t>(upto, 1)) / 1e6,
                           100.0 * static_cast<double>(sum) / static_cast<double>(d.count())});
  });
  return line;
}

sim::Plot delays_plot(const std::string& title, const Crowd& crowd) {
  sim::Plot plot{.title = "How long messages take",
                 .subtitle = title,
                 .description = "How many of all messages took at most so long.",
                 .x_label = "after it was written",
                 .x_unit = sim::Unit::Duration,
                 .x_from = 0.01,
                 .x_to = 1};
  sim::PlotPanel panel{.label = "of the messages", .unit = sim::Unit::Percent, .top = 100};
  const std::pair<const char*, const Distribution*> lines[] = {{"handed over, read", &crowd.shown_at_once()},
                                                               {"kept by the swarm", &crowd.kept_after()},
                                                               {"fetched from it, read", &crowd.shown_late()}};
  for (const auto& [name, d] : lines) {
    if (d->count() == 0) continue;
    panel.lines.push_back(rising(name, *d));
    plot.x_from = std::min(plot.x_from, static_cast<double>(std::max<std::uint64_t>(d->min(), 1)) / 1e6);
    plot.x_to = std::max(plot.x_to, static_cast<double>(d->max()) / 1e6);
  }
  if (panel.lines.empty()) panel.empty = "no message arrived";
  plot.panels.push_back(std::move(panel));
  return plot;
}

sim::Plot day_plot(const std::string& title, const std::vector<Row>& rows) {
  sim::Plot plot{
      .title = "The network's day",
      .subtitle = title,
      .description = "People online, messages that swarms keep or that are under way, and what all links carry, over time.",
      .x_label = "simulated time",
      .x_unit = sim::Unit::Time,
      .x_to = static_cast<double>(rows.back().at.count) / 1000};
  sim::PlotPanel people{.label = "people online", .height = 150}, waiting{.label = "messages kept or under way", .height = 150},
      traffic{.label = "traffic on all links", .unit = sim::Unit::BytesPerSecond, .height = 150};
  sim::PlotLine online{.name = "online"}, left{.name = "waiting or under way"}, carried{.name = "all links", .is_filled = true};
  Row before;
  for (const Row& row : rows) {
    const double at = static_cast<double>(row.at.count) / 1000, from = static_cast<double>(before.at.count) / 1000;
    online.points.push_back({at, static_cast<double>(row.online)});
    left.points.push_back({at, static_cast<double>(row.waiting)});
    carried.points.push_back({at, static_cast<double>(row.sums.bytes - before.sums.bytes) / std::max(at - from, 1e-3)});
    before = row;
  }
  people.lines.push_back(std::move(online));
  waiting.lines.push_back(std::move(left));
  traffic.lines.push_back(std::move(carried));
  plot.panels = {std::move(people), std::move(waiting), std::move(traffic)};
  return plot;
}

/// A thing of every node, sorted.
template <class Of>
std::vector<double> sorted(const Crowd& crowd, Of&& of) {
  std::vector<double> all;
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) all.push_back(static_cast<double>(of(crowd.load(n))));
  std::sort(all.begin(), all.end());
  return all;
}

sim::Plot nodes_plot(const std::string& title, const Crowd& crowd, double simulated) {
  sim::Plot plot{.title = "What nodes carry",
                 .subtitle = title,
                 .description = "Every node's incoming traffic and the messages it keeps, from the least to the most.",
                 .x_label = "nodes, from the least loaded to the most",
                 .x_unit = sim::Unit::Count,
                 .x_to = static_cast<double>(crowd.nodes())};
  sim::PlotPanel traffic{.label = "comes in", .unit = sim::Unit::BytesPerSecond, .height = 180},
      kept{.label = "kept", .unit = sim::Unit::Bytes, .height = 180};
  const auto line = [](const char* name, const std::vector<double>& all, double part) {
    sim::PlotLine drawn{.name = name, .is_stepped = true, .is_filled = true};
    for (std::size_t i = 0; i < all.size(); ++i) drawn.points.push_back({static_cast<double>(i), all[i] / part});
    if (!all.empty()) drawn.points.push_back({static_cast<double>(all.size()), all.back() / part});
    return drawn;
  };
  traffic.lines.push_back(line("a second", sorted(crowd, [](const auto& load) { return load.bytes; }), simulated));
  kept.lines.push_back(line("messages", sorted(crowd, [](const auto& load) { return load.kept_bytes; }), 1));
  plot.panels = {std::move(traffic), std::move(kept)};
  return plot;
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
  config.regions = options.regions;
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

  if (const auto made = prepare(options.folders); !made) return complain(made.error().message);
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
  const sim::CrowdSums& s = crowd.sums();
  const double simulated = static_cast<double>(length.count) / 1000;
  const auto busy = sorted(crowd, [](const auto& load) { return load.busy_us; });
  const auto kept = sorted(crowd, [](const auto& load) { return load.kept_bytes; });
  const auto traffic = sorted(crowd, [](const auto& load) { return load.bytes; });
  const auto middle = [](const std::vector<double>& all) { return all[all.size() / 2]; };
  const std::string title =
      fmt::format("{} people, {} service nodes, seed {}", grouped(crowd.people()), grouped(crowd.nodes()), options.seed);
  for (const auto& [name, text] : tables(rows, crowd))
    if (const auto written = write_text(options.folders.csv, options.folders.all, name, text); !written)
      return complain(written.error().message);
  for (const auto& [name, plot] :
       {std::pair("delays.svg", delays_plot(title, crowd)), std::pair("day.svg", day_plot(title, rows)),
        std::pair("nodes.svg", nodes_plot(title, crowd, simulated))})
    if (const auto written = write_text(options.folders.svg, options.folders.all, name, sim::to_svg(plot)); !written)
      return complain(written.error().message);
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
        {"until_shown_at_once_us", numbers(crowd.shown_at_once())},
        {"until_shown_later_us", numbers(crowd.shown_late())},
        {"until_kept_us", numbers(crowd.kept_after())},
        {"stamp_us", numbers(crowd.stamped_in())},
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
      sim::span_text(static_cast<std::uint64_t>(length.count) * 1000), wall, simulated / wall, built, grouped(crowd.events()),
      static_cast<double>(crowd.events()) / wall / 1e6);
  std::cout << "modelled: packets, sizes and times as the real machines', but no bytes, keys or forks of the registry; see "
               "`run --limits`\n";
  std::cout << "digest " << digest.hex() << '\n';
  return 0;
}

}  // namespace session::tool
