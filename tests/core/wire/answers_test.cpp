#include "core/wire/answers.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/rng.h"

namespace session::wire {
namespace {

using nlohmann::json;

MessageHash random_hash(Rng& rng) { return {to_base64(rng.bytes<32>(), Padding::Without)}; }
AnswerHead random_head(Rng& rng) { return {rng.between(0, 1LL << 45), {static_cast<std::uint16_t>(rng.below(30)), 4}}; }

StoreAnswer random_store(Rng& rng) {
  StoreAnswer answer{random_hash(rng), {}, random_head(rng)};
  for (std::uint64_t n = rng.below(10); n > 0; --n) {
    MemberResult member{NodeId{rng.bytes<32>()}, FailedEntry{}};
    switch (rng.below(5)) {
      case 0: member.result = FailedEntry{MemberFailure::Timeout, 0, {}}; break;
      case 1: member.result = FailedEntry{MemberFailure::Refused, 500, "no room \"left\""}; break;
      case 2: member.result = FailedEntry{MemberFailure::BadPeerResponse, 0, {}}; break;
      case 3: member.result = FailedEntry{MemberFailure::QueryFailure, 0, {}}; break;
      default:
        member.result = KeptEntry{random_hash(rng), rng.bytes<64>(), rng.between(0, 1LL << 45), rng.one_in(2), std::nullopt};
    }
    answer.swarm.push_back(member);
  }
  std::ranges::sort(answer.swarm, {}, &MemberResult::node);
  return answer;
}

RetrieveAnswer random_retrieve(Rng& rng) {
  RetrieveAnswer answer{{}, rng.one_in(2), random_head(rng)};
  for (std::uint64_t n = rng.below(10); n > 0; --n) {
    Bytes data(rng.below(300));
    rng.fill(data);
    answer.messages.push_back({random_hash(rng), rng.between(0, 1LL << 45), rng.between(0, 1LL << 45), data});
  }
  return answer;
}

SwarmAnswer random_swarm(Rng& rng) {
  SwarmAnswer answer{SwarmId{rng.next()}, {}, random_head(rng)};
  for (std::uint64_t n = rng.below(10); n > 0; --n)
    answer.members.push_back(
        {NodeId{rng.bytes<32>()}, {rng.bytes<32>()}, {"10.0.0.7", static_cast<std::uint16_t>(rng.below(65536))}});
  return answer;
}

TEST(Answers, WhatIsWrittenMemberByMemberIsCompactAndSorted) {
  SeededRng rng(40);
  for (int i = 0; i < 50; ++i) {
    ListenAnswer listen{{}, {}, random_head(rng)};
    for (const int ns : {-10, 0, 3, 10, 21})
      if (rng.one_in(2)) listen.messages[static_cast<Namespace>(ns)] = random_retrieve(rng).messages;
    for (std::uint64_t n = rng.below(3); n > 0; --n) listen.relayed.push_back(to_bytes(rng.bytes<40>()));
    const Bytes heard = to_json(listen), got = to_json(random_retrieve(rng));
    EXPECT_EQ(text_of(heard), json::parse(text_of(heard)).dump());
    EXPECT_EQ(text_of(got), json::parse(text_of(got)).dump());
    EXPECT_EQ(parse_listen_answer(heard), listen);
  }
}

TEST(Answers, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(41);
  for (int i = 0; i < 200; ++i) {
    const auto store = random_store(rng);
    EXPECT_EQ(parse_store_answer(to_json(store)), store) << "seed 41, round " << i;
    const auto retrieve = random_retrieve(rng);
    EXPECT_EQ(parse_retrieve_answer(to_json(retrieve)), retrieve) << "seed 41, round " << i;
    const auto swarm = random_swarm(rng);
    EXPECT_EQ(parse_swarm_answer(to_json(swarm)), swarm) << "seed 41, round " << i;
    const InfoAnswer info{{2, 6, 3}, rng.between(0, 1LL << 45), random_head(rng)};
    EXPECT_EQ(parse_info_answer(to_json(info)), info);
  }
}

TEST(Answers, CarryClockAndRules) {
  const auto out = json::parse(text_of(to_json(InfoAnswer{{2, 6, 2}, 5, {7, {}}})));
  EXPECT_EQ(out["t"], 7);
  EXPECT_EQ(out["hf"], (json{19, 4}));
  EXPECT_EQ(out["version"], (json{2, 6, 2}));
}

TEST(Answers, SwarmEntriesAreThoseOfTheLiveNetwork) {
  SwarmAnswer answer{SwarmId{0x7fffffffffffffff}, {{NodeId{}, {}, {"10.0.0.1", 22021}}}, {}};
  const auto out = json::parse(text_of(to_json(answer)));
  EXPECT_EQ(out["swarm"], "7fffffffffffffff");
  EXPECT_EQ(out["snodes"][0]["address"], std::string(52, 'y') + ".snode");
  EXPECT_EQ(out["snodes"][0]["port"], "22021");
  EXPECT_EQ(out["snodes"][0]["port_https"], 22021);
  EXPECT_EQ(out["snodes"][0]["ip"], "10.0.0.1");
}

TEST(Answers, SwarmIdsLackLeadingZeros) {
  for (const auto& [id, text] : {std::pair<std::uint64_t, const char*>{0xf5, "f5"}, {0, "0"}})
    EXPECT_EQ(json::parse(text_of(to_json(SwarmAnswer{SwarmId{id}, {}, {}})))["swarm"], text);
  const auto parsed = parse_swarm_answer(bytes_of(R"({"snodes":[],"swarm":"f5","t":1,"hf":[19,4]})"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->swarm.value, 0xf5u);
}

TEST(Answers, BatchesEmbedJsonAndQuoteText) {
  const InfoAnswer info{{2, 6, 2}, 5, {7, {}}};
  const BatchAnswer batch{{ok(info), refusal(401, "retrieve: request signature required"), work_required(10)}, {9, {}}};
  const Bytes written = to_json(batch);
  const auto out = json::parse(text_of(written));
  EXPECT_EQ(out["results"][0]["code"], 200);
  EXPECT_EQ(out["results"][0]["body"]["t"], 7);
  EXPECT_EQ(out["results"][1]["body"], "retrieve: request signature required");
  EXPECT_EQ(out["results"][2]["body"]["difficulty"], 10);
  EXPECT_EQ(out["t"], 9);
  const auto back = parse_batch_answer(written);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->results.size(), 3u);
  EXPECT_EQ(parse_info_answer(back->results[0].body), info);
  EXPECT_EQ(back->results[1], batch.results[1]);
  EXPECT_EQ(parse_work_required(back->results[2].body), 10u);
}

TEST(Answers, BatchesStayJsonWhenABodyIsNot) {
  const BatchAnswer batch{
      {Answer{200, to_bytes("}{"), ContentType::Json}, Answer{502, to_bytes("\xff\""), ContentType::Binary}}, {}};
  EXPECT_TRUE(json::accept(text_of(to_json(batch))));
}

TEST(Answers, RefusalsHaveTheirStatusAndForm) {
  EXPECT_EQ(refusal(406, "clock"), (Answer{406, to_bytes("clock"), ContentType::Text}));
  EXPECT_EQ(text_of(work_required(10).body), R"({"difficulty":10})");
  EXPECT_EQ(work_required(10).status, 432);
  EXPECT_EQ(wrong_swarm({}).status, 421);
  EXPECT_FALSE(parse_work_required(bytes_of(R"({"difficulty":0})")));
  EXPECT_FALSE(parse_work_required(bytes_of(R"({"difficulty":-1})")));
  EXPECT_FALSE(parse_work_required(bytes_of(R"({"difficulty":1e30})")));
}

TEST(Answers, RegistryThroughANodeIsTheRegistry) {
  OxendAnswer answer;
  answer.registry.height = 1'000'000;
  answer.head.t_ms = 12;
  const auto back = parse_oxend_answer(to_json(answer));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->registry.height, 1'000'000u);
  EXPECT_EQ(back->head, answer.head);
  EXPECT_TRUE(parse_registry_answer(to_json(answer)));
}

TEST(Answers, OneNodeInTwoSpellingsIsNotTwo) {
  const std::string lower(64, 'a');
  const std::string upper(64, 'A');
  const std::string entry = R"({"failed":true,"timeout":true})";
  const std::string hash(43, 'h');
  const auto text = [&](const std::string& other) {
    return R"({"hash":")" + hash + R"(","t":1,"hf":[19,4],"swarm":{")" + lower + "\":" + entry + ",\"" + other + "\":" + entry +
           "}}";
  };
  EXPECT_TRUE(parse_store_answer(bytes_of(text(std::string(64, 'b')))));
  EXPECT_FALSE(parse_store_answer(bytes_of(text(upper))));
}

TEST(Answers, WrongFieldsAreNamed) {
  SeededRng rng(42);
  RetrieveAnswer answer = random_retrieve(rng);
  answer.messages = {{random_hash(rng), 5, 6, to_bytes("data")}};
  const auto with = [&](const char* field, const json& value) {
    json out = json::parse(text_of(to_json(answer)));
    out["messages"][0][field] = value;
    const auto parsed = parse_retrieve_answer(bytes_of(out.dump()));
    return parsed ? "accepted" : parsed.error().message;
  };
  EXPECT_NE(with("hash", "x").find("'hash'"), std::string::npos);
  EXPECT_NE(with("hash", std::string(43, '\n')).find("'hash'"), std::string::npos);
  EXPECT_NE(with("timestamp", -1).find("'timestamp'"), std::string::npos);
  EXPECT_NE(with("expiration", nullptr).find("'expiration'"), std::string::npos);
  EXPECT_NE(with("data", "====").find("'data'"), std::string::npos);
  EXPECT_NE(with("data", to_base64(Bytes(kMaxDataBytes + 1))).find("'data'"), std::string::npos);
}

TEST(Answers, TruncatedAndDamagedAnswersDoNoHarm) {
  SeededRng rng(43);
  const Bytes store = to_json(random_store(rng));
  for (std::size_t size = 0; size < store.size(); ++size) EXPECT_FALSE(parse_store_answer(BytesView(store).first(size)));
  const Bytes retrieve = to_json(random_retrieve(rng));
  for (std::size_t size = 0; size < retrieve.size(); ++size)
    EXPECT_FALSE(parse_retrieve_answer(BytesView(retrieve).first(size)));
  for (int i = 0; i < 2000; ++i) {
    Bytes damaged = store;
    damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
    (void)parse_store_answer(damaged);
    (void)parse_swarm_answer(damaged);
  }
}

}  // namespace
}  // namespace session::wire
