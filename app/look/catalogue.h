// All words of the program by their keys, in one language; what a language lacks is said in English.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace session::app {

class Catalogue {
 public:
  /// English.
  Catalogue();
  /// A language's own words over the English ones. Errors: Malformed, naming the key.
  [[nodiscard]] static Result<Catalogue> parse(std::string_view json);
  /// `en` or `de`. Errors: NotFound.
  [[nodiscard]] static Result<Catalogue> built_in(std::string_view name);
  /// The words; the key itself where nobody has any. The text lives as long as the catalogue.
  [[nodiscard]] const char* operator()(std::string_view key) const;
  /// The same with `{}` replaced, in order.
  template <class... Values>
  [[nodiscard]] std::string say(std::string_view key, const Values&... values) const {
    std::string out = (*this)(key);
    (replace(out, values), ...);
    return out;
  }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& words() const { return words_; }

 private:
  static void replace(std::string& text, std::string_view value);
  template <class Number>
    requires std::is_arithmetic_v<Number>
  static void replace(std::string& text, Number value) {
    replace(text, std::string_view(std::to_string(value)));
  }
  std::map<std::string, std::string, std::less<>> words_;
};

}  // namespace session::app
