// Messages: written, changed, looked at and searched.
#include <charconv>
#include <cstdio>

#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

struct Options {
  std::string id, text, from, since, until;
  std::uint64_t message = 0, quote = 0;
  std::optional<std::int64_t> ttl;
  std::size_t count = 50;
  std::uint64_t before = ~std::uint64_t{0};
  bool remove = false;
};
void with_message(CLI::App& command, Options& o) {
  command.add_option("message", o.message, "The message's number")->required()->check(kNumber);
}
void with_count(CLI::App& command, Options& o) {
  command.add_option("--count", o.count, "At most so many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
}

int send(const Program& program, const Options& o) {
  const auto to = parse_person(o.id);
  if (!to) return Program::complain(to.error());
  if (o.ttl && (*o.ttl < 10 || *o.ttl > 14 * 86'400))
    return Program::complain(fmt::format("--ttl: {} s; from 10 s to 14 days", *o.ttl));
  std::string text = o.text;
  if (text == "-") {
    text.resize(wire::kMaxTextBytes + 2);  // more is too long whatever follows
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    if (text.ends_with('\n')) text.pop_back();
  }
  const auto lifetime = o.ttl ? std::optional(seconds(*o.ttl)) : std::nullopt;
  return carry_out(program, {client::Send{*to, text, lifetime, o.quote}, true, *to});
}

/// What is done to a message goes to whoever it is with.
int act_on(const Program& program, std::uint64_t id, const client::Command& command) {
  std::optional<SessionId> with;
  {
    Messenger messenger(program);
    if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
    const auto message = messenger.store().message(id);
    if (!message) return Program::complain(message.error());
    if (!*message) return Program::complain(fmt::format("message: there is no message {}", id));
    with = (*message)->contact;
  }
  return carry_out(program, {command, false, with, {{"message", id}}});
}

Json reactions_of(const store::MessageRow& row) {
  Json all = Json::array();
  for (const store::ReactionRow& reaction : row.reactions)
    if (!reaction.removed)
      all.push_back({{"from", reaction.who.hex()}, {"emoji", reaction.emoji}, {"at", reaction.at.unix_millis()}});
  return all;
}

Json quote_of(const store::MessageRow& row) {
  if (!row.quote) return nullptr;
  return {
      {"from", row.quote->about.author.hex()}, {"sent_at", row.quote->about.sent_at.unix_millis()}, {"text", row.quote->text}};
}

void say_message(Messenger& messenger, const store::MessageRow& row, const SessionId& own) {
  const SessionId from = row.outgoing ? own : row.contact;
  const char* state =
      row.outgoing ? client::name_of(static_cast<client::State>(row.state)) : (row.read != Instant{} ? "read" : "unread");
  std::string text = fmt::format("#{} {}: {}", row.id, row.outgoing ? "you" : shown_name(messenger.store(), from),
                                 row.unsent ? "(taken back)" : row.body);
  if (row.quote) text += fmt::format("\nanswers: {}", row.quote->text);
  for (const store::ReactionRow& reaction : row.reactions)
    if (!reaction.removed) text += " [" + reaction.emoji + "]";
  text += fmt::format(" ({}{})", state, row.edited != Instant{} ? ", edited" : "");
  messenger.program().say({{"id", row.id},
                           {"with", row.contact.hex()},
                           {"from", from.hex()},
                           {"outgoing", row.outgoing},
                           {"kind", client::name_of(static_cast<client::Kind>(row.kind))},
                           {"sent_at", row.sent_at.unix_millis()},
                           {"received_at", row.received_at.unix_millis()},
                           {"text", row.body},
                           {"state", state},
                           {"read_at", time_or_null(row.read)},
                           {"edited", time_or_null(row.edited)},
                           {"unsent", row.unsent},
                           {"reactions", reactions_of(row)},
                           {"quote", quote_of(row)},
                           {"timer_s", row.timer_s},
                           {"expiry", time_or_null(row.expiry)},
                           {"mentions_us", row.mentions_us},
                           {"notice", row.notice}},
                          text);
}

/// The account's own ID, of a store without a client.
Result<SessionId> own_id(Messenger& messenger) {
  const auto account = messenger.store().account();
  if (!account) return fail(account);
  if (!*account) return fail(ErrorCode::NotFound, "there is no account in this folder yet; `account new` makes one");
  return crypto::identity_of((*account)->seed, static_cast<crypto::Era>((*account)->era)).id;
}

int say_all(Messenger& messenger, const Result<std::vector<store::MessageRow>>& rows, const SessionId& own) {
  if (!rows) return Program::complain(rows.error());
  const Instant now = net::system_now();
  for (const store::MessageRow& row : *rows)
    if (row.expiry == Instant{} || row.expiry > now)  // the rest goes when the client runs next
      say_message(messenger, row, own);
  return 0;
}

int history(const Program& program, const Options& o) {
  const auto with = parse_person(o.id);
  if (!with) return Program::complain(with.error());
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto own = own_id(messenger);
  if (!own) return Program::complain(own.error());
  return say_all(messenger, messenger.store().messages(*with, o.count, o.before), *own);
}

int edits(const Program& program, const Options& o) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto message = messenger.store().message(o.message);
  if (!message) return Program::complain(message.error());
  if (!*message) return Program::complain(fmt::format("message: there is no message {}", o.message));
  const auto before = messenger.store().edits(o.message);
  if (!before) return Program::complain(before.error());
  const auto say = [&](Instant at, const std::string& text, bool is_current) {
    program.say({{"id", o.message}, {"at", at.unix_millis()}, {"text", text}, {"current", is_current}}, text);
  };
  for (const store::EditRow& row : *before) say(row.at, row.body, false);
  say((*message)->edited != Instant{} ? (*message)->edited : (*message)->sent_at, (*message)->body, true);
  return 0;
}

/// 2026-11-26, 2026-11-26T14:30 (both UTC) or Unix milliseconds.
Result<Instant> parse_date(const std::string& text, const char* field) {
  const char* const end = text.data() + text.size();
  std::int64_t millis = 0;
  if (const auto [at, error] = std::from_chars(text.data(), end, millis); error == std::errc{} && at == end && millis > 9999)
    return Instant::from_unix_millis(millis);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  const int got = std::sscanf(text.c_str(), "%4d-%2d-%2d%nT%2d:%2d%n", &year, &month, &day, &used, &hour, &minute, &used);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const bool is_good = (got == 3 || got == 5) && used == static_cast<int>(text.size()) && date.ok() && hour >= 0 && hour < 24 &&
                       minute >= 0 && minute < 60;
  if (!is_good)
    return fail(ErrorCode::Malformed, fmt::format("{}: '{}' is no date such as 2026-11-26 or 2026-11-26T14:30", field, text));
  const auto whole_days = std::chrono::sys_days(date).time_since_epoch().count();
  return Instant{} + days(whole_days) + hours(hour) + minutes(minute);
}

int search(const Program& program, const Options& o) {
  if (!is_utf8(o.text)) return Program::complain("text: not UTF-8");
  store::SearchQuery query{.text = o.text, .max_count = o.count, .before_id = o.before};
  if (!o.since.empty()) {
    const auto since = parse_date(o.since, "--since");
    if (!since) return Program::complain(since.error());
    query.since = *since;
  }
  if (!o.until.empty()) {
    const auto until = parse_date(o.until, "--until");
    if (!until) return Program::complain(until.error());
    query.until = *until;
  }
  if (!o.id.empty()) {
    const auto with = parse_person(o.id, "--with");
    if (!with) return Program::complain(with.error());
    query.with = *with;
  }
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto own = own_id(messenger);
  if (!own) return Program::complain(own.error());
  if (!o.from.empty()) {
    const auto from = o.from == "me" ? own : parse_person(o.from, "--from");
    if (!from) return Program::complain(from.error());
    query.outgoing = *from == *own;
    if (!*query.outgoing) {
      if (query.with && *query.with != *from) return 0;  // they wrote nothing in another's conversation
      query.with = *from;
    }
  }
  return say_all(messenger, messenger.store().search(query), *own);
}

int read(const Program& program, const Options& o) {
  const auto with = parse_person(o.id);
  if (!with) return Program::complain(with.error());
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (auto done = messenger.command(client::MarkRead{*with, o.message}); !done) return Program::complain(done.error());
  // Their receipt, where receipts are on, leaves now or with the next command.
  if (!program.seeds.empty())
    static_cast<void>(messenger.run_until([&] { return messenger.host().machine().is_idle(); }, messenger.timeout()));
  if (messenger.host().failure()) return Program::complain(*messenger.host().failure());
  const auto conversation = messenger.store().conversation(*with);
  if (!conversation) return Program::complain(conversation.error());
  const std::uint32_t unread = *conversation ? (*conversation)->unread : 0;
  program.say({{"id", with->hex()}, {"unread", unread}}, fmt::format("{} unread", unread));
  return 0;
}

void add_writing(CLI::App& app, Program& program) {
  add_command<Options>(
      app, program, "send", "Sends a message to an accepted contact, or keeps a note to oneself",
      [](CLI::App& command, Options& o) {
        with_id(command, o);
        command.add_option("text", o.text, "What to say; '-' reads it from standard input")->required();
        command.add_option("--ttl", o.ttl, "Seconds that the swarm keeps it, 10 to 1209600");
        command.add_option("--quote", o.quote, "The number of the message that it answers")->check(kNumber);
      },
      send);
  add_command<Options>(
      app, program, "react", "Puts an emoji on a message",
      [](CLI::App& command, Options& o) {
        with_message(command, o);
        command.add_option("emoji", o.text, "The emoji")->required();
        command.add_flag("--remove", o.remove, "Takes it off");
      },
      [](const Program& p, const Options& o) { return act_on(p, o.message, client::React{o.message, o.text, o.remove}); });
  add_command<Options>(
      app, program, "edit", "Gives a message of yours other words",
      [](CLI::App& command, Options& o) {
        with_message(command, o);
        command.add_option("text", o.text, "What it shall say")->required();
      },
      [](const Program& p, const Options& o) { return act_on(p, o.message, client::Edit{o.message, o.text}); });
  add_command<Options>(app, program, "unsend", "Takes a message of yours back, here and there", with_message,
                       [](const Program& p, const Options& o) { return act_on(p, o.message, client::Unsend{o.message}); });
  add_command<Options>(app, program, "remove", "Removes a message here only", with_message,
                       [](const Program& p, const Options& o) {
                         return change(p, client::RemoveMessage{o.message}, {{"id", o.message}, {"removed", true}}, "removed");
                       });
}

}  // namespace

void add_messages(CLI::App& app, Program& program) {
  add_writing(app, program);
  add_command<Options>(
      app, program, "history", "Shows a conversation, oldest first",
      [](CLI::App& command, Options& o) {
        with_id(command, o);
        with_count(command, o);
        command.add_option("--before", o.before, "Only those before this number");
      },
      history);
  add_command<Options>(app, program, "edits", "Shows what a message said before", with_message, edits);
  add_command<Options>(
      app, program, "search", "Finds messages by their words, newest first",
      [](CLI::App& command, Options& o) {
        command.add_option("text", o.text, "Words, and \"phrases in quotes\"; the last word may be a beginning")->required();
        command.add_option("--with", o.id, "Only the conversation with this ID");
        command.add_option("--from", o.from, "Only what this ID, or `me`, wrote");
        command.add_option("--since", o.since, "Sent at or after: 2026-11-26, 2026-11-26T14:30 (UTC) or Unix milliseconds");
        command.add_option("--until", o.until, "Sent before");
        with_count(command, o);
        command.add_option("--before", o.before, "The next page: the last number of this one");
      },
      search);
  add_command<Options>(
      app, program, "read", "Marks a conversation as read",
      [](CLI::App& command, Options& o) {
        with_id(command, o);
        command.add_option("--up-to", o.message, "Up to this message")->check(kNumber);
      },
      read);
}

}  // namespace session::cli
