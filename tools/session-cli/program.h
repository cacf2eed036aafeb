// What the commands of session-cli share.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/base/text.h"
#include "core/base/time.h"

namespace session::cli {

using Json = nlohmann::ordered_json;

/// Exit codes: 0 done, 1 refused or failed (the reason on standard error), 2 wrong usage.
struct Program {
  bool json = false;
  bool verbose = false;
  std::string folder;           ///< --dir, the account's folder; or
  std::string home;             ///< --home, the installation, with
  std::string profile;          ///< --profile, one of its folders
  std::string passphrase_file;  ///< --passphrase-file or SESSION_PASSPHRASE_FILE
  std::vector<std::string> seeds;
  int timeout_s = 60;
  std::function<int()> chosen;  ///< what the command line asked for

  /// One object a line for programs, the plain form for people.
  void say(const Json& line, const std::string& text) const {
    std::cout << (json ? line.dump(-1, ' ', false, Json::error_handler_t::replace) : printable(text, kLineFeed)) << std::endl;
  }
  [[nodiscard]] static int complain(const std::string& what) {
    std::cerr << "session-cli: " << printable(what, kLineFeed) << '\n';
    return 1;
  }
  [[nodiscard]] static int complain(const Error& error) { return complain(error.message); }
  static void warn(const std::string& what) { static_cast<void>(complain(what)); }
  static constexpr const char* kLineFeed = "\n    ";  ///< so that nobody's text begins a line of its own
};

/// What counts things: from 1 on.
inline const CLI::Range kNumber(std::int64_t{1}, std::numeric_limits<std::int64_t>::max());

/// A subcommand with options of its own: `describe` binds them, `run` gets them. What `describe` binds outlives the parsing.
template <class Options, class Describe, class Run>
CLI::App* add_command(CLI::App& app, Program& program, const std::string& name, const std::string& what, Describe describe,
                      Run run) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(name, what);
  describe(*command, *options);
  command->callback([&program, options, run] {
    program.chosen = [&program, options, run]() -> int { return run(program, static_cast<const Options&>(*options)); };
  });
  return command;
}

/// --dir, --home, --profile, --passphrase-file, --seed-url, --timeout.
void add_common_options(CLI::App& app, Program& program);
/// account, profile.
void add_account(CLI::App& app, Program& program);
/// request, accept, decline, contacts, nickname, block, unblock, verify, reset, forget.
void add_people(CLI::App& app, Program& program);
/// send, react, edit, unsend, remove, history, edits, search, read.
void add_messages(CLI::App& app, Program& program);
/// conversations, draft, timer, lifetime, pin, unpin, mute, unmute, archive, unarchive, receipts, typing.
void add_conversations(CLI::App& app, Program& program);
/// receive.
void add_receive(CLI::App& app, Program& program);
/// outbox, journey, retry, cancel, price, path, new-path, reset-network.
void add_network(CLI::App& app, Program& program);
/// doctor.
void add_doctor(CLI::App& app, Program& program);
/// swarm-of, stamp, phrase: without a network.
void add_workbench(CLI::App& app, Program& program);
/// signal new, bundle, start, encrypt, decrypt.
void add_signal(CLI::App& app, Program& program);

}  // namespace session::cli
