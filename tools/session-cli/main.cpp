// session-cli: the messenger without a window, and a workbench for its parts.
#include <iostream>
#include <string_view>

#include "core/crypto/keys.h"
#include "tools/session-cli/program.h"

int main(int argc, char** argv) {
  session::crypto::initialise();
  CLI::App app("Session: a private messenger without a company in the middle.", "session-cli");
  app.require_subcommand(1);
  app.fallthrough();
  session::cli::Program program;
  app.add_flag("--json", program.json, "One JSON object a line on standard output");
  app.add_flag("--verbose", program.verbose, "Prints what happens, fact by fact, on standard error");
  session::cli::add_common_options(app, program);
  session::cli::add_account(app, program);
  session::cli::add_people(app, program);
  session::cli::add_messages(app, program);
  session::cli::add_conversations(app, program);
  session::cli::add_receive(app, program);
  session::cli::add_network(app, program);
  session::cli::add_doctor(app, program);
  session::cli::add_workbench(app, program);
  session::cli::add_signal(app, program);
  // `send ID -hello` is not a call for help.
  app.set_help_flag("--help", "Print this help message and exit");
  const auto long_help_only = [](auto&& self, CLI::App& command) -> void {
    for (CLI::App* each : command.get_subcommands([](CLI::App*) { return true; })) {
      each->set_help_flag("--help", "Print this help message and exit");
      self(self, *each);
    }
  };
  long_help_only(long_help_only, app);
  if (argc == 2 && std::string_view(argv[1]) == "-h") {
    std::cout << app.help();
    return 0;
  }
  try {
    app.parse(argc, argv);
    return program.chosen ? program.chosen() : 2;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}
