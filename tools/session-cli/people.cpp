// People: requests, contacts, names, blocking, safety numbers, sessions.
#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

struct Options {
  std::string id, text;
  bool yes = false, no = false;
};

void nothing_more(CLI::App&, Options&) {}

const char* name_of(client::Client::Health::State state) {
  using enum client::Client::Health::State;
  switch (state) {
    case None: return "none";
    case Sound: return "sound";
    case Waiting: return "waiting";
    case Broken: return "broken";
  }
  return "?";
}

int contacts(const Program& program, const Options&) {
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  const auto rows = messenger.store().contacts();
  if (!rows) return Program::complain(rows.error());
  for (const store::ContactRow& row : *rows) {
    const auto health = messenger.host().machine().health_of(row.id, messenger.store());
    if (!health) return Program::complain(health.error());
    const char* state = client::name_of(static_cast<client::ContactState>(row.state));
    std::string text = fmt::format("{} {:<9} {}", row.id.hex(), state, shown_name(messenger.store(), row.id));
    if (!row.nickname.empty() && !row.name.empty()) text += fmt::format(" (calls themselves {})", row.name);
    if (row.verified) text += ", verified";
    if (row.blocked) text += ", blocked";
    if (!row.forward_secrecy) text += ", no forward secrecy yet";
    if (!health->words.empty()) text += ": " + health->words;
    program.say({{"id", row.id.hex()},
                 {"name", row.name},
                 {"nickname", row.nickname},
                 {"state", state},
                 {"verified", row.verified},
                 {"blocked", row.blocked},
                 {"health", name_of(health->state)},
                 {"words", health->words},
                 {"forward_secrecy", row.forward_secrecy},
                 {"unopened", row.unopened},
                 {"missing", row.missing.size()},
                 {"heard", time_or_null(row.heard)}},
                text);
  }
  return 0;
}

int verify(const Program& program, const SessionId& who, const Options& o) {
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (o.yes || o.no)
    if (auto done = messenger.command(client::Verify{who, o.yes}); !done) return Program::complain(done.error());
  const auto contact = messenger.store().contact(who);
  if (!contact) return Program::complain(contact.error());
  if (!*contact) return Program::complain("there is no contact " + who.hex());
  const auto number = messenger.host().machine().safety_number(who, messenger.rng());
  if (!number) return Program::complain(number.error());
  std::string groups;
  for (std::size_t i = 0; i < number->size(); i += 5) groups += (i == 0 ? "" : " ") + number->substr(i, 5);
  const bool is_verified = (*contact)->verified;
  program.say({{"id", who.hex()}, {"safety_number", *number}, {"verified", is_verified}},
              fmt::format("{}\n{}", groups,
                          is_verified ? "verified: you compared it"
                                      : "not verified; compare it with theirs, in person or on the phone, then --yes"));
  return 0;
}

}  // namespace

void add_people(CLI::App& app, Program& program) {
  const auto with_text = [](CLI::App& command, Options& o) { command.add_option("text", o.text, "What to say")->required(); };
  add_for_person<Options>(
      app, program, "request", "Sends first words to a stranger", with_text,
      [](const Program& p, const SessionId& to, const Options& o) { return carry_out(p, {client::Ask{to, o.text}, true}); });
  add_for_person<Options>(
      app, program, "accept", "Accepts the request of a stranger", nothing_more,
      [](const Program& p, const SessionId& who, const Options&) { return carry_out(p, {client::Accept{who}, true}); });
  add_for_person<Options>(app, program, "decline", "Declines a request; nothing of it is kept, nothing is sent", nothing_more,
                          [](const Program& p, const SessionId& who, const Options&) {
                            return change(p, client::Decline{who}, {{"declined", who.hex()}}, "declined");
                          });
  add_command<Options>(app, program, "contacts", "Lists the people of this account", nothing_more, contacts);
  add_for_person<Options>(
      app, program, "nickname", "Your own name for somebody; empty: theirs again",
      [](CLI::App& command, Options& o) { command.add_option("name", o.text, "Told nobody")->required(); },
      [](const Program& p, const SessionId& who, const Options& o) {
        return change(p, client::Nickname{who, o.text}, {{"id", who.hex()}, {"nickname", o.text}},
                      o.text.empty() ? "no nickname" : "named " + o.text);
      });
  add_for_person<Options>(app, program, "block", "Drops what somebody sends; they are not told", nothing_more,
                          [](const Program& p, const SessionId& who, const Options&) {
                            return change(p, client::Block{who, true}, {{"id", who.hex()}, {"blocked", true}}, "blocked");
                          });
  add_for_person<Options>(app, program, "unblock", "Hears somebody again", nothing_more,
                          [](const Program& p, const SessionId& who, const Options&) {
                            return change(p, client::Block{who, false}, {{"id", who.hex()}, {"blocked", false}},
                                          "no longer blocked");
                          });
  add_for_person<Options>(
      app, program, "verify", "Shows the safety number that both of you see alike",
      [](CLI::App& command, Options& o) {
        auto* yes = command.add_flag("--yes", o.yes, "It was compared and is the same");
        command.add_flag("--no", o.no, "Takes that back")->excludes(yes);
      },
      verify);
  add_for_person<Options>(
      app, program, "reset", "Begins a new session with somebody, when messages do not open", nothing_more,
      [](const Program& p, const SessionId& who, const Options&) { return carry_out(p, {client::ResetSession{who}}); });
  add_for_person<Options>(app, program, "forget", "Forgets somebody with all messages", nothing_more,
                          [](const Program& p, const SessionId& who, const Options&) {
                            return change(p, client::RemoveContact{who}, {{"id", who.hex()}, {"forgotten", true}}, "forgotten");
                          });
}

}  // namespace session::cli
