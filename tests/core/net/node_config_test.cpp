#include "core/net/node_config.h"

#include <gtest/gtest.h>

namespace session::net {
namespace {

constexpr const char* kLeast = R"("dir": "node", "seed_url": "http://127.0.0.1:5000")";

std::string refusal(const std::string& rest) {
  const auto settings = parse_node_settings("{" + std::string(kLeast) + (rest.empty() ? "" : ", " + rest) + "}");
  return settings ? "accepted" : settings.error().message;
}

TEST(NodeConfig, DefaultsAreTheTableOfTheDocumentation) {
  const auto settings = parse_node_settings("{" + std::string(kLeast) + "} // a comment");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->limits, node::Limits{.store_bytes = settings->store_bytes});
  EXPECT_EQ(settings->log, LogFormat::None);
  EXPECT_FALSE(settings->host_options().metrics);
  EXPECT_EQ(settings->host_options().file.max_pages, 917'504u);
}

TEST(NodeConfig, EveryFieldIsRead) {
  const auto settings = parse_node_settings(
      "{" + std::string(kLeast) +
      R"(, "address": "10.1.2.3", "port": 22021, "metrics_port": 9100, "log": "json", "store_bytes": 1048576,
         "limits": {"per_second": 7, "burst": 8, "connections_of_address": 9, "handshakes": 10, "idle_seconds": 11,
         "account_bytes": 100000}})");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->address, (wire::Address{"10.1.2.3", 22021}));
  EXPECT_EQ(settings->metrics_port, 9100);
  EXPECT_EQ(settings->log, LogFormat::Json);
  EXPECT_EQ(settings->limits.per_second, 7u);
  EXPECT_EQ(settings->limits.burst, 8u);
  EXPECT_EQ(settings->limits.account_bytes, 100'000u);
  EXPECT_EQ(settings->limits.store_bytes, settings->store_bytes);
  EXPECT_EQ(settings->server.connections_of_address, 9u);
  EXPECT_EQ(settings->server.handshakes, 10u);
  EXPECT_EQ(settings->server.idle_time, seconds(11));
  EXPECT_EQ(settings->host_options().file.max_pages, 256u);
}

TEST(NodeConfig, WhatIsWrongIsNamed) {
  EXPECT_EQ(parse_node_settings("nonsense").error().message, "is no JSON");
  EXPECT_EQ(parse_node_settings("[]").error().message, "the whole: must be an object");
  EXPECT_EQ(parse_node_settings("{}").error().message, "dir: is missing");
  EXPECT_EQ(parse_node_settings(R"({"dir": "x"})").error().message, "seed_url: is missing");
  EXPECT_TRUE(parse_node_settings(R"({"dir": "x", "seed_url": "ftp://x"})").error().message.starts_with("seed_url: "));
  EXPECT_EQ(refusal(R"("port": 65536)"), "port: must be a whole number from 0 to 65535");
  EXPECT_EQ(refusal(R"("port": "1")"), "port: must be a whole number from 0 to 65535");
  EXPECT_EQ(refusal(R"("address": "nowhere")"), "address: must be an IPv4 address");
  EXPECT_EQ(refusal(R"("log": "loud")"), "log: must be none, plain or json");
  EXPECT_EQ(refusal(R"("exits": true)"), "exits: must be a text");
  EXPECT_EQ(refusal(R"("exits": "all")"), "exits: must be none, public or any");
  EXPECT_EQ(refusal(R"("colour": 1)"), "colour: is no field of this file");
  EXPECT_EQ(refusal(R"("limits": 3)"), "limits: must be an object");
  EXPECT_EQ(refusal(R"("limits": {"burst": 0})"), "limits.burst: must be a whole number from 1 to 1000000000");
  EXPECT_EQ(refusal(R"("limits": {"bursts": 1})"), "limits.bursts: is no field of this file");
  EXPECT_EQ(load_node_settings("/nowhere/at/all.json").error().message, "/nowhere/at/all.json: cannot be read");
}

TEST(NodeConfig, AJsonLogLineIsOneObject) {
  const std::string line = log_line(LogFormat::Json, "n1", Instant::from_unix_millis(5), trace::Refused{400, "a \"b\"\n"});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(line.starts_with(R"({"t":5,"machine":"n1","fact":"Refused","text":)")) << line;
}

}  // namespace
}  // namespace session::net
