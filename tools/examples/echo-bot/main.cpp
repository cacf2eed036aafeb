// echo-bot: accepts every request and answers each message with its own words, as an answer to it.
//
//   echo-bot --dir FOLDER --seed-url URL [--name NAME]
//
// SESSION_PASSPHRASE_FILE names a file with the passphrase, where the account has one. Ends on SIGINT and SIGTERM.
#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <iostream>

#include "core/base/text.h"
#include "core/client/client.h"
#include "core/crypto/keys.h"
#include "core/net/account_folder.h"
#include "core/net/client_host.h"
#include "core/store/store_epoch.h"

namespace {

using namespace session;

/// What the bot does about an event: the one function that another bot would write anew.
std::vector<client::Command> answer(const client::Event& event) {
  switch (event.type) {
    case client::EventType::Request:
      return {client::Accept{event.from}, client::Send{.to = event.from, .text = event.text, .quote = event.id}};
    case client::EventType::Message: return {client::Send{.to = event.from, .text = event.text, .quote = event.id}};
    default: return {};
  }
}

std::optional<std::string> passphrase() {
  const char* const file = std::getenv("SESSION_PASSPHRASE_FILE");
  std::string line;
  if (!file) return std::nullopt;
  std::ifstream in(file);
  std::getline(in, line);
  return line;
}

Result<void> run(const std::string& folder, const std::string& name, std::vector<std::string> seeds) {
  crypto::SystemRng rng;
  const auto words = passphrase();
  auto store = net::open_account_folder(folder, words, net::NewFolder::Make, rng);
  if (!store) return fail(store);
  const auto account = (*store)->account();
  if (!account) return fail(account);
  if (!*account)
    if (auto made = client::Client::create(**store, name, net::system_now(), rng); !made) return made;

  net::asio::io_context io;
  store::EpochFile counter(store::ProfileFiles(folder).counter);
  auto host = net::ClientHost::open(io, **store, {.seeds = std::move(seeds)}, {}, &counter);
  if (!host) return fail(host);
  std::cout << (*host)->machine().id().hex() << std::endl;
  // The commands that `answer` returns are kept together with the mark that the event was told, so that no event is answered
  // twice, wherever the program stops.
  (*host)->on_event(answer, [](const client::Event& event, const Error& error) {
    std::cerr << fmt::format("echo-bot: #{}: {}\n", event.id, printable(error.message));
  });
  bool is_told = false;
  (*host)->on_change([&] {
    const auto& failure = (*host)->failure();
    if (failure && !is_told) std::cerr << fmt::format("echo-bot: {}\n", client::words_for_failure(*failure));
    is_told = failure.has_value();
  });
  static_cast<void>((*host)->command(client::GoOnline{}));  // where the store fails, later

  bool is_over = false;
  net::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { is_over = true; });
  // What failed for a while is tried again by the host; what is damaged does not come back while the program runs.
  const auto is_lost = [&] { return (*host)->failure() && (*host)->failure()->code == ErrorCode::Damaged; };
  while (!is_over && !is_lost()) io.run_one();
  if (is_lost()) return std::unexpected(*(*host)->failure());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  crypto::initialise();
  CLI::App app("Answers each message with its own words.", "echo-bot");
  std::string folder, name = "Echo";
  std::vector<std::string> seeds;
  app.add_option("--dir", folder, "The account's folder; made when there is none")->required();
  app.add_option("--seed-url", seeds, "The network's seed")->required();
  app.add_option("--name", name, "Of a new account")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto done = run(folder, name, std::move(seeds));
  if (!done) std::cerr << "echo-bot: " << printable(done.error().message) << '\n';
  return done ? 0 : 1;
}
