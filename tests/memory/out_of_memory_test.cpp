// The n-th allocation of a machine's input fails, for one n after another until the input passes untouched. Nothing in `core`
// catches that: the program dies at once, and begins anew from what its store had committed. So each attempt is a process of
// its own that dies, and what is shown is that no half of an input is in its file, that what was acknowledged is, and that the
// same input is taken afterwards, once. Of what C libraries allocate for themselves nothing is seen.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>

#include "core/store/sql_tables.h"
#include "core/wire/hash.h"
#include "tests/core/client/fake_swarm.h"
#include "tests/core/node/network.h"

namespace {
thread_local std::uint64_t until_failure = 0;  ///< so many allocations more; 0: none fails
}

void* operator new(std::size_t size) {
  if (until_failure > 0 && --until_failure == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// All that come in pairs, since a sanitizer has its own of those that are not here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (until_failure > 0 && --until_failure == 0) return nullptr;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& none) noexcept { return operator new(size, none); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace session {
namespace {

constexpr int kDied = 3;

/// How `work` ended in a process of its own whose n-th allocation fails: 0 well, kDied by that failure.
template <class Work>
int ends(std::uint64_t n, const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::set_terminate([] { ::_exit(kDied); });
    try {
      work([n] { until_failure = n; });
    } catch (const std::bad_alloc&) {
      ::_exit(kDied);
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  return WEXITSTATUS(status);
}
/// All of the first ones, and then ever fewer: what happens often happens in like ways.
std::uint64_t next(std::uint64_t n) { return n + 1 + n / 4; }

store::FileKey file_key() { return store::FileKey(ByteArray<32>{}); }
/// A folder that is gone with this.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("memory_test." + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  void empty() const {
    for (const auto& each : std::filesystem::directory_iterator(path)) std::filesystem::remove_all(each);
  }
};

/// One input as a driver takes it: a transaction around it. What the machine wished is said after the commit.
template <class Machine, class Store, class Input>
void take(Machine& machine, Store& store, const Input& input, Instant now, Rng& rng) {
  wire::Effects effects;
  if (store.begin() && machine.on(input, {now, rng, store, effects}) && store.commit()) return;
  ADD_FAILURE() << "refused";
}

TEST(OutOfMemory, ANodeKeepsAMessageWholeOrNotAtAllAndTakesItAgain) {
  node::Network network(8);
  const node::Owner owner(network.rng);
  node::Config config = network.nodes[network.members(owner.account)[0]].config;
  config.known = network.seed.registry();
  const wire::StoreRequest request =
      wire::make_store(owner.account, 0, network.now.unix_millis(), days(1), to_bytes("words for later"));
  const MessageHash hash = wire::message_hash(owner.account, 0, request.data);
  const node::Input input =
      wire::Requested{RequestId{1}, {"client", false}, {wire::Route::StorageRpc, wire::to_json(wire::RpcRequest(request)), {}}};
  const Folder folder;
  SeededRng rng(1);
  std::uint64_t deaths = 0;
  for (std::uint64_t n = 1;; n = next(n)) {
    folder.empty();
    const auto begin = [&](store::SqlMailStore& store) {
      node::ServiceNode machine(config);
      wire::Effects effects;
      EXPECT_TRUE(machine.start({network.now, rng, store, effects}));
      return machine;
    };
    const auto open = [&] { return store::SqlMailStore::open(folder.path / "mail.db", file_key()).value(); };
    const int end = ends(n, [&](const auto& arm) {
      const auto store = open();
      auto machine = begin(*store);
      arm();
      take(machine, *store, input, network.now, rng);
    });
    const auto store = open();
    EXPECT_TRUE(store->check_integrity()) << "allocation " << n;
    if (end == 0) {
      EXPECT_TRUE(store->find(hash).value()) << "allocation " << n << ": said, and not kept";
    }
    // It begins anew, and the client asks again.
    auto machine = begin(*store);
    take(machine, *store, input, network.now, rng);
    EXPECT_TRUE(store->find(hash).value()) << "allocation " << n;
    EXPECT_EQ(store->count(), 1u);
    EXPECT_EQ(store->total_bytes(), request.data.size());
    if (end == 0) break;
    ++deaths;
  }
  EXPECT_GT(deaths, 12u);
}

/// A person's program on a file, as often as it is started.
class Program {
 public:
  Program(const std::filesystem::path& file, client::FakeSwarm& swarm, Instant now)
      : store(store::SqlClientStore::open(file, file_key()).value()), swarm_(swarm), now_(now) {
    if (!store->account().value()) {
      EXPECT_TRUE(client::Client::create(*store, "Alice", now, rng_));
    }
    machine = client::Client::open(*store, {.seeds = {"seed"}}).value();
    wire::Effects effects;
    EXPECT_TRUE(machine->start({now_, rng_, *store, effects}));
    keep(effects);
    wire::Effects online;
    EXPECT_TRUE(machine->command(client::GoOnline{}, {now_, rng_, *store, online}));
    keep(online);
  }
  void feed(const client::Input& input) {
    wire::Effects effects;
    if (!store->begin() || !machine->on(input, {now_, rng_, *store, effects}) || !store->commit()) ADD_FAILURE() << "refused";
    keep(effects);
  }
  /// Its own mailbox is asked for, as after every start; the first that is.
  client::FakeSwarm::Question mailbox() {
    for (auto& each : asked_)
      if (std::holds_alternative<wire::RetrieveRequest>(each.request)) return each;
    ADD_FAILURE() << "nothing is fetched";
    return {};
  }
  [[nodiscard]] std::size_t shown() const {
    const auto rows = static_cast<const store::ClientStore&>(*store).events().value();
    return static_cast<std::size_t>(std::ranges::count_if(rows, [](const auto& row) {
      const auto event = client::parse_event(row.text);
      return event && event->type == client::EventType::Request;
    }));
  }

  std::unique_ptr<store::SqlClientStore> store;
  std::optional<client::Client> machine;

 private:
  void keep(wire::Effects& effects) {
    for (auto& each : swarm_.questions(effects.take(), [&](const wire::Answered& answered) { feed(answered); }))
      asked_.push_back(std::move(each));
  }
  client::FakeSwarm& swarm_;
  Instant now_;
  SeededRng rng_{1};
  std::vector<client::FakeSwarm::Question> asked_;
};

TEST(OutOfMemory, AClientShowsAMessageOnceWhateverFailed) {
  const Instant now = Instant::from_unix_millis(1'700'000'000'000);
  const Folder folder;
  client::FakeSwarm swarm;
  SeededRng rng(2);
  const auto bob = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C);
  wire::Content content;
  content.data = wire::DataMessage{.body = "hello"};
  std::uint64_t deaths = 0;
  const auto mail_for = [&](const SessionId& alice) {
    const Bytes letter = client::seal_anonymously({bob, 1, 1}, alice, content, now.unix_millis(), rng).value();
    return wire::RetrieveAnswer{
        {{wire::message_hash(alice.account, 0, letter), now.unix_millis(), (now + days(4)).unix_millis(), letter}},
        false,
        {now.unix_millis(), {}}};
  };
  const auto file = folder.path / "store.db", before = folder.path / "before.db";
  std::optional<wire::RetrieveAnswer> mail;
  {
    const Program first(before, swarm, now);  // which made an account and its prekeys
    mail = mail_for(first.machine->id());
  }
  for (std::uint64_t n = 1;; n = next(n)) {
    for (const auto& each : std::filesystem::directory_iterator(folder.path))
      if (each.path().filename().string().starts_with("store.db")) std::filesystem::remove(each.path());
    std::filesystem::copy_file(before, file);
    const int end = ends(n, [&](const auto& arm) {
      Program program(file, swarm, now);
      const auto answered = swarm.answer(program.mailbox(), *mail);
      wire::Effects effects;
      arm();
      program.feed(answered);
    });
    Program again(file, swarm, now);
    EXPECT_TRUE(again.store->check_integrity()) << "allocation " << n;
    if (end == 0) {
      EXPECT_EQ(again.shown(), 1u);
    }
    again.feed(swarm.answer(again.mailbox(), *mail));
    ASSERT_EQ(again.shown(), 1u) << "allocation " << n;
    EXPECT_TRUE(static_cast<store::ClientStore&>(*again.store).journal().value().empty());
    if (end == 0) break;
    ++deaths;
  }
  EXPECT_GT(deaths, 15U);
}

}  // namespace
}  // namespace session
