// How a conversation is kept and shown, and what the account tells others.
#include <algorithm>
#include <tuple>

#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

struct Options {
  std::string id, text, choice;
  std::uint64_t quote = 0;
  std::int64_t number = 0;
  bool flag = false;
};
void nothing(CLI::App&, Options&) {}
void with_choice(CLI::App& command, Options& o) {
  command.add_option("choice", o.choice, "on, off or show")->required()->check(CLI::IsMember({"on", "off", "show"}));
}

const Instant kForever = Instant::from_unix_millis(253'402'300'799'000);  // the last second of the year 9999

Json draft_of(const store::ConversationRow& row) {
  if (row.draft.empty() && !row.draft_quote) return nullptr;
  Json quote;
  if (row.draft_quote) quote = {{"from", row.draft_quote->author.hex()}, {"sent_at", row.draft_quote->sent_at.unix_millis()}};
  return {{"text", row.draft}, {"quote", quote}};
}

int list(const Program& program, const Options&) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto account = messenger.store().account();
  if (!account) return Program::complain(account.error());
  auto rows = messenger.store().conversations();
  if (!rows) return Program::complain(rows.error());
  std::sort(rows->begin(), rows->end(), [](const store::ConversationRow& a, const store::ConversationRow& b) {
    return std::tuple(a.pinned, a.last_at) > std::tuple(b.pinned, b.last_at);
  });
  const Instant now = net::system_now();
  for (const store::ConversationRow& row : *rows) {
    const auto last = row.last_message == 0 ? Result<std::optional<store::MessageRow>>(std::nullopt)
                                            : messenger.store().message(row.last_message);
    if (!last) return Program::complain(last.error());
    Json last_one;
    if (*last) last_one = {{"id", (*last)->id}, {"outgoing", (*last)->outgoing}, {"text", (*last)->body}};
    std::string text = fmt::format("{} {}", row.with.hex(), shown_name(messenger.store(), row.with));
    if (row.unread > 0) text += fmt::format(", {} unread", row.unread);
    if (row.pinned != Instant{}) text += ", pinned";
    if (row.muted_until > now) text += ", muted";
    if (row.archived) text += ", archived";
    if (row.timer_s > 0) text += fmt::format(", disappears after {} s", row.timer_s);
    if (!row.draft.empty()) text += ", draft: " + row.draft;
    program.say({{"id", row.with.hex()},
                 {"name", shown_name(messenger.store(), row.with)},
                 {"unread", row.unread},
                 {"last", last_one},
                 {"last_at", time_or_null(row.last_at)},
                 {"pinned", time_or_null(row.pinned)},
                 {"muted_until", row.muted_until > now ? time_or_null(row.muted_until) : Json()},
                 {"archived", row.archived},
                 {"timer_s", row.timer_s},
                 {"lifetime_s", row.lifetime.count / 1000},
                 {"draft", draft_of(row)}},
                text);
  }
  return 0;
}

int draft(const Program& program, const SessionId& with, const Options& o) {
  if (o.flag && (!o.text.empty() || o.quote != 0)) throw CLI::ValidationError("--clear", "excludes a text and --quote");
  const bool shows = !o.flag && o.text.empty() && o.quote == 0;
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  std::string words = o.text;
  if (words.empty() && o.quote != 0) {  // the quote alone: the words that are kept stay
    const auto kept = messenger.store().conversation(with);
    if (!kept) return Program::complain(kept.error());
    if (*kept) words = (*kept)->draft;
  }
  if (!shows)
    if (auto done = messenger.command(client::Draft{with, words, o.quote}); !done) return Program::complain(done.error());
  const auto row = messenger.store().conversation(with);
  if (!row) return Program::complain(row.error());
  program.say({{"id", with.hex()}, {"draft", *row ? draft_of(**row) : Json()}},
              !*row || draft_of(**row).is_null() ? "no draft" : (*row)->draft + ((*row)->draft_quote ? " (with a quote)" : ""));
  return 0;
}

int timer(const Program& program, const SessionId& with, const Options& o) {
  return carry_out(program,
                   {client::SetTimer{with, static_cast<std::uint32_t>(o.number)}, true, with, {{"timer_s", o.number}}});
}

int mute(const Program& program, const SessionId& with, const Options& o) {
  const Instant until = o.number > 0 ? net::system_now() + seconds(o.number) : kForever;
  return change(program, client::Mute{with, until}, {{"id", with.hex()}, {"muted_until", until.unix_millis()}}, "muted");
}

/// What the account tells others; on, off, or as it stands.
int tell(const Program& program, const Options& o, const char* name, bool client::Settings::* field) {
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  client::Settings settings = messenger.host().machine().settings();
  if (o.choice != "show") {
    settings.*field = o.choice == "on";
    if (auto done = messenger.command(settings); !done) return Program::complain(done.error());
  }
  program.say({{name, settings.*field}}, settings.*field ? "on" : "off");
  return 0;
}

/// Two commands that set one thing and take it back.
template <class Command>
void add_pair(CLI::App& app, Program& program, const char* on, const char* off, const char* what, const char* field) {
  for (const bool value : {true, false})
    add_for_person<Options>(app, program, value ? on : off, value ? what : "Takes that back", nothing,
                            [field, value](const Program& p, const SessionId& with, const Options&) {
                              return change(p, Command{with, value}, {{"id", with.hex()}, {field, value}},
                                            value ? "done" : "taken back");
                            });
}

}  // namespace

void add_conversations(CLI::App& app, Program& program) {
  add_command<Options>(app, program, "conversations", "Lists the conversations, pinned and newest first", nothing, list);
  add_for_person<Options>(
      app, program, "draft", "Keeps words that are not sent yet, or shows them",
      [](CLI::App& command, Options& o) {
        command.add_option("text", o.text, "The words");
        command.add_option("--quote", o.quote, "The number of the message that they answer")->check(kNumber);
        command.add_flag("--clear", o.flag, "Forgets them");
      },
      draft);
  add_for_person<Options>(
      app, program, "timer", "Messages disappear so long after they were sent; the other side is told",
      [](CLI::App& command, Options& o) {
        command.add_option("seconds", o.number, "0: they stay; at most 30 days")->required()->check(CLI::Range(0, 2'592'000));
      },
      timer);
  add_for_person<Options>(
      app, program, "lifetime", "How long the swarm keeps what is sent here",
      [](CLI::App& command, Options& o) {
        command.add_option("seconds", o.number, "43200 to 1209600; 0: as everywhere")->required();
      },
      [](const Program& p, const SessionId& with, const Options& o) {
        if (o.number < 0 || o.number > 1'209'600)
          return Program::complain(fmt::format("lifetime: {} s; from 12 hours to 14 days, or 0", o.number));
        return change(p, client::SetLifetime{with, seconds(o.number)}, {{"id", with.hex()}, {"lifetime_s", o.number}}, "done");
      });
  add_pair<client::Pin>(app, program, "pin", "unpin", "Keeps a conversation at the top", "pinned");
  add_for_person<Options>(
      app, program, "mute", "No notification",
      [](CLI::App& command, Options& o) {
        auto* span = command.add_option("--for", o.number, "Seconds")->check(CLI::Range(1, 315'360'000));
        command.add_flag("--forever", o.flag, "Until `unmute`; so it is without --for")->excludes(span);
      },
      mute);
  add_for_person<Options>(
      app, program, "unmute", "Notifications again", nothing, [](const Program& p, const SessionId& with, const Options&) {
        return change(p, client::Mute{with, {}}, {{"id", with.hex()}, {"muted_until", nullptr}}, "no longer muted");
      });
  add_pair<client::Archive>(app, program, "archive", "unarchive", "Puts a conversation away until something comes", "archived");
  add_command<Options>(
      app, program, "receipts", "Whether people see that you read what they wrote, and you the same of them", with_choice,
      [](const Program& p, const Options& o) { return tell(p, o, "receipts", &client::Settings::read_receipts); });
  add_command<Options>(app, program, "typing", "Whether people see that you write", with_choice,
                       [](const Program& p, const Options& o) { return tell(p, o, "typing", &client::Settings::typing); });
}

}  // namespace session::cli
