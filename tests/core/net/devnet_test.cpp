#include "core/net/devnet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "core/base/temp_folder.h"
#include "core/client/event.h"
#include "core/net/client_host.h"
#include "core/store/client_tables.h"
#include "core/store/file_key.h"
#include "core/store/sql_tables.h"
#include "core/wire/hash.h"

namespace session::net {
namespace {

class Live : public testing::Test {
 protected:
  TempFolder folder;
  asio::io_context io;
  std::unique_ptr<Devnet> devnet;
  crypto::SystemRng rng;
  std::uint32_t repaired_ = 0;  ///< messages that members of a swarm lacked, and have

  void SetUp() override {
    auto opened = Devnet::open(io, {.nodes = 9, .base_port = 0, .folder = folder.path(), .network = *pow::preset("today")},
                               [this](const std::string&, Instant, const trace::Fact& fact) {
                                 if (const auto* repaired = std::get_if<trace::Repaired>(&fact))
                                   repaired_ += repaired->taken + repaired->given;
                               });
    ASSERT_TRUE(opened) << opened.error().message;
    devnet = std::move(*opened);
    run([&] { return devnet->is_ready(); });
  }
  /// Until it is so; a test that never gets there is ended by its runner.
  template <class Done>
  void run(Done&& is_done) {
    while (!is_done()) io.run_one();
  }
  struct Person {
    store::MemoryClientStore store;
    std::unique_ptr<ClientHost> host;
  };
  std::unique_ptr<Person> person(const char* name) {
    auto made = std::make_unique<Person>();
    EXPECT_TRUE(client::Client::create(made->store, name, system_now(), rng));
    open(*made);
    run([&] { return made->host->machine().outbox().empty(); });
    return made;
  }
  void open(Person& p) {
    client::Config config;
    config.seeds = {devnet->seed_url()};
    p.host = ClientHost::open(io, p.store, config, {}).value();
  }
  void deliver(Person& p, const client::Command& command) {
    const auto outcome = p.host->command(command);
    ASSERT_TRUE(outcome && !outcome->refused) << outcome->refused->message;
    run([&] { return !p.host->machine().outbox().contains(outcome->delivery); });
    const auto row = p.store.outbox(outcome->delivery).value().value();
    EXPECT_EQ(static_cast<client::State>(row.state), client::State::Kept) << row.last_error;
  }
  std::vector<client::Event> fetch(Person& p) {
    const auto rounds = p.host->machine().fetches().rounds;
    EXPECT_TRUE(p.host->command(client::Fetch{}));
    run([&] { return p.host->machine().fetches().rounds > rounds; });
    EXPECT_TRUE(p.host->machine().fetches().last_succeeded) << p.host->machine().fetches().last_error;
    std::vector<client::Event> events;
    const auto rows = static_cast<store::ClientStore&>(p.store).events().value();
    for (const auto& row : rows) {
      events.push_back(client::parse_event(row.text).value());
      EXPECT_TRUE(p.store.printed(row.sequence));
    }
    return events;
  }
};

TEST_F(Live, AMessageGoesFromOnePersonToAnotherWhoWasAway) {
  auto alice = person("Alice"), bob = person("Bob");
  const SessionId alice_id = alice->host->machine().id(), bob_id = bob->host->machine().id();
  deliver(*alice, client::Ask{bob_id, "hello"});
  auto events = fetch(*bob);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, client::EventType::Request);
  EXPECT_EQ(events[0].from, alice_id);
  deliver(*bob, client::Accept{alice_id});
  EXPECT_EQ(fetch(*alice).at(0).type, client::EventType::Accepted);
  bob->host.reset();
  deliver(*alice, client::Send{bob_id, "for later", {}});
  ASSERT_TRUE(devnet->stop(devnet->registry_node_of(bob_id.account)));
  open(*bob);
  events = fetch(*bob);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].text, "for later");
  EXPECT_TRUE(fetch(*bob).empty());
}

/// The store of a node that is stopped.
std::unique_ptr<store::SqlMailStore> store_in(const std::filesystem::path& folder, Rng& rng) {
  return store::SqlMailStore::open(folder / "mail.db", store::key_file(folder / "mail.key", rng).value()).value();
}

TEST_F(Live, ANodeWhoseStoreWasLostBecomesCompleteFromTheOthers) {
  // Mail of an hour ago: what is younger than two minutes is not compared.
  constexpr int kMessages = 40;
  const Instant before = system_now() - hours(1);
  const auto kept_in = [&](std::size_t i) { return folder.path() / fmt::format("node-{:02}", i); };
  const NodeId full = devnet->id(2), lost = devnet->id(5);
  for (const NodeId& node : {full, lost}) ASSERT_TRUE(devnet->stop(node));
  {
    const auto mail = store_in(kept_in(2), rng);
    for (int i = 0; i < kMessages; ++i) {
      store::MailRow row;
      row.head.account.bytes.fill(static_cast<std::byte>(i));
      row.data = Bytes(1'000, static_cast<std::byte>(i));
      row.head.hash = wire::message_hash(row.head.account, 0, row.data);
      row.head.timestamp = row.head.arrived = before;
      row.head.expiry = before + days(1);
      ASSERT_TRUE(mail->insert(row));
    }
  }
  for (const char* name : {"mail.db", "mail.db-wal", "mail.db-shm", "mail.key"}) std::filesystem::remove(kept_in(5) / name);
  for (const NodeId& node : {full, lost}) ASSERT_TRUE(devnet->start(node));
  run([&] { return repaired_ >= 8 * kMessages || devnet->node(5) == nullptr; });
  ASSERT_TRUE(devnet->stop(lost));
  EXPECT_EQ(store_in(kept_in(5), rng)->count(), static_cast<std::uint64_t>(kMessages));
}

TEST_F(Live, AStoppedNodeComesBackWithItsMail) {
  auto alice = person("Alice");  // her bundle lies in her own swarm
  const NodeId node = devnet->registry_node_of(alice->host->machine().id().account);
  ASSERT_TRUE(devnet->stop(node));
  ASSERT_TRUE(devnet->start(node));
  run([&] { return devnet->is_ready(); });
  EXPECT_EQ(devnet->stop(NodeId{}).error().code, ErrorCode::NotFound);
}

TEST_F(Live, OddOrdersAreRefusedAndEndNothing) {
  HttpClient client(io);
  for (const char* params : {"5", "null", "[]", "{}", R"({"pubkey": 5})", R"({"pubkey": null})", R"({"pubkey": {}})",
                             R"({"pubkey": ""})", R"({"pubkey": "zz"})"}) {
    std::optional<HttpClient::Outcome> outcome;
    const auto body = std::string(R"({"id": "0", "method": "devnet_stop_node", "params": )") + params + "}";
    client.call(wire::SeedPeer{devnet->seed_url()}, {wire::Route::SeedRpc, to_bytes(body), {}}, seconds(10),
                [&](HttpClient::Outcome o) { outcome = std::move(o); });
    run([&] { return outcome.has_value(); });
    ASSERT_TRUE(*outcome) << params;
    EXPECT_TRUE(nlohmann::json::parse(text_of((*outcome)->body)).contains("error")) << params;
  }
  for (std::size_t i = 0; i < devnet->size(); ++i) EXPECT_NE(devnet->node(i), nullptr);
}

TEST_F(Live, TheListOfAnEarlierRunIsNotTakenForThisOnes) {
  ASSERT_TRUE(devnet->announce());
  devnet.reset();
  auto again = Devnet::open(io, {.nodes = 9, .base_port = 0, .folder = folder.path(), .network = *pow::preset("today")}, {});
  ASSERT_TRUE(again);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "devnet.json"));
}

TEST_F(Live, TheListNamesSeedAndNodes) {
  ASSERT_TRUE(devnet->announce());
  std::ifstream in(folder.path() / "devnet.json");
  const auto list = nlohmann::json::parse(in);
  EXPECT_EQ(list["seed_url"], devnet->seed_url());
  ASSERT_EQ(list["nodes"].size(), 9u);
  EXPECT_EQ(list["nodes"][0]["ed25519"], devnet->id(0).hex());
}

}  // namespace
}  // namespace session::net
