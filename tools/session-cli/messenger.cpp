#include "tools/session-cli/messenger.h"

#include <csignal>
#include <cstdlib>

#include "tools/session-cli/passphrase.h"

namespace session::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}
constexpr Millis kShortStay = seconds(5);
constexpr Millis kBetweenRounds = seconds(1);  // of a fetch that failed

bool has_arrived(client::State state) {
  using enum client::State;
  return state == Kept || state == Fetched || state == Read || state == Relayed;
}

/// So that a receipt which comes at once shows.
Result<void> go_online(Messenger& messenger, bool needs_news) {
  if (needs_news) return messenger.fetch(client::GoOnline{});
  const auto begun = messenger.command(client::GoOnline{});
  return begun ? Result<void>() : fail(begun);
}

std::string words_for(const store::OutboxRow& row) {
  const std::string work =
      row.trials > 0 ? fmt::format(", after {} trials of work in {} ms", row.trials, row.work_micros / 1000) : "";
  switch (static_cast<client::State>(row.state)) {
    case client::State::Fetched: return fmt::format("#{} was opened by them{}", row.id, work);
    case client::State::Read: return fmt::format("#{} was read by them{}", row.id, work);
    case client::State::Relayed: return fmt::format("#{} was handed to them", row.id);
    default: return fmt::format("#{} is kept by {} of {} nodes of their swarm{}", row.id, row.kept_by, row.of, work);
  }
}

}  // namespace

void add_common_options(CLI::App& app, Program& program) {
  auto* folder = app.add_option("--dir", program.folder, "The account's folder");
  app.add_option("--home", program.home, "The installation, with a folder for each profile (default: XDG_DATA_HOME/session)")
      ->excludes(folder);
  app.add_option("--profile", program.profile, "The profile of the installation")->excludes(folder);
  app.add_option("--passphrase-file", program.passphrase_file, "A file whose first line opens a locked account")
      ->envname("SESSION_PASSPHRASE_FILE");
  app.add_option("--seed-url", program.seeds,
                 "The network's seed: http://127.0.0.1:PORT or https://HOST[:PORT][#KEY]; may be given several times");
  app.add_option("--timeout", program.timeout_s, "Seconds to wait for the network")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

std::filesystem::path installation(const Program& program) {
  if (!program.home.empty()) return program.home;
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return std::filesystem::path(data) / "session";
  if (const auto home = environment("HOME"); !home.empty()) return std::filesystem::path(home) / ".local/share/session";
  throw CLI::ValidationError("--home", "missing; it names the installation's folder");
}

std::filesystem::path account_folder(const Program& program) {
  if (!program.folder.empty()) return program.folder;
  if (program.profile.empty())
    throw CLI::ValidationError("--dir", "missing; it names the folder of the account (or --profile, one of the installation)");
  if (auto good = store::Profiles::check_name(program.profile); !good)
    throw CLI::ValidationError("--profile", good.error().message);
  return installation(program) / "profiles" / program.profile;
}

Result<std::optional<crypto::SecretBytes>> given_passphrase(const Program& program, const std::string& prompt) {
  if (program.passphrase_file.empty() && !is_terminal()) return std::nullopt;
  auto secret =
      program.passphrase_file.empty() ? ask_passphrase(prompt) : passphrase_in(program.passphrase_file, "--passphrase-file");
  if (!secret) return fail(secret);
  return std::move(*secret);
}

Messenger::Messenger(const Program& program, Stay stay) : program_(program), stay_(stay), signals_(io_, SIGINT, SIGTERM) {
  signals_.async_wait([over = interrupted_](const boost::system::error_code& error, int) { *over = !error; });
}

Result<void> Messenger::open_store(net::NewFolder if_none) {
  const auto folder = account_folder(program_);
  const auto mode = store::look_at_key(store::ProfileFiles(folder).key);
  if (!mode) return fail(mode);
  std::optional<crypto::SecretBytes> passphrase;
  const bool is_new = *mode == store::KeyMode::None;
  if (*mode == store::KeyMode::Passphrase || (is_new && !program_.passphrase_file.empty())) {
    auto given = given_passphrase(program_, "Passphrase");
    if (!given) return fail(given);
    if (!*given) return fail(ErrorCode::Refused, "the account is locked; --passphrase-file names what opens it");
    passphrase = std::move(*given);
  }
  auto opened =
      net::open_account_folder(folder, passphrase ? std::optional(text_of(passphrase->bytes())) : std::nullopt, if_none, rng_);
  if (!opened && opened.error().code == ErrorCode::NotFound)
    return fail(ErrorCode::NotFound, opened.error().message + "; `account new` makes one");
  if (!opened && opened.error().code == ErrorCode::Unauthentic && passphrase)
    return fail(ErrorCode::Unauthentic, "the passphrase does not open this account");
  if (!opened) return fail(opened);
  store_ = std::move(*opened);
  return {};
}

Result<void> Messenger::open() {
  if (auto opened = open_store(); !opened) return opened;
  client::Config config;
  config.seeds = program_.seeds;
  if (stay_ == Stay::Short) config.listen_for = kShortStay;
  net::TraceSink sink;
  if (program_.verbose)
    sink = [](const std::string& machine, Instant at, const trace::Fact& fact) {
      std::cerr << fmt::format("{} {} {}\n", at.unix_millis(), machine, trace::to_text(fact));
    };
  counter_.emplace(store::ProfileFiles(account_folder(program_)).counter);
  auto host = net::ClientHost::open(io_, *store_, std::move(config), std::move(sink), &*counter_);
  if (!host) return fail(host);
  host_ = std::move(*host);
  return {};
}

void Messenger::close() {
  host_.reset();
  store_.reset();
}

void Messenger::require_seed() const {
  if (program_.seeds.empty()) throw CLI::ValidationError("--seed-url", "missing; it names the network's seed");
}

Result<std::uint64_t> Messenger::command(const client::Command& command) {
  auto outcome = host_->command(command);
  if (!outcome) return fail(outcome);
  if (outcome->refused) return std::unexpected(*outcome->refused);
  return outcome->delivery;
}

Result<void> Messenger::fetch(const client::Command& how) {
  const auto before = host_->machine().fetches().rounds;
  if (auto begun = command(how); !begun) return fail(begun);
  const Instant until = net::system_now() + timeout();
  bool done = run_until([&] { return host_->machine().fetches().rounds > before; }, timeout());
  // A round that failed is followed by others while there is time: paths are mended meanwhile.
  while (done && host_->machine().courier().registry() && !host_->machine().fetches().last_succeeded &&
         net::system_now() + kBetweenRounds < until) {
    if (run_until([] { return false; }, kBetweenRounds) || was_interrupted() || host_->failure()) break;
    const auto rounds = host_->machine().fetches().rounds;
    if (auto begun = command(client::Fetch{}); !begun) return fail(begun);
    done = run_until([&] { return host_->machine().fetches().rounds > rounds; }, until - net::system_now());
  }
  if (host_->failure()) return std::unexpected(*host_->failure());
  if (was_interrupted()) return fail(ErrorCode::Cancelled, "interrupted");
  if (!done) return fail(ErrorCode::Unavailable, fmt::format("nobody answered within {} s", program_.timeout_s));
  if (!host_->machine().fetches().last_succeeded) return fail(ErrorCode::Unavailable, host_->machine().fetches().last_error);
  return {};
}

int report_delivery(Messenger& messenger, std::uint64_t id, const Json& also) {
  const auto is_settled = [&] { return !messenger.host().machine().outbox().contains(id); };
  static_cast<void>(messenger.run_until(is_settled, messenger.timeout()));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  const auto kept = messenger.store().outbox(id);
  if (!kept || !*kept) return Program::complain("the delivery is gone from the store");
  const store::OutboxRow& row = **kept;
  const auto state = static_cast<client::State>(row.state);
  Json path = Json::array();
  for (const NodeId& node : row.path) path.push_back(node.hex());
  Json line = {{"id", id},
               {"state", client::name_of(state)},
               {"way", client::name_of(static_cast<client::Way>(row.way))},
               {"kept_by", row.kept_by},
               {"of", row.of},
               {"work", {{"trials", row.trials}, {"ms", row.work_micros / 1000}}},
               {"path", path}};
  line.update(also);
  if (has_arrived(state)) {
    messenger.program().say(line, words_for(row));
    return 0;
  }
  if (messenger.program().json) messenger.program().say(line, "");
  return Program::complain(
      fmt::format("#{} is {}{}{}", id, client::name_of(state), row.last_error.empty() ? "" : ": " + row.last_error,
                  client::is_settled(state) ? "" : "; it stays in the outbox and goes out with the next command"));
}

int carry_out(const Program& program, const Carried& what) {
  Messenger messenger(program);
  if (!what.with) messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  const bool is_own = what.with && *what.with == messenger.host().machine().id();
  if (!is_own) {
    messenger.require_seed();
    const auto online = go_online(messenger, what.needs_news);
    if (!online) Program::warn("not fetched: " + online.error().message);
    if (messenger.was_interrupted()) return Program::complain("interrupted; nothing was sent");
  }
  const auto id = messenger.command(what.command);
  if (!id) return Program::complain(id.error());
  if (*id != 0) return report_delivery(messenger, *id, what.also);
  Json line = {{"id", 0}, {"state", "done"}, {"way", client::name_of(client::Way::None)}};
  if (is_own && std::holds_alternative<client::Send>(what.command)) {
    const auto conversation = messenger.store().conversation(*what.with);
    if (!conversation) return Program::complain(conversation.error());
    line = {{"id", *conversation ? (*conversation)->last_message : 0}, {"state", "read"}, {"way", "none"}};
  }
  line.update(what.also);
  program.say(line, "done; nothing had to be sent");
  return 0;
}

int change(const Program& program, const client::Command& command, const Json& line, const std::string& text) {
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (auto done = messenger.command(command); !done) return Program::complain(done.error());
  program.say(line, text);
  return 0;
}

Result<SessionId> parse_person(const std::string& text, const std::string& field) {
  auto who = SessionId::parse(text);
  if (!who) return fail(who.error().code, fmt::format("{}: {}", field, who.error().message));
  return who;
}

Json time_or_null(Instant at) { return at == Instant{} ? Json() : Json(at.unix_millis()); }

std::string shown_name(const store::ClientStore& store, const SessionId& who) {
  const auto contact = store.contact(who);
  if (contact && *contact && !(*contact)->nickname.empty()) return (*contact)->nickname;
  if (contact && *contact && !(*contact)->name.empty()) return (*contact)->name;
  return who.hex().substr(0, 10);
}

}  // namespace session::cli
