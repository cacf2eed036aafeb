// What the commands of session-cli share.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <iostream>
#include <string>

#include "core/base/result.h"
#include "core/base/text.h"

namespace session::cli {

using Json = nlohmann::ordered_json;

/// Exit codes: 0 done, 1 refused or failed (the reason on standard error), 2 wrong usage.
struct Program {
  bool json = false;
  bool verbose = false;
  std::string folder;
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
  static constexpr const char* kLineFeed = "\n    ";  ///< so that nobody's text begins a line of its own
};

/// account, request, accept, decline, send, retry, receive, contacts, journey: with a store and a network.
void add_messenger(CLI::App& app, Program& program);
/// swarm-of, stamp, phrase: without a network.
void add_workbench(CLI::App& app, Program& program);
/// signal new, bundle, start, encrypt, decrypt.
void add_signal(CLI::App& app, Program& program);

}  // namespace session::cli
