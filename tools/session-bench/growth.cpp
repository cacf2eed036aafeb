#include "tools/session-bench/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "sim/plot.h"

namespace session::bench {
namespace {

/// "crowd.1e3.events" is "crowd.events" at a size of 1,000.
struct Sized {
  std::string name;
  double size = 0;
};
std::optional<Sized> sized(const std::string& name) {
  const std::size_t at = name.find(".1e");
  if (at == std::string::npos) return std::nullopt;
  int exponent = 0;
  const char* begin = name.data() + at + 3;
  const auto [end, error] = std::from_chars(begin, name.data() + name.size(), exponent);
  if (error != std::errc{} || (end != name.data() + name.size() && *end != '.')) return std::nullopt;
  return Sized{name.substr(0, at) + std::string(end), std::pow(10, exponent)};
}

sim::Unit unit_of(const std::string& unit) {
  if (unit.ends_with("/s")) return sim::Unit::PerSecond;
  return unit.starts_with("B/") || unit.starts_with("bytes/") ? sim::Unit::Bytes : sim::Unit::Count;
}

}  // namespace

std::string growth_plot(const std::vector<Measurement>& figures) {
  std::map<std::string, std::map<std::string, std::vector<sim::PlotPoint>>> by_unit;
  for (const Measurement& figure : figures)
    if (const auto found = sized(figure.name); found && figure.value > 0 && figure.unit != "exponent")
      by_unit[figure.unit][found->name].push_back({found->size, figure.value});
  sim::Plot plot;
  plot.title = "How it grows";
  plot.subtitle = "Measured one after the other on this machine; a straight line is a power of the size.";
  plot.x_label = "size: people, or events that wait";
  plot.x_unit = sim::Unit::Size;
  plot.x_from = 1e300, plot.x_to = 0;
  for (auto& [unit, lines] : by_unit) {
    sim::PlotPanel panel{.label = unit, .unit = unit_of(unit), .is_logarithmic = true};
    for (auto& [name, points] : lines) {
      if (points.size() < 2) continue;
      std::ranges::sort(points, {}, &sim::PlotPoint::x);
      plot.x_from = std::min(plot.x_from, points.front().x);
      plot.x_to = std::max(plot.x_to, points.back().x);
      plot.description += fmt::format("{}: {} {} at {} to {} at {}. ", name, sim::tick_text(points.front().y, panel.unit), unit,
                                      points.front().x, sim::tick_text(points.back().y, panel.unit), points.back().x);
      panel.lines.push_back({.name = name, .points = points, .has_dots = true});
    }
    // Of several lines the legend tells.
    if (panel.lines.size() == 1) panel.label = fmt::format("{}, {}", panel.lines.front().name, unit);
    if (!panel.lines.empty()) plot.panels.push_back(std::move(panel));
  }
  return plot.panels.empty() ? "" : sim::to_svg(plot);
}

}  // namespace session::bench
