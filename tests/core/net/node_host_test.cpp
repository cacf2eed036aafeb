#include "core/net/node_host.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace session::net {
namespace {

TEST(NodeKeys, AreTheSameAfterARestart) {
  std::string name = (std::filesystem::temp_directory_path() / "session-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const auto first = node_keys(folder), again = node_keys(folder);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->open, again->open);
  std::filesystem::remove_all(folder);
}

TEST(SeedHost, AnswersOverHttp) {
  asio::io_context io;
  auto host = SeedHost::open(io, node::Seed(*pow::preset("readme"), std::nullopt), {"127.0.0.1", 0}, {});
  ASSERT_TRUE(host);
  HttpClient client(io);
  std::optional<HttpClient::Outcome> outcome;
  client.call(wire::SeedPeer{"http://127.0.0.1:" + std::to_string((*host)->port())},
              {wire::Route::SeedRpc, wire::to_json(wire::RegistryQuery{}), {}}, seconds(10),
              [&](HttpClient::Outcome o) { outcome = std::move(o); });
  while (!outcome) io.run_one();
  ASSERT_TRUE(*outcome);
  const auto registry = wire::parse_registry_answer((*outcome)->body);
  ASSERT_TRUE(registry) << registry.error().message;
  EXPECT_EQ(registry->network->name, "readme");
}

}  // namespace
}  // namespace session::net
