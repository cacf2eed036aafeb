// Plots as SVG: what is to be drawn, as data, and how it is drawn. They follow the reader's light or dark scheme, print on
// white, tell lines apart by dashes as well as by colours (Okabe and Ito's, which colour-blind people can tell apart), and
// carry a title and a description for who listens to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace session::sim {

enum class Unit {
  Count,
  Percent,
  Bytes,
  BytesPerSecond,
  PerSecond,
  Time,      ///< seconds since the beginning, on an even axis
  Duration,  ///< seconds, on a logarithmic axis
  Size,      ///< of what is measured, on a logarithmic axis
  Place      ///< of a bar: no ticks, the bars' labels instead
};

struct PlotPoint {
  double x = 0, y = 0;
};
struct PlotLine {
  std::string name;
  std::vector<PlotPoint> points;  ///< by x
  bool is_stepped = false;        ///< keeps its value until the next point
  bool has_dots = false;          ///< for few points
  bool is_filled = false;         ///< lightly, down to the axis
};
struct PlotBar {
  std::string label;  ///< below it, where there is room for all
  double value = 0;
  std::string tip;  ///< shown by who points at it
};
struct PlotPanel {
  std::string label;  ///< of the upright axis
  Unit unit = Unit::Count;
  double height = 230;
  std::optional<double> top;    ///< of the axis; else what fits
  bool is_logarithmic = false;  ///< from one power of ten to another; for values > 0
  std::vector<PlotLine> lines;
  std::vector<PlotBar> bars;
  std::string empty;  ///< said in the middle instead, when there is nothing to draw
  std::optional<double> mark;
  std::string mark_label;
};
struct PlotBand {
  double from = 0, to = 0;
};
struct Plot {
  std::string title, subtitle;
  std::string description;  ///< what is to be seen, in a sentence or two
  std::string x_label;
  Unit x_unit = Unit::Time;
  double x_from = 0, x_to = 1;  ///< for Duration and Size > 0
  std::vector<PlotPanel> panels;
  std::vector<PlotBand> bands;  ///< shaded in all panels
  std::string band_name;
};

/// A document that stands for itself, of 800 units' width.
[[nodiscard]] std::string to_svg(const Plot& plot);

/// "0", "250", "1.5 k", "64 kB", "12 kB/s", "2:30", "350 ms", "1 h": a value of an axis.
[[nodiscard]] std::string tick_text(double value, Unit unit);
/// Round values from `from` to `to`: at least two, at most some ten, by 1, 2, 5 or by the clock's steps.
[[nodiscard]] std::vector<double> ticks(double from, double to, Unit unit);
/// Text for XML, in and between tags.
[[nodiscard]] std::string escaped(const std::string& text);

}  // namespace session::sim
