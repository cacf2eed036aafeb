// What a person writes to search, as phrases, and words without an index. For the sources of this room.
#pragma once

#include "core/store/tables.h"

namespace session::store {

/// The words of a text, with ASCII letters small: letters and digits of ASCII, and whatever is not ASCII.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

/// What stands between spaces or in quotation marks is one phrase each ("left-handed" is left, then handed). The last word may
/// be a beginning unless it is quoted. No sign has a meaning of its own but the quotation mark. Errors: Malformed (no word, or
/// a quotation mark without its partner; too long).
[[nodiscard]] Result<std::vector<Phrase>> parse_search(std::string_view text);

/// Whether the words of a text hold the phrase.
[[nodiscard]] bool occurs(const Phrase& phrase, const std::vector<std::string>& words);

}  // namespace session::store
