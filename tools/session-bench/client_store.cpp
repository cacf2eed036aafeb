#include "tools/session-bench/client_store.h"

#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "core/base/encoding.h"
#include "core/base/rng.h"
#include "core/base/temp_folder.h"
#include "core/store/sql_tables.h"

namespace session::bench {
namespace {

using Clock = std::chrono::steady_clock;
using store::ClientStore;

constexpr unsigned kPeople = 50;
constexpr int kCalls = 21;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Spread {
  double median = 0, worst = 0;
};
/// Of twenty-one calls that say how many milliseconds they took.
Spread spread_of(const std::function<double()>& call) {
  std::vector<double> ms;
  for (int i = 0; i < kCalls; ++i) ms.push_back(call());
  std::ranges::sort(ms);
  return {ms[kCalls / 2], ms.back()};
}
Spread spread(const std::function<void()>& call) {
  return spread_of([&] {
    const auto start = Clock::now();
    call();
    return 1e3 * seconds_since(start);
  });
}

SessionId person(std::uint64_t n) {
  SessionId id;
  id.account.bytes[0] = std::byte{0x05};
  id.account.bytes[1] = static_cast<std::byte>(n);
  return id;
}
/// Common words come often: rank r with a weight of about 1 / r, as beside (peer `sqlite`).
std::string word(Rng& rng) {
  const double u = static_cast<double>(rng.next() >> 11) * 0x1p-53;
  return "w" + std::to_string(static_cast<int>(std::exp(u * std::log(30'000.0))));
}
store::MessageRow message(std::uint64_t n, Rng& rng) {
  store::MessageRow row;
  row.contact = person(rng.below(kPeople));
  row.outgoing = rng.one_in(2);
  row.device = 1;
  row.sent_at = Instant::from_unix_millis(static_cast<std::int64_t>(1'600'000'000'000 + n * 60'000));
  row.received_at = row.sent_at;
  row.hash.text = std::string(43, 'h');
  row.body = word(rng);
  for (int i = 0; i < 7; ++i) row.body += ' ' + word(rng);
  return row;
}

/// What the system keeps of a file in memory is let go.
void cool(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY);
  ::fsync(fd);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}
std::string size_name(std::uint64_t size) {
  return "1e" + std::to_string(static_cast<int>(std::log10(static_cast<double>(size)) + 0.5));
}

/// An SQLite file without the store around it, so that the same statements run with encryption and without.
class Plain {
 public:
  Plain(const std::filesystem::path& file, const store::FileKey* key) {
    sqlite3_open(file.c_str(), &db_);
    if (key != nullptr) {
      const std::string keyed = "x'" + to_hex(key->bytes()) + "'";
      sqlite3_key(db_, keyed.data(), static_cast<int>(keyed.size()));
    }
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA secure_delete=ON");
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain() {
    for (sqlite3_stmt* each : {back_, get_, put_, find_, index_}) sqlite3_finalize(each);
    sqlite3_close(db_);
  }
  void run(const std::string& sql) { sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); }

  /// The newest 50 rows of a person's conversation (table 5 lists their ids, table 3 holds them).
  void conversation(const SessionId& who) {
    sqlite3_stmt* list = ready(back_, "SELECT k FROM rows WHERE t = 5 AND k < ?1 ORDER BY k DESC LIMIT 50");
    Bytes before = to_bytes(who.account.bytes);
    before.resize(41, std::byte{0xff});
    bind(list, 1, before);
    std::vector<Bytes> ids;
    while (sqlite3_step(list) == SQLITE_ROW)
      ids.push_back(
          to_bytes(view(sqlite3_column_blob(list, 0), static_cast<std::size_t>(sqlite3_column_bytes(list, 0))).last(8)));
    sqlite3_reset(list);
    for (const Bytes& id : ids) row(id);
  }
  /// The newest 50 messages with this phrase.
  void search(const std::string& match) {
    sqlite3_stmt* find = ready(find_, "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC LIMIT 50");
    sqlite3_bind_text(find, 1, match.data(), static_cast<int>(match.size()), SQLITE_STATIC);
    while (sqlite3_step(find) == SQLITE_ROW) row(to_bytes(big(static_cast<std::uint64_t>(sqlite3_column_int64(find, 0)))));
    sqlite3_reset(find);
  }
  /// What a new message writes: its row, three keys and its words.
  void insert(std::uint64_t n, const std::string& text) {
    sqlite3_stmt* put = ready(put_, "INSERT OR REPLACE INTO rows(t, k, v) VALUES(?1, ?2, ?3)");
    for (int table = 100; table < 104; ++table) {
      const Bytes key = table == 100 ? to_bytes(big(n)) : concat(person(n % kPeople).account.bytes, big(n));
      const Bytes value(table == 100 ? 250 : 8);
      sqlite3_bind_int(put, 1, table);
      bind(put, 2, key);
      bind(put, 3, value);
      sqlite3_step(put);
      sqlite3_reset(put);
    }
    sqlite3_stmt* index = ready(index_, "INSERT INTO words(rowid, text, labels) VALUES(?1, ?2, 'theirs')");
    sqlite3_bind_int64(index, 1, static_cast<sqlite3_int64>(n));
    sqlite3_bind_text(index, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    sqlite3_step(index);
    sqlite3_reset(index);
  }

 private:
  sqlite3_stmt* ready(sqlite3_stmt*& statement, const char* sql) {
    if (statement == nullptr) sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
    return statement;
  }
  static void bind(sqlite3_stmt* statement, int at, const Bytes& bytes) {
    sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
  void row(const Bytes& id) {
    sqlite3_stmt* get = ready(get_, "SELECT v FROM rows WHERE t = 3 AND k = ?1");
    bind(get, 1, id);
    sqlite3_step(get);
    sqlite3_reset(get);
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt *back_ = nullptr, *get_ = nullptr, *put_ = nullptr, *find_ = nullptr, *index_ = nullptr;
};

class ClientStoreBench {
 public:
  ClientStoreBench(std::uint64_t size, const Report& report) : size_(size), report_(report) {
    SeededRng rng(7);
    rng.fill(key_.writable());
  }
  /// The medians that grow with the size, for the exponent between two sizes.
  std::map<std::string, double> run() {
    fill();
    unlock();
    read();
    encryption();
    return medians_;
  }

 private:
  void figure(const std::string& name, double value, const char* unit) {
    report_("client." + name + '.' + size_name(size_), value, unit);
  }
  void figures(const std::string& name, const Spread& found) {
    figure(name, found.median, "ms");
    figure(name + ".worst", found.worst, "ms");
    medians_[name] = found.median;
  }
  [[nodiscard]] std::unique_ptr<store::SqlClientStore> open() const { return store::SqlClientStore::open(file_, key_).value(); }

  void fill() {
    const auto client = open();
    SeededRng rng(1);
    const auto start = Clock::now();
    for (std::uint64_t n = 0; n < size_;) {
      static_cast<void>(client->begin());
      for (int i = 0; i < 1000; ++i, ++n) static_cast<void>(client->add_message(message(n, rng)));
      if (!client->commit()) return;
    }
    figure("index", static_cast<double>(size_) / seconds_since(start), "messages/s");
    figure(
        "index.one",
        1000 /
            [&] {
              const auto begun = Clock::now();
              for (std::uint64_t n = 0; n < 1000; ++n) static_cast<void>(client->add_message(message(size_ + n, rng)));
              return seconds_since(begun);
            }(),
        "messages/s");
  }

  void unlock() {
    figure("file", static_cast<double>(std::filesystem::file_size(file_)) / (1 << 20), "MiB");
    const auto open_only = [&] {
      const auto start = Clock::now();
      const auto client = open();
      return 1e3 * seconds_since(start);
    };
    figures("unlock", spread_of(open_only));
    figures("unlock.cold", spread_of([&] {
              cool(file_);
              return open_only();
            }));
  }

  void read() {
    SeededRng rng(3);
    const auto conversation = [&](const ClientStore& client) {
      static_cast<void>(client.messages(person(rng.below(kPeople)), 50));
    };
    const auto search = [](const ClientStore& client, const std::string& text, std::optional<SessionId> with = {},
                           Instant until = {}) {
      store::SearchQuery query;
      query.text = text;
      query.with = with;
      query.until = until;
      static_cast<void>(client.search(query));
    };
    const auto early = Instant::from_unix_millis(static_cast<std::int64_t>(1'600'000'000'000 + size_ * 6'000));
    sqlite3_memory_highwater(1);
    auto client = open();
    using Call = std::function<void(const ClientStore&)>;
    const std::vector<std::pair<std::string, Call>> calls = {
        {"open_conversation", conversation},
        {"search.common", [&](const ClientStore& in) { search(in, "\"w1 w2\""); }},
        {"search.rare", [&](const ClientStore& in) { search(in, "\"w1 w" + std::to_string(2000 + rng.below(20'000)) + '"'); }},
        {"search.beginning.two", [&](const ClientStore& in) { search(in, word(rng) + " w1"); }},
        {"search.beginning.four",
         [&](const ClientStore& in) { search(in, word(rng) + " w10" + std::to_string(rng.below(10))); }},
        {"search.with", [&](const ClientStore& in) { search(in, "\"w1 w2\"", person(rng.below(kPeople))); }},
        {"search.until", [&](const ClientStore& in) { search(in, "\"w1 w2\"", std::nullopt, early); }},
    };
    for (const auto& [name, call] : calls) figures(name, spread([&] { call(*client); }));
    figure("memory", static_cast<double>(sqlite3_memory_highwater(0)) / (1 << 20), "MiB");
    client.reset();
    for (const auto& [name, call] : calls) {
      std::vector<double> ms;
      for (int i = 0; i < 5; ++i) ms.push_back(cold(call));
      std::ranges::sort(ms);
      figure(name + ".cold", ms[2], "ms");
    }
  }

  /// Milliseconds of a call to a store fresh from the disk; opening it is not counted.
  double cold(const std::function<void(const ClientStore&)>& call) const {
    cool(file_);
    const auto client = open();
    const auto start = Clock::now();
    call(*client);
    return 1e3 * seconds_since(start);
  }

  void encryption() {
    const auto plain_file = folder_ / "plain.db";
    {
      Plain sealed(file_, &key_);
      sealed.run("ATTACH '" + plain_file.string() + "' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH plain");
    }
    Plain sealed(file_, &key_), plain(plain_file, nullptr);
    const auto compare = [&](const char* name, const std::function<void(Plain&)>& call) {
      std::vector<double> of_sealed, of_plain;
      for (int round = 0; round < 5; ++round)
        for (auto [file, times] : {std::pair{&sealed, &of_sealed}, {&plain, &of_plain}}) {
          const auto start = Clock::now();
          call(*file);
          times->push_back(seconds_since(start));
        }
      std::ranges::sort(of_sealed);
      std::ranges::sort(of_plain);
      figure(std::string("encrypted_to_plain.") + name, of_plain[2] / of_sealed[2], "x");
    };
    SeededRng rng(5);
    compare("open_conversation", [&](Plain& file) {
      for (int i = 0; i < 100; ++i) file.conversation(person(rng.below(kPeople)));
    });
    compare("search", [&](Plain& file) {
      for (int i = 0; i < 50; ++i) file.search("text : \"" + word(rng) + "\" text : \"" + word(rng) + '"');
    });
    std::uint64_t next = 10 * size_;
    compare("insert.100", [&](Plain& file) {
      for (int group = 0; group < 20; ++group) {
        file.run("BEGIN");
        for (int i = 0; i < 100; ++i, ++next) file.insert(next, message(next, rng).body);
        file.run("COMMIT");
      }
    });
  }

  std::uint64_t size_;
  const Report& report_;
  TempFolder folder_;
  std::filesystem::path file_ = folder_ / "client.db";
  store::FileKey key_;
  std::map<std::string, double> medians_;
};

}  // namespace

void client_store_figures(const Report& report) {
  std::map<std::string, double> smaller;
  for (const std::uint64_t size : {10'000u, 100'000u, 1'000'000u}) {
    const auto medians = ClientStoreBench(size, report).run();
    for (const auto& [name, ms] : medians)
      if (smaller.contains(name)) report("client." + name + ".exponent." + size_name(size), std::log10(ms / smaller[name]), "");
    smaller = medians;
  }
}

}  // namespace session::bench
