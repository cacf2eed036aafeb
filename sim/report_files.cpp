// The tables, the plots and the page of a run.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report.h"

namespace session::sim {
namespace {

constexpr std::size_t kMostBars = 240;
constexpr std::uint64_t kFewPoints = 40;

double seconds_of(std::uint64_t micros) { return static_cast<double>(micros) / 1e6; }
double since(const Measures& m, Instant at) { return static_cast<double>(at.micros - m.begin.micros) / 1e6; }

/// A field of a table: in quotes where it must be (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string summary_csv(const RunReport& r) {
  const Measures& m = r.measures;
  std::string out = "what,value,unit\n";
  const auto row = [&](const std::string& what, const auto& value, const char* unit) {
    out += fmt::format("{},{},{}\n", field(what), value, unit);
  };
  row("scenario", field(r.name), "");
  row("seed", r.seed, "");
  row("commit", field(r.commit), "");
  row("digest", r.digest, "");
  row("simulated", r.simulated.count, "ms");
  row("wall", r.wall_micros, "us");
  row("events", r.events, "");
  row("facts", r.facts, "");
  row("problems", r.problems.size(), "");
  row("messages written", m.messages.asked, "");
  row("messages taken at once", m.messages.relayed, "");
  row("messages kept by the swarm", m.messages.kept, "");
  row("messages failed", m.messages.failed, "");
  row("messages waiting", m.messages.waiting, "");
  row("messages shown", m.messages.shown, "");
  row("stamps", m.stamp_trials.count(), "");
  row("trials of stamps", m.stamp_trials.sum(), "");
  for (std::size_t i = 0; i < kTraffics; ++i) {
    const std::string name(name_of(static_cast<Traffic>(i)));
    row("packets: " + name, m.traffic[i].packets, "");
    row("bytes: " + name, m.traffic[i].bytes, "B");
  }
  for (const auto& [method, count] : m.requests) row("requests: " + method, count, "");
  for (const auto& [reason, count] : m.losses) row("packets lost: " + reason, count, "");
  for (const auto& [status, count] : m.refusals) row("refused with " + status, count, "");
  for (const auto& [kind, count] : m.faults) row("faults: " + kind, count, "");
  for (const auto& [reason, count] : m.path_failures) row("paths failed: " + reason, count, "");
  row("spam sent", m.spam.sent, "");
  row("spam taken", m.spam.taken, "");
  for (const auto& [status, count] : m.spam.refused) row(fmt::format("spam refused with {}", status), count, "");
  row("spam trials", m.spam.trials, "");
  for (const SybilPrice& price : r.sybil) {
    const std::string share = fmt::format("sybil {:.0f} %: ", 100 * price.fraction);
    row(share + "nodes", price.nodes, "");
    row(share + "stake", price.stake, "atomic units");
    row(share + "most of a chosen swarm", price.has_swarm_majority, "chance");
    row(share + "both ends", price.sees_both_ends, "chance");
  }
  return out;
}

std::string latency_csv(const Measures& m) {
  std::string out = "what,at_most_us,messages\n";
  const auto rows = [&](const char* what, const Distribution& h) {
    std::uint64_t passed = 0;
    h.visit([&](std::uint64_t upper, std::uint64_t count) {
      passed += count;
      out += fmt::format("{},{},{}\n", what, upper, passed);
    });
  };
  rows("written to kept", m.kept_after);
  rows("written to taken", m.relayed_after);
  rows("written to shown", m.shown_after);
  rows("finding a stamp", m.stamp_micros);
  return out;
}

std::string traffic_csv(const Measures& m) {
  std::string out =
      "from_s,to_s,people_and_nodes_packets,people_and_nodes_bytes,between_nodes_packets,between_nodes_bytes,registry_packets,"
      "registry_bytes,lost,written,kept,shown,path_failures\n";
  const std::int64_t width = m.width.count / 1000;
  for (std::size_t i = 0; i < m.buckets.size(); ++i) {
    const Bucket& b = m.buckets[i];
    const std::int64_t from = static_cast<std::int64_t>(i) * width;
    out += fmt::format("{},{}", from, from + width);
    for (const Volume& volume : b.traffic) out += fmt::format(",{},{}", volume.packets, volume.bytes);
    out += fmt::format(",{},{},{},{},{}\n", b.lost, b.asked, b.kept, b.shown, b.path_failures);
  }
  return out;
}

std::string world_csv(const Measures& m) {
  std::string out =
      "at_s,kept_messages,kept_bytes,people,people_online,nodes,nodes_down,nodes_still,nodes_slow,nodes_hostile,wrong_clocks,"
      "parted,worse_links\n";
  for (const Sample& s : m.samples)
    out += fmt::format("{:.3f},{},{},{},{},{},{},{},{},{},{},{},{}\n", since(m, s.at), s.kept_messages, s.kept_bytes, s.people,
                       s.online, s.nodes, s.down, s.still, s.slow, s.hostile, s.wrong_clocks, s.parted ? 1 : 0,
                       s.worse_links ? 1 : 0);
  return out;
}

std::string nodes_csv(const Measures& m) {
  std::string out = "node,requests,bytes_in,bytes_out,layers,stored,retrieved,refused,kept_messages,kept_bytes,thought_us\n";
  for (const auto& [name, n] : m.nodes)
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", field(name), n.requests, n.bytes_in, n.bytes_out, n.layers,
                       n.stored, n.retrieved, n.refused, n.kept_messages, n.kept_bytes, n.thought_us);
  return out;
}

// --- plots ------------------------------------------------------------------------------------------------------------------

std::vector<PlotBand> troubles(const Measures& m) {
  std::vector<PlotBand> bands;
  for (std::size_t i = 0; i < m.samples.size(); ++i) {
    if (!m.samples[i].is_troubled()) continue;
    const double from = since(m, m.samples[i > 0 ? i - 1 : i].at), to = since(m, m.samples[i].at);
    if (!bands.empty() && bands.back().to >= from)
      bands.back().to = to;
    else
      bands.push_back({from, to});
  }
  return bands;
}

Plot over_time(const RunReport& r) {
  Plot plot;
  plot.subtitle = fmt::format("{}, seed {}", r.name, r.seed);
  plot.x_label = "time since the beginning";
  plot.x_to = since(r.measures, r.measures.end);
  plot.bands = troubles(r.measures);
  plot.band_name = "something is wrong: a machine, a clock or a link";
  return plot;
}

PlotLine share_within(const char* name, const Distribution& h) {
  PlotLine line{
      .name = fmt::format("{} ({})", name, grouped(h.count())), .is_stepped = true, .has_dots = h.count() <= kFewPoints};
  std::uint64_t passed = 0;
  h.visit([&](std::uint64_t upper, std::uint64_t count) {
    passed += count;
    line.points.push_back(
        {seconds_of(std::max<std::uint64_t>(1, upper)), 100 * static_cast<double>(passed) / static_cast<double>(h.count())});
  });
  return line;
}

Plot latency_plot(const RunReport& r) {
  const Measures& m = r.measures;
  Plot plot;
  plot.title = "How long messages take";
  plot.subtitle = fmt::format("Share of messages that took at most so long. {}, seed {}", r.name, r.seed);
  plot.x_label = "time since the message was written";
  plot.x_unit = Unit::Duration;
  PlotPanel panel{.label = "share of messages", .unit = Unit::Percent, .height = 300, .top = 100};
  double low = 0, high = 0;
  for (const auto& [name, h] : {std::pair{"kept by the swarm", &m.kept_after},
                                {"taken at once", &m.relayed_after},
                                {"shown to the recipient", &m.shown_after}}) {
    if (h->count() == 0) continue;
    const double least = seconds_of(std::max<std::uint64_t>(1, h->min())), most = seconds_of(h->max());
    low = low == 0 ? least : std::min(low, least);
    high = std::max(high, most);
    panel.lines.push_back(share_within(name, *h));
    plot.description += fmt::format("{} of {}: half within {}, 99 % within {}. ", grouped(h->count()), name,
                                    span_text(h->quantile(500'000)), span_text(h->quantile(990'000)));
  }
  if (panel.lines.empty()) {
    panel.empty = "no message arrived in this run";
    plot.description = panel.empty;
    low = 0.1, high = 10;
  }
  plot.x_from = low / 1.25, plot.x_to = std::max(high * 1.25, low * 4);
  for (PlotLine& line : panel.lines) {  // from nothing to all, over the whole width
    line.points.insert(line.points.begin(), {plot.x_from, 0});
    line.points.push_back({plot.x_to, 100});
  }
  plot.panels.push_back(std::move(panel));
  return plot;
}

Plot traffic_plot(const RunReport& r) {
  const Measures& m = r.measures;
  Plot plot = over_time(r);
  plot.title = "Traffic";
  const double width = static_cast<double>(m.width.count) / 1000;
  PlotPanel bytes{
      .label = fmt::format("bytes a second, over {} each", span_text(static_cast<std::uint64_t>(m.width.count) * 1000)),
      .unit = Unit::BytesPerSecond,
      .height = 230};
  const auto series = [&](std::string name, const auto& pick, bool filled) {
    PlotLine line{.name = std::move(name), .is_stepped = true, .is_filled = filled};
    for (std::size_t i = 0; i < m.buckets.size(); ++i)
      line.points.push_back({static_cast<double>(i) * width, static_cast<double>(pick(m.buckets[i])) / width});
    if (!line.points.empty()) line.points.push_back({plot.x_to, line.points.back().y});
    return line;
  };
  for (const std::size_t kind : {std::size_t{1}, std::size_t{0}, std::size_t{2}})
    bytes.lines.push_back(series(
        std::string(name_of(static_cast<Traffic>(kind))), [&](const Bucket& b) { return b.traffic[kind].bytes; }, kind == 1));
  plot.panels.push_back(std::move(bytes));
  if (m.packets_lost > 0) {
    PlotPanel lost{.label = "packets lost a second", .unit = Unit::PerSecond, .height = 90};
    lost.lines.push_back(series("lost", [](const Bucket& b) { return b.lost; }, true));
    plot.panels.push_back(std::move(lost));
  }
  plot.description = "Bytes a second over the run:";
  for (std::size_t i = 0; i < kTraffics; ++i)
    plot.description += fmt::format(" {} {} B in {} packets,", name_of(static_cast<Traffic>(i)), grouped(m.traffic[i].bytes),
                                    grouped(m.traffic[i].packets));
  plot.description += fmt::format(" {} lost.", grouped(m.packets_lost));
  return plot;
}

Plot load_plot(const RunReport& r) {
  std::vector<std::pair<std::string, NodeLoad>> nodes(r.measures.nodes.begin(), r.measures.nodes.end());
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const auto& a, const auto& b) { return a.second.requests > b.second.requests; });
  Plot plot;
  plot.title = "Load of the service nodes";
  plot.subtitle = fmt::format("{}, seed {}", r.name, r.seed);
  plot.x_label = fmt::format("{} service nodes, the busiest first", nodes.size());
  plot.x_unit = Unit::Place;
  PlotPanel asked{.label = "requests that came", .unit = Unit::Count, .height = 200};
  PlotPanel kept{.label = "messages kept at the end, in the same order", .unit = Unit::Count, .height = 110};
  std::uint64_t sum = 0;
  // Of very many nodes every so many-th stands for its neighbours in the order.
  const std::size_t step = (nodes.size() + kMostBars - 1) / kMostBars;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& [name, load] = nodes[i];
    sum += load.requests;
    if (i % std::max<std::size_t>(1, step) != 0) continue;
    const std::string label = name.starts_with("node-") ? name.substr(5) : name;
    asked.bars.push_back(
        {label, static_cast<double>(load.requests),
         fmt::format("{}: {} requests, {} layers taken off", name, grouped(load.requests), grouped(load.layers))});
    kept.bars.push_back(
        {label, static_cast<double>(load.kept_messages),
         fmt::format("{}: keeps {} messages, {} bytes", name, grouped(load.kept_messages), grouped(load.kept_bytes))});
  }
  if (!nodes.empty()) {
    asked.mark = static_cast<double>(sum) / static_cast<double>(nodes.size());
    const std::uint64_t tenths = sum * 10 / nodes.size();
    const std::string mean = fmt::format("mean {}.{}", grouped(tenths / 10), tenths % 10);
    asked.mark_label = mean;
    plot.description = fmt::format("Requests: from {} at {} down to {} at {}, {}.", grouped(nodes.front().second.requests),
                                   nodes.front().first, grouped(nodes.back().second.requests), nodes.back().first, mean);
  }
  plot.panels = {std::move(asked), std::move(kept)};
  return plot;
}

Plot mailboxes_plot(const RunReport& r) {
  const Measures& m = r.measures;
  Plot plot = over_time(r);
  plot.title = "Mailboxes and people";
  PlotLine copies{.name = "copies kept by all nodes", .is_stepped = true, .is_filled = true};
  PlotLine online{.name = "people online", .is_stepped = true, .is_filled = true};
  std::uint64_t people = 0, most = 0;
  for (const Sample& s : m.samples) {
    copies.points.push_back({since(m, s.at), static_cast<double>(s.kept_messages)});
    online.points.push_back({since(m, s.at), static_cast<double>(s.online)});
    people = std::max<std::uint64_t>(people, s.people);
    most = std::max(most, s.kept_messages);
  }
  plot.panels.push_back({.label = "messages in mailboxes", .unit = Unit::Count, .height = 200, .lines = {std::move(copies)}});
  plot.panels.push_back(
      {.label = fmt::format("people online, of {}", people), .unit = Unit::Count, .height = 110, .lines = {std::move(online)}});
  plot.description = fmt::format("At most {} copies of messages lay at the nodes, {} at the end.", grouped(most),
                                 grouped(m.samples.empty() ? 0 : m.samples.back().kept_messages));
  return plot;
}

}  // namespace

std::vector<NamedText> csv_files(const RunReport& r) {
  return {{"summary.csv", summary_csv(r)},
          {"latency.csv", latency_csv(r.measures)},
          {"traffic.csv", traffic_csv(r.measures)},
          {"world.csv", world_csv(r.measures)},
          {"nodes.csv", nodes_csv(r.measures)}};
}

std::vector<std::pair<std::string, Plot>> plots_of(const RunReport& r) {
  return {{"latency", latency_plot(r)}, {"traffic", traffic_plot(r)}, {"load", load_plot(r)}, {"mailboxes", mailboxes_plot(r)}};
}

std::string report_page(const RunReport& r) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}, seed {1}</title>\n<style>\n"
      ":root{{color-scheme:light dark}}\n"
      "body{{margin:0 auto;max-width:52rem;padding:2rem 1rem;background:#F7F8FA;color:#1B2128;"
      "font:15px/1.5 Inter,\"Segoe UI\",Roboto,Arial,sans-serif}}\n"
      "h1{{font-size:1.6rem;margin:0}}p{{color:#5B6672;margin:.3rem 0 1.5rem}}\n"
      "img{{display:block;width:100%;height:auto;margin:0 0 1rem}}\n"
      "pre{{background:#FFF;border:1px solid #D8DEE4;border-radius:8px;padding:1rem;overflow-x:auto;"
      "font:13px/1.5 \"JetBrains Mono\",Consolas,monospace}}\n"
      "a{{color:#007A48}}\n"
      "@media screen and (prefers-color-scheme:dark){{body{{background:#0E1116;color:#E6EDF3}}p{{color:#8B98A5}}"
      "pre{{background:#161B22;border-color:#2A323D}}a{{color:#31F196}}}}\n"
      "@media "
      "print{{body{{background:#FFF}}img,pre{{break-inside:avoid}}}}\n</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>{2}</p>\n",
      escaped(r.name), r.seed, escaped(r.description));
  for (const auto& [name, plot] : plots_of(r))
    page += fmt::format("<img src=\"{}.svg\" alt=\"{}\">\n", name, escaped(plot.title + ". " + plot.description));
  page += "<pre>" + escaped(summary_text(r)) + "</pre>\n";
  for (const std::string& problem : r.problems) page += "<p>Not as the scenario says: " + escaped(problem) + "</p>\n";
  page += "<p>Data: <a href=\"report.json\">report.json</a>";
  for (const auto& [name, text] : csv_files(r)) page += fmt::format(", <a href=\"{0}\">{0}</a>", name);
  return page + fmt::format(". Digest {}.</p>\n</body>\n</html>\n", r.digest);
}

}  // namespace session::sim
