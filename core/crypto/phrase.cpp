#include "core/crypto/phrase.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/crypto/hash.h"

namespace session::assets {
extern const std::string_view kEnglishWords;
}

namespace session::crypto {
namespace {

constexpr std::size_t kPrefix = 3;
constexpr std::size_t kMaxPhrase = 800;
constexpr std::size_t kMaxWords = 25;
constexpr std::size_t kSuggestions = 3;
constexpr std::size_t kShown = 20;  // characters of a wrong word
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

SecretBytes lower_case(std::string_view text) {
  Bytes lower = to_bytes(text);
  for (std::byte& b : lower)
    if (b >= std::byte{'A'} && b <= std::byte{'Z'}) b |= std::byte{'a' - 'A'};
  return SecretBytes(std::move(lower));
}

/// The words, as views into `phrase`.
std::vector<std::string_view> split(std::string_view phrase) {
  std::vector<std::string_view> words;
  for (std::size_t at = phrase.find_first_not_of(kSpace); at != phrase.npos; at = phrase.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(phrase.find_first_of(kSpace, at), phrase.size());
    words.push_back(phrase.substr(at, end - at));
    at = end;
  }
  return words;
}

/// What a message may show of a word from outside: its beginning, everything unusual as '?'.
std::string shown(std::string_view word) {
  std::string out(word.substr(0, kShown));
  for (char& c : out)
    if (c <= ' ' || c > '~') c = '?';
  return word.size() > kShown ? out + "..." : out;
}

/// Places of words in the list: as secret as the seed.
class Places {
 public:
  Places() { places_.reserve(kMaxWords); }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  ~Places() { wipe(std::as_writable_bytes(std::span(places_))); }
  void push_back(std::uint64_t place) { places_.push_back(place); }
  [[nodiscard]] std::span<const std::uint64_t> all() const { return places_; }

 private:
  std::vector<std::uint64_t> places_;
};

/// The checksum word stands among the data words: at the CRC of all their prefixes, modulo their number.
std::size_t checksum_place(std::span<const std::uint64_t> places) {
  Bytes prefixes;
  prefixes.reserve(places.size() * kPrefix);
  for (const auto place : places) append(prefixes, prefix_of(phrase_words()[place]));
  const SecretBytes text(std::move(prefixes));
  return crc32(text.bytes()) % places.size();
}

Result<std::uint32_t> number_of(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const std::uint64_t n = count();
  const std::uint64_t x = a + n * ((n + b - a) % n) + n * n * ((n + c - b) % n);
  if (x > 0xffffffff)
    return fail(ErrorCode::Malformed, "phrase: these words belong to no seed; one of them is another word of the list");
  return static_cast<std::uint32_t>(x);
}

/// Words that were taken for another by their first three letters, and so may be the wrong ones.
std::string misread(std::span<const std::string_view> words, std::span<const std::uint64_t> places) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto known = phrase_words()[places[i]];
    if (!known.starts_with(words[i])) out += fmt::format("; word {} '{}' was read as '{}'", i + 1, shown(words[i]), known);
  }
  return out;
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
  assert(seed.size() == 16 || seed.size() == 32);
  Places places;
  const std::uint64_t n = count();
  for (std::size_t i = 0; i + 4 <= seed.size(); i += 4) {
    const std::uint64_t x = load_little<std::uint32_t>(seed.data() + i);
    const std::uint64_t a = x % n, b = (x / n + a) % n, c = (x / n / n + b) % n;
    for (const auto place : {a, b, c}) places.push_back(place);
  }
  places.push_back(places.all()[checksum_place(places.all())]);
  Bytes phrase;
  phrase.reserve(places.all().size() * 16);  // so that growing leaves no copies behind
  for (const auto place : places.all()) {
    if (!phrase.empty()) phrase.push_back(std::byte{' '});
    append(phrase, phrase_words()[place]);
  }
  return SecretBytes(std::move(phrase));
}

Result<SecretBytes> seed_of_phrase(std::string_view phrase) {
  if (phrase.size() > kMaxPhrase)
    return fail(ErrorCode::Malformed, fmt::format("phrase: {} characters, at most {}", phrase.size(), kMaxPhrase));
  const SecretBytes lower = lower_case(phrase);
  const auto words = split(text_of(lower.bytes()));
  if (words.size() != 13 && words.size() != kMaxWords)
    return fail(ErrorCode::Malformed, fmt::format("phrase: {} words; a recovery phrase has 13", words.size()));
  Places places;
  std::string wrong;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto place = place_of(words[i])) {
      places.push_back(*place);
      continue;
    }
    wrong += fmt::format("{}word {} '{}' is not in the list (nearest: {})", wrong.empty() ? "" : "; ", i + 1, shown(words[i]),
                         nearest(words[i].substr(0, kShown)));
  }
  if (!wrong.empty()) return fail(ErrorCode::Malformed, "phrase: " + wrong);

  const auto data = places.all().first(words.size() - 1);
  if (places.all().back() != data[checksum_place(data)])
    return fail(ErrorCode::Malformed, "phrase: the last word does not fit the others; a word is wrong or two are swapped" +
                                          misread(words, places.all()));
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
