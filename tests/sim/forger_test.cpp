// A node that forges: each kind of what it says is refused by the machine that gets it, which says so, and people get their
// messages all the same.
#include "sim/forger.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/client/event.h"
#include "core/swarm/obligations.h"
#include "core/wire/bundle.h"
#include "core/wire/hash.h"
#include "core/wire/peer.h"
#include "sim/damage.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

const Instant kNow = Instant::from_unix_millis(1'600'000'000'000);

class Forge : public testing::Test {
 protected:
  Forge() {
    crypto::initialise();
    owner = crypto::ed25519_pair(rng);
    const auto x25519 = crypto::x25519_of(owner).open;
    id.account.bytes[0] = std::byte{5};
    std::ranges::copy(x25519.bytes, id.account.bytes.begin() + 1);
    own = crypto::ed25519_pair(rng);
    std::vector<wire::RegistryEntry> nodes;
    for (int i = 0; i < 8; ++i) {
      const auto keys = i == 0 ? own : crypto::ed25519_pair(rng);
      wire::RegistryEntry entry;
      entry.id = crypto::node_of(keys.open);
      entry.x25519 = crypto::x25519_of(keys).open;
      entry.address = {"10.0.0.1", 22021};
      entry.swarm = SwarmId{100};
      nodes.push_back(entry);
    }
    for (std::uint64_t height : {4u, 5u})
      registries.push_back(
          std::make_shared<const swarm::Registry>(height, ByteArray<32>{std::byte{9}}, *pow::preset("today"), nodes));
  }
  [[nodiscard]] store::MailRow bundle_row() {
    wire::PrekeyBundle bundle{.account = id,
                              .slot = 0,
                              .device_id = 7,
                              .registration_id = 1,
                              .date_ms = kNow.unix_millis(),
                              .signed_prekey_id = 3,
                              .signed_prekey = key(),
                              .signed_prekey_signature = {},
                              .one_time_keys = {{1, key()}, {2, key()}}};
    store::MailRow row;
    row.head.account = id.account;
    row.head.ns = wire::bundle_namespace(0);
    row.data = wire::encode_signed(bundle, owner);
    row.head.hash = wire::message_hash(row.head.account, row.head.ns, row.data);
    return row;
  }
  wire::SignalKey key() {
    wire::SignalKey key{std::byte{5}};
    std::ranges::copy(crypto::x25519_pair(rng).open.bytes, key.begin() + 1);
    return key;
  }
  [[nodiscard]] bool has_weak_point(const Bytes& data) const {
    return std::ranges::any_of(weak_points(), [&](const auto& point) { return !std::ranges::search(data, point).empty(); });
  }

  SeededRng rng{1};
  crypto::Ed25519Pair owner, own;
  SessionId id;
  std::vector<swarm::RegistrySnapshot> registries;  ///< of an even and an odd height
  Forger forger{7};
};

TEST_F(Forge, NoBundleThatItShowsIsItsOwners) {
  const store::MailRow sound = bundle_row();
  ASSERT_TRUE(wire::decode_signed_bundle(sound.data, id));
  std::set<std::string> reasons;
  bool is_weak = false, has_its_key = false, is_sound = false;
  for (std::uint64_t question = 0; question < 60; ++question) {
    store::MailRow row = sound;
    forger.forge_shown(row, question);
    const auto read = wire::decode_signed_bundle(row.data, id);
    if (row.data == sound.data) {
      is_sound = true;
      continue;
    }
    ASSERT_FALSE(read);
    reasons.insert(read.error().message);
    is_weak = is_weak || has_weak_point(row.data);
    has_its_key = has_its_key || !std::ranges::search(row.data, forger.key().bytes).empty();
  }
  EXPECT_TRUE(is_sound) << "every second time it tells the truth";
  EXPECT_TRUE(is_weak);
  EXPECT_TRUE(has_its_key);
  EXPECT_TRUE(reasons.contains("signer: not the key of " + id.hex()));
  EXPECT_TRUE(reasons.contains("signature: does not verify"));
}

TEST_F(Forge, NoMessageThatItShowsIsWhatItsNameSaysOrWhatWasWritten) {
  store::MailRow sound;
  sound.head.account = id.account;
  sound.data = Bytes(200, std::byte{3});
  sound.head.hash = wire::message_hash(id.account, 0, sound.data);
  int as_it_was = 0, misnamed = 0, invented = 0;
  for (std::uint64_t question = 0; question < 90; ++question) {
    store::MailRow row = sound;
    forger.forge_shown(row, question);
    const bool is_named = wire::message_hash(id.account, 0, row.data) == row.head.hash;
    ++(!is_named ? misnamed : row.data == sound.data ? as_it_was : invented);
  }
  EXPECT_GT(as_it_was, 20);
  EXPECT_GT(misnamed, 10);
  EXPECT_GT(invented, 5);
}

TEST_F(Forge, NobodySignedWhatItSaysOfOthers) {
  const auto request = wire::make_store(id.account, 0, kNow.unix_millis(), days(1), Bytes(8));
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    const auto said = forger.answer(request, Malice({Hostile::Forge}), own, *registries[0], kNow, rng);
    if (!said) continue;
    ++answers;
    const auto parsed = wire::parse_store_answer(said->body);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->swarm.size(), 8u);
    for (const auto& member : parsed->swarm) {
      const auto& kept = std::get<wire::KeptEntry>(member.result);
      const bool is_this = kept.hash == wire::message_hash(id.account, 0, Bytes(8));
      EXPECT_FALSE(is_this && crypto::verify(crypto::key_of(member.node), bytes_of(kept.hash.text), kept.signature));
    }
  }
  EXPECT_GT(answers, 4);
  EXPECT_LT(answers, 16);
  Malice other({Hostile::Forge});
  other.against = Account{};
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(forger.answer(request, other, own, *registries[0], kNow, rng));
}

TEST_F(Forge, EveryKeyInItsListIsAnothersOrWeak) {
  for (const auto& registry : registries) {
    const auto said = forger.answer(wire::OxendRequest{}, Malice({Hostile::Forge}), own, *registry, kNow, rng);
    ASSERT_TRUE(said);
    const auto list = wire::parse_oxend_answer(said->body);
    ASSERT_TRUE(list);
    for (const wire::RegistryEntry& node : list->registry.nodes) {
      if (registry->height() % 2 == 0)
        EXPECT_EQ(node.x25519, forger.key());
      else
        EXPECT_NE(std::ranges::find(weak_points(), node.x25519.bytes), weak_points().end());
    }
    EXPECT_EQ(swarm::read_registry(said->body).error().code, ErrorCode::Unauthentic);
    const auto again = Forger(7).answer(wire::OxendRequest{}, Malice({Hostile::Forge}), own, *registry, kNow, rng);
    EXPECT_EQ(again->body, said->body) << "two of them do not bear each other out";
  }
}

TEST_F(Forge, WhatLeavesIsSignedByItselfOrByNobody) {
  const NodeId to = registries[0]->nodes()[5].id;
  auto store = wire::make_store(id.account, wire::bundle_namespace(0), kNow.unix_millis(), days(1), bundle_row().data);
  const Bytes body = wire::to_json(wire::RpcRequest(store));
  int same = 0, unproved = 0, forged = 0;
  for (int i = 0; i < 60; ++i) {
    wire::Call call{{1}, wire::NodePeer{to, {}}, {wire::Route::SwarmStore, body, {}}, seconds(5)};
    call.request.proof = wire::sign_peer(own, to, kNow.unix_millis(), wire::Route::SwarmStore, body);
    forger.forge_call(call, Malice({Hostile::Forge}), own, *registries[0], rng);
    const bool is_proved = wire::verify_peer(*call.request.proof, to, call.request.route, call.request.body).has_value();
    if (call.request.body == body) {
      ++(is_proved ? same : unproved);
      continue;
    }
    ++forged;
    EXPECT_TRUE(is_proved);
    const auto request = wire::parse_rpc(call.request.body);
    ASSERT_TRUE(request);
    EXPECT_FALSE(wire::decode_signed_bundle(std::get<wire::StoreRequest>(*request).data, id));
  }
  EXPECT_GT(same, 10);
  EXPECT_GT(unproved, 2);
  EXPECT_GT(forged, 10);
}

TEST_F(Forge, WhatItPushesIsOfAnotherAndDeletesInItsOwnersName) {
  const NodeId to = registries[0]->nodes()[5].id;
  const store::MailRow sound = bundle_row();
  const wire::Row row{id.account,
                      wire::bundle_namespace(0),
                      kNow.unix_millis(),
                      (kNow + days(14)).unix_millis(),
                      kNow.unix_millis(),
                      sound.data,
                      {}};
  const Bytes body = wire::encode(wire::Push{{{row}, {}}});
  int stones = 0, rows = 0;
  for (int i = 0; i < 80; ++i) {
    wire::Call call{{1}, wire::NodePeer{to, {}}, {wire::Route::SwarmRepair, body, {}}, seconds(5)};
    call.request.proof = wire::sign_peer(own, to, kNow.unix_millis(), wire::Route::SwarmRepair, body);
    forger.forge_call(call, Malice({Hostile::Forge}), own, *registries[0], rng);
    const auto request = wire::decode_repair_request(call.request.body);
    ASSERT_TRUE(request);
    const auto& items = std::get<wire::Push>(*request).items;
    rows += items.rows[0].data != sound.data ? 1 : 0;
    for (const wire::Stone& stone : items.stones) {
      ++stones;
      const auto deletion = wire::parse_rpc(stone.request);
      ASSERT_TRUE(deletion) << deletion.error().text;
      EXPECT_EQ(wire::to_json(*deletion), stone.request) << "nobody would look at it";
      EXPECT_EQ(std::get<wire::DeleteBeforeRequest>(*deletion).account, id.account);
    }
  }
  EXPECT_GT(rows, 3);
  EXPECT_GT(stones, 6);
}

/// What was disbelieved and refused, by the words.
class Doubts final : public TraceReader {
 public:
  void on(const trace::Record& record) override {
    if (const auto* f = std::get_if<trace::Disbelieved>(&record.fact)) ++said[f->reason];
    if (const auto* f = std::get_if<trace::Refused>(&record.fact)) ++said[f->reason];
    if (const auto* f = std::get_if<trace::NotOpened>(&record.fact)) ++said[f->reason];
  }
  [[nodiscard]] int count(std::string_view words) const {
    int sum = 0;
    for (const auto& [reason, times] : said) sum += reason.find(words) != std::string::npos ? times : 0;
    return sum;
  }
  std::map<std::string, int> said;
};

class ForgingWorld : public Friends {
 protected:
  Doubts doubts;
  void SetUp() override {
    reader = &doubts;
    befriend("hello");
  }
  void forge(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) world.set_hostile(members_of(bob)[i], Malice({Hostile::Forge}), reader);
  }
};

TEST_F(ForgingWorld, OfTwoInASwarmNothingIsBelievedAndPeopleGetTheirMessages) {
  forge(2);
  for (int round = 0; round < 6; ++round) {
    world.set_down(bob, true, reader);
    for (int i = 0; i < 3; ++i) run(alice, client::Send{id(bob), "words " + std::to_string(3 * round + i)});
    pass(minutes(3));
    world.set_down(bob, false, reader);
    run(bob, client::GoOnline{});
    pass(minutes(2));
    const MachineIndex other = world.add_person("Carol" + std::to_string(round), {}, reader).value();
    run(other, client::GoOnline{});
    pass(seconds(20));
    run(other, client::Ask{id(bob), "it is me"});
    pass(minutes(2));
  }
  std::set<std::string> shown;
  for (const auto& row : messages(bob)) shown.insert(row.body);
  for (int i = 0; i < 18; ++i) EXPECT_TRUE(shown.contains("words " + std::to_string(i))) << i;
  EXPECT_EQ(told(bob, client::EventType::Request), 7u) << "Alice's and six of strangers, who read forged bundles";
  EXPECT_EQ(told(bob, client::EventType::Undecryptable), 0u) << "what is forged looks like a broken session";
  for (const char* words :
       {"the bundle is not theirs: sign", "a message is not what its name says", "not all who keep the message signed so",
        "its word is not signed by itself", "X-Snode-Signature: does not verify", "nothing in it authenticates its sender",
        "repair: what lies in an outbox is not signed by its owner", "repair: a tombstone's request is not signed"})
    EXPECT_GT(doubts.count(words), 0) << words;
}

TEST_F(ForgingWorld, NobodyTakesAKeyFromAListThatIsNotItsNodes) {
  for (std::size_t i = 0; i < world.nodes(); ++i) world.set_hostile(world.node(i), Malice({Hostile::Forge}), reader);
  pass(hours(1) + minutes(3));  // a list is asked for anew
  EXPECT_GT(doubts.count("quite another network"), 0) << "all keys are others, which is seen before they are looked at";
  for (std::size_t i = 0; i < world.nodes(); ++i) world.set_hostile(world.node(i), {}, reader);
  pass(minutes(2));
  run(alice, client::Send{id(bob), "over the paths of true keys"});
  pass(minutes(1));
  EXPECT_EQ(last(bob).body, "over the paths of true keys");
}

TEST_F(ForgingWorld, AVoteInAnothersNameCountsForNothing) {
  const auto& registry = world.registry();
  const swarm::Quorum quorum = swarm::quorum_of(*registry);
  ASSERT_GE(quorum.validators.size(), 2u);
  const MachineIndex voter = *world.machine_of(quorum.validators[0]);
  wire::ObligationsVotes votes = {{quorum.height, quorum.block_hash, quorum.validators[0], quorum.tested[0], true, {}}};
  wire::sign_vote(votes[0], world.keys_of(voter).secret);
  wire::Call call{{1}, wire::SeedPeer{"seed"}, {wire::Route::SeedRpc, wire::to_json(votes), {}}, seconds(5)};
  SeededRng dice(1);
  Forger(1).forge_call(call, Malice({Hostile::Forge}), world.keys_of(voter), *registry, dice);
  const auto sent = wire::parse_seed_call(call.request.body);
  ASSERT_TRUE(sent);
  const auto& more = std::get<wire::ObligationsVotes>(sent->request);
  ASSERT_EQ(more.size(), 2u);
  EXPECT_TRUE(wire::verify_vote(more[0]));
  EXPECT_FALSE(wire::verify_vote(more[1]));
  EXPECT_FALSE(world.registry_machine().chain().vote(more[1]));
}

}  // namespace
}  // namespace session::sim
