#include "sim/report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/report_sample.h"

namespace session::sim {
namespace {

TEST(Report, NumbersAreReadable) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(span_text(999), "999 µs");
  EXPECT_EQ(span_text(999'999), "999 ms");
  EXPECT_EQ(span_text(1'000'000), "1 s");
  EXPECT_EQ(span_text(59'960'000), "59.9 s");
  EXPECT_EQ(span_text(90'000'000), "1.5 min");
  EXPECT_EQ(span_text(7'200'000'000), "2 h");
  EXPECT_EQ(span_text(36 * 3'600'000'000ull), "1.5 d");
}

TEST(Report, TheSummarySaysWhatHappenedAndWhatTheModelIs) {
  const std::string text = summary_text(sample_report());
  for (const char* part :
       {"A test\n", "written                   3  ", "swarm                     2  ", "waiting                   1  ",
        "  written to kept        501 ms        1 s        1 s        1 s\n",
        "lost              7: 4 × lost on the link, 3 × x", "2 (node-00) to 90 (node-01), median 90",
        "seed, commit      9, abc", "Spam\n  sent              9: 4 taken", "refused           5 × 432",
        "  50 %                         6                        90      90.0 %      25.0 %      70.0 %\n",
        "\nModel\n  Measured: ", "Left out: "})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    EXPECT_TRUE(end == at || text[end - 1] != ' ') << "a line ends with spaces: " << text.substr(at, end - at);
}

TEST(Report, TheJsonIsOneObjectInOneLineWithTheSameNumbers) {
  const std::string text = report_json(sample_report());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["scenario"], "A test");
  EXPECT_EQ(json["messages"]["written"], 3);
  EXPECT_EQ(json["messages"]["swarm"], 2);
  EXPECT_EQ(json["latency_us"]["written_to_kept"]["p50"], 501'759);
  EXPECT_EQ(json["latency_us"]["written_to_kept"]["max"], 1'000'000);
  EXPECT_EQ(json["latency_us"]["written_to_taken"], (nlohmann::json{{"count", 0}}));
  EXPECT_EQ(json["traffic"]["between nodes"]["bytes"], 3'000);
  EXPECT_EQ(json["losses"]["lost on the link"], 4);
  EXPECT_EQ(json["nodes"].size(), 2u);
  EXPECT_EQ(json["series"]["width_s"], 30);
  EXPECT_EQ(json["series"]["lost"], (nlohmann::json{0, 7}));
  EXPECT_EQ(json["model"].size(), 3u);
  EXPECT_EQ(json["spam"]["refused"], (nlohmann::json{{"432", 5}}));
  EXPECT_EQ(json["spam"]["trials"], 1'234'567);
  EXPECT_EQ(json["sybil"][0]["has_swarm_majority"], 0.25);
}

TEST(Report, TheModelsLimitsFollowTheWorld) {
  WorldConfig config;
  config.link = {Millis{70}, Millis{10}};
  config.stamp_trials_per_second = 250'000;
  const auto model = model_of(config);
  EXPECT_NE(model[1].find("70 to 80 ms"), std::string::npos) << model[1];
  EXPECT_NE(model[1].find("250,000 a second"), std::string::npos) << model[1];
  EXPECT_NE(model[2].find("TCP and TLS, bandwidth and queues, bursts of loss, time to think"), std::string::npos) << model[2];
  config.regions = true;
  config.node_bandwidth.up = 1;
  EXPECT_NE(model_of(config)[1].find("measured between the data centres"), std::string::npos);
  EXPECT_EQ(model_of(config)[2].find("bandwidth"), std::string::npos);
  config.person_cpu.cpu = CpuClass::Phone;
  EXPECT_EQ(model_of(config)[2].find("time to think"), std::string::npos);
  EXPECT_NE(model_of(config)[1].find("sim/cpu.h"), std::string::npos);
}

}  // namespace
}  // namespace session::sim
