#include "core/wire/signed_text.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class CompoundRequest : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::size_t member = net.members(bob.account)[0];
  wire::Answer ask(const wire::RpcRequest& request) { return net.rpc(member, wire::to_json(request)); }
  wire::BatchAnswer results(const wire::RpcRequest& request) {
    const auto answer = ask(request);
    EXPECT_EQ(answer.status, 200) << text_of(answer.body);
    return wire::parse_batch_answer(answer.body).value();
  }
  wire::IfElseAnswer choice(const wire::IfElseRequest& request) {
    const auto answer = ask(request);
    EXPECT_EQ(answer.status, 200) << text_of(answer.body);
    return wire::parse_if_else_answer(answer.body).value();
  }
  wire::StoreRequest good(std::string_view text) { return store_of(bob.account, text, net.now); }
  wire::StoreRequest refused() { return store_of(bob.account, "x", net.now, 0, seconds(9)); }
};

TEST_F(CompoundRequest, ABatchRunsEveryPart) {
  const auto done = results(wire::BatchRequest{{good("one"), refused(), wire::InfoRequest{}, good("two")}});
  ASSERT_EQ(done.results.size(), 4u);
  EXPECT_EQ(done.results[0].status, 200);
  EXPECT_EQ(done.results[1].status, 403);
  EXPECT_EQ(done.results[1].type, wire::ContentType::Text) << "the body of an error is a plain string";
  EXPECT_EQ(text_of(done.results[1].body), "Provided expiry/TTL is not valid.");
  EXPECT_TRUE(wire::parse_info_answer(done.results[2].body)) << "t and hf stand in the parts too";
  EXPECT_EQ(net.nodes[member].store.count(), 2u);
  EXPECT_EQ(net.nodes[member].machine.waiting_requests(), 0u);
}

TEST_F(CompoundRequest, ASequenceStopsAfterTheFirstThatIsRefused) {
  const auto done = results(wire::SequenceRequest{{good("one"), wire::InfoRequest{}, refused(), good("two")}});
  ASSERT_EQ(done.results.size(), 3u);
  EXPECT_EQ(done.results[2].status, 403);
  EXPECT_EQ(net.nodes[member].store.count(), 1u);
  EXPECT_EQ(net.nodes[member].machine.waiting_requests(), 0u);
  EXPECT_EQ(results(wire::SequenceRequest{std::vector<wire::Subrequest>(20, good("same"))}).results.size(), 20u);
}

TEST_F(CompoundRequest, ASequenceSeesWhatItsEarlierPartsDid) {
  const auto request = good("one");
  wire::DeleteRequest gone{bob.account, {wire::message_hash(bob.account, 0, request.data)}, true, {}};
  gone.auth.ed25519 = bob.keys.open;
  gone.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(gone)));
  const auto done = results(wire::SequenceRequest{{request, gone, gone, wire::InfoRequest{}}});
  ASSERT_EQ(done.results.size(), 3u);
  EXPECT_EQ(done.results[1].status, 200);
  EXPECT_EQ(done.results[2].status, 404);
}

TEST(CompoundAnswer, ABatchAnswersNoMoreThanOneRequest) {
  Network net(3, "today", 1, [](Config& config) { config.answer_bytes = 78'000; });
  const Owner bob(net.rng);
  const auto ask = [&](const wire::RpcRequest& request) { return net.rpc(0, wire::to_json(request)); };
  // 100 messages of 1 kB by their cost, of which one answer has room for 78.
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(ask(store_of(bob.account, std::to_string(1000 + i) + std::string(638, 'x'), net.now)).status, 200);
  auto all = retrieve_of(bob, net.now);
  all.max_size = -1;
  const auto messages = [](const wire::Answer& part) { return wire::parse_retrieve_answer(part.body).value(); };
  const std::size_t alone = messages(ask(all)).messages.size();
  EXPECT_EQ(alone, 78u);
  const auto check = [&](const wire::BatchAnswer& done) {
    ASSERT_EQ(done.results.size(), 4u);
    EXPECT_EQ(messages(done.results[0]).messages.size(), alone);
    for (std::size_t i = 1; i < 3; ++i) {
      EXPECT_EQ(messages(done.results[i]).messages.size(), 1u) << "at least one message";
      EXPECT_TRUE(messages(done.results[i]).more);
    }
    EXPECT_EQ(done.results[3].status, 413) << "the registry is long too";
  };
  check(wire::parse_batch_answer(ask(wire::BatchRequest{{all, all, all, wire::OxendRequest{}}}).body).value());
  check(wire::parse_batch_answer(ask(wire::SequenceRequest{{all, all, all, wire::OxendRequest{}}}).body).value());
  wire::IfElseRequest outer;
  outer.condition.height_at_least = 1;
  outer.then_part = {{wire::BatchRequest{{all, all, all, wire::OxendRequest{}}}}};
  check(wire::parse_batch_answer(wire::parse_if_else_answer(ask(outer).body)->result->body).value());
}

TEST_F(CompoundRequest, TheRegistryIsHandedOnToEveryQuestion) {
  const auto nodes = [&](const wire::RegistryQuery& query) {
    const auto answer = wire::parse_registry_answer(ask(wire::OxendRequest{query}).body).value();
    return answer.unchanged ? 999 : answer.nodes.size();
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(nodes({}), 16u);
    EXPECT_EQ(nodes({.limit = 3}), 3u);
    EXPECT_EQ(nodes({.poll_block_hash = net.seed.registry()->block_hash()}), 999u);
    EXPECT_EQ(nodes({.poll_block_hash = ByteArray<32>{}}), 16u);
  }
  net.seed.chain().leave(net.nodes[15].machine.id());
  wire::Effects none(false);
  net.seed.seal_block(none);
  net.wait(seconds(30));
  EXPECT_EQ(nodes({}), 15u);
}

TEST_F(CompoundRequest, AMemberThatIsAwayDelaysNoOtherPart) {
  net.dead.insert(net.members(bob.account)[1]);
  const auto done = results(wire::BatchRequest{{good("one"), good("two"), wire::GetSwarmRequest{bob.account}}});
  EXPECT_EQ(done.results.size(), 3u);
  EXPECT_EQ(net.nodes[member].machine.waiting_requests(), 0u);
}

TEST_F(CompoundRequest, AChoiceComparesForkVersionAndHeight) {
  const auto taken = [&](wire::Condition condition) {
    return choice({std::move(condition), {{wire::InfoRequest{}}}, {}}).condition;
  };
  EXPECT_TRUE(taken({.hf_at_least = {19, 4}}));
  EXPECT_TRUE(taken({.hf_at_least = {19}}));
  EXPECT_FALSE(taken({.hf_at_least = {19, 5}}));
  EXPECT_FALSE(taken({.hf_before = {19, 4}}));
  EXPECT_TRUE(taken({.hf_before = {20}}));
  EXPECT_TRUE(taken({.v_at_least = {2, 6}}));
  EXPECT_TRUE(taken({.v_before = {2, 7}}));
  EXPECT_FALSE(taken({.v_before = {2, 6}}));
  const std::uint64_t height = net.seed.registry()->height();
  EXPECT_TRUE(taken({.height_at_least = height}));
  EXPECT_FALSE(taken({.height_at_least = height + 1}));
  EXPECT_FALSE(taken({.height_before = height}));
  EXPECT_FALSE(taken({.hf_at_least = {19}, .height_before = height}));
}

TEST_F(CompoundRequest, AChoiceTakesOnePartAndTellsItsAnswer) {
  const wire::Condition yes{.hf_at_least = {1}}, no{.hf_before = {1}};
  const auto stored = choice({yes, {{good("then")}}, {{good("else")}}});
  EXPECT_TRUE(stored.condition);
  ASSERT_TRUE(stored.result);
  EXPECT_TRUE(wire::parse_store_answer(stored.result->body));
  const auto none = choice({no, {{good("never")}}, {}});
  EXPECT_FALSE(none.condition);
  EXPECT_FALSE(none.result);
  EXPECT_EQ(none.height, net.seed.registry()->height());
  const auto error = choice({no, {}, {{refused()}}});
  EXPECT_EQ(error.result->status, 403);
  // One inside another, around a batch.
  const wire::BatchRequest batch{{good("a"), wire::InfoRequest{}}};
  const auto nested = choice({yes, {{wire::IfElseRequest{no, {}, {{batch}}}}}, {}});
  const auto inner = wire::parse_if_else_answer(nested.result->body);
  ASSERT_TRUE(inner);
  EXPECT_EQ(wire::parse_batch_answer(inner->result->body)->results.size(), 2u);
  EXPECT_EQ(net.nodes[member].store.count(), 2u);
  EXPECT_EQ(net.nodes[member].machine.waiting_requests(), 0u);
}

}  // namespace
}  // namespace session::node
