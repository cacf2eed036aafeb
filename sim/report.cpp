#include "sim/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace session::sim {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::map<std::string, std::uint64_t>;

constexpr std::uint64_t kHalf = 500'000, kNinety = 900'000, kNinetyNine = 990'000;  // parts in a million

/// "3 × a, 1 × b", the most frequent first.
std::string listed(const Words& words) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(words.begin(), words.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [word, count] : sorted) out += fmt::format("{}{} × {}", out.empty() ? "" : ", ", grouped(count), word);
  return out.empty() ? "none" : out;
}

/// A width of letters, not of bytes: "→" counts one.
std::string padded(const std::string& text, std::size_t width) {
  const auto letters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return text + std::string(width > letters ? width - letters : 0, ' ');
}
std::string right(const std::string& text, std::size_t width) {
  const std::string spaces = padded(text, width).substr(text.size());
  return spaces + text;
}
std::string line(const char* name, const std::string& text) { return "  " + padded(name, 18) + text + "\n"; }

std::string messages_text(const Measures& m) {
  const MessageCounts& c = m.messages;
  const auto row = [](const char* name, std::uint64_t count, const char* what) {
    return line(name, right(grouped(count), 9) + "  " + what);
  };
  std::string out = "Messages\n" + row("written", c.asked, "by people, first requests among them");
  out += row("at once", c.relayed, "taken by a recipient who listened");
  out += row("swarm", c.kept, "kept by the recipient's swarm, to be fetched");
  out += row("failed", c.failed, "given up or expired");
  out += row("waiting", c.waiting, "still under way at the end");
  out += row("shown", c.shown, "to the recipient, once each");
  if (c.lost_from_view > 0) out += row("not followed", c.lost_from_view, "too many were under way; counted as waiting");
  out += "\n" + padded("Time taken", 20);
  for (const char* head : {"median", "p90", "p99", "most"}) out += right(head, 11);
  const auto times = [&](const char* name, const Distribution& h) {
    std::string cells;
    for (const std::uint64_t value : {h.quantile(kHalf), h.quantile(kNinety), h.quantile(kNinetyNine), h.max()})
      cells += right(h.count() == 0 ? "-" : span_text(value), 11);
    return "  " + padded(name, 18) + cells + "\n";
  };
  return out + "\n" + times("written to kept", m.kept_after) + times("written to taken", m.relayed_after) +
         times("written to shown", m.shown_after) + times("finding a stamp", m.stamp_micros);
}

std::string traffic_text(const Measures& m) {
  std::string out = padded("Traffic", 20) + right("packets", 11) + right("answers", 11) + right("bytes", 11) + "\n";
  for (std::size_t i = 0; i < kTraffics; ++i)
    out += "  " + padded(std::string(name_of(static_cast<Traffic>(i))), 18) + right(grouped(m.traffic[i].packets), 11) +
           right(grouped(m.answers[i]), 11) + right(bytes_text(m.traffic[i].bytes), 11) + "\n";
  out += line("requests", listed(m.requests));
  return out + line("lost", m.packets_lost == 0 ? "none" : fmt::format("{}: {}", grouped(m.packets_lost), listed(m.losses)));
}

/// Where cores have a price: how long they thought.
std::string thinking_text(const Measures& m) {
  Distribution nodes;
  for (const auto& [name, load] : m.nodes) nodes.add(static_cast<std::uint64_t>(load.thought_us));
  std::string out;
  const auto add = [&](const char* whose, const Distribution& d) {
    if (d.max() == 0) return;
    out += fmt::format("{}each {} thought {} to {}, median {}", out.empty() ? "" : "; ", whose, span_text(d.min()),
                       span_text(d.max()), span_text(d.quantile(kHalf)));
  };
  add("node", nodes);
  add("person's machine", m.people_thought_us);
  return out.empty() ? "" : line("cores", out);
}

std::string nodes_text(const Measures& m) {
  std::vector<std::pair<std::uint64_t, std::string>> requests;
  Distribution kept;
  for (const auto& [name, load] : m.nodes) requests.emplace_back(load.requests, name), kept.add(load.kept_messages);
  if (requests.empty()) return "";
  std::sort(requests.begin(), requests.end());
  const auto& least = requests.front();
  const auto& most = requests.back();
  std::string out = "Nodes\n";
  out += line("requests", fmt::format("{} ({}) to {} ({}), median {}", grouped(least.first), least.second, grouped(most.first),
                                      most.second, grouped(requests[requests.size() / 2].first)));
  out += line("keep at the end", fmt::format("{} to {} messages each, {} in all", grouped(kept.min()), grouped(kept.max()),
                                             bytes_text(m.samples.empty() ? 0 : m.samples.back().kept_bytes)));
  out += thinking_text(m);
  out += line("refused", listed(m.refusals));
  out += line("failed paths", listed(m.path_failures));
  const auto troubled = std::count_if(m.samples.begin(), m.samples.end(), [](const Sample& s) { return s.is_troubled(); });
  const std::string seen = fmt::format("something was wrong in {} of {} samples", troubled, m.samples.size());
  out += line("faults", m.faults.empty() ? (troubled == 0 ? "none" : seen) : listed(m.faults) + "; " + seen);
  return out;
}

std::string spam_text(const SpamSums& spam) {
  if (spam.sent == 0) return "";
  std::map<std::string, std::uint64_t> refused;
  for (const auto& [status, count] : spam.refused) refused[std::to_string(status)] = count;
  std::string out = "Spam\n";
  out += line("sent", fmt::format("{}: {} taken, {} relays that nobody heard, {} unanswered", grouped(spam.sent),
                                  grouped(spam.taken), grouped(spam.unheard), grouped(spam.unanswered)));
  out += line("refused", listed(refused));
  out += line("paid",
              fmt::format("{} stamps, {} trials, {}", grouped(spam.stamps), grouped(spam.trials), span_text(spam.work_micros)));
  return out + "\n";
}

std::string sybil_text(const std::vector<SybilPrice>& prices) {
  if (prices.empty()) return "";
  std::string out = "Sybil: the price of so many of all nodes, and the chance that then\n" + padded("", 20);
  for (const char* head : {"nodes", "stake", "in a swarm", "most of it", "both ends"})
    out += right(head, head == std::string_view("stake") ? 26 : 12);
  out += "\n";
  const auto percent = [](double chance) { return right(fmt::format("{:.1f} %", 100 * chance), 12); };
  for (std::size_t i = 0; i < prices.size(); ++i)
    out += "  " + padded(fmt::format("{:.0f} %", 100 * prices[i].fraction), 18) + right(grouped(prices[i].nodes), 12) +
           right(grouped(prices[i].stake), 26) + percent(prices[i].has_swarm_member) + percent(prices[i].has_swarm_majority) +
           percent(prices[i].sees_both_ends) + "\n";
  return out + "\n";
}

Json spam_json(const SpamSums& spam) {
  Json refused = Json::object();
  for (const auto& [status, count] : spam.refused) refused[std::to_string(status)] = count;
  return {{"sent", spam.sent},
          {"taken", spam.taken},
          {"unheard", spam.unheard},
          {"refused", std::move(refused)},
          {"unanswered", spam.unanswered},
          {"stamps", spam.stamps},
          {"trials", spam.trials},
          {"work_us", spam.work_micros}};
}

Json sybil_json(const std::vector<SybilPrice>& prices) {
  Json list = Json::array();
  for (const SybilPrice& price : prices)
    list.push_back({{"share", price.fraction},
                    {"nodes", price.nodes},
                    {"stake", price.stake},
                    {"has_swarm_member", price.has_swarm_member},
                    {"has_swarm_majority", price.has_swarm_majority},
                    {"sees_both_ends", price.sees_both_ends}});
  return list;
}

Json times_json(const Distribution& h) {
  Json json = {{"count", h.count()}};
  if (h.count() == 0) return json;
  json["p50"] = h.quantile(kHalf);
  json["p90"] = h.quantile(kNinety);
  json["p99"] = h.quantile(kNinetyNine);
  json["max"] = h.max();
  return json;
}

Json series_json(const Measures& m) {
  const auto of = [&](const auto& pick) {
    Json list = Json::array();
    for (const Bucket& bucket : m.buckets) list.push_back(pick(bucket));
    return list;
  };
  Json json = {{"width_s", m.width.count / 1000}};
  json["people_and_nodes_bytes"] = of([](const Bucket& b) { return b.traffic[0].bytes; });
  json["between_nodes_bytes"] = of([](const Bucket& b) { return b.traffic[1].bytes; });
  json["registry_bytes"] = of([](const Bucket& b) { return b.traffic[2].bytes; });
  json["lost"] = of([](const Bucket& b) { return b.lost; });
  json["written"] = of([](const Bucket& b) { return b.asked; });
  json["kept"] = of([](const Bucket& b) { return b.kept; });
  json["shown"] = of([](const Bucket& b) { return b.shown; });
  return json;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes > 10'000'000'000'000'000 ? bytes : bytes * 10;
  while (tenths >= 10'000 && unit + 1 < std::size(kUnits)) tenths /= 1000, ++unit;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{}.{} {}", tenths / 10, tenths % 10, kUnits[unit]);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string span_text(std::uint64_t micros) {
  constexpr std::uint64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
  const auto tenths = [&](std::uint64_t unit, const char* name) {
    const std::uint64_t t = micros / (unit / 10);
    return t % 10 == 0 ? fmt::format("{} {}", t / 10, name) : fmt::format("{}.{} {}", t / 10, t % 10, name);
  };
  if (micros < 1'000) return fmt::format("{} µs", micros);
  if (micros < kSecond) return fmt::format("{} ms", micros / 1000);
  if (micros < kMinute) return tenths(kSecond, "s");
  if (micros < kHour) return tenths(kMinute, "min");
  return micros < kDay ? tenths(kHour, "h") : tenths(kDay, "d");
}

std::vector<std::string> model_of(const WorldConfig& world) {
  const std::string links =
      world.regions
          ? "half a round trip measured between the data centres of its regions, and a chosen last mile (sim/regions.cpp)"
          : fmt::format("{} to {} ms, evenly", world.link.base.count, (world.link.base + world.link.jitter).count);
  const bool thinks = world.node_cpu != CpuConfig{} || world.person_cpu != CpuConfig{} ||
                      std::ranges::any_of(world.groups, [](const auto& g) { return g.cpu != CpuClass::Unpriced; });
  const bool has_lines = world.node_bandwidth != Bandwidth{} || world.person_bandwidth != Bandwidth{};
  return {
      fmt::format("Measured: every machine is the product's own, with {} cryptography; times are of the virtual clock.",
                  world.fidelity == Fidelity::Real ? "real" : "modelled"),
      fmt::format(
          "Drawn: each packet takes {}, but where the scenario says otherwise; a stamp takes its trials at {} a second{}.",
          links, grouped(world.stamp_trials_per_second),
          thinks ? ", and a machine with a cpu thinks and stamps at that one's prices (sim/cpu.h)" : ""),
      fmt::format("Left out: TCP and TLS, {}, bursts of loss{}. All of it: session-sim run --limits.",
                  has_lines ? "queues but at a machine's own line" : "bandwidth and queues", thinks ? "" : ", time to think")};
}

std::string summary_text(const RunReport& r) {
  const auto simulated = static_cast<std::uint64_t>(std::max<std::int64_t>(0, r.simulated.count)) * 1000;
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(1, r.wall_micros));
  const Sample last = r.measures.samples.empty() ? Sample{} : r.measures.samples.back();
  std::string out = r.name + "\n";
  out += line("network", fmt::format("{} service nodes in {} swarm{}, {} people", last.nodes, r.swarms,
                                     r.swarms == 1 ? "" : "s", last.people));
  out += line("simulated", fmt::format("{} in {}, {} times real time; {} events, {} facts", span_text(simulated),
                                       span_text(wall), grouped(simulated / wall), grouped(r.events), grouped(r.facts)));
  out += line("seed, commit", fmt::format("{}, {}", r.seed, r.commit)) + "\n";
  out += messages_text(r.measures) + "\n" + traffic_text(r.measures) + "\n" + nodes_text(r.measures) + "\n" +
         spam_text(r.measures.spam) + sybil_text(r.sybil) + "Model\n";
  for (const std::string& sentence : r.model) out += "  " + sentence + "\n";
  return out;
}

std::string report_json(const RunReport& r) {
  const Measures& m = r.measures;
  const Sample last = m.samples.empty() ? Sample{} : m.samples.back();
  Json json = {{"scenario", r.name},
               {"seed", r.seed},
               {"commit", r.commit},
               {"simulated_s", static_cast<double>(r.simulated.count) / 1000},
               {"wall_s", static_cast<double>(r.wall_micros) / 1'000'000},
               {"events", r.events},
               {"facts", r.facts},
               {"problems", r.problems},
               {"digest", r.digest}};
  json["network"] = {{"nodes", last.nodes}, {"swarms", r.swarms}, {"people", last.people}};
  json["messages"] = {{"written", m.messages.asked},
                      {"at_once", m.messages.relayed},
                      {"swarm", m.messages.kept},
                      {"failed", m.messages.failed},
                      {"waiting", m.messages.waiting},
                      {"shown", m.messages.shown},
                      {"not_followed", m.messages.lost_from_view}};
  json["latency_us"] = {{"written_to_kept", times_json(m.kept_after)},
                        {"written_to_taken", times_json(m.relayed_after)},
                        {"written_to_shown", times_json(m.shown_after)}};
  json["stamps"] = {
      {"trials", m.stamp_trials.sum()}, {"trials_each", times_json(m.stamp_trials)}, {"time_us", times_json(m.stamp_micros)}};
  for (std::size_t i = 0; i < kTraffics; ++i)
    json["traffic"][std::string(name_of(static_cast<Traffic>(i)))] = {
        {"packets", m.traffic[i].packets}, {"bytes", m.traffic[i].bytes}, {"answers", m.answers[i]}};
  json["requests"] = Json(m.requests);
  json["packets_lost"] = m.packets_lost;
  json["losses"] = Json(m.losses);
  json["refusals"] = Json(m.refusals);
  json["faults"] = Json(m.faults);
  json["path_failures"] = Json(m.path_failures);
  json["nodes"] = Json::array();
  for (const auto& [name, n] : m.nodes)
    json["nodes"].push_back({{"name", name},
                             {"requests", n.requests},
                             {"bytes_in", n.bytes_in},
                             {"bytes_out", n.bytes_out},
                             {"layers", n.layers},
                             {"stored", n.stored},
                             {"retrieved", n.retrieved},
                             {"refused", n.refused},
                             {"kept_messages", n.kept_messages},
                             {"kept_bytes", n.kept_bytes},
                             {"thought_us", n.thought_us}});
  json["people_thought_us"] = times_json(m.people_thought_us);
  json["spam"] = spam_json(m.spam);
  json["sybil"] = sybil_json(r.sybil);
  json["series"] = series_json(m);
  json["model"] = r.model;
  return json.dump();
}

}  // namespace session::sim
