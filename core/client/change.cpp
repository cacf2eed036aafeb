#include "core/client/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/text.h"

namespace session::client {
namespace {

constexpr std::uint64_t kLastTime = 9'000'000'000'000'000;  // ms that an Instant holds in its micros, with room for sums

Result<Change> edit_of(const wire::DataMessage& data, const SessionId& from) {
  const auto about = time_of(data.edit_of_ms);
  if (!about) return fail(ErrorCode::Malformed, "editOf: no time of a message");
  if (data.body.empty()) return fail(ErrorCode::Malformed, "body: an edit without words");
  return Change{.kind = Kind::Edit, .about = {from, *about}, .from = from, .at = {}, .text = data.body};
}

Result<Change> reaction_of(const wire::Reaction& reaction, const SessionId& from) {
  const auto about = time_of(reaction.id);
  if (!about) return fail(ErrorCode::Malformed, "reaction.id: no time of a message");
  const auto author = SessionId::parse(reaction.author);
  if (!author) return fail(ErrorCode::Malformed, "reaction.author: " + author.error().message);
  if (reaction.emoji.empty() || reaction.emoji.size() > kMaxEmojiBytes || printable(reaction.emoji) != reaction.emoji)
    return fail(ErrorCode::Malformed, "reaction.emoji: nothing that can be shown");
  return Change{.kind = Kind::Reaction,
                .about = {*author, *about},
                .from = from,
                .at = {},
                .text = reaction.emoji,
                .removed = reaction.action == wire::Reaction::Action::Remove};
}

Result<Change> unsend_of(const wire::UnsendMessage& unsend, const SessionId& from) {
  const auto about = time_of(unsend.timestamp_ms);
  if (!about) return fail(ErrorCode::Malformed, "unsend.timestamp: no time of a message");
  const auto author = SessionId::parse(unsend.author);
  if (!author) return fail(ErrorCode::Malformed, "unsend.author: " + author.error().message);
  if (*author != from) return fail(ErrorCode::Malformed, "unsend.author: only who wrote a message may take it back");
  return Change{.kind = Kind::Unsend, .about = {from, *about}, .from = from, .at = {}, .text = {}};
}

Altered edit(store::MessageRow& message, const Change& change, const std::vector<store::EditRow>& history) {
  const Instant current = message.edited == Instant{} ? message.sent_at : message.edited;
  if (change.text.empty() || change.at <= message.sent_at || change.at == current) return {};
  if (change.at > current) {
    Altered altered{true, true, std::nullopt};
    if (history.size() < kMaxEdits) altered.replaced = store::EditRow{current, std::move(message.body)};
    message.body = change.text;
    message.edited = change.at;
    return altered;
  }
  const bool is_known =
      std::any_of(history.begin(), history.end(), [&](const store::EditRow& row) { return row.at == change.at; });
  if (is_known || history.size() >= kMaxEdits) return {};
  return {true, false, store::EditRow{change.at, change.text}};
}

/// The newest word of each person about each emoji, and of each person no more than the newest kMaxReactions. Kept in one
/// order.
Altered react(store::MessageRow& message, const Change& change) {
  auto& all = message.reactions;
  const auto same = std::find_if(all.begin(), all.end(), [&](const store::ReactionRow& row) {
    return row.who == change.from && row.emoji == change.text;
  });
  const bool stood = same != all.end() && !same->removed;
  if (same != all.end()) {
    // At one moment "remove" beats "react", so that there is an order at all.
    if (change.at < same->at || (change.at == same->at && (same->removed || !change.removed))) return {};
    same->at = change.at;
    same->removed = change.removed;
  } else {
    all.push_back({change.from, change.text, change.at, change.removed});
  }
  const auto older = [](const store::ReactionRow* a, const store::ReactionRow* b) {
    return std::tie(a->at, a->emoji) < std::tie(b->at, b->emoji);
  };
  std::vector<const store::ReactionRow*> own;
  for (const auto& row : all)
    if (row.who == change.from) own.push_back(&row);
  bool was_pushed_out = false;
  if (own.size() > kMaxReactions) {
    const auto oldest = *std::min_element(own.begin(), own.end(), older);
    was_pushed_out = oldest->emoji == change.text;
    all.erase(all.begin() + (oldest - all.data()));
  }
  std::sort(all.begin(), all.end(), [](const store::ReactionRow& a, const store::ReactionRow& b) {
    return std::tie(a.who, a.emoji) < std::tie(b.who, b.emoji);
  });
  if (was_pushed_out) return {};
  return {true, stood != !change.removed, std::nullopt};
}

}  // namespace

Result<std::optional<Change>> change_of(const wire::Content& content, const SessionId& from, std::int64_t sent_at) {
  const auto dated = [&](Result<Change> change) -> Result<std::optional<Change>> {
    if (!change) return fail(change);
    change->at = Instant::from_unix_millis(sent_at);
    return std::move(*change);
  };
  if (content.unsend) return dated(unsend_of(*content.unsend, from));
  if (content.data && content.data->reaction) return dated(reaction_of(*content.data->reaction, from));
  if (content.data && content.data->edit_of_ms != 0) return dated(edit_of(*content.data, from));
  return std::nullopt;
}

wire::Content content_from(const Change& change) {
  wire::Content content;
  const auto about = static_cast<std::uint64_t>(change.about.sent_at.unix_millis());
  if (change.kind == Kind::Unsend) {
    content.unsend = wire::UnsendMessage{about, change.about.author.hex()};
    return content;
  }
  wire::DataMessage data;
  data.timestamp_ms = static_cast<std::uint64_t>(change.at.unix_millis());
  if (change.kind == Kind::Reaction) {
    data.reaction = wire::Reaction{about, change.about.author.hex(), change.text,
                                   change.removed ? wire::Reaction::Action::Remove : wire::Reaction::Action::React};
  } else {
    data.edit_of_ms = about;
    data.body = change.text;
  }
  content.data = std::move(data);
  return content;
}

Altered alter(store::MessageRow& message, const Change& change, const std::vector<store::EditRow>& history) {
  if (message.unsent) return {};
  if (change.kind == Kind::Edit) return edit(message, change, history);
  if (change.kind == Kind::Reaction) return react(message, change);
  message.unsent = true;
  message.body.clear();
  message.notice.clear();
  message.quote.reset();
  message.reactions.clear();
  message.edited = {};
  message.mentions_us = false;
  return {true, true, std::nullopt};
}

std::string first_words(const store::MessageRow& message, const std::vector<store::EditRow>& history) {
  return message.edited == Instant{} || history.empty() ? message.body : history.front().body;
}

std::optional<Error> check_words(std::string_view text) {
  if (text.empty()) return Error{ErrorCode::Malformed, "text: empty"};
  if (!is_utf8(text)) return Error{ErrorCode::Malformed, "text: not UTF-8"};
  if (text.size() > wire::kMaxTextBytes)
    return Error{ErrorCode::Malformed, fmt::format("text: {} bytes, at most {}", text.size(), wire::kMaxTextBytes)};
  return std::nullopt;
}

bool mentions(std::string_view text, const SessionId& who) {
  const std::string wanted = "@" + who.hex();
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), [](char a, char b) {
           return (a >= 'A' && a <= 'F' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         }) != text.end();
}

std::string_view cut(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t size = max_bytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) --size;
  return text.substr(0, size);
}

std::string shown_name(std::string_view name) {
  const std::string shown = printable(name);
  if (shown.find_first_not_of(' ') == std::string::npos) return {};
  return std::string(cut(shown, kMaxShownName));
}

std::optional<Instant> time_of(std::uint64_t unix_ms) {
  if (unix_ms == 0 || unix_ms > kLastTime) return std::nullopt;
  return Instant::from_unix_millis(static_cast<std::int64_t>(unix_ms));
}

}  // namespace session::client
