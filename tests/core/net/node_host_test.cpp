#include "core/net/node_host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "core/base/temp_folder.h"
#include "core/wire/signed_text.h"

namespace session::net {
namespace {

TEST(NodeKeys, AreTheSameAfterARestart) {
  const TempFolder folder;
  const auto first = node_keys(folder.path()), again = node_keys(folder.path());
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->open, again->open);
}

/// A disk that fails when it is told to.
class Disk final : public store::MailOnTables {
 public:
  explicit Disk(std::shared_ptr<std::optional<ErrorCode>> failure) : failure_(std::move(failure)) {}
  [[nodiscard]] Result<void> commit() override {
    if (*failure_) return fail(**failure_, "commit: no");
    return MailOnTables::commit();
  }
  [[nodiscard]] Result<std::vector<store::MailHead>> expire(Instant now, std::size_t max_count) override {
    if (*failure_) return fail(**failure_, "expire: no");
    return MailOnTables::expire(now, max_count);
  }

 protected:
  [[nodiscard]] store::Tables& tables() override { return tables_; }
  [[nodiscard]] const store::Tables& tables() const override { return tables_; }

 private:
  std::shared_ptr<std::optional<ErrorCode>> failure_;
  store::MemoryTables tables_;
};

TEST(NodeHost, AFailingDiskIsAnsweredAndGotOver) {
  asio::io_context io;
  SeededRng rng(4);
  auto seed = SeedHost::open(io, node::Seed(*pow::preset("today"), std::nullopt), {"127.0.0.1", 0}, {}).value();
  node::Config config;
  config.keys = crypto::ed25519_pair(rng);
  config.seed_url = "http://127.0.0.1:" + std::to_string(seed->port());
  const auto failure = std::make_shared<std::optional<ErrorCode>>();
  auto node = NodeHost::open(io, config, {"127.0.0.1", 0}, std::make_unique<Disk>(failure), {}).value();
  wire::RegistryEntry entry;
  entry.id = crypto::node_of(config.keys.open);
  entry.x25519 = crypto::x25519_of(config.keys).open;
  entry.address = {"127.0.0.1", node->port()};
  seed->machine().chain().enter(entry);
  seed->seal_block();
  HttpClient client(io);
  const auto ask = [&] {
    std::optional<HttpClient::Outcome> outcome;
    client.call(wire::NodePeer{entry.id, entry.address}, {wire::Route::StorageRpc, to_bytes("{}"), {}}, seconds(10),
                [&](HttpClient::Outcome o) { outcome = std::move(o); });
    while (!outcome) io.run_one();
    return outcome->has_value() ? (*outcome)->status : 0;
  };
  while (!node->machine().registry()) io.run_one();
  const auto healthy = ask();
  *failure = ErrorCode::Unavailable;
  EXPECT_EQ(ask(), 500);
  *failure = ErrorCode::Full;
  EXPECT_EQ(ask(), 507);
  failure->reset();
  while (!node->machine().registry()) io.run_one();  // it begins again by itself
  EXPECT_EQ(ask(), healthy);
}

/// A node alone in its network, which asks for the registry all the time.
class Alone : public testing::Test {
 protected:
  asio::io_context io;
  SeededRng rng{4};
  std::unique_ptr<SeedHost> seed =
      SeedHost::open(io, node::Seed(*pow::preset("today"), std::nullopt), {"127.0.0.1", 0}, {}).value();
  node::Config config;
  std::unique_ptr<NodeHost> node;
  wire::RegistryEntry entry;

  void SetUp() override {
    config.keys = crypto::ed25519_pair(rng);
    config.seed_url = "http://127.0.0.1:" + std::to_string(seed->port());
    config.registry_every = Millis{20};
    node =
        NodeHost::open(io, config, {"127.0.0.1", 0}, std::make_unique<Disk>(std::make_shared<std::optional<ErrorCode>>()), {})
            .value();
    entry = entry_of(config.keys, {"127.0.0.1", node->port()});
    enter(entry);
  }
  static wire::RegistryEntry entry_of(const crypto::Ed25519Pair& keys, const wire::Address& address) {
    wire::RegistryEntry out;
    out.id = crypto::node_of(keys.open);
    out.x25519 = crypto::x25519_of(keys).open;
    out.address = address;
    return out;
  }
  /// Until the node knows it.
  void enter(const wire::RegistryEntry& what) {
    seed->machine().chain().enter(what);
    seed->seal_block();
    while (!node->machine().registry() || !node->machine().registry()->find(what.id)) io.run_one();
  }
};

TEST_F(Alone, AddressesOfTheRegistryAreSparedAsItChanges) {
  EXPECT_TRUE(node->is_listed("127.0.0.1"));
  EXPECT_FALSE(node->is_listed("10.1.2.3"));
  const auto other = entry_of(crypto::ed25519_pair(rng), {"10.1.2.3", 22021});
  enter(other);
  EXPECT_TRUE(node->is_listed("10.1.2.3"));
  seed->machine().chain().leave(other.id);
  seed->seal_block();
  while (node->machine().registry()->find(other.id)) io.run_one();
  EXPECT_FALSE(node->is_listed("10.1.2.3"));
}

/// Who stops the process asks until it has drained, and ends it at once then: what was owed is in the sockets by that time.
class Stopping : public Alone {
 protected:
  HttpClient client{io};
  std::optional<HttpClient::Outcome> outcome;

  void ask(const wire::RpcRequest& request) {
    client.call(wire::NodePeer{entry.id, entry.address}, {wire::Route::StorageRpc, wire::to_json(request), {}}, seconds(30),
                [this](HttpClient::Outcome o) { outcome = std::move(o); });
  }
  void stop() {
    while (!node->drain()) io.run_one();
    node.reset();
    while (!outcome) io.run_one();
  }
};

TEST_F(Stopping, AStoreUnderWayIsAnswered) {
  enter(entry_of(crypto::ed25519_pair(rng), {"127.0.0.1", 1}));  // nobody is there: the node asks it, and then answers
  Account account;
  account.bytes[0] = std::byte{5};
  ask(wire::make_store(account, 0, system_now().unix_millis(), days(1), to_bytes("hello")));
  while (node->machine().waiting_requests() == 0) io.run_one();
  stop();
  ASSERT_TRUE(*outcome) << wire::name_of(outcome->error());
  EXPECT_EQ((*outcome)->status, 200) << text_of((*outcome)->body);
}

TEST_F(Stopping, AListenerHearsThatNothingCame) {
  const auto keys = crypto::ed25519_pair(rng);
  wire::ListenRequest request{.last_hashes = {{0, {}}}, .wait_ms = wire::kMaxWait};
  request.account.bytes[0] = std::byte{5};
  std::ranges::copy(crypto::x25519_of(keys).open.bytes, request.account.bytes.begin() + 1);
  request.auth = {keys.open, {}, system_now().unix_millis(), {}};
  request.auth.signature = crypto::sign(keys.secret, bytes_of(wire::signed_text(request)));
  ask(request);
  while (node->machine().listeners() == 0) io.run_one();
  stop();
  ASSERT_TRUE(*outcome) << wire::name_of(outcome->error());
  EXPECT_EQ((*outcome)->status, 200) << text_of((*outcome)->body);
  EXPECT_TRUE(wire::parse_listen_answer((*outcome)->body).value().messages.empty());
}

/// A seed that is started again is the same to its nodes: they follow it at once, with the list that they have.
TEST(SeedHost, GoesOnWhereItEnded) {
  const TempFolder folder;
  asio::io_context io;
  SeededRng rng(8);
  const auto begin = [&](std::uint16_t port) {
    return SeedHost::open(io, node::Seed(*pow::preset("today"), std::nullopt), {"127.0.0.1", port}, {},
                          {folder / "chain.json", {}})
        .value();
  };
  auto seed = begin(0);
  node::Config config;
  config.keys = crypto::ed25519_pair(rng);
  config.seed_url = "http://127.0.0.1:" + std::to_string(seed->port());
  config.registry_every = Millis{20};
  auto node =
      NodeHost::open(io, config, {"127.0.0.1", 0}, std::make_unique<Disk>(std::make_shared<std::optional<ErrorCode>>()), {})
          .value();
  wire::RegistryEntry entry;
  entry.id = crypto::node_of(config.keys.open);
  entry.x25519 = crypto::x25519_of(config.keys).open;
  entry.address = {"127.0.0.1", node->port()};
  seed->machine().chain().enter(entry);
  for (int i = 0; i < 3; ++i) seed->seal_block();
  while (!node->machine().is_ready()) io.run_one();
  const auto height = seed->machine().registry()->height();
  const auto port = seed->port();
  seed.reset();
  seed = begin(port);
  EXPECT_EQ(seed->machine().registry()->height(), height);
  ASSERT_NE(seed->machine().registry()->find(entry.id), nullptr);
  const auto other = crypto::ed25519_pair(rng);
  entry.id = crypto::node_of(other.open);
  entry.x25519 = crypto::x25519_of(other).open;
  seed->machine().chain().enter(entry);
  seed->seal_block();
  EXPECT_EQ(seed->machine().registry()->height(), height + 1);
  while (!node->machine().registry()->find(entry.id)) io.run_one();
  EXPECT_TRUE(node->machine().is_ready());
}

TEST(SeedHost, TellsWhatItCannotKeep) {
  const TempFolder folder;
  asio::io_context io;
  const auto file = folder / "chain" / "chain.json";
  std::vector<std::string> complaints;
  const auto begin = [&](const char* network) {
    return SeedHost::open(io, node::Seed(*pow::preset(network), std::nullopt), {"127.0.0.1", 0}, {},
                          {file, [&](const Error& error) { complaints.push_back(error.message); }});
  };
  auto seed = begin("today");
  ASSERT_TRUE(seed);
  EXPECT_TRUE(complaints.empty());
  std::filesystem::remove_all(file.parent_path());
  std::ofstream(file.parent_path()) << "in the way";
  (*seed)->seal_block();
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints[0].find("chain"), std::string::npos);
  std::filesystem::remove(file.parent_path());
  (*seed)->seal_block();
  EXPECT_EQ(complaints.size(), 1u);
  seed->reset();
  const auto other = begin("readme");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("of a network today, not readme"), std::string::npos) << other.error().message;
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
