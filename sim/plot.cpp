#include "sim/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace session::sim {
namespace {

constexpr double kWidth = 800, kLeft = 72, kRight = 28, kMargin = 24;
constexpr double kLetter = 6.9;  ///< the usual width of one at 13 px, to lay out what stands side by side
constexpr std::size_t kMostLabels = 40;
constexpr std::size_t kColours = 4;

// Every rule of colour stands once for light and once for dark. Variables would say it shorter, but not every viewer knows
// them.
constexpr std::string_view kStyle = R"svg(<style>
text{font-family:Inter,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px;fill:#1B2128}
.title{font-size:20px;font-weight:600}.label{font-weight:600}.muted,.tick{fill:#5B6672}.tick{font-variant-numeric:tabular-nums}
.card{fill:#FFFFFF;stroke:#D8DEE4}.grid{stroke:#E4E9EE;stroke-width:1}.axis{stroke:#8B98A5;stroke-width:1}
.band{fill:#C62F3B;fill-opacity:.05}.hatch{stroke:#C62F3B;stroke-opacity:.25;stroke-width:1.2}
.mark{stroke:#1B2128;stroke-width:1.2;stroke-dasharray:3 4}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.area{fill-opacity:.13}.bar:hover{fill-opacity:.7}
.dot{fill:#FFFFFF;stroke-width:2}
.d1{stroke-dasharray:8 5}.d2{stroke-dasharray:1.5 5}.d3{stroke-dasharray:11 4 2 4}
.s0{stroke:#0072B2}.s1{stroke:#D55E00}.s2{stroke:#00805E}.s3{stroke:#A8487F}
.f0{fill:#0072B2}.f1{fill:#D55E00}.f2{fill:#00805E}.f3{fill:#A8487F}
@media screen and (prefers-color-scheme:dark){
text{fill:#E6EDF3}.muted,.tick{fill:#8B98A5}.card{fill:#161B22;stroke:#2A323D}.grid{stroke:#252C36}.axis{stroke:#5B6672}
.band{fill:#FF5C67;fill-opacity:.08}.hatch{stroke:#FF5C67;stroke-opacity:.32}.mark{stroke:#E6EDF3}.dot{fill:#161B22}
.s0{stroke:#56B4E9}.s1{stroke:#E69F00}.s2{stroke:#2FBF91}.s3{stroke:#E08FBD}
.f0{fill:#56B4E9}.f1{fill:#E69F00}.f2{fill:#2FBF91}.f3{fill:#E08FBD}}
</style>
<defs><pattern id="wrong" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<path class="hatch" d="M0 0V7"/></pattern></defs>
)svg";

/// 3 -> "3", 2.5 -> "2.5": as many digits as it has, three at most.
std::string plain(double value) {
  std::string text = fmt::format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string scaled(double value, const char* unit) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T"};
  std::size_t prefix = 0;
  while (std::abs(value) >= 1000 && prefix + 1 < std::size(kPrefixes)) value /= 1000, ++prefix;
  const std::string end = std::string(kPrefixes[prefix]) + unit;
  return plain(value) + (end.empty() ? "" : " " + end);
}

std::string clock_text(double value) {
  const auto s = static_cast<std::int64_t>(std::llround(value));
  if (s >= 86'400 && s % 86'400 == 0) return fmt::format("{} d", s / 86'400);
  if (s >= 86'400) return fmt::format("{} d {}:{:02}", s / 86'400, s / 3600 % 24, s / 60 % 60);
  if (s >= 3600) return fmt::format("{}:{:02} h", s / 3600, s / 60 % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string duration_text(double value) {
  if (value < 0.9995e-3) return plain(value * 1e6) + " µs";
  if (value < 0.9995) return plain(value * 1e3) + " ms";
  if (value < 59.995) return plain(value) + " s";
  if (value < 3599.5) return plain(value / 60) + " min";
  return value < 86'399 ? plain(value / 3600) + " h" : plain(value / 86'400) + " d";
}

double even_step(double span, bool by_clock) {
  constexpr double kClock[] = {1,    2,    5,    10,     15,     30,     60,     120,     300,     600,       900,
                               1800, 3600, 7200, 10'800, 21'600, 43'200, 86'400, 172'800, 604'800, 1'209'600, 2'592'000};
  if (by_clock)
    for (const double step : kClock)
      if (span / step <= 9) return step;
  const double power = std::pow(10, std::floor(std::log10(span / 5)));
  for (const double times : {1.0, 2.0, 5.0})
    if (span / (power * times) <= 6.5) return power * times;
  return power * 10;
}

std::vector<double> duration_ticks(double from, double to) {
  constexpr double kFine[] = {1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4,   2e-4,    5e-4,  1e-3,  2e-3,    5e-3,    .01,    .02,
                              .05,  .1,   .2,   .5,   1,    2,    5,      10,      20,    30,    60,      120,     300,    600,
                              1200, 1800, 3600, 7200, 18e3, 36e3, 86'400, 172'800, 432e3, 864e3, 1'728e3, 4'320e3, 8'640e3};
  constexpr double kCoarse[] = {1e-6, 1e-5, 1e-4, 1e-3, .01, .1, 1, 10, 60, 600, 3600, 36e3, 86'400, 864e3, 8'640e3};
  const auto within = [&](const auto& all) {
    std::vector<double> some;
    for (const double t : all)
      if (t >= from * 0.999 && t <= to * 1.001) some.push_back(t);
    return some;
  };
  const auto fine = within(kFine);
  return fine.size() <= 10 ? fine : within(kCoarse);
}

bool is_logarithmic(Unit unit) { return unit == Unit::Duration || unit == Unit::Size; }

std::vector<double> powers(double from, double to) {
  std::vector<double> all;
  for (double exponent = std::floor(std::log10(from) + 1e-9); exponent <= std::ceil(std::log10(to) - 1e-9); ++exponent)
    all.push_back(std::pow(10, exponent));
  if (all.size() < 2) all.push_back(all.back() * 10);
  return all;
}

/// Draws one plot, from top to bottom.
class Drawing {
 public:
  explicit Drawing(const Plot& plot) : plot_(plot) {}

  std::string svg() {
    y_ = 78;
    legend();
    for (std::size_t i = 0; i < plot_.panels.size(); ++i) panel(plot_.panels[i], i + 1 == plot_.panels.size());
    const double height = y_ + 16;
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
               "role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n",
               kWidth, height, escaped(plot_.title), escaped(plot_.description)) +
           std::string(kStyle) +
           fmt::format("<rect class=\"card\" x=\".5\" y=\".5\" width=\"{:.0f}\" height=\"{:.1f}\" rx=\"8\"/>\n", kWidth - 1,
                       height - 1) +
           text(kMargin, 36, "title", plot_.title) + text(kMargin, 58, "muted", plot_.subtitle) + out_ + "</svg>\n";
  }

 private:
  static std::string text(double x, double y, const char* looks, const std::string& words, const char* anchor = "start") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y, looks, anchor,
                       escaped(words));
  }
  void rule(double x1, double y1, double x2, double y2, const char* looks) {
    out_ += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", looks, x1, y1, x2, y2);
  }

  void legend() {
    double x = kMargin;
    const auto room_for = [&](const std::string& name) {
      const double wide = 34 + kLetter * static_cast<double>(name.size()) + 18;
      if (x + wide > kWidth - kRight) x = kMargin, y_ += 22;
      return wide;
    };
    bool is_empty = plot_.bands.empty();
    std::size_t colour = 0;
    for (const PlotPanel& panel : plot_.panels)
      for (std::size_t i = 0; i < panel.lines.size(); ++i, ++colour) {
        if (panel.lines.size() == 1) continue;  // its panel says what it is
        is_empty = false;
        const double wide = room_for(panel.lines[i].name);
        rule(x, y_ + 4, x + 26, y_ + 4, looks(colour, i).c_str());
        out_ += text(x + 34, y_ + 8.5, "", panel.lines[i].name);
        x += wide;
      }
    if (!plot_.bands.empty()) {
      room_for(plot_.band_name);
      band(x, x + 26, y_ - 3, 14);
      out_ += text(x + 34, y_ + 8.5, "", plot_.band_name);
    }
    y_ += is_empty ? 0 : 28;
  }
  /// Lines of one panel differ by their dashes too.
  static std::string looks(std::size_t colour, std::size_t number) {
    return fmt::format("line s{} d{}", colour % kColours, number % kColours);
  }

  void band(double from, double to, double top, double height) {
    const auto place =
        fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"", from, top, to - from, height);
    out_ += fmt::format("<rect class=\"band\" {0}/><rect fill=\"url(#wrong)\" {0}/>\n", place);
  }

  [[nodiscard]] double x_of(double x) const {
    if (plot_.x_to <= plot_.x_from) return kLeft;
    const double part = is_logarithmic(plot_.x_unit) ? std::log(x / plot_.x_from) / std::log(plot_.x_to / plot_.x_from)
                                                     : (x - plot_.x_from) / (plot_.x_to - plot_.x_from);
    return kLeft + std::clamp(part, 0.0, 1.0) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y_of(double y) const {
    const double part = floor_ > 0 ? std::log(y / floor_) / std::log(top_ / floor_) : y / top_;
    return bottom_ - std::clamp(part, 0.0, 1.0) * (bottom_ - ceiling_);
  }

  /// Where the upright axis begins and ends, and its ticks.
  std::vector<double> scale(const PlotPanel& panel) {
    double most = panel.mark.value_or(0), least = panel.mark.value_or(0);
    const auto reach = [&](double y) {
      most = std::max(most, y);
      if (y > 0 && (least <= 0 || y < least)) least = y;
    };
    for (const PlotLine& line : panel.lines)
      for (const PlotPoint& point : line.points) reach(point.y);
    for (const PlotBar& bar : panel.bars) reach(bar.value);
    floor_ = 0;
    top_ = panel.top.value_or(most > 0 ? most : 1);
    if (panel.is_logarithmic && least > 0) {
      const std::vector<double> marks = powers(least, top_);
      floor_ = marks.front(), top_ = marks.back();
      return marks;
    }
    std::vector<double> marks = ticks(0, top_, panel.unit);
    if (!panel.top) {  // the axis ends at a round value
      if (marks.back() < top_ * 0.999) marks.push_back(marks.back() + (marks[1] - marks[0]));
      top_ = marks.back();
    }
    return marks;
  }

  void panel(const PlotPanel& panel, bool is_last) {
    out_ += text(kMargin, y_ + 14, "label", panel.label);
    ceiling_ = y_ + 28;
    bottom_ = ceiling_ + panel.height;
    const std::vector<double> marks = scale(panel);
    for (const PlotBand& wrong : plot_.bands) band(x_of(wrong.from), x_of(wrong.to), ceiling_, panel.height);
    for (const double y : marks) {
      rule(kLeft, y_of(y), kWidth - kRight, y_of(y), y == marks.front() ? "axis" : "grid");
      out_ += text(kLeft - 8, y_of(y) + 4.5, "tick", tick_text(y, panel.unit), "end");
    }
    if (is_logarithmic(plot_.x_unit))
      for (const double x : ticks(plot_.x_from, plot_.x_to, plot_.x_unit)) rule(x_of(x), ceiling_, x_of(x), bottom_, "grid");
    if (!panel.empty.empty())
      out_ += text((kLeft + kWidth - kRight) / 2, (ceiling_ + bottom_) / 2, "muted", panel.empty, "middle");
    bars(panel);
    for (std::size_t i = 0; i < panel.lines.size(); ++i) line(panel.lines[i], i);
    if (panel.mark) {
      rule(kLeft, y_of(*panel.mark), kWidth - kRight, y_of(*panel.mark), "mark");
      out_ += text(kWidth - kRight, y_of(*panel.mark) - 6, "", panel.mark_label, "end");
    }
    y_ = bottom_;
    x_axis(panel, is_last);
  }

  void x_axis(const PlotPanel& panel, bool is_last) {
    bool has_labels = true;
    if (plot_.x_unit == Unit::Place) {
      has_labels = panel.bars.size() <= kMostLabels;
      for (std::size_t i = 0; has_labels && i < panel.bars.size(); ++i)
        out_ += text(slot(panel, i) + slot_width(panel) / 2, bottom_ + 18, "tick", panel.bars[i].label, "middle");
    } else {
      for (const double x : ticks(plot_.x_from, plot_.x_to, plot_.x_unit)) {
        rule(x_of(x), bottom_, x_of(x), bottom_ + 5, "axis");
        // The first and the last stay inside the picture.
        const char* anchor = x_of(x) > kWidth - kRight - 24 ? "end" : "middle";
        const double nudge = anchor[0] == 'e' ? 12 : 0;
        out_ += text(x_of(x) + nudge, bottom_ + 20, "tick", tick_text(x, plot_.x_unit), anchor);
      }
    }
    y_ += has_labels ? 26 : 8;
    if (!is_last) {
      y_ += 12;
      return;
    }
    out_ += text((kLeft + kWidth - kRight) / 2, y_ + 16, "muted", plot_.x_label, "middle");
    y_ += 18;
  }

  [[nodiscard]] static double slot_width(const PlotPanel& panel) {
    return (kWidth - kLeft - kRight) / static_cast<double>(std::max<std::size_t>(1, panel.bars.size()));
  }
  [[nodiscard]] static double slot(const PlotPanel& panel, std::size_t i) {
    return kLeft + slot_width(panel) * static_cast<double>(i);
  }
  void bars(const PlotPanel& panel) {
    if (panel.bars.empty()) return;
    const double wide = std::min(28.0, slot_width(panel) * (panel.bars.size() > 100 ? 1.0 : 0.72));
    const auto colour = static_cast<std::size_t>(&panel - plot_.panels.data());
    for (std::size_t i = 0; i < panel.bars.size(); ++i)
      out_ += fmt::format(
          "<rect class=\"bar f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
          "rx=\"{}\"><title>{}</title></rect>\n",
          colour % kColours, slot(panel, i) + (slot_width(panel) - wide) / 2, y_of(panel.bars[i].value), wide,
          bottom_ - y_of(panel.bars[i].value), wide > 8 ? 2 : 0, escaped(panel.bars[i].tip));
  }

  void line(const PlotLine& line, std::size_t number) {
    const std::size_t colour = colour_++ % kColours;
    if (line.points.empty()) return;
    std::string path;
    for (std::size_t i = 0; i < line.points.size(); ++i) {
      const double x = x_of(line.points[i].x), y = y_of(line.points[i].y);
      if (i == 0)
        path = fmt::format("M{:.1f} {:.1f}", x, y);
      else
        path += line.is_stepped ? fmt::format("H{:.1f}V{:.1f}", x, y) : fmt::format("L{:.1f} {:.1f}", x, y);
    }
    if (line.is_filled)
      out_ += fmt::format("<path class=\"area f{}\" d=\"{}V{:.1f}H{:.1f}Z\"/>\n", colour, path, bottom_,
                          x_of(line.points.front().x));
    out_ +=
        fmt::format("<path class=\"{}\" d=\"{}\"><title>{}</title></path>\n", looks(colour, number), path, escaped(line.name));
    if (!line.has_dots) return;
    for (const PlotPoint& point : line.points)
      if (plot_.x_unit == Unit::Size ||
          (point.x > plot_.x_from && point.x < plot_.x_to))  // others are only there to reach the edge
        out_ += fmt::format("<circle class=\"dot s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}</title></circle>\n",
                            colour, x_of(point.x), y_of(point.y), tick_text(point.x, plot_.x_unit));
  }

  const Plot& plot_;
  std::string out_;
  double y_ = 0;
  double ceiling_ = 0, bottom_ = 0;
  double floor_ = 0, top_ = 1;  ///< values at the ends of the upright axis; floor_ 0: it is even
  std::size_t colour_ = 0;
};

}  // namespace

std::string to_svg(const Plot& plot) { return Drawing(plot).svg(); }

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += c; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // XML knows no other controls
    }
  }
  return out;
}

std::string tick_text(double value, Unit unit) {
  switch (unit) {
    case Unit::Percent: return plain(value) + " %";
    case Unit::Bytes: return scaled(value, "B");
    case Unit::BytesPerSecond: return scaled(value, "B/s");
    case Unit::PerSecond: return scaled(value, "") + "/s";
    case Unit::Time: return clock_text(value);
    case Unit::Duration: return duration_text(value);
    case Unit::Count:
    case Unit::Size:
    case Unit::Place: break;
  }
  return scaled(value, "");
}

std::vector<double> ticks(double from, double to, Unit unit) {
  if (unit == Unit::Duration) return duration_ticks(from, to);
  if (unit == Unit::Size) return powers(from, to);
  if (to <= from) to = from + 1;
  double step = even_step(to - from, unit == Unit::Time);
  if (unit == Unit::Count || unit == Unit::Bytes) step = std::max(step, 1.0);
  if (unit == Unit::Percent) step = std::max(step, 25.0);
  std::vector<double> all;
  for (double i = std::ceil(from / step - 1e-9); i * step <= to + step * 1e-9; ++i) all.push_back(i * step);
  if (all.size() < 2) all.push_back(all.empty() ? from : all.back() + step);
  return all;
}

}  // namespace session::sim
