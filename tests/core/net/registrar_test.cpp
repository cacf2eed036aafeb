#include "core/net/registrar.h"

#include <gtest/gtest.h>

#include "core/net/node_host.h"

namespace session::net {
namespace {

class Entering : public testing::Test {
 protected:
  asio::io_context io;
  SeededRng rng{9};
  crypto::Ed25519Pair node = crypto::ed25519_pair(rng), admission = crypto::ed25519_pair(rng);
  NodeId id = crypto::node_of(node.open);
  std::unique_ptr<SeedHost> seed =
      SeedHost::open(io, node::Seed(*pow::preset("today"), admission.open), {"127.0.0.1", 0}, {}).value();

  Registrar::Entry entry() {
    return {"http://127.0.0.1:" + std::to_string(seed->port()), node, admission, {"127.0.0.1", 22021}};
  }
  Result<void> enter(Registrar& registrar) {
    std::optional<Result<void>> outcome;
    registrar.enter([&](Result<void> done) { outcome = std::move(done); });
    while (!outcome) io.run_one();
    return *outcome;
  }
  bool is_listed() {
    seed->seal_block();
    return seed->machine().registry()->find(id) != nullptr;
  }
};

TEST_F(Entering, TheSeedListsWhoHasTheAdmissionKey) {
  Registrar registrar(io, entry());
  ASSERT_TRUE(enter(registrar));
  ASSERT_TRUE(is_listed());
  EXPECT_EQ(seed->machine().registry()->find(id)->address, (wire::Address{"127.0.0.1", 22021}));
}

TEST_F(Entering, WhatGoesWrongIsTold) {
  auto wrong = entry();
  wrong.admission = node;
  Registrar stranger(io, wrong);
  const auto refused = enter(stranger);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("the seed refuses this node: ")) << refused.error().message;
  EXPECT_FALSE(is_listed());
  Registrar registrar(io, entry());
  seed.reset();
  const auto unheard = enter(registrar);
  ASSERT_FALSE(unheard);
  EXPECT_NE(unheard.error().message.find("does not answer"), std::string::npos) << unheard.error().message;
}

/// A registration can be lost between two blocks, and an operator may take a node out: it comes back by itself.
TEST_F(Entering, AMissingNodeEntersAgain) {
  Registrar registrar(io, entry());
  int looked = 0;
  registrar.watch(
      Millis{1},
      [&] {
        ++looked;
        return seed->machine().registry()->find(id) == nullptr;
      },
      [](const Error& error) { ADD_FAILURE() << error.message; });
  for (int i = 0; i < 2; ++i) {
    while (!is_listed()) io.run_one();
    const int before = looked;
    while (looked < before + 3) io.run_one();
    EXPECT_FALSE(seed->machine().chain().has_changes()) << "who is listed does not ask";
    seed->machine().chain().leave(id);
    EXPECT_FALSE(is_listed());
  }
}

}  // namespace
}  // namespace session::net
