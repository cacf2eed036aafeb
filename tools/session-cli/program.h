// What the commands of session-cli share.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <iostream>
#include <string>

#include "core/base/result.h"

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

  /// Text from elsewhere can neither begin a line of its own nor command the terminal: control characters and those that turn
  /// the direction of text become `?`. A line feed stays one with an indent after it.
  [[nodiscard]] static std::string printable(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U; };
      const bool turns = byte(0) == 0xe2 &&
                         ((byte(1) == 0x80 && ((byte(2) >= 0x8b && byte(2) <= 0x8f) || (byte(2) >= 0xa8 && byte(2) <= 0xae))) ||
                          (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
      if (byte(0) == '\n') {
        out += "\n    ";
      } else if (byte(0) < 0x20 || byte(0) == 0x7f) {
        out += '?';
      } else if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) {
        out += '?';
        i += 1;
      } else if (turns) {
        out += '?';
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  }
  /// One object a line for programs, the plain form for people.
  void say(const Json& line, const std::string& text) const {
    std::cout << (json ? line.dump(-1, ' ', false, Json::error_handler_t::replace) : printable(text)) << std::endl;
  }
  [[nodiscard]] static int complain(const std::string& what) {
    std::cerr << "session-cli: " << printable(what) << '\n';
    return 1;
  }
  /// An option that is missing is wrong usage.
  [[nodiscard]] static int complain(const Error& error) {
    static_cast<void>(complain(error.message));
    return error.message.starts_with("--") && error.message.find(": missing") != std::string::npos ? 2 : 1;
  }
};

/// account, request, accept, decline, send, retry, receive, contacts, journey: with a store and a network.
void add_messenger(CLI::App& app, Program& program);
/// swarm-of, stamp, phrase: without a network.
void add_workbench(CLI::App& app, Program& program);
/// signal new, bundle, start, encrypt, decrypt.
void add_signal(CLI::App& app, Program& program);

}  // namespace session::cli
