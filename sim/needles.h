// Many words looked for at once: whether any of them occurs in a text, in one pass over every fifth of its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace session::sim {

class Needles {
 public:
  static constexpr std::size_t kShortest = 8;

  /// At least kShortest bytes.
  void add(std::string needle);
  void clear() { *this = Needles(); }
  [[nodiscard]] bool empty() const { return needles_.empty(); }
  /// Whether one of them, whole, occurs in the text.
  [[nodiscard]] bool any_in(std::string_view text) const;

 private:
  static constexpr std::size_t kWindow = 4;                      ///< bytes that are looked at together
  static constexpr std::size_t kStep = kShortest - kWindow + 1;  ///< wherever a needle lies, one such window lies in it
  static constexpr unsigned kBits = 15;

  struct Place {
    std::uint32_t window;
    std::uint32_t needle;
    std::uint32_t at;  ///< where in the needle the window begins
  };
  [[nodiscard]] bool is_at(const Place& place, std::string_view text, std::size_t at) const;

  std::vector<std::string> needles_;
  std::vector<Place> places_;                                         ///< by window
  std::array<std::uint64_t, (std::size_t{1} << kBits) / 64> seen_{};  ///< hashes of the windows
};

}  // namespace session::sim
