// What a person is told, line by line, once or as long as the program runs.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <unistd.h>

#include <array>
#include <csignal>

#include "core/client/auto_lock.h"
#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

struct Options {
  bool follow = false;
  int lock_after_s = 0;
};

void print_event(Messenger& messenger, const client::Event& event) {
  messenger.program().say(
      Json::parse(client::to_json(event)),
      fmt::format("{} from {} ({}){}{}", client::name_of(event.type), shown_name(messenger.store(), event.from),
                  event.from.hex(), event.text.empty() ? "" : ": ", event.text));
}

/// Prints each event once: the cursor moves only after the line is out. `last` is the last one that this program printed: where
/// its mark could not be kept, it is not printed again.
Result<void> print_events(Messenger& messenger, std::uint64_t& last) {
  store::ClientStore& store = messenger.store();
  const auto rows = store.events();
  if (!rows) return fail(rows);
  for (const store::EventRow& row : *rows) {
    const auto event = client::parse_event(row.text);
    if (!event) return fail(event);
    if (row.sequence > last) print_event(messenger, *event);
    if (!std::cout) return fail(ErrorCode::Cancelled, "standard output is closed");
    last = std::max(last, row.sequence);
    if (auto done = store.printed(row.sequence); !done) return done;
  }
  for (const client::Event& event : messenger.host().take_passing()) print_event(messenger, event);
  return {};
}

/// Touches the lock with every byte on standard input and every SIGUSR1; ends the wait for events when it is due.
class Watch {
 public:
  Watch(net::asio::io_context& io, Millis after) : lock_(after, now()), timer_(io), signals_(io, SIGUSR1), input_(io) {
    boost::system::error_code failed;
    const int own = ::dup(STDIN_FILENO);
    if (own >= 0) input_.assign(own, failed);
    read();
    hear();
    wait();
  }
  [[nodiscard]] bool is_due() const { return lock_.is_due(now()); }

 private:
  [[nodiscard]] static Instant now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
  void read() {
    if (!input_.is_open()) return;
    input_.async_read_some(net::asio::buffer(bytes_), [this](const boost::system::error_code& error, std::size_t) {
      if (error) return;  // no input any more; what it touched stands
      lock_.touch(now());
      read();
    });
  }
  void hear() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      lock_.touch(now());
      hear();
    });
  }
  void wait() {
    timer_.expires_after(std::chrono::milliseconds(lock_.rest(now()).count));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !is_due()) wait();
    });
  }

  client::AutoLock lock_;
  net::asio::steady_timer timer_;
  net::asio::signal_set signals_;
  net::asio::posix::stream_descriptor input_;
  std::array<char, 256> bytes_{};
};

/// A store that fails like this, of a full disk, is tried again by the host; what is damaged does not come back.
bool may_pass(const Error& error) { return error.code == ErrorCode::Full || error.code == ErrorCode::Unavailable; }

/// Says that the store fails and that it works again, once each.
void tell_trouble(const std::optional<Error>& now, std::optional<Error>& told) {
  if (now && now != told) Program::warn(client::words_for_failure(*now));
  if (!now && told) Program::warn("the account's store works again");
  told = now;
}

int follow(Messenger& messenger, int lock_after_s) {
  if (auto online = messenger.command(client::GoOnline{}); !online && !may_pass(online.error()))
    return Program::complain(online.error());
  std::unique_ptr<Watch> watch;
  if (lock_after_s > 0) watch = std::make_unique<Watch>(messenger.io(), seconds(lock_after_s));
  std::optional<Error> told;
  std::uint64_t last = 0;
  while (!messenger.was_interrupted()) {
    std::optional<Error> trouble = messenger.host().failure();
    if (!trouble)
      if (auto printed = print_events(messenger, last); !printed) trouble = printed.error();
    if (trouble && !may_pass(*trouble)) return Program::complain(*trouble);
    tell_trouble(trouble, told);
    if (watch && watch->is_due()) {
      messenger.close();
      messenger.program().say({{"type", "locked"}, {"after_s", lock_after_s}}, "locked");
      return 0;
    }
    messenger.io().run_one();
  }
  return 0;
}

int receive(const Program& program, const Options& options) {
  Messenger messenger(program, options.follow ? Messenger::Stay::Long : Messenger::Stay::Short);
  messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (options.follow) return follow(messenger, options.lock_after_s);
  const auto fetched = messenger.fetch();
  std::uint64_t last = 0;
  if (auto printed = print_events(messenger, last); !printed) return Program::complain(printed.error());
  if (!fetched) return Program::complain(fetched.error());
  // The receipts for what was fetched, and whatever else waits, go out before the program ends.
  static_cast<void>(messenger.run_until([&] { return messenger.host().machine().is_idle(); }, messenger.timeout()));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  return 0;
}

}  // namespace

void add_receive(CLI::App& app, Program& program) {
  add_command<Options>(
      app, program, "receive", "Fetches what waits and prints each event once",
      [](CLI::App& command, Options& o) {
        auto* follow = command.add_flag("--follow", o.follow, "Stays online until interrupted");
        command
            .add_option("--lock-after", o.lock_after_s,
                        "Seconds without standard input or SIGUSR1 after which the store is closed and the program ends")
            ->needs(follow)
            ->check(CLI::Range(1, 86'400));
      },
      receive);
}

}  // namespace session::cli
