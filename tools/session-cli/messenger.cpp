// The commands of somebody who writes to people.
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/crypto/phrase.h"
#include "core/net/client_host.h"
#include "core/store/sql_tables.h"
#include "tools/session-cli/program.h"

namespace session::cli {
namespace {

/// An opened account folder and, when a command needs the network, its client.
class Messenger {
 public:
  explicit Messenger(const Program& program) : program_(program) {}

  [[nodiscard]] Result<void> open_store() {
    if (program_.folder.empty()) throw CLI::ValidationError("--dir", "missing; it names the folder of the account");
    const std::filesystem::path folder = program_.folder;
    const auto key = store::key_file(folder / "account.key", rng_);
    if (!key) return fail(key);
    auto store = store::SqlClientStore::open(folder / "account.db", *key);
    if (!store) return fail(store);
    store_ = std::move(*store);
    return {};
  }

  [[nodiscard]] Result<void> open() {
    if (auto opened = open_store(); !opened) return opened;
    client::Config config;
    config.seeds = program_.seeds;
    net::TraceSink sink;
    if (program_.verbose)
      sink = [](const std::string& machine, Instant at, const trace::Fact& fact) {
        std::cerr << fmt::format("{} {} {}\n", at.unix_millis(), machine, trace::to_text(fact));
      };
    auto host = net::ClientHost::open(io_, *store_, std::move(config), std::move(sink));
    if (!host) return fail(host);
    host_ = std::move(*host);
    return {};
  }

  /// Throws, as for any wrong usage, when no seed is named.
  void require_seed() const {
    if (program_.seeds.empty()) throw CLI::ValidationError("--seed-url", "missing; it names the network's seed");
  }

  /// Runs the network until `is_done`, the time is up, or the store fails. True when it was done.
  template <class Done>
  [[nodiscard]] bool run_until(Done&& is_done, int timeout_s) {
    net::asio::steady_timer timer(io_);
    const auto over = std::make_shared<bool>(false);  // the handler of a cancelled timer still runs, after this call
    timer.expires_after(std::chrono::seconds(timeout_s));
    timer.async_wait([over](const boost::system::error_code& error) { *over = !error; });
    while (!is_done() && !*over && !host_->failure()) io_.run_one();
    return is_done();
  }

  /// A command that makes a delivery; nothing when it was refused, which is then said.
  [[nodiscard]] Result<std::uint64_t> command(const client::Command& command) {
    auto outcome = host_->command(command);
    if (!outcome) return fail(outcome);
    if (outcome->refused) return std::unexpected(*outcome->refused);
    return outcome->delivery;
  }

  [[nodiscard]] Result<void> fetch(int timeout_s) {
    const auto before = host_->machine().fetches().rounds;
    if (auto begun = command(client::Fetch{}); !begun) return fail(begun);
    const bool done = run_until([&] { return host_->machine().fetches().rounds > before; }, timeout_s);
    if (host_->failure()) return std::unexpected(*host_->failure());
    if (!done) return fail(ErrorCode::Unavailable, fmt::format("nobody answered within {} s", timeout_s));
    if (!host_->machine().fetches().last_succeeded) return fail(ErrorCode::Unavailable, host_->machine().fetches().last_error);
    return {};
  }

  net::asio::io_context& io() { return io_; }
  net::ClientHost& host() { return *host_; }
  store::ClientStore& store() { return *store_; }
  crypto::SystemRng& rng() { return rng_; }
  [[nodiscard]] const Program& program() const { return program_; }

 private:
  const Program& program_;
  crypto::SystemRng rng_;
  net::asio::io_context io_;
  std::unique_ptr<store::SqlClientStore> store_;
  std::unique_ptr<net::ClientHost> host_;
};

const char* delivery_state(const store::OutboxRow& row) { return client::name_of(static_cast<client::State>(row.state)); }

/// Waits for a delivery and says how it stands; exit 1 when nobody keeps it yet.
int report_delivery(Messenger& messenger, std::uint64_t id) {
  const auto is_settled = [&] { return !messenger.host().machine().outbox().contains(id); };
  static_cast<void>(messenger.run_until(is_settled, messenger.program().timeout_s));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  const auto kept = messenger.store().outbox(id);
  if (!kept || !*kept) return Program::complain("the delivery is gone from the store");
  const store::OutboxRow& row = **kept;
  Json path = Json::array();
  for (const NodeId& node : row.path) path.push_back(node.hex());
  const Json line = {{"id", id},
                     {"state", delivery_state(row)},
                     {"kept_by", row.kept_by},
                     {"of", row.of},
                     {"work", {{"trials", row.trials}, {"ms", row.work_micros / 1000}}},
                     {"path", path}};
  const auto state = static_cast<client::State>(row.state);
  if (state == client::State::Kept || state == client::State::Fetched) {
    messenger.program().say(
        line, fmt::format(
                  "#{} is kept by {} of {} nodes of their swarm{}", id, row.kept_by, row.of,
                  row.trials > 0 ? fmt::format(", after {} trials of work in {} ms", row.trials, row.work_micros / 1000) : ""));
    return 0;
  }
  if (messenger.program().json) messenger.program().say(line, "");
  const bool is_final = client::is_settled(state);
  return Program::complain(fmt::format("#{} is {}{}{}", id, delivery_state(row),
                                       row.last_error.empty() ? "" : ": " + row.last_error,
                                       is_final ? "" : "; it stays in the outbox and goes out with the next command"));
}

/// Opens the account, gives the command and waits until the swarm keeps what it made.
int deliver(const Program& program, const client::Command& command, bool fetch_first = false) {
  Messenger messenger(program);
  messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (fetch_first)
    if (auto fetched = messenger.fetch(program.timeout_s); !fetched)
      std::cerr << "session-cli: not fetched: " << fetched.error().message << '\n';
  const auto id = messenger.command(command);
  if (!id) return Program::complain(id.error());
  return report_delivery(messenger, *id);
}

Result<SessionId> person(const std::string& text) { return SessionId::parse(text); }

// --- account
// -------------------------------------------------------------------------------------------------------------------

Result<SessionId> show_account(Messenger& messenger, bool with_phrase) {
  const auto account = messenger.store().account();
  if (!account) return fail(account);
  if (!*account) return fail(ErrorCode::NotFound, "there is no account in this folder yet; `account new` makes one");
  const auto identity = crypto::identity_of((*account)->seed, static_cast<crypto::Era>((*account)->era));
  Json line = {{"name", (*account)->name}, {"session_id", identity.id.hex()}};
  std::string text = fmt::format("{}\n{}", (*account)->name, identity.id.hex());
  if (with_phrase) {
    const crypto::SecretBytes phrase = crypto::phrase_of((*account)->seed.bytes());
    line["phrase"] = std::string(text_of(phrase.bytes()));
    text += fmt::format("\n{}\nWrite the words down: whoever has them is you, and without them nobody can help you.",
                        text_of(phrase.bytes()));
  }
  messenger.program().say(line, text);
  return identity.id;
}

/// Publishes the prekey bundle when there is a network; an account without one is an account all the same.
int publish(const Program& program) {
  if (program.seeds.empty()) return 0;
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  const bool done =
      messenger.run_until([&] { return messenger.host().machine().outbox().empty(); }, std::min(program.timeout_s, 30));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  if (!done)
    std::cerr << "session-cli: the account is made, but its prekey bundle is not published yet ("
              << messenger.host().machine().courier().trouble() << "); the next command with a network tries again\n";
  return 0;
}

int account_new(const Program& program, const std::string& name) {
  {
    Messenger messenger(program);
    if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
    if (auto made = client::Client::create(messenger.store(), name, net::system_now(), messenger.rng()); !made)
      return Program::complain(made.error());
    if (auto shown = show_account(messenger, true); !shown) return Program::complain(shown.error());
  }
  return publish(program);
}

int account_restore(const Program& program, const std::string& name, std::string phrase, const std::string& era) {
  if (phrase == "-") std::getline(std::cin, phrase);
  const auto seed = crypto::seed_of_phrase(phrase);
  crypto::wipe({reinterpret_cast<std::byte*>(phrase.data()), phrase.size()});
  if (!seed) return Program::complain(seed.error());
  if (seed->size() != 16) return Program::complain("phrase: 25 words; accounts of this program have 13");
  {
    Messenger messenger(program);
    if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
    const auto which = era == "A" ? crypto::Era::A : era == "B" ? crypto::Era::B : crypto::Era::C;
    auto made = client::Client::restore(messenger.store(), name, store::AccountSeed(seed->bytes()), which, net::system_now(),
                                        messenger.rng());
    if (!made) return Program::complain(made.error());
    if (auto shown = show_account(messenger, false); !shown) return Program::complain(shown.error());
  }
  return publish(program);
}

int account_show(const Program& program, bool with_phrase) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto shown = show_account(messenger, with_phrase);
  return shown ? 0 : Program::complain(shown.error());
}

// --- receiving
// -----------------------------------------------------------------------------------------------------------------

/// Prints each event once: the cursor moves only after the line is out.
Result<void> print_events(Messenger& messenger) {
  const auto rows = messenger.store().events();
  if (!rows) return fail(rows);
  for (const store::EventRow& row : *rows) {
    const auto event = client::parse_event(row.text);
    if (!event) return fail(event);
    const auto contact = messenger.store().contact(event->from);
    const std::string name =
        contact && *contact && !(*contact)->name.empty() ? (*contact)->name : event->from.hex().substr(0, 10);
    messenger.program().say(Json::parse(row.text),
                            fmt::format("{} from {} ({}){}{}", client::name_of(event->type), name, event->from.hex(),
                                        event->text.empty() ? "" : ": ", event->text));
    if (!std::cout) return fail(ErrorCode::Unavailable, "standard output is closed");
    if (auto done = messenger.store().printed(row.sequence); !done) return done;
  }
  return {};
}

int receive(const Program& program, bool follow) {
  Messenger messenger(program);
  messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (!follow) {
    const auto fetched = messenger.fetch(program.timeout_s);
    if (auto printed = print_events(messenger); !printed) return Program::complain(printed.error());
    if (!fetched) return Program::complain(fetched.error());
    // The receipts for what was fetched, and whatever else waits, go out before the program ends.
    static_cast<void>(messenger.run_until([&] { return messenger.host().machine().is_idle(); }, program.timeout_s));
    if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
    return 0;
  }
  if (auto online = messenger.command(client::GoOnline{}); !online) return Program::complain(online.error());
  bool interrupted = false;
  net::asio::signal_set signals(messenger.io(), SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) { interrupted = !error; });
  while (!interrupted && !messenger.host().failure()) {
    if (auto printed = print_events(messenger); !printed) return Program::complain(printed.error());
    messenger.io().run_one();
  }
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  return 0;
}

int contacts(const Program& program) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto rows = messenger.store().contacts();
  if (!rows) return Program::complain(rows.error());
  for (const store::ContactRow& row : *rows) {
    const char* state = client::name_of(static_cast<client::ContactState>(row.state));
    program.say({{"id", row.id.hex()},
                 {"name", row.name},
                 {"state", state},
                 {"forward_secrecy", row.forward_secrecy},
                 {"unopened", row.unopened}},
                fmt::format("{} {:<9} {}{}", row.id.hex(), state, row.name.empty() ? "(no name yet)" : row.name,
                            row.forward_secrecy ? "" : ", no forward secrecy yet"));
  }
  return 0;
}

int journey(const Program& program, std::uint64_t id) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto row = messenger.store().outbox(id);
  if (!row) return Program::complain(row.error());
  if (!*row) return Program::complain(fmt::format("there is no delivery {}", id));
  const auto steps = messenger.store().journey(id);
  if (!steps) return Program::complain(steps.error());
  for (const store::JourneyRow& step : *steps)
    program.say({{"id", id}, {"at", step.at.unix_millis()}, {"step", step.text}},
                fmt::format("{:>7} ms  {}", (step.at - (*row)->created).count, step.text));
  return 0;
}

void add_account(CLI::App& app, Program& program) {
  auto* account = app.add_subcommand("account", "Makes, restores or shows the account of this folder");
  account->require_subcommand(1);
  account->fallthrough();
  auto name = std::make_shared<std::string>(), phrase = std::make_shared<std::string>(),
       era = std::make_shared<std::string>("C");
  auto* made = account->add_subcommand("new", "Makes an account and shows its recovery phrase");
  made->add_option("--name", *name, "What people will see")->required();
  made->callback([&program, name] { program.chosen = [&program, name] { return account_new(program, *name); }; });
  auto* restored = account->add_subcommand("restore", "Makes the account of a recovery phrase, as a new device");
  restored->add_option("--name", *name, "What people will see")->required();
  restored->add_option("--phrase", *phrase, "The 13 words; '-' reads them from standard input")->required();
  restored->add_option("--era", *era, "C, or A or B for a phrase from before 2020-11")
      ->check(CLI::IsMember({"A", "B", "C"}))
      ->capture_default_str();
  restored->callback([&program, name, phrase, era] {
    program.chosen = [&program, name, phrase, era] { return account_restore(program, *name, *phrase, *era); };
  });
  auto with_phrase = std::make_shared<bool>(false);
  auto* shown = account->add_subcommand("show", "Shows the account's name and ID");
  shown->add_flag("--phrase", *with_phrase, "The recovery phrase as well");
  shown->callback(
      [&program, with_phrase] { program.chosen = [&program, with_phrase] { return account_show(program, *with_phrase); }; });
}

/// A command about a person: parses the ID first.
void add_for_person(CLI::App& app, Program& program, const char* name, const char* what, bool with_text,
                    std::function<int(const SessionId&, const std::string&, std::optional<Millis>)> run) {
  auto id = std::make_shared<std::string>(), text = std::make_shared<std::string>();
  auto ttl = std::make_shared<std::optional<std::int64_t>>();
  auto* command = app.add_subcommand(name, what);
  command->add_option("id", *id, "Session ID, 66 hex digits")->required();
  if (with_text) command->add_option("text", *text, "What to say")->required();
  if (std::string_view(name) == "send") command->add_option("--ttl", *ttl, "Seconds that the swarm keeps it, 10 to 1209600");
  command->callback([&program, id, text, ttl, run = std::move(run)] {
    program.chosen = [id, text, ttl, run] {
      const auto who = person(*id);
      if (!who) return Program::complain(who.error());
      if (*ttl && (**ttl < 0 || **ttl > 1'000'000'000))
        return Program::complain(fmt::format("--ttl: {} s; from 10 s to 14 days", **ttl));
      return run(*who, *text, *ttl ? std::optional(seconds(**ttl)) : std::nullopt);
    };
  });
}

}  // namespace

void add_messenger(CLI::App& app, Program& program) {
  app.add_option("--dir", program.folder, "The account's folder");
  app.add_option("--seed-url", program.seeds,
                 "The network's seed: http://127.0.0.1:PORT or https://HOST[:PORT][#KEY]; may be given several times");
  app.add_option("--timeout", program.timeout_s, "Seconds to wait for the network")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  add_account(app, program);
  add_for_person(app, program, "request", "Sends first words to a stranger", true,
                 [&program](const SessionId& to, const std::string& text, std::optional<Millis>) {
                   return deliver(program, client::Ask{to, text});
                 });
  add_for_person(app, program, "accept", "Accepts the request of a stranger", false,
                 [&program](const SessionId& who, const std::string&, std::optional<Millis>) {
                   return deliver(program, client::Accept{who}, true);
                 });
  add_for_person(app, program, "send", "Sends a message to an accepted contact", true,
                 [&program](const SessionId& to, const std::string& text, std::optional<Millis> ttl) {
                   return deliver(program, client::Send{to, text, ttl}, true);
                 });
  add_for_person(app, program, "decline", "Declines a request; nothing of it is kept, nothing is sent", false,
                 [&program](const SessionId& who, const std::string&, std::optional<Millis>) {
                   Messenger messenger(program);
                   if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
                   const auto done = messenger.command(client::Decline{who});
                   if (!done) return Program::complain(done.error());
                   program.say({{"declined", who.hex()}}, "declined");
                   return 0;
                 });
  auto follow = std::make_shared<bool>(false);
  auto* received = app.add_subcommand("receive", "Fetches what waits and prints each event once");
  received->add_flag("--follow", *follow, "Stays online until interrupted");
  received->callback([&program, follow] { program.chosen = [&program, follow] { return receive(program, *follow); }; });
  app.add_subcommand("contacts", "Lists the people of this account")->callback([&program] {
    program.chosen = [&program] { return contacts(program); };
  });
  auto id = std::make_shared<std::uint64_t>(0);
  auto* journeyed = app.add_subcommand("journey", "Shows every step of a delivery");
  journeyed->add_option("id", *id, "The delivery's number, as `send` gave it")->required();
  journeyed->callback([&program, id] { program.chosen = [&program, id] { return journey(program, *id); }; });
  auto* retried = app.add_subcommand("retry", "Tries a failed delivery again");
  retried->add_option("id", *id, "The delivery's number")->required();
  retried->callback([&program, id] { program.chosen = [&program, id] { return deliver(program, client::TryAgain{*id}); }; });
}

}  // namespace session::cli
