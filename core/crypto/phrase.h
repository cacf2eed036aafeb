// A seed as words that a person can write down. Source: client.md 1.2.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/secret.h"

namespace session::crypto {

/// The 1 626 words, in their order.
[[nodiscard]] const std::vector<std::string_view>& phrase_words();

/// 16 bytes give 13 words, 32 bytes 25: the last is a checksum. No other sizes.
[[nodiscard]] SecretBytes phrase_of(BytesView seed);

/// The 16 or 32 bytes behind 13 or 25 words. Case, white space and whatever follows a word's first three letters do not matter.
/// At most 800 characters. Errors: Malformed, with the number of words, or with every word that is not in the list, its place
/// and its nearest words, or that the checksum does not fit and which words were not spelled as in the list.
[[nodiscard]] Result<SecretBytes> seed_of_phrase(std::string_view phrase);

}  // namespace session::crypto
