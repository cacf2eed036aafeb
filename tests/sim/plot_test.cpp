#include "sim/plot.h"

#include <gtest/gtest.h>

#include <cmath>

namespace session::sim {
namespace {

std::vector<std::string> texts(double from, double to, Unit unit) {
  std::vector<std::string> out;
  for (const double t : ticks(from, to, unit)) out.push_back(tick_text(t, unit));
  return out;
}

TEST(Plot, TicksAreRoundAndReadable) {
  using List = std::vector<std::string>;
  EXPECT_EQ(texts(0, 3, Unit::Count), (List{"0", "1", "2", "3"}));
  EXPECT_EQ(texts(0, 118, Unit::Count), (List{"0", "20", "40", "60", "80", "100"}));
  EXPECT_EQ(texts(0, 100, Unit::Percent), (List{"0 %", "25 %", "50 %", "75 %", "100 %"}));
  EXPECT_EQ(texts(0, 2'600, Unit::BytesPerSecond), (List{"0 B/s", "500 B/s", "1 kB/s", "1.5 kB/s", "2 kB/s", "2.5 kB/s"}));
  EXPECT_EQ(texts(0, 60, Unit::Time), (List{"0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"}));
  EXPECT_EQ(texts(0, 86'400, Unit::Time),
            (List{"0:00", "3:00 h", "6:00 h", "9:00 h", "12:00 h", "15:00 h", "18:00 h", "21:00 h", "1 d"}));
  EXPECT_EQ(texts(0.08, 12, Unit::Duration), (List{"100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s", "10 s"}));
  EXPECT_EQ(texts(0.001, 40'000, Unit::Duration),
            (List{"1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min", "1 h", "10 h"}));
}

TEST(Plot, ThereAreTwoTicksAtLeastAndTenOrSoAtMost) {
  for (const Unit unit : {Unit::Count, Unit::Percent, Unit::Bytes, Unit::PerSecond, Unit::Time})
    for (double to = 1e-3; to < 1e9; to *= 1.7) {
      const auto all = ticks(0, to, unit);
      EXPECT_GE(all.size(), 2u) << to;
      if (unit != Unit::Percent && (unit != Unit::Time || to < 2e7)) {
        EXPECT_LE(all.size(), 11u) << to;
      }
      for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GT(all[i], all[i - 1]);
    }
}

Plot small() {
  Plot plot{.title = "A & B", .subtitle = "<one>", .description = "What \"is\" seen", .x_label = "time", .x_to = 10};
  PlotPanel panel{.label = "y", .unit = Unit::Count};
  panel.lines = {{.name = "first", .points = {{0, 1}, {10, 4}}},
                 {.name = "second", .points = {{0, 2}, {10, 2}}, .is_stepped = true}};
  plot.panels = {panel};
  plot.bands = {{2, 5}};
  plot.band_name = "trouble";
  return plot;
}

/// Every opened tag is closed, in order; nothing else is asked of a viewer than XML.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = svg.find('<', at)) != std::string::npos;) {
    const std::size_t end = svg.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.starts_with("/")) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (!tag.ends_with("/")) {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST(Plot, IsADocumentWithTitleLegendAndBothSchemes) {
  const std::string svg = to_svg(small());
  expect_well_formed(svg);
  for (const char* part : {"<title id=\"title\">A &amp; B</title>", "<desc id=\"desc\">What &quot;is&quot; seen</desc>",
                           ">&lt;one&gt;<", "role=\"img\"", "prefers-color-scheme:dark", ">first</text>", ">second</text>",
                           ">trouble</text>", "class=\"line s1 d1\"", ">time</text>"})
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Plot, PointsLieWhereTheAxesSay) {
  Plot plot = small();
  plot.bands.clear();
  plot.panels[0].lines = {{.name = "only", .points = {{0, 0}, {5, 2}, {10, 4}}}};
  plot.panels[0].height = 200;
  const std::string svg = to_svg(plot);
  // 0 to 4 on 200 units, 0 to 10 on 700 beginning at 72.
  EXPECT_NE(svg.find("M72.0 306.0L422.0 206.0L772.0 106.0"), std::string::npos) << svg;
}

TEST(Plot, ALogarithmicAxisGoesFromPowerToPower) {
  Plot plot{.title = "growth", .x_label = "people", .x_unit = Unit::Size, .x_from = 1'000, .x_to = 100'000};
  PlotPanel panel{.label = "y", .unit = Unit::PerSecond, .height = 200, .is_logarithmic = true};
  panel.lines = {{.name = "only", .points = {{1'000, 20}, {10'000, 100}, {100'000, 900}}, .has_dots = true}};
  plot.panels = {panel};
  const std::string svg = to_svg(plot);
  expect_well_formed(svg);
  // 10 to 1,000 on 200 units from 306 on; the middle is 100.
  EXPECT_NE(svg.find("L422.0 206.0"), std::string::npos) << svg;
  for (const char* tick : {">10/s<", ">100/s<", ">1 k/s<", ">1 k<", ">10 k<", ">100 k<"})
    EXPECT_NE(svg.find(tick), std::string::npos) << tick;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(texts(1e3, 1e6, Unit::Size), (std::vector<std::string>{"1 k", "10 k", "100 k", "1 M"}));
}

TEST(Plot, NothingToDrawIsSaid) {
  Plot plot;
  plot.panels = {{.label = "y", .empty = "no message arrived"}};
  const std::string svg = to_svg(plot);
  expect_well_formed(svg);
  EXPECT_NE(svg.find(">no message arrived</text>"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Plot, TextOfPeopleIsNoMarkup) { EXPECT_EQ(escaped("a<b>&\"c\"\x01\n"), "a&lt;b&gt;&amp;&quot;c&quot; \n"); }

}  // namespace
}  // namespace session::sim
