// A network for one client under test: sixteen nodes whose keys the test has, so that it reads what was asked and answers as it
// likes. Nothing happens by itself.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/store/client_tables.h"
#include "core/wire/rpc.h"
#include "tests/core/client/known_nodes.h"

namespace session::client {

class FakeSwarm {
 public:
  static constexpr int kNodes = 16;

  explicit FakeSwarm(const char* network = "today") : nodes_(network, kNodes, "10.0.", dice_) {}

  /// A request that lies at its destination.
  struct Question {
    CallId call;
    NodeId guard;
    NodeId destination;
    wire::RpcRequest request;
    Millis timeout;
    crypto::SymmetricKey reply_key;
    onion::EncType enc{};
    onion::Final final;
  };

  /// What a client's effects ask of nodes; questions to the seed are answered with the list of nodes when `feed` is given.
  template <class Feed>
  std::vector<Question> questions(std::vector<wire::Effect> effects, Feed&& feed) {
    std::vector<Question> out;
    for (auto& effect : effects) {
      auto* call = std::get_if<wire::Call>(&effect);
      if (call == nullptr) continue;
      if (std::holds_alternative<wire::SeedPeer>(call->to)) {
        feed(wire::Answered{call->id, {200, registry_, {}}});
        continue;
      }
      out.push_back(open(*call));
    }
    return out;
  }
  /// The answer to a question, as it comes back to the client.
  [[nodiscard]] wire::Answered answer(const Question& question, std::uint16_t status, BytesView body) {
    return {question.call, {200, onion::seal_reply(question.reply_key, question.enc, status, body, question.final, dice_), {}}};
  }
  template <class Typed>
  [[nodiscard]] wire::Answered answer(const Question& question, const Typed& typed) {
    return answer(question, 200, wire::to_json(typed));
  }
  /// Every member of the account's swarm says, under its signature, that it keeps the message.
  [[nodiscard]] wire::StoreAnswer kept(const wire::StoreRequest& request, const MessageHash& hash) const {
    wire::StoreAnswer answer{.hash = hash, .swarm = {}, .head = {}};
    for (const NodeId& node : nodes_.snapshot->members(nodes_.snapshot->swarm_of(request.account)))
      answer.swarm.push_back(
          {node, wire::KeptEntry{.hash = hash,
                                 .signature = crypto::sign(nodes_.signers.at(node).secret, bytes_of(hash.text)),
                                 .expiry_ms = request.timestamp_ms + request.ttl_ms}});
    return answer;
  }

 private:
  Question open(const wire::Call& call) {
    Question question{.call = call.id, .timeout = call.timeout};
    const auto arrived = nodes_.arrive(call);
    if (!arrived) return question;
    question.guard = arrived->guard;
    question.destination = arrived->destination;
    question.reply_key = arrived->reply_key;
    question.enc = arrived->enc;
    question.final = arrived->final;
    const auto request = wire::parse_rpc(question.final.rpc);
    if (request) {
      question.request = *request;
    } else {
      ADD_FAILURE() << request.error().text;
    }
    return question;
  }

  SeededRng dice_{77};
  KnownNodes nodes_;
  Bytes registry_ = wire::to_json(swarm::to_wire(*nodes_.snapshot));
};

/// A client with its store and clock on such a network.
class FakeWorld : public testing::Test {
 protected:
  using Question = FakeSwarm::Question;
  Instant now = Instant::from_unix_millis(1'700'000'000'000);
  SeededRng rng{1};
  store::MemoryClientStore store;
  FakeSwarm swarm;
  std::optional<Client> client;
  std::vector<Question> waiting;            ///< asked and not answered
  std::map<std::uint32_t, Instant> timers;  ///< wanted

  void SetUp() override {
    ASSERT_TRUE(Client::create(store, "Alice", now, rng));
    open();
  }
  void open() {
    client = Client::open(store, {.seeds = {"seed"}}).value();
    wire::Effects effects;
    ASSERT_TRUE(client->start({now, rng, store, effects}));
    take(effects);
  }
  void take(wire::Effects& effects) {
    auto list = effects.take();
    for (const auto& effect : list)
      if (const auto* wake = std::get_if<wire::Wake>(&effect)) timers[wake->timer] = wake->at;
    auto asked = swarm.questions(std::move(list), [&](const wire::Answered& answered) { feed(answered); });
    for (auto& question : asked) waiting.push_back(std::move(question));
  }
  void feed(const Input& input) {
    wire::Effects effects;
    ASSERT_TRUE(client->on(input, {now, rng, store, effects}));
    client->check_invariants();
    take(effects);
  }
  Outcome command(const Command& command) {
    wire::Effects effects;
    const auto outcome = client->command(command, {now, rng, store, effects});
    EXPECT_TRUE(outcome);
    take(effects);
    return *outcome;
  }
  /// Time passes; timers that are due ring.
  void pass(Millis span) {
    now = now + span;
    for (const auto& [timer, at] : std::map(timers)) {
      if (at > now) continue;
      timers.erase(timer);
      feed(wire::Woken{timer});
    }
  }
  /// Takes the first question of this kind off the list.
  template <class Request>
  std::optional<Question> asked() {
    for (auto at = waiting.begin(); at != waiting.end(); ++at) {
      if (!std::holds_alternative<Request>(at->request)) continue;
      Question question = std::move(*at);
      waiting.erase(at);
      return question;
    }
    return std::nullopt;
  }
  /// The head of an answer, with the right time.
  [[nodiscard]] wire::AnswerHead head(Millis ahead = {}) const { return {(now + ahead).unix_millis(), {}}; }
  std::vector<Event> events(EventType type) {
    std::vector<Event> out;
    const auto rows = static_cast<store::ClientStore&>(store).events();
    for (const auto& row : rows.value())
      if (auto event = parse_event(row.text); event && event->type == type) out.push_back(*event);
    return out;
  }
};

}  // namespace session::client
