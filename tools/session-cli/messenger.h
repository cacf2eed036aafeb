// An opened account and, where a command needs the network, its client; what commands do with them.
#pragma once

#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "core/net/account_folder.h"
#include "core/net/asio.h"
#include "core/net/client_host.h"
#include "core/store/sql_tables.h"
#include "core/store/store_epoch.h"
#include "tools/session-cli/program.h"

namespace session::cli {

/// The folder that --dir, or --home and --profile, name. Throws, as for any wrong usage, when nothing does.
[[nodiscard]] std::filesystem::path account_folder(const Program& program);
/// --home, or where the system keeps a person's data. Throws where the system does not say.
[[nodiscard]] std::filesystem::path installation(const Program& program);
/// The passphrase of a locked account, from --passphrase-file, SESSION_PASSPHRASE_FILE or a terminal; nothing when none of them
/// is there.
[[nodiscard]] Result<std::optional<crypto::SecretBytes>> given_passphrase(const Program& program, const std::string& prompt);

class Messenger {
 public:
  /// How long nodes are asked to wait for us: a program that ends soon does not let them wait long after it is gone.
  enum class Stay { Short, Long };
  explicit Messenger(const Program& program, Stay stay = Stay::Short);

  /// The store alone. `if_none`: whether a folder is made.
  [[nodiscard]] Result<void> open_store(net::NewFolder if_none = net::NewFolder::Refuse);
  /// The store and the client; no packet leaves before `run_until`.
  [[nodiscard]] Result<void> open();
  /// Client and store are closed, and their keys wiped.
  void close();

  /// Throws, as for any wrong usage, when no seed is named.
  void require_seed() const;

  /// Runs the network until `is_done`, the time is up, the store fails, or the person interrupts. True when it was done.
  template <class Done>
  [[nodiscard]] bool run_until(Done&& is_done, Millis longest) {
    net::asio::steady_timer timer(io_);
    const auto over = std::make_shared<bool>(false);  // the handler of a cancelled timer still runs, after this call
    timer.expires_after(std::chrono::milliseconds(longest.count));
    timer.async_wait([over](const boost::system::error_code& error) { *over = !error; });
    while (!is_done() && !*over && !*interrupted_ && !host_->failure()) io_.run_one();
    return is_done();
  }
  [[nodiscard]] Millis timeout() const { return seconds(program_.timeout_s); }
  [[nodiscard]] bool was_interrupted() const { return *interrupted_; }

  /// The delivery that a command made, or 0. Errors: why it was refused, or the store's.
  [[nodiscard]] Result<std::uint64_t> command(const client::Command& command);
  /// One round over the own mailbox, begun by `how`: Fetch or GoOnline.
  [[nodiscard]] Result<void> fetch(const client::Command& how = client::Fetch{});

  net::asio::io_context& io() { return io_; }
  net::ClientHost& host() { return *host_; }
  store::SqlClientStore& store() { return *store_; }
  crypto::SystemRng& rng() { return rng_; }
  [[nodiscard]] const Program& program() const { return program_; }

 private:
  const Program& program_;
  const Stay stay_;
  crypto::SystemRng rng_;
  net::asio::io_context io_;
  net::asio::signal_set signals_;
  std::shared_ptr<bool> interrupted_ = std::make_shared<bool>(false);
  std::unique_ptr<store::SqlClientStore> store_;
  std::optional<store::EpochFile> counter_;
  std::unique_ptr<net::ClientHost> host_;
};

/// A command that the network carries: waits until it is settled and says how it stands; exit 1 when nobody has it yet.
struct Carried {
  client::Command command;
  bool needs_news = false;                       ///< the mailbox is read first: its state may allow what is asked
  std::optional<SessionId> with = std::nullopt;  ///< whom it is for; oneself needs no network
  Json also = Json::object();                    ///< stands in its line as well
};
[[nodiscard]] int carry_out(const Program& program, const Carried& what);
/// The same for an account that is open, and whose delivery is made.
[[nodiscard]] int report_delivery(Messenger& messenger, std::uint64_t id, const Json& also = Json::object());
/// A command that changes this store only.
[[nodiscard]] int change(const Program& program, const client::Command& command, const Json& line, const std::string& text);

/// Errors: Malformed, beginning with the option's name.
[[nodiscard]] Result<SessionId> parse_person(const std::string& text, const std::string& field = "id");
/// null for Instant{}.
[[nodiscard]] Json time_or_null(Instant at);
/// The name that is shown for somebody.
[[nodiscard]] std::string shown_name(const store::ClientStore& store, const SessionId& who);

/// The argument that names a person: `Options::id`.
template <class Options>
void with_id(CLI::App& command, Options& options) {
  command.add_option("id", options.id, "Session ID, 66 hex digits")->required();
}

/// Adds a command about one person; `run` gets the parsed ID.
template <class Options, class Describe, class Run>
void add_for_person(CLI::App& app, Program& program, const char* name, const char* what, Describe describe, Run run) {
  add_command<Options>(
      app, program, name, what,
      [describe](CLI::App& command, Options& options) {
        with_id(command, options);
        describe(command, options);
      },
      [run](const Program& p, const Options& options) {
        const auto who = parse_person(options.id);
        return who ? run(p, *who, options) : Program::complain(who.error());
      });
}

}  // namespace session::cli
