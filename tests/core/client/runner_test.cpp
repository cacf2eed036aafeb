#include "core/client/runner.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/client/count_start.h"
#include "core/store/faulty_tables.h"
#include "core/wire/bundle.h"
#include "tests/core/client/talk.h"

namespace session::client {
namespace {

struct Counter final : store::EpochCounter {
  [[nodiscard]] Result<std::optional<std::uint64_t>> read() const override { return epoch; }
  [[nodiscard]] Result<void> write(std::uint64_t to) override {
    if (is_broken) return fail(ErrorCode::Unavailable, "counter: told to fail");
    epoch = to;
    return {};
  }
  std::optional<std::uint64_t> epoch;
  bool is_broken = false;
};

/// Alice's program on a disk that fails when it is told to, and Bob, who writes to her.
class Running : public testing::Test, public Driver {
 public:
  [[nodiscard]] Instant now() const override { return at; }
  [[nodiscard]] Rng& rng() override { return dice; }
  [[nodiscard]] store::ClientStore& store() override { return disk; }
  [[nodiscard]] bool is_tracing() const override { return true; }
  [[nodiscard]] store::EpochCounter* counter() override { return &keyring; }
  void carry_out(std::vector<wire::Effect> effects) override {
    EXPECT_FALSE(disk.in_transaction()) << "before the commit";
    std::ranges::move(effects, std::back_inserter(left));
  }
  void give_up(Millis pause) override { pauses.push_back(pause); }

 protected:
  void SetUp() override {
    ASSERT_TRUE(Client::create(disk, "Alice", at, dice));
    begin();
    ASSERT_FALSE(runner->failure());
  }
  /// A start of the program.
  void begin() {
    ASSERT_TRUE(count_start(disk, keyring, at, dice));
    runner = Runner::open(disk, {.seeds = {"seed"}}).value();
    runner->start(*this);
  }
  [[nodiscard]] store::ClientStore& rows() { return disk; }
  [[nodiscard]] std::size_t calls() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(left, [](const auto& effect) { return std::holds_alternative<wire::Call>(effect); }));
  }
  void arrive(const Bytes& datum) {
    MessageHash hash{std::string(43, 'A')};
    hash.text[0] = static_cast<char>('B' + arrivals++);
    ASSERT_TRUE(rows().add_journal({.hash = hash, .ns = 0, .data = datum, .received_at = at, .expiry = at + days(4)}));
  }
  Bytes sealed(const std::string& words) {
    wire::Content content;
    content.data = wire::DataMessage{.body = words};
    const auto device = disk.account().value()->device;
    if (!has_session(bob.store, bob.sealer(), runner->machine().id(), device).value()) {
      const auto bundle = wire::decode_signed_bundle(rows().setting("bundle").value().value(), runner->machine().id()).value();
      EXPECT_TRUE(start_session(bob.store, bob.sealer(), bundle, at, dice));
    }
    return seal(bob.store, bob.sealer(), runner->machine().id(), device, content, at.unix_millis() + arrivals, at, dice)
        .value();
  }
  void befriend() {
    arrive(sealed("may I?"));
    begin();
    ASSERT_TRUE(runner->command(Accept{bob.id()}, *this).value().delivery > 0);
  }
  [[nodiscard]] std::vector<std::string> words_of_bob() {
    std::vector<std::string> words;
    for (const auto& row : rows().messages(bob.id()).value())
      if (!row.outgoing && row.kind == static_cast<std::int32_t>(Kind::Message)) words.push_back(row.body);
    return words;
  }

  Instant at = Instant::from_unix_millis(1'700'000'000'000);
  SeededRng dice{1};
  store::FaultyClientStore disk;
  Counter keyring;
  std::optional<Runner> runner;
  Stranger bob{dice};
  int arrivals = 0;
  std::vector<wire::Effect> left;
  std::vector<Millis> pauses;
};

TEST_F(Running, NothingOfAFailedInputIsLeftOrLeaves) {
  befriend();
  const store::FaultyClientStore before = disk;
  const Runner sound = *runner;
  for (std::uint64_t k = 1;; ++k, disk = before, runner = sound) {
    left.clear();
    pauses.clear();
    disk.set({.at = k});
    const auto outcome = runner->command(Send{bob.id(), "words", {}}, *this);
    const bool passed = disk.operations() < k;
    disk.set({});
    if (passed) break;
    ASSERT_FALSE(outcome) << k;
    EXPECT_EQ(outcome.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(runner->failure());
    EXPECT_TRUE(disk == before && left.empty()) << k;
    EXPECT_EQ(pauses, std::vector{seconds(1)});
    runner->begin_anew(*this);
    EXPECT_FALSE(runner->failure());
    EXPECT_TRUE(runner->command(Send{bob.id(), "words", {}}, *this)) << k;
  }
  EXPECT_EQ(rows().messages(bob.id(), 1).value()[0].body, "words");
}

/// Whatever fails while what came is opened, a read as well: it is opened later, once, and nothing is said of the sender.
TEST_F(Running, WhatCameIsOpenedOnceWhateverFails) {
  befriend();
  arrive(sealed("the words"));
  const store::FaultyClientStore before = disk;
  for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::Full, ErrorCode::Damaged}) {
    std::uint64_t failed = 0;
    for (std::uint64_t k = 1;; ++k) {
      disk = before;
      left.clear();
      runner = Runner::open(disk, {.seeds = {"seed"}}).value();
      disk.set({.at = k, .code = code});
      runner->start(*this);
      const bool passed = disk.operations() < k;
      disk.set({});
      if (passed) break;
      ++failed;
      EXPECT_TRUE(runner->failure()) << name_of(code) << ' ' << k;
      EXPECT_EQ(calls(), 0u) << "after the commit the counter may not have been told";
      runner->begin_anew(*this);
      ASSERT_FALSE(runner->failure());
      EXPECT_EQ(words_of_bob(), std::vector<std::string>{"the words"}) << name_of(code) << ' ' << k;
      EXPECT_EQ(rows().contact(bob.id()).value()->unopened, 0u);
    }
    EXPECT_GT(failed, 20u);
  }
}

TEST_F(Running, WhoWasOnlineIsSoAgain) {
  ASSERT_TRUE(runner->command(GoOnline{}, *this));
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  EXPECT_EQ(runner->command(Rename{"Alicia"}, *this).error().code, ErrorCode::Full);
  disk.set({});
  left.clear();
  runner->begin_anew(*this);
  EXPECT_TRUE(runner->machine().is_online());
  EXPECT_GT(calls(), 0u) << "it asks for the list of nodes";
  EXPECT_EQ(runner->machine().name(), "Alice");
  ASSERT_TRUE(runner->command(GoOffline{}, *this));
  disk.set({.at = 1, .for_good = true});
  EXPECT_FALSE(runner->command(GoOnline{}, *this));
  runner->end();
  disk.set({});
  runner->begin_anew(*this);
  EXPECT_FALSE(runner->machine().is_online()) << "another start of the program";
}

TEST_F(Running, AFullDiskIsReadSaidAndTriedAgainByEachCommand) {
  befriend();
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(runner->command(Send{bob.id(), "no room", {}}, *this));
  EXPECT_EQ(runner->failure()->code, ErrorCode::Full);
  EXPECT_TRUE(words_for_failure(*runner->failure()).starts_with("There is no room left"));
  EXPECT_FALSE(runner->command(Rename{"Alicia"}, *this));
  EXPECT_EQ(runner->machine().name(), "Alice") << "nothing is shown that was not kept";
  EXPECT_FALSE(rows().messages(bob.id()).value().empty());
  EXPECT_EQ(pauses.back(), seconds(64));
  EXPECT_EQ(pauses.front(), seconds(1));
  disk.set({});
  EXPECT_TRUE(runner->command(Send{bob.id(), "there is", {}}, *this));
  // Who was well for a minute is not taken for one that fails all the time.
  at = at + minutes(1);
  disk.set({.at = 1, .for_good = true});
  runner->on(wire::Woken{3}, *this);
  EXPECT_EQ(pauses.back(), seconds(1));
}

TEST_F(Running, ASyncThatFailedLeavesAllOrNothingAndSaysNothing) {
  befriend();
  const store::FaultyClientStore before = disk;
  const Runner sound = *runner;
  int all = 0, nothing = 0;
  for (std::uint64_t dice_seed = 0; dice_seed < 16; ++dice_seed, disk = before, runner = sound) {
    left.clear();
    disk.set({.syncs = true, .dice = dice_seed});
    EXPECT_FALSE(runner->command(Send{bob.id(), "words", {}}, *this));
    disk.set({});
    EXPECT_TRUE(left.empty());
    const bool is_there = !rows().messages(bob.id(), 1).value().empty() && rows().messages(bob.id(), 1).value()[0].outgoing;
    (is_there ? all : nothing) += 1;
    runner->begin_anew(*this);
    EXPECT_EQ(runner->machine().outbox().size(), sound.machine().outbox().size() + (is_there ? 1 : 0));
  }
  EXPECT_GT(all, 0);
  EXPECT_GT(nothing, 0);
}

// --- old copies ------------------------------------------------------------------------------------------------------------

/// Also when the program was not started anew meanwhile: what it has sealed since is counted.
TEST_F(Running, ACopyFromBeforeTheLastMessageBecomesANewDevice) {  // R1
  befriend();
  const store::FaultyClientStore backup = disk;
  const auto device = disk.account().value()->device;
  ASSERT_TRUE(runner->command(Send{bob.id(), "after the backup", {}}, *this));
  // What a node would have made of it: a session with Bob's device, and the message sealed.
  ASSERT_TRUE(store::count_turn(disk));
  runner->end();
  runner->begin_anew(*this);
  EXPECT_GT(keyring.epoch.value(), 1u);
  disk = backup;
  EXPECT_TRUE(count_start(disk, keyring, at, dice).value());
  EXPECT_NE(disk.account().value()->device, device);
  EXPECT_FALSE(count_start(disk, keyring, at, dice).value()) << "it is sound now";
}

TEST_F(Running, AStartOnAFullDiskCanBeReadUnlessTheStoreIsAnOldCopy) {
  befriend();
  const store::FaultyClientStore backup = disk;
  ASSERT_TRUE(store::count_turn(disk));
  ASSERT_TRUE(store::tell_epoch(disk, keyring));
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  begin();
  EXPECT_EQ(runner->command(Send{bob.id(), "no room", {}}, *this).error().code, ErrorCode::Full);
  EXPECT_EQ(rows().contacts().value().size(), 1u);
  disk = backup;
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  EXPECT_EQ(count_start(disk, keyring, at, dice).error().code, ErrorCode::Full);
}

TEST_F(Running, ACommandThatWasKeptIsDoneThoughTheCounterFails) {
  befriend();
  keyring.is_broken = true;
  ASSERT_TRUE(store::count_turn(disk));
  left.clear();
  const auto renamed = runner->command(Rename{"Alicia"}, *this);  // the first step of this life counts as one that turned
  EXPECT_TRUE(renamed) << "whoever is told of an error does it again";
  EXPECT_EQ(runner->machine().name(), "Alicia");
  if (runner->failure()) {
    EXPECT_TRUE(left.empty());
  }
}

TEST_F(Running, WhatWasSealedWaitsForTheCounter) {
  befriend();
  keyring.is_broken = true;
  ASSERT_TRUE(store::count_turn(disk));
  runner->end();
  left.clear();
  runner->begin_anew(*this);
  EXPECT_TRUE(runner->failure());
  EXPECT_TRUE(left.empty());
  keyring.is_broken = false;
  runner->begin_anew(*this);
  EXPECT_FALSE(runner->failure());
}

}  // namespace
}  // namespace session::client
