// Round trips between regions: measured by IBM Cloud between its data centres from 8 November to 7 December 2025, monthly means
// in milliseconds, row to column as published (the two ways differ a little). Source: ibm-cloud-docs/vpc on GitHub,
// _include-segments/network-latency.md, "7 Dec 2025", "Inter-region latency"; shown at cloud.ibm.com/docs/vpc, "network
// latency".
//
// Round trips within a region are those of two cities of it. In the same table: Washington to Toronto 19, Frankfurt to London
// 13, Tokyo to Osaka 9. Not in it, so derived as 2 × great circle × 1.5 (fibre is no great circle) / 200 km per ms (light in
// fibre): Dallas to Chicago 1,290 km 19, São Paulo to Rio de Janeiro 360 km 5, Chennai to Mumbai 1,030 km 15, Sydney to
// Melbourne 714 km 11.
#include "sim/regions.h"

#include <algorithm>
#include <array>

namespace session::sim {
namespace {

constexpr std::size_t kRegions = 7;

// Shares are chosen, not measured: the bulk of rented servers stands in Europe and North America, people are spread more
// evenly.
constexpr std::array<Region, kRegions> kTable = {{
    {"north-america-east", "Washington DC", -300, 22, 14},
    {"north-america-central", "Dallas", -360, 10, 12},
    {"europe", "Frankfurt", 60, 42, 30},
    {"south-america", "São Paulo", -180, 4, 10},
    {"south-asia", "Chennai", 330, 4, 14},
    {"east-asia", "Tokyo", 540, 12, 16},
    {"oceania", "Sydney", 660, 6, 4},
}};

constexpr std::uint32_t kRoundTrips[kRegions][kRegions] = {
    // Washington, Dallas, Frankfurt, São Paulo, Chennai, Tokyo, Sydney
    {19, 31, 88, 118, 242, 139, 213},    // from Washington
    {31, 19, 122, 142, 246, 141, 184},   // Dallas
    {88, 122, 13, 194, 143, 225, 249},   // Frankfurt
    {119, 142, 194, 5, 357, 282, 324},   // São Paulo
    {237, 249, 140, 356, 15, 101, 125},  // Chennai
    {139, 142, 225, 282, 100, 9, 115},   // Tokyo
    {214, 183, 249, 326, 125, 115, 11},  // Sydney
};

// Chosen: the table has means only, between data centres. What varies grows with the way, and a home has a last mile.
constexpr std::uint32_t kJitterPart = 16;
constexpr Millis kLeastJitter{2}, kLastMile{8}, kLastMileJitter{12};

}  // namespace

std::span<const Region> regions() { return kTable; }

std::optional<std::size_t> region_of(std::string_view name) {
  const auto* found = std::find_if(kTable.begin(), kTable.end(), [&](const Region& r) { return r.name == name; });
  if (found == kTable.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kTable.begin());
}

std::size_t draw_region(bool is_node, Rng& dice) {
  std::uint64_t drawn = dice.below(100);
  for (std::size_t i = 0; i + 1 < kRegions; ++i) {
    const std::uint32_t share = is_node ? kTable[i].nodes_percent : kTable[i].people_percent;
    if (drawn < share) return i;
    drawn -= share;
  }
  return kRegions - 1;
}

std::uint32_t round_trip_ms(std::size_t from, std::size_t to) { return kRoundTrips[from][to]; }

RegionDelay region_delay(std::size_t from, std::size_t to, bool has_person) {
  const std::uint32_t trip = round_trip_ms(from, to);
  RegionDelay delay{Millis{(trip + 1) / 2}, kLeastJitter + Millis{trip / kJitterPart}};
  if (has_person) delay = {delay.base + kLastMile, delay.jitter + kLastMileJitter};
  return delay;
}

}  // namespace session::sim
