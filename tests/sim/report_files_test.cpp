#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/sim/report_sample.h"

namespace session::sim {
namespace {

std::string file(const RunReport& report, const std::string& wanted) {
  for (const auto& [name, text] : csv_files(report))
    if (name == wanted) return text;
  return "";
}

/// Fields of a line, counted outside of quotes.
std::size_t fields(const std::string& line) {
  bool quoted = false;
  std::size_t count = 1;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++count;
  }
  return count;
}

TEST(ReportFiles, EveryLineOfATableHasTheFieldsOfItsHead) {
  RunReport report = sample_report();
  report.name = "Rain, then \"sun\"";
  for (const auto& [name, text] : csv_files(report)) {
    std::istringstream in(text);
    std::string head, line;
    ASSERT_TRUE(std::getline(in, head)) << name;
    std::size_t lines = 0;
    for (; std::getline(in, line); ++lines) EXPECT_EQ(fields(line), fields(head)) << name << ": " << line;
    EXPECT_GT(lines, 0u) << name;
  }
  EXPECT_NE(file(report, "summary.csv").find("scenario,\"Rain, then \"\"sun\"\"\",\n"), std::string::npos);
}

TEST(ReportFiles, TablesHaveTheNumbers) {
  const RunReport report = sample_report();
  EXPECT_NE(file(report, "traffic.csv").find("\n30,60,0,0,3,3000,0,0,7,0,0,0,0\n"), std::string::npos)
      << file(report, "traffic.csv");
  EXPECT_NE(file(report, "latency.csv").find("written to kept,501759,1\nwritten to kept,1000000,2\n"), std::string::npos);
  EXPECT_NE(file(report, "nodes.csv").find("\nnode-01,90,0,0,0,0,0,0,5,0,0\n"), std::string::npos);
  EXPECT_NE(file(report, "world.csv").find("\n30.000,1,0,2,1,2,1,0,0,0,0,0,0\n"), std::string::npos);
}

TEST(ReportFiles, PlotsShowWhatWasMeasured) {
  const auto plots = plots_of(sample_report());
  ASSERT_EQ(plots.size(), 4u);
  const Plot& latency = plots[0].second;
  ASSERT_EQ(latency.panels[0].lines.size(), 1u) << "nothing was taken or shown, so there is no line for it";
  const auto& points = latency.panels[0].lines[0].points;
  EXPECT_EQ(points[1].y, 50);
  EXPECT_EQ(points.back().y, 100);
  const Plot& traffic = plots[1].second;
  EXPECT_EQ(traffic.panels.size(), 2u) << "packets were lost, which has a panel of its own";
  EXPECT_EQ(traffic.panels[0].lines[0].points[1].y, 100) << "3,000 bytes in 30 s";
  ASSERT_EQ(traffic.bands.size(), 1u);
  EXPECT_EQ(traffic.bands[0].from, 0);
  EXPECT_EQ(traffic.bands[0].to, 30);
  const Plot& load = plots[2].second;
  EXPECT_EQ(load.panels[0].bars[0].label, "01") << "busiest first";
  EXPECT_EQ(load.panels[1].bars[0].value, 5);
  EXPECT_EQ(load.panels[0].mark_label, "mean 46.0");
  for (const auto& [name, plot] : plots) EXPECT_FALSE(plot.description.empty()) << name;
}

TEST(ReportFiles, AnEmptyRunIsDrawnToo) {
  RunReport report;
  for (const auto& [name, plot] : plots_of(report)) EXPECT_EQ(to_svg(plot).find("nan"), std::string::npos) << name;
  EXPECT_EQ(plots_of(report)[0].second.panels[0].empty, "no message arrived in this run");
}

TEST(ReportFiles, OfManyNodesABoundedNumberIsDrawn) {
  RunReport report;
  for (int i = 0; i < 5'000; ++i) report.measures.nodes["node-" + std::to_string(i)].requests = static_cast<std::uint64_t>(i);
  const auto plots = plots_of(report);
  const auto& bars = plots[2].second.panels[0].bars;
  EXPECT_LE(bars.size(), 240u);
  EXPECT_TRUE(std::is_sorted(bars.begin(), bars.end(), [](const auto& a, const auto& b) { return a.value > b.value; }));
}

TEST(ReportFiles, ThePageShowsEveryPlotWithWordsForIt) {
  RunReport report = sample_report();
  report.name = "<A>";
  const std::string page = report_page(report);
  for (const auto& [name, plot] : plots_of(report))
    EXPECT_NE(page.find("<img src=\"" + name + ".svg\" alt=\""), std::string::npos);
  EXPECT_NE(page.find("<h1>&lt;A&gt;</h1>"), std::string::npos);
  EXPECT_EQ(page.find("<A>"), std::string::npos);
}

}  // namespace
}  // namespace session::sim
