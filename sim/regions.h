// Where machines stand, and how long a packet takes from one region of the world to another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/rng.h"
#include "core/base/time.h"

namespace session::sim {

struct Region {
  std::string_view name;
  std::string_view city;        ///< that its figures are of
  std::int32_t minutes_east;    ///< of UTC, in winter of the north
  std::uint32_t nodes_percent;  ///< share of the service nodes, where a scenario does not say; chosen
  std::uint32_t people_percent;
};
[[nodiscard]] std::span<const Region> regions();
/// The place of a region in `regions()`, by its name.
[[nodiscard]] std::optional<std::size_t> region_of(std::string_view name);
/// A region drawn by the shares.
[[nodiscard]] std::size_t draw_region(bool is_node, Rng& dice);

/// Round trip between two regions, or two cities of one, in milliseconds; see regions.cpp for the sources.
[[nodiscard]] std::uint32_t round_trip_ms(std::size_t from, std::size_t to);

struct RegionDelay {
  Millis base, jitter;
};
/// One way of a packet: half a round trip, rounded up, and the way to a home when one of the ends is a person.
[[nodiscard]] RegionDelay region_delay(std::size_t from, std::size_t to, bool has_person);

}  // namespace session::sim
