#include "core/store/search_text.h"

#include <fmt/format.h>

namespace session::store {
namespace {

constexpr std::size_t kMostWords = 32;  // more would only make the index slow

bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (is_word_char(c)) {
      if (!inside) words.emplace_back();
      words.back() += small(c);
    }
    inside = is_word_char(c);
  }
  return words;
}

Result<std::vector<Phrase>> parse_search(std::string_view text) {
  std::vector<Phrase> phrases;
  std::string part;
  std::size_t count = 0;
  const auto end_part = [&](bool is_quoted) {
    if (auto words = split_words(part); !words.empty()) {
      count += words.size();
      phrases.push_back({std::move(words), !is_quoted});
    }
    part.clear();
  };
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      end_part(quoted);
      quoted = !quoted;
    } else if (!quoted && is_space(c)) {
      end_part(false);
    } else {
      part += c;
    }
  }
  if (quoted) return fail(ErrorCode::Malformed, "search text: a quotation mark has no partner");
  end_part(false);
  if (phrases.empty()) return fail(ErrorCode::Malformed, "search text: there is no word in it");
  if (count > kMostWords) return fail(ErrorCode::Malformed, fmt::format("search text: more than {} words", kMostWords));
  for (std::size_t i = 0; i + 1 < phrases.size(); ++i) phrases[i].is_beginning = false;
  return phrases;
}

bool occurs(const Phrase& phrase, const std::vector<std::string>& words) {
  const std::size_t size = phrase.words.size();
  for (std::size_t at = 0; at + size <= words.size(); ++at) {
    std::size_t same = 0;
    while (same < size && words[at + same] == phrase.words[same]) ++same;
    if (same == size) return true;
    if (phrase.is_beginning && same + 1 == size && words[at + same].starts_with(phrase.words[same])) return true;
  }
  return false;
}

}  // namespace session::store
