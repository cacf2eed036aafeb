// The account of a folder, its passphrase, and the profiles of an installation.
#include "core/crypto/phrase.h"
#include "tools/session-cli/messenger.h"
#include "tools/session-cli/passphrase.h"

namespace session::cli {
namespace {

struct Options {
  std::string name, phrase, era = "C", new_file;
  bool flag = false;
};

const char* era_letter(std::uint8_t era) {
  switch (static_cast<crypto::Era>(era)) {
    case crypto::Era::A: return "A";
    case crypto::Era::B: return "B";
    case crypto::Era::C: return "C";
  }
  return "?";
}

Result<void> show_account(Messenger& messenger, bool with_phrase) {
  const auto account = messenger.store().account();
  if (!account) return fail(account);
  if (!*account) return fail(ErrorCode::NotFound, "there is no account in this folder yet; `account new` makes one");
  const auto identity = crypto::identity_of((*account)->seed, static_cast<crypto::Era>((*account)->era));
  const auto mode = store::look_at_key(store::ProfileFiles(account_folder(messenger.program())).key);
  if (!mode) return fail(mode);
  Json line = {{"name", (*account)->name},
               {"session_id", identity.id.hex()},
               {"era", era_letter((*account)->era)},
               {"created", (*account)->created.unix_millis()},
               {"locked", *mode == store::KeyMode::Passphrase}};
  std::string text = fmt::format("{}\n{}", (*account)->name, identity.id.hex());
  if (with_phrase) {
    const crypto::SecretBytes phrase = crypto::phrase_of((*account)->seed.bytes());
    line["phrase"] = std::string(text_of(phrase.bytes()));
    text += fmt::format("\n{}\nWrite the words down: whoever has them is you, and without them nobody can help you.",
                        text_of(phrase.bytes()));
  }
  messenger.program().say(line, text);
  return {};
}

/// Publishes the prekey bundle when there is a network; an account without one is an account all the same.
int publish(Messenger& messenger) {
  const Program& program = messenger.program();
  if (program.seeds.empty()) return 0;
  messenger.close();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  const bool done = messenger.run_until([&] { return messenger.host().machine().outbox().empty(); },
                                        std::min(messenger.timeout(), seconds(30)));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  if (!done)
    Program::warn(
        fmt::format("the account is made, but its prekey bundle is not published yet ({}); the next command with a "
                    "network tries again",
                    messenger.host().machine().courier().trouble()));
  return 0;
}

int make(const Program& program, const Options& options) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(net::NewFolder::Make); !opened) return Program::complain(opened.error());
  auto made = client::Client::create(messenger.store(), options.name, net::system_now(), messenger.rng());
  if (!made) return Program::complain(made.error());
  if (auto shown = show_account(messenger, true); !shown) return Program::complain(shown.error());
  return publish(messenger);
}

int restore(const Program& program, const Options& options) {
  std::string phrase = options.phrase;
  if (phrase == "-") std::getline(std::cin, phrase);
  const auto seed = crypto::seed_of_phrase(phrase);
  crypto::wipe({reinterpret_cast<std::byte*>(phrase.data()), phrase.size()});
  if (!seed) return Program::complain(seed.error());
  if (seed->size() != 16) return Program::complain("phrase: 25 words; accounts of this program have 13");
  Messenger messenger(program);
  if (auto opened = messenger.open_store(net::NewFolder::Make); !opened) return Program::complain(opened.error());
  const auto era = options.era == "A" ? crypto::Era::A : options.era == "B" ? crypto::Era::B : crypto::Era::C;
  auto made = client::Client::restore(messenger.store(), options.name, store::AccountSeed(seed->bytes()), era,
                                      net::system_now(), messenger.rng());
  if (!made) return Program::complain(made.error());
  if (auto shown = show_account(messenger, false); !shown) return Program::complain(shown.error());
  return publish(messenger);
}

int show(const Program& program, const Options& options) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto shown = show_account(messenger, options.flag);
  return shown ? 0 : Program::complain(shown.error());
}

/// Everything goes, even what no passphrase opens any more: to delete is to destroy the key.
int erase(const Program& program, const Options& options) {
  if (!options.flag) throw CLI::ValidationError("--yes", "missing; nothing of the account can be brought back");
  const auto folder = account_folder(program);
  if (auto gone = store::remove_account_folder(folder); !gone) return Program::complain(gone.error());
  program.say({{"deleted", folder.string()}}, fmt::format("nothing of {} is left", folder.string()));
  return 0;
}

Result<crypto::SecretBytes> new_passphrase(const Options& options) {
  if (!options.new_file.empty()) return passphrase_in(options.new_file, "--new-passphrase-file");
  auto first = ask_passphrase("New passphrase");
  if (!first || !is_terminal()) return first;
  const auto again = ask_passphrase("The same again");
  if (!again) return fail(again);
  if (text_of(again->bytes()) != text_of(first->bytes())) return fail(ErrorCode::Malformed, "new passphrase: the two differ");
  return first;
}

enum class Passphrase { Set, Change, Remove };

int lock(const Program& program, const Options& options, Passphrase what) {
  const auto folder = account_folder(program);
  const auto file = store::ProfileFiles(folder).key;
  const auto mode = store::look_at_key(file);
  if (!mode) return Program::complain(mode.error());
  if (*mode == store::KeyMode::None)
    return Program::complain("there is no account in this folder yet; `account new` makes one");
  const bool is_locked = *mode == store::KeyMode::Passphrase;
  if (is_locked && what == Passphrase::Set) return Program::complain("the account has a passphrase; `passphrase change` it");
  if (!is_locked && what != Passphrase::Set) return Program::complain("the account has no passphrase; `passphrase set` one");
  std::optional<crypto::SecretBytes> old_one, new_one;
  if (is_locked) {
    auto given = program.passphrase_file.empty() ? ask_passphrase("Old passphrase")
                                                 : passphrase_in(program.passphrase_file, "--passphrase-file");
    if (!given) return Program::complain(given.error());
    old_one = std::move(*given);
  }
  if (what != Passphrase::Remove) {
    auto given = new_passphrase(options);
    if (!given) return Program::complain(given.error());
    new_one = std::move(*given);
  }
  const auto view = [](const std::optional<crypto::SecretBytes>& secret) {
    return secret ? std::optional(text_of(secret->bytes())) : std::nullopt;
  };
  crypto::SystemRng rng;
  auto done = store::change_key(file, view(old_one), view(new_one), rng);
  if (!done && done.error().code == ErrorCode::Unauthentic)
    return Program::complain("the passphrase does not open this account");
  if (!done) return Program::complain(done.error());
  program.say({{"locked", new_one.has_value()}}, new_one ? "the account is locked with the passphrase" : "the account is open");
  return 0;
}

int list_profiles(const Program& program, const Options&) {
  const auto names = store::Profiles(installation(program)).list();
  if (!names) return Program::complain(names.error());
  for (const std::string& name : *names) program.say({{"profile", name}}, name);
  return 0;
}

int new_profile(const Program& program, const Options& options) {
  const auto folder = store::Profiles(installation(program)).create(options.name);
  if (!folder) return Program::complain(folder.error());
  program.say({{"profile", options.name}, {"folder", folder->string()}},
              fmt::format("{} is ready; `account new --profile {}` makes its account", folder->string(), options.name));
  return 0;
}

int remove_profile(const Program& program, const Options& options) {
  if (!options.flag) throw CLI::ValidationError("--yes", "missing; nothing of the profile can be brought back");
  if (auto gone = store::Profiles(installation(program)).remove(options.name); !gone) return Program::complain(gone.error());
  program.say({{"removed", options.name}}, "nothing of it is left");
  return 0;
}

void nothing(CLI::App&, Options&) {}
void with_name(CLI::App& command, Options& o) { command.add_option("--name", o.name, "What people will see")->required(); }
void with_yes(CLI::App& command, Options& o) { command.add_flag("--yes", o.flag, "Yes, for ever"); }

void add_passphrase(CLI::App& account, Program& program) {
  auto* passphrase = account.add_subcommand("passphrase", "Locks the account: nobody opens it without the passphrase");
  passphrase->require_subcommand(1);
  passphrase->fallthrough();
  const auto with_file = [](CLI::App& command, Options& o) {
    command.add_option("--new-passphrase-file", o.new_file, "A file with the new one; else it is asked for, or a line is read");
  };
  add_command<Options>(*passphrase, program, "set", "Locks an open account", with_file,
                       [](const Program& p, const Options& o) { return lock(p, o, Passphrase::Set); });
  add_command<Options>(*passphrase, program, "change", "Another passphrase", with_file,
                       [](const Program& p, const Options& o) { return lock(p, o, Passphrase::Change); });
  add_command<Options>(*passphrase, program, "remove", "Opens it for whoever reads the folder", nothing,
                       [](const Program& p, const Options& o) { return lock(p, o, Passphrase::Remove); });
}

}  // namespace

void add_account(CLI::App& app, Program& program) {
  auto* account = app.add_subcommand("account", "Makes, restores, shows, locks or deletes the account of this folder");
  account->require_subcommand(1);
  account->fallthrough();
  add_command<Options>(*account, program, "new", "Makes an account and shows its recovery phrase", with_name, make);
  const auto with_phrase = [](CLI::App& command, Options& o) {
    with_name(command, o);
    command.add_option("--phrase", o.phrase, "The 13 words; '-' reads them from standard input")->required();
    command.add_option("--era", o.era, "C, or A or B for a phrase from before 2020-11")
        ->check(CLI::IsMember({"A", "B", "C"}))
        ->capture_default_str();
  };
  add_command<Options>(*account, program, "restore", "Makes the account of a recovery phrase, as a new device", with_phrase,
                       restore);
  add_command<Options>(
      *account, program, "show", "Shows the account's name and ID",
      [](CLI::App& command, Options& o) { command.add_flag("--phrase", o.flag, "The recovery phrase as well"); }, show);
  add_command<Options>(*account, program, "rename", "Another name; people see it with the next message", with_name,
                       [](const Program& p, const Options& o) {
                         return change(p, client::Rename{o.name}, {{"name", o.name}}, "people will see " + o.name);
                       });
  add_command<Options>(*account, program, "delete", "Deletes everything of this account on this machine", with_yes, erase);
  add_passphrase(*account, program);
  auto* profile = app.add_subcommand("profile", "Several accounts in one installation");
  profile->require_subcommand(1);
  profile->fallthrough();
  add_command<Options>(*profile, program, "list", "Their names", nothing, list_profiles);
  const auto named = [](CLI::App& command, Options& o) {
    command.add_option("name", o.name, "1 to 32 of a-z, 0-9, - and _")->required();
  };
  add_command<Options>(*profile, program, "new", "Makes a profile's folder", named, new_profile);
  add_command<Options>(
      *profile, program, "remove", "Deletes everything of a profile",
      [named](CLI::App& command, Options& o) {
        named(command, o);
        with_yes(command, o);
      },
      remove_profile);
}

}  // namespace session::cli
