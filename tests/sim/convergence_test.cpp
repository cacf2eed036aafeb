// Two to five people write, edit, react, take back and restart at random while packets are lost, doubled and reordered and
// nodes go down. Then it is calm, and every conversation must look alike on both sides: each message once, nothing invented.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "core/client/event.h"
#include "sim/world.h"

namespace session::sim {
namespace {

constexpr const char* kNames[] = {"Alice", "Bob", "Carol", "Dave", "Erin"};

/// What the other side must see of a message.
struct Seen {
  std::string body;
  std::int64_t edited = 0;
  bool unsent = false;
  std::string quote;
  std::vector<std::pair<std::string, std::string>> reactions;  ///< who, emoji
  friend bool operator==(const Seen&, const Seen&) = default;
};
void PrintTo(const Seen& seen, std::ostream* out) {
  *out << '"' << seen.body << "\" edited " << seen.edited << (seen.unsent ? " unsent" : "") << " quote '" << seen.quote << "'";
  for (const auto& [who, emoji] : seen.reactions) *out << ' ' << who.substr(0, 6) << emoji;
}

class Storm {
 public:
  explicit Storm(std::uint64_t seed) : dice_(seed, "storm") {
    WorldConfig config;
    config.seed = seed;
    config.nodes = 14;
    config.network = *pow::preset("today");
    people_ = 2 + dice_.below(4);
    for (std::size_t i = 0; i < people_; ++i) config.people.emplace_back(kNames[i]);
    world_.emplace(config);
    calm_ = world_->link();
  }

  void meet() {
    for (std::size_t i = 0; i < people_; ++i) command(i, client::GoOnline{});
    run(seconds(20));
    for (std::size_t i = 0; i < people_; ++i)
      for (std::size_t j = 0; j < i; ++j) command(i, client::Ask{id(j), "hello"});
    run(seconds(40));
    for (std::size_t i = 0; i < people_; ++i)
      for (std::size_t j = i + 1; j < people_; ++j) command(i, client::Accept{id(j)});
    run(seconds(40));
  }

  void rage() {
    world_->set_link({calm_.base, Millis{static_cast<std::int64_t>(dice_.below(3'000))},
                      static_cast<std::uint32_t>(dice_.below(150'000)), static_cast<std::uint32_t>(dice_.below(200'000))});
    for (int i = 0; i < 60; ++i) {
      deed();
      run(Millis{static_cast<std::int64_t>(dice_.below(20'000))});
    }
  }

  void calm() {
    world_->set_link(calm_);
    for (std::size_t n = 0; n < world_->nodes(); ++n) world_->set_down(world_->node(n), false, nullptr);
    for (std::size_t i = 0; i < people_; ++i) {
      world_->set_down(machine(i), false, nullptr);
      command(i, client::GoOnline{});
    }
    run(minutes(40));
    for (std::size_t i = 0; i < people_; ++i) command(i, client::Fetch{});
    run(minutes(5));
  }

  /// What `to` sees of what `from` wrote to them, by its sent-at; `mine` says from whose store it is read.
  std::map<std::int64_t, Seen> written(std::size_t from, std::size_t to, bool mine) {
    std::map<std::int64_t, Seen> out;
    const auto rows = world_->account(machine(mine ? from : to)).messages(id(mine ? to : from)).value();
    for (const store::MessageRow& row : rows) {
      if (row.outgoing != mine || row.kind != static_cast<std::int32_t>(client::Kind::Message)) continue;
      // A quote is emptied when what it quotes is taken back, which the other hears of only if it ever had that message.
      Seen seen{row.body, row.edited.unix_millis(), row.unsent, row.quote ? "quotes" : "", {}};
      for (const auto& reaction : row.reactions)
        if (!reaction.removed) seen.reactions.emplace_back(reaction.who.hex(), reaction.emoji);
      std::sort(seen.reactions.begin(), seen.reactions.end());
      EXPECT_TRUE(out.emplace(row.sent_at.unix_millis(), std::move(seen)).second) << "shown twice";
    }
    return out;
  }
  /// Words that were shown as new messages, once each.
  std::multiset<std::int64_t> told(std::size_t to, std::size_t from) {
    std::multiset<std::int64_t> out;
    const auto events = world_->account(machine(to)).events().value();
    for (const auto& row : events) {
      const auto event = client::parse_event(row.text).value();
      if (event.type == client::EventType::Message && event.from == id(from)) out.insert(event.sent_at);
    }
    return out;
  }
  std::size_t under_way() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < people_; ++i) count += world_->client(machine(i)).outbox().size();
    return count;
  }
  [[nodiscard]] std::size_t people() const { return people_; }
  [[nodiscard]] int written_in_all() const { return messages_; }

 private:
  MachineIndex machine(std::size_t i) { return *world_->person(kNames[i]); }
  SessionId id(std::size_t i) { return world_->client(machine(i)).id(); }
  void run(Millis span) {
    world_->run_until(world_->now() + span, nullptr);
    world_->check_invariants();
  }
  void command(std::size_t i, const client::Command& command) {
    static_cast<void>(world_->command(machine(i), command, nullptr));
  }
  /// A message between two people, as one of them has it.
  std::optional<store::MessageRow> some_message(std::size_t i, std::size_t j) {
    auto rows = world_->account(machine(i)).messages(id(j)).value();
    std::erase_if(rows, [](const auto& row) { return row.kind != static_cast<std::int32_t>(client::Kind::Message); });
    if (rows.empty()) return std::nullopt;
    return rows[dice_.below(rows.size())];
  }
  void deed() {
    const std::size_t i = dice_.below(people_);
    const std::size_t j = (i + 1 + dice_.below(people_ - 1)) % people_;
    const auto message = some_message(i, j);
    switch (dice_.below(12)) {
      case 0: return command(i, client::Edit{message ? message->id : 0, "edited " + std::to_string(++words_)});
      case 1: return command(i, client::Unsend{message ? message->id : 0});
      case 2:
      case 3: return command(i, client::React{message ? message->id : 0, dice_.one_in(2) ? "+1" : "?", dice_.one_in(3)});
      case 4: return world_->set_down(machine(i), true, nullptr);
      case 5: world_->set_down(machine(i), false, nullptr); return command(i, client::GoOnline{});
      case 6: return world_->set_down(world_->node(dice_.below(world_->nodes())), dice_.one_in(3), nullptr);
      case 7: return command(i, client::MarkRead{id(j)});
      default:
        ++messages_;
        return command(i, client::Send{.to = id(j),
                                       .text = "words " + std::to_string(++words_),
                                       .quote = message && !message->unsent && dice_.one_in(4) ? message->id : 0});
    }
  }

  SeededRng dice_;
  std::optional<World> world_;
  std::size_t people_ = 2;
  LinkModel calm_;
  int words_ = 0;
  int messages_ = 0;
};

TEST(Convergence, EveryConversationLooksAlikeOnBothSidesAfterTheStorm) {  // reliability.md D2, L3
  const char* wanted = std::getenv("SESSION_SEEDS");
  const int seeds = wanted != nullptr ? std::atoi(wanted) : 5;
  int written = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Storm storm(static_cast<std::uint64_t>(seed));
    storm.meet();
    storm.rage();
    storm.calm();
    EXPECT_EQ(storm.under_way(), 0u);
    for (std::size_t i = 0; i < storm.people(); ++i)
      for (std::size_t j = 0; j < storm.people(); ++j) {
        if (i == j) continue;
        auto sent = storm.written(i, j, true);
        const auto seen = storm.written(i, j, false);
        // What was taken back before it left was never there.
        std::erase_if(sent, [&](const auto& one) { return one.second.unsent && !seen.contains(one.first); });
        EXPECT_EQ(sent, seen) << kNames[i] << " to " << kNames[j];
        const auto told = storm.told(j, i);
        EXPECT_EQ(std::set<std::int64_t>(told.begin(), told.end()).size(), told.size()) << "told twice";
        written += static_cast<int>(seen.size());
      }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(written, seeds * 10) << "hardly anything was said";
}

}  // namespace
}  // namespace session::sim
