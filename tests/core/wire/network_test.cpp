#include <gtest/gtest.h>

#include "core/wire/registry.h"

namespace session::wire {
namespace {

TEST(Network, PresetsAreWrittenAndReadBackTheSame) {
  for (const std::string& name : pow::preset_names()) {
    const auto network = network_preset(name);
    ASSERT_TRUE(network) << name;
    EXPECT_EQ(parse_network(bytes_of(network_to_json(*network))), *network) << name;
  }
}

TEST(Network, UnknownNamesAreAnsweredWithTheKnownOnes) {
  const auto network = network_preset("mainnet");
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::NotFound);
  EXPECT_NE(network.error().message.find("loki-2020"), std::string::npos);
}

TEST(Network, AFileSaysOnlyWhatDiffers) {
  const auto network = parse_network(bytes_of(R"({"name":"lab","difficulty":3})"));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->name, "lab");
  EXPECT_EQ(network->difficulty, 3u);
  EXPECT_EQ(network->free_bytes, 2048u);
  EXPECT_EQ(network->work, pow::WorkRule::AboveFree);
}

TEST(Network, ValuesOutOfRangeAreNamed) {
  const std::pair<const char*, const char*> bad[] = {
      {"work", "\"sometimes\""}, {"difficulty", "0"}, {"difficulty", "18446744073709551615"},
      {"free_ttl", "-1"},        {"max_ttl", "1"},    {"path_length", "0"},
      {"guards", "17"},          {"block_time", "0"}, {"max_data_bytes", "76801"}};
  for (const auto& [field, value] : bad) {
    const auto network = parse_network(bytes_of(std::string("{\"") + field + "\":" + value + "}"));
    ASSERT_FALSE(network) << field;
    EXPECT_NE(network.error().message.find(field), std::string::npos) << network.error().message;
  }
  EXPECT_FALSE(parse_network(bytes_of("[]")));
  EXPECT_FALSE(parse_network(bytes_of("")));
}

TEST(Network, TravelsWithTheRegistry) {
  RegistryAnswer answer;
  answer.network = *network_preset("loki-2020");
  EXPECT_EQ(parse_registry_answer(to_json(answer))->network, answer.network);
  EXPECT_EQ(parse_registry_answer(to_json(RegistryAnswer{}))->network, std::nullopt);
}

}  // namespace
}  // namespace session::wire
