// What is done to a message after it was written: other words, an emoji, taking it back. As values, so that one rule serves
// what we do, what others do, and what waited for its message; whatever the order in which changes come, the end is the same.
// Source: profile.md 7 and 9.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/client/delivery.h"
#include "core/store/client_rows.h"
#include "core/wire/message.h"

namespace session::client {

inline constexpr std::size_t kMaxEmojiBytes = 64;
inline constexpr std::size_t kMaxReactions = 50;     ///< of one person on one message; the newest are kept
inline constexpr std::size_t kMaxEdits = 64;         ///< words of one message that are kept; the first are among them
inline constexpr std::size_t kMaxQuoteBytes = 1024;  ///< of the words that a quote repeats
inline constexpr std::size_t kMaxShownName = 120;    ///< bytes of a name that another chose

struct Change {
  Kind kind = Kind::Edit;  ///< or Reaction, or Unsend
  store::MessageRef about;
  SessionId from;
  Instant at;            ///< its own sent-at: the newest wins
  std::string text;      ///< the new words, or the emoji
  bool removed = false;  ///< the emoji is taken off
  friend bool operator==(const Change&, const Change&) = default;
};
/// The change that stands in a content of `from`; nothing when none does. Errors: Malformed, naming the field: no such author,
/// not the author's own, no time, no words, a control character in an emoji.
[[nodiscard]] Result<std::optional<Change>> change_of(const wire::Content& content, const SessionId& from,
                                                      std::int64_t sent_at);
/// How it travels.
[[nodiscard]] wire::Content content_from(const Change& change);

/// What a change did.
struct Altered {
  bool is_new = false;                     ///< the message differs, or its history does
  bool is_shown = false;                   ///< a person sees another thing than before
  std::optional<store::EditRow> replaced;  ///< words for the history
};
/// `history`: the words that were replaced already. A message that was taken back takes no changes any more.
[[nodiscard]] Altered alter(store::MessageRow& message, const Change& change, const std::vector<store::EditRow>& history);
/// The words that it began with, for quotes: every order of edits shows the same.
[[nodiscard]] std::string first_words(const store::MessageRow& message, const std::vector<store::EditRow>& history);

/// What is wrong with a text to be sent: empty, not UTF-8, too long; nothing when it is fine.
[[nodiscard]] std::optional<Error> check_words(std::string_view text);
/// True when `@` and the person's ID stand in the text (client.md 10.8), whatever the case of the digits.
[[nodiscard]] bool mentions(std::string_view text, const SessionId& who);
/// At most so many bytes, cut between two characters.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t max_bytes);
/// A name as it may be shown anywhere; empty when nothing of it can be seen.
[[nodiscard]] std::string shown_name(std::string_view name);
/// Sent-at from the wire; nothing when it cannot be one.
[[nodiscard]] std::optional<Instant> time_of(std::uint64_t unix_ms);

}  // namespace session::client
