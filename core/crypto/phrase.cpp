#include "core/crypto/phrase.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <numeric>
#include <utility>

#include "core/crypto/hash.h"

namespace session::assets {
extern const std::string_view kEnglishWords;
}

namespace session::crypto {
namespace {

constexpr std::size_t kPrefix = 3;
constexpr std::size_t kMaxPhrase = 800;
constexpr std::size_t kSuggestions = 3;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view prefix_of(std::string_view word) { return word.substr(0, kPrefix); }

std::uint64_t count() { return phrase_words().size(); }

/// Place of the word with the same first letters; nothing when there is none or the word is shorter than three letters.
std::optional<std::uint64_t> place_of(std::string_view word) {
  static const auto places = [] {
    std::map<std::string_view, std::uint64_t> made;
    for (std::uint64_t i = 0; i < count(); ++i) made.emplace(prefix_of(phrase_words()[i]), i);
    return made;
  }();
  const auto found = places.find(prefix_of(word));
  return word.size() < kPrefix || found == places.end() ? std::nullopt : std::optional(found->second);
}

/// Levenshtein's.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string nearest(std::string_view word) {
  std::vector<std::pair<std::size_t, std::string_view>> all;
  for (const auto known : phrase_words()) all.emplace_back(edit_distance(word, known), known);
  std::partial_sort(all.begin(), all.begin() + kSuggestions, all.end());
  return fmt::format("{}, {}, {}", all[0].second, all[1].second, all[2].second);
}

std::vector<std::string> split(std::string_view phrase) {
  std::vector<std::string> words;
  for (std::size_t at = phrase.find_first_not_of(kSpace); at != phrase.npos; at = phrase.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(phrase.find_first_of(kSpace, at), phrase.size());
    std::string word(phrase.substr(at, end - at));
    for (char& c : word)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    words.push_back(std::move(word));
    at = end;
  }
  return words;
}

/// The checksum word stands among the data words: at the CRC of all their prefixes, modulo their number.
std::size_t checksum_place(std::span<const std::uint64_t> places) {
  std::string prefixes;
  for (const auto place : places) prefixes += prefix_of(phrase_words()[place]);
  return crc32(bytes_of(prefixes)) % places.size();
}

Result<std::uint32_t> number_of(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const std::uint64_t n = count();
  const std::uint64_t x = a + n * ((n + b - a) % n) + n * n * ((n + c - b) % n);
  if (x > 0xffffffff) return fail(ErrorCode::Malformed, "phrase: these words belong to no seed; one of them is another word of the list");
  return static_cast<std::uint32_t>(x);
}

}  // namespace

const std::vector<std::string_view>& phrase_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> made;
    std::string_view rest = assets::kEnglishWords;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      if (end > 0) made.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return made;
  }();
  return words;
}

SecretBytes phrase_of(BytesView seed) {
  std::vector<std::uint64_t> places;
  const std::uint64_t n = count();
  for (std::size_t i = 0; i + 4 <= seed.size(); i += 4) {
    const std::uint64_t x = load_little<std::uint32_t>(seed.data() + i);
    const std::uint64_t a = x % n, b = (x / n + a) % n, c = (x / n / n + b) % n;
    places.insert(places.end(), {a, b, c});
  }
  places.push_back(places[checksum_place(places)]);
  Bytes phrase;
  phrase.reserve(places.size() * 16);  // so that growing leaves no copies behind
  for (const auto place : places) {
    if (!phrase.empty()) phrase.push_back(std::byte{' '});
    append(phrase, phrase_words()[place]);
  }
  return SecretBytes(std::move(phrase));
}

Result<SecretBytes> seed_of_phrase(std::string_view phrase) {
  if (phrase.size() > kMaxPhrase)
    return fail(ErrorCode::Malformed, fmt::format("phrase: {} characters, at most {}", phrase.size(), kMaxPhrase));
  const auto words = split(phrase);
  if (words.size() != 13 && words.size() != 25)
    return fail(ErrorCode::Malformed, fmt::format("phrase: {} words; a recovery phrase has 13", words.size()));
  std::vector<std::uint64_t> places;
  std::string wrong;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto place = place_of(words[i])) {
      places.push_back(*place);
      continue;
    }
    wrong += fmt::format("{}word {} '{}' is not in the list (nearest: {})", wrong.empty() ? "" : "; ", i + 1,
                         words[i].substr(0, 20), nearest(words[i].substr(0, 20)));
  }
  if (!wrong.empty()) return fail(ErrorCode::Malformed, "phrase: " + wrong);

  const std::span data = std::span(places).first(places.size() - 1);
  if (places.back() != data[checksum_place(data)])
    return fail(ErrorCode::Malformed, "phrase: the last word does not fit the others; a word is wrong or two are swapped");
  Bytes seed;
  seed.reserve(32);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto number = number_of(data[i], data[i + 1], data[i + 2]);
    if (!number) return fail(number);
    append(seed, little(*number));
  }
  return SecretBytes(std::move(seed));
}

}  // namespace session::crypto
