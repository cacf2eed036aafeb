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
