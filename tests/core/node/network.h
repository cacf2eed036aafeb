// A handful of service nodes wired to one another without a network: calls are delivered at once, one after another.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/node/seed.h"
#include "core/node/service_node.h"
#include "core/store/mail_tables.h"
#include "core/wire/hash.h"
#include "core/wire/signed_text.h"

namespace session::node {

inline const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

/// An account with the key that signs for it.
struct Owner {
  crypto::Ed25519Pair keys;
  Account account;
  explicit Owner(Rng& rng) : keys(crypto::ed25519_pair(rng)) {
    account.bytes[0] = std::byte{5};
    const auto curve = crypto::x25519_of(keys).open.bytes;
    std::copy(curve.begin(), curve.end(), account.bytes.begin() + 1);
  }
  void sign(wire::Authentication& auth, std::string_view text, std::int64_t at) const {
    auth.ed25519 = keys.open;
    auth.timestamp = at;
    auth.signature = crypto::sign(keys.secret, bytes_of(text));
  }
};

class Network {
 public:
  explicit Network(std::size_t count, std::string_view preset = "today", std::uint64_t seed_number = 1,
                   const std::function<void(Config&)>& change = {})
      : rng(seed_number), seed(*pow::preset(preset), std::nullopt) {
    for (std::size_t i = 0; i < count; ++i) enter(change);
    wire::Effects none(false);
    seed.seal_block(none);
    for (std::size_t i = 0; i < count; ++i) {
      wire::Effects effects;
      EXPECT_TRUE(nodes[i].machine.start({now, rng, nodes[i].store, effects}));
      carry_out(i, effects.take());
    }
    settle();
  }

  struct Member {
    Config config;
    ServiceNode machine;
    store::MemoryMailStore store;
  };

  /// A request from outside.
  RequestId begin(std::size_t node, wire::Route route, Bytes body, std::optional<wire::PeerProof> proof = {}) {
    const RequestId id{next_request++};
    feed(node, wire::Requested{id, {caller, false}, {route, std::move(body), proof}});
    settle();
    return id;
  }
  /// Nothing while it waits.
  [[nodiscard]] std::optional<wire::Answer> answer_to(RequestId id) const {
    const auto found = outside.find(id);
    return found == outside.end() ? std::nullopt : std::optional(found->second);
  }
  /// A request from outside, answered when everything has settled; nothing while it waits.
  std::optional<wire::Answer> ask(std::size_t node, wire::Route route, Bytes body, std::optional<wire::PeerProof> proof = {}) {
    return answer_to(begin(node, route, std::move(body), proof));
  }
  wire::Answer rpc(std::size_t node, Bytes body) { return ask(node, wire::Route::StorageRpc, std::move(body)).value(); }

  [[nodiscard]] std::size_t index(const NodeId& id) const {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].machine.id() == id) return i;
    return nodes.size();
  }
  /// Indices of the members of the account's swarm, and of the others.
  [[nodiscard]] std::vector<std::size_t> members(const Account& account) const {
    std::vector<std::size_t> out;
    for (const NodeId& id : seed.registry()->members(seed.registry()->swarm_of(account))) out.push_back(index(id));
    return out;
  }
  [[nodiscard]] std::size_t outsider(const Account& account) const {
    const auto in = members(account);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (std::find(in.begin(), in.end(), i) == in.end()) return i;
    return nodes.size();
  }
  /// Time passes; the timers that are due go off.
  void wait(Millis span) {
    const Instant until = now + span;
    for (;;) {
      auto due = timers.end();
      for (auto timer = timers.begin(); timer != timers.end(); ++timer)
        if (timer->second <= until && (due == timers.end() || timer->second < due->second)) due = timer;
      if (due == timers.end()) break;
      now = std::max(now, due->second);
      const auto [node, number] = due->first;
      timers.erase(due);
      feed(node, wire::Woken{number});
      settle();
    }
    now = until;
  }

  /// One more node, in the list from the next block on, which is now.
  void add() {
    enter({});
    wire::Effects none(false);
    seed.seal_block(none);
    restart(nodes.size() - 1);
  }

  /// What the machine had in memory is lost; its store stays.
  void restart(std::size_t node) {
    std::erase_if(timers, [&](const auto& timer) { return timer.first.first == node; });
    nodes[node].machine = ServiceNode(nodes[node].config);
    wire::Effects effects;
    EXPECT_TRUE(nodes[node].machine.start({now, rng, nodes[node].store, effects}));
    carry_out(node, effects.take());
    settle();
  }

  /// A timer goes off, whatever the time.
  void wake(std::size_t node, std::uint32_t timer) {
    feed(node, wire::Woken{timer});
    settle();
  }

  Instant now = kNow;
  std::string caller = "client";
  SeededRng rng;
  Seed seed;
  std::vector<Member> nodes;
  std::set<std::size_t> dead;                                   ///< calls to them fail
  wire::CallFailure dead_failure = wire::CallFailure::Timeout;  ///< in this way
  std::map<std::string, int> facts;
  std::map<wire::Route, std::size_t> sent_on;  ///< bytes of requests and answers between nodes
  std::size_t most_forwarded = 0;              ///< bytes of a request that a node sent on
  std::int64_t most_ahead_ms = 0;              ///< of the clock, the time of a proof
  std::vector<wire::ServerPeer> led_to;        ///< servers outside the network that nodes called
  std::optional<wire::Answer> server_answer;   ///< what each says; else the call fails
  wire::CallFailure server_failure = wire::CallFailure::Timeout;

 private:
  void enter(const std::function<void(Config&)>& change) {
    Config config;
    config.keys = crypto::ed25519_pair(rng);
    config.seed_url = "seed";
    config.test_every = Millis{};  // for the tests that look at it
    if (change) change(config);
    wire::RegistryEntry entry;
    entry.id = crypto::node_of(config.keys.open);
    entry.x25519 = crypto::x25519_of(config.keys).open;
    entry.address = {"10.0." + std::to_string(nodes.size()) + ".1", 1};
    seed.chain().enter(entry);
    nodes.push_back({config, ServiceNode(config), {}});
  }

  struct Pending {
    std::size_t from;
    wire::Call call;
  };
  void feed(std::size_t node, const Input& input) {
    wire::Effects effects;
    EXPECT_TRUE(nodes[node].machine.on(input, {now, rng, nodes[node].store, effects}));
    nodes[node].machine.check_invariants();
    carry_out(node, effects.take());
  }
  void carry_out(std::size_t node, std::vector<wire::Effect> effects) {
    for (wire::Effect& effect : effects) {
      if (auto* call = std::get_if<wire::Call>(&effect)) calls.push_back({node, std::move(*call)});
      if (auto* wake = std::get_if<wire::Wake>(&effect)) timers[{node, wake->timer}] = wake->at;
      if (auto* fact = std::get_if<trace::Fact>(&effect)) ++facts[trace::name_of(*fact)];
      if (auto* reply = std::get_if<wire::Reply>(&effect)) {
        const auto asked = inside.find(reply->id);
        if (asked == inside.end()) {
          outside[reply->id] = reply->answer;
        } else {
          sent_on[asked_on[reply->id]] += reply->answer.body.size();
          answers.push_back({asked->second.first, wire::Answered{asked->second.second, reply->answer}});
        }
      }
    }
  }
  void settle() {
    while (!calls.empty() || !answers.empty()) {
      if (!answers.empty()) {
        auto [to, answer] = std::move(answers.front());
        answers.pop_front();
        feed(to, answer);
        continue;
      }
      Pending pending = std::move(calls.front());
      calls.pop_front();
      const auto* peer = std::get_if<wire::NodePeer>(&pending.call.to);
      if (peer != nullptr) most_forwarded = std::max(most_forwarded, pending.call.request.body.size());
      if (const auto& proof = pending.call.request.proof)
        most_ahead_ms = std::max(most_ahead_ms, proof->time_ms - now.unix_millis());
      const std::size_t to = peer == nullptr ? nodes.size() : index(peer->id);
      if (const auto* server = std::get_if<wire::ServerPeer>(&pending.call.to)) {
        led_to.push_back(*server);
        if (server_answer)
          feed(pending.from, wire::Answered{pending.call.id, *server_answer});
        else
          feed(pending.from, wire::CallFailed{pending.call.id, server_failure});
        continue;
      }
      if (peer == nullptr) {
        wire::Effects effects(false);
        seed.on(wire::Requested{RequestId{1}, {}, pending.call.request}, now, rng, effects);
        for (const auto& effect : effects.list())
          if (const auto* reply = std::get_if<wire::Reply>(&effect))
            feed(pending.from, wire::Answered{pending.call.id, reply->answer});
      } else if (dead.contains(to) || to == nodes.size()) {
        feed(pending.from, wire::CallFailed{pending.call.id, dead_failure});
      } else {
        const RequestId id{next_request++};
        inside[id] = {pending.from, pending.call.id};
        asked_on[id] = pending.call.request.route;
        sent_on[pending.call.request.route] += pending.call.request.body.size();
        feed(to, wire::Requested{id, {"peer", false}, pending.call.request});
      }
    }
  }

  std::deque<Pending> calls;
  std::deque<std::pair<std::size_t, wire::Answered>> answers;
  std::map<std::pair<std::size_t, std::uint32_t>, Instant> timers;
  std::map<RequestId, std::pair<std::size_t, CallId>> inside;
  std::map<RequestId, wire::Route> asked_on;
  std::map<RequestId, wire::Answer> outside;
  std::uint64_t next_request = 1;
};

inline wire::StoreRequest store_of(const Account& account, std::string_view text, Instant now, Namespace ns = 0,
                                   Millis ttl = days(1)) {
  return wire::make_store(account, ns, now.unix_millis(), ttl, to_bytes(text));
}
inline wire::RetrieveRequest retrieve_of(const Owner& owner, Instant now, Namespace ns = 0) {
  wire::RetrieveRequest request;
  request.account = owner.account;
  request.ns = ns;
  request.ns_given = true;
  owner.sign(request.auth, wire::signed_text_retrieve(ns, now.unix_millis()), now.unix_millis());
  return request;
}

}  // namespace session::node
