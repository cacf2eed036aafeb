#include "sim/coalitions.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace session::sim {
namespace {

/// The four nodes of a path without detours; nothing for another.
std::optional<std::array<MachineIndex, 4>> places_of(const Chain& chain) {
  if (chain.passages.size() != kPlaces.size() || !chain.passages[0].is_of_client) return std::nullopt;
  std::array<MachineIndex, 4> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = chain.passages[i].to;
    if (i > 0 && chain.passages[i].from != out[i - 1]) return std::nullopt;
  }
  return out;
}

std::vector<MachineIndex> nodes_of(const Chain& chain, const World& world) {
  std::vector<MachineIndex> out;
  for (const Passage& passage : chain.passages)
    for (const MachineIndex end : {passage.from, passage.to})
      if (world.is_node(end) && std::ranges::find(out, end) == out.end()) out.push_back(end);
  std::ranges::sort(out);
  return out;
}

/// Only who owns an account may listen for it; others read what it publishes.
bool is_of_own_account(const Chain& chain) { return chain.to_destination()->named->method == "listen"; }

double formula(double f, double guards, double members) {
  return (1 - std::pow(1 - f, guards)) * (1 - std::pow(1 - f, members));
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The formula for each client with the guards that it used and the swarm that it has, in the middle.
double formula_here(std::span<const Chain> chains, const World& world, double f) {
  std::map<MachineIndex, std::set<MachineIndex>> guards;
  for (const Chain& chain : chains)
    if (is_of_own_account(chain)) guards[chain.of_client()->from].insert(chain.of_client()->to);
  double sum = 0;
  const auto& registry = *world.registry();
  for (const auto& [person, used] : guards) {
    const std::size_t members = registry.members(registry.swarm_of(world.client(person).id().account)).size();
    sum += formula(f, static_cast<double>(used.size()), static_cast<double>(members));
  }
  return guards.empty() ? 0 : sum / static_cast<double>(guards.size());
}

/// So many of the nodes, each set as likely as any other.
std::vector<bool> draw_nodes(const World& world, std::size_t many, Rng& dice) {
  std::vector<MachineIndex> nodes = world.members();
  std::vector<bool> has(world.names().size());
  for (std::size_t i = 0; i < many; ++i) {
    std::swap(nodes[i], nodes[i + dice.below(nodes.size() - i)]);
    has[nodes[i].value] = true;
  }
  return has;
}

}  // namespace

std::vector<Chain> chains_of(const Recorder& recorder, const World& world) {
  Chains chains(world);
  for (const SeenPacket& packet : recorder.packets())
    if (packet.arrived)
      chains.add({packet.number, *packet.arrived, *packet.body, packet.from, packet.to, packet.is_answer, false, false,
                  packet.route, packet.exchange},
                 packet.sent);
  std::vector<Chain> out = chains.take_begun_before(Instant{std::numeric_limits<std::int64_t>::max()});
  std::erase_if(out, [](const Chain& chain) { return !chain.has_both_ends(); });
  return out;
}

SmallCoalitions small_coalitions(std::span<const Chain> chains, const World& world) {
  SmallCoalitions out;
  out.requests = chains.size();
  out.singles = world.nodes();
  out.pairs = world.nodes() * (world.nodes() - 1) / 2;
  std::map<std::pair<MachineIndex, MachineIndex>, std::uint64_t> joined;
  std::vector<bool> has(world.names().size());
  for (const Chain& chain : chains) {
    const auto places = places_of(chain);
    if (places) ++out.whole;
    const auto place_of = [&](MachineIndex node) {
      return static_cast<std::size_t>(std::ranges::find(*places, node) - places->begin());
    };
    const auto nodes = nodes_of(chain, world);
    bool is_by_one = false;
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      has[nodes[a].value] = true;
      is_by_one = is_by_one || joins(chain, has);
      for (std::size_t b = a + 1; b < nodes.size(); ++b) {
        has[nodes[b].value] = true;
        if (joins(chain, has)) {
          ++joined[{nodes[a], nodes[b]}];
          if (places)
            ++out.by_two[std::min(place_of(nodes[a]), place_of(nodes[b]))][std::max(place_of(nodes[a]), place_of(nodes[b]))];
        }
        has[nodes[b].value] = false;
      }
      has[nodes[a].value] = false;
    }
    if (is_by_one) ++out.by_one;
  }
  out.joining_pairs = joined.size();
  for (const auto& [pair, count] : joined)
    if (count > out.most) out.most = count, out.best = pair;
  return out;
}

HostileShare with_hostile(std::span<const Chain> chains, const World& world, unsigned percent, std::uint64_t draws,
                          std::uint64_t seed) {
  HostileShare out;
  out.nodes = world.members().size();
  out.hostile = (out.nodes * percent + 50) / 100;
  out.draws = draws;
  out.requests = chains.size();
  std::set<MachineIndex> readers;
  for (const Chain& chain : chains)
    if (is_of_own_account(chain)) readers.insert(chain.of_client()->from);
  out.people = readers.size();
  SeededRng dice(seed, "hostile nodes");
  for (std::uint64_t i = 0; i < draws; ++i) {
    const std::vector<bool> has = draw_nodes(world, out.hostile, dice);
    std::set<MachineIndex> joined, watched;
    for (const Chain& chain : chains) {
      if (!has[chain.of_client()->to.value] || !has[chain.to_destination()->to.value]) continue;  // who joins has both
      ++out.watched_requests;
      if (is_of_own_account(chain)) watched.insert(chain.of_client()->from);
      if (!joins(chain, has)) continue;
      ++out.joined_requests;
      if (is_of_own_account(chain)) joined.insert(chain.of_client()->from);
    }
    out.joined_people += joined.size();
    out.watched_people += watched.size();
  }
  out.f = share(out.hostile, out.nodes);
  out.formula_of_people = formula(out.f, 2, 7);
  out.formula_here = formula_here(chains, world, out.f);
  return out;
}

double HostileShare::of_requests(std::uint64_t count) const { return share(count, requests * draws); }
double HostileShare::of_people(std::uint64_t count) const { return share(count, people * draws); }

std::string coalitions_text(const SmallCoalitions& small, const HostileShare& hostile, const World& world) {
  std::string out = fmt::format("{} requests name an account, {} of them over three relays and a destination\n\n",
                                small.requests, small.whole);
  out += fmt::format("one node   ({} of them): {} requests joined\n", small.singles, small.by_one);
  out += fmt::format("two nodes  ({} pairs): {} pairs join some", small.pairs, small.joining_pairs);
  if (small.most > 0)
    out += fmt::format(", at most {} ({} and {})", small.most, world.names()[small.best.first.value],
                       world.names()[small.best.second.value]);
  out += '\n';
  for (std::size_t a = 0; a < kPlaces.size(); ++a)
    for (std::size_t b = a + 1; b < kPlaces.size(); ++b)
      out +=
          fmt::format("  {:<22}{:>8} of {}\n", fmt::format("{} + {}", kPlaces[a], kPlaces[b]), small.by_two[a][b], small.whole);
  out += fmt::format("\n{} of {} nodes hostile, drawn {} times\n", hostile.hostile, hostile.nodes, hostile.draws);
  const auto line = [&](std::string_view what, double measured, std::string_view formula, double said) {
    out += fmt::format("  {:<42}{:>8.4f} %   {}: {:.4f} %\n", what, measured * 100, formula, said * 100);
  };
  // That so many places of one request are hostile, of this many nodes: f², f⁴ where there are many.
  const auto all_of = [&](std::size_t places) {
    double chance = 1;
    for (std::size_t i = 0; i < places; ++i) chance *= share(hostile.hostile - std::min(i, hostile.hostile), hostile.nodes - i);
    return chance;
  };
  line("requests joined by bytes", hostile.of_requests(hostile.joined_requests), "all four places, about f⁴", all_of(4));
  out += fmt::format("  {:<42}{:>8.4f} %\n", "people joined with their account, once",
                     hostile.of_people(hostile.joined_people) * 100);
  line("requests whose two ends are watched", hostile.of_requests(hostile.watched_requests), "guard and destination, about f²",
       all_of(2));
  line("people whose two ends were watched, once", hostile.of_people(hostile.watched_people),
       "by the formula, with these guards and swarms", hostile.formula_here);
  out += fmt::format("  (1-(1-f)²)(1-(1-f)⁷), two guards and seven members: {:.4f} %\n", hostile.formula_of_people * 100);
  return out;
}

std::string coalitions_json(const SmallCoalitions& small, const HostileShare& hostile, const World& world) {
  nlohmann::ordered_json out = {{"requests", small.requests}, {"whole", small.whole}};
  out["one"] = {{"coalitions", small.singles}, {"joined", small.by_one}};
  out["two"] = {{"coalitions", small.pairs}, {"joining", small.joining_pairs}, {"most", small.most}};
  if (small.most > 0) out["two"]["best"] = {world.names()[small.best.first.value], world.names()[small.best.second.value]};
  for (std::size_t a = 0; a < kPlaces.size(); ++a)
    for (std::size_t b = a + 1; b < kPlaces.size(); ++b)
      out["two"]["joined"][fmt::format("{} + {}", kPlaces[a], kPlaces[b])] = small.by_two[a][b];
  out["hostile"] = {{"hostile", hostile.hostile},
                    {"nodes", hostile.nodes},
                    {"draws", hostile.draws},
                    {"f", hostile.f},
                    {"joined_requests", hostile.of_requests(hostile.joined_requests)},
                    {"watched_requests", hostile.of_requests(hostile.watched_requests)},
                    {"people", hostile.people},
                    {"joined_people", hostile.of_people(hostile.joined_people)},
                    {"watched_people", hostile.of_people(hostile.watched_people)},
                    {"formula", hostile.formula_of_people},
                    {"formula_here", hostile.formula_here}};
  return out.dump();
}

}  // namespace session::sim
