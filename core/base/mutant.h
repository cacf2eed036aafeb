// Defects that a test switches on to see that it finds them: a sabotage of an invariant, one line at its place in the code,
// behind `mutant::is_on`. Builds that ship have none (option SESSION_MUTANTS): there `is_on` is false when compiling,
// and nothing of them is left.
#pragma once

#include <build_options.h>  // written by CMake

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace session {

/// Named after the invariant that it breaks.
enum class Mutant : std::uint8_t {
  None,
  S1,
  S2,
  W1,
  W1Divisor,
  O4,
  O5,
};

namespace mutant {

inline constexpr bool kAreBuilt = SESSION_MUTANTS != 0;

struct Named {
  Mutant mutant;
  std::string_view name;
  std::string_view what;  ///< it does
};
inline constexpr std::array kAll = {
    Named{Mutant::S1, "S1", "swarms are sorted by size alone"},
    Named{Mutant::S2, "S2", "keys are mapped to swarms with the wrap of 2020"},
    Named{Mutant::W1, "W1", "a stamp is not over the lifetime"},
    Named{Mutant::W1Divisor, "W1-divisor", "a stamp's target divides by 65536"},
    Named{Mutant::O4, "O4", "paths are drawn with repetition"},
    Named{Mutant::O5, "O5", "a failed path is replaced at once, and nobody is blamed"},
};

/// By its name; nothing for what is none.
[[nodiscard]] constexpr std::optional<Mutant> find(std::string_view name) {
  for (const Named& each : kAll)
    if (each.name == name) return each.mutant;
  return std::nullopt;
}

#if SESSION_MUTANTS
namespace detail {
inline thread_local Mutant chosen = Mutant::None;
}
[[nodiscard]] inline bool is_on(Mutant mutant) { return detail::chosen == mutant; }

/// Switches one on, on this thread, until it goes out of scope; Mutant::None switches off what was on.
class Scope {
 public:
  explicit Scope(Mutant mutant) : before_(detail::chosen) { detail::chosen = mutant; }
  ~Scope() { detail::chosen = before_; }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Mutant before_;
};
#else
[[nodiscard]] constexpr bool is_on(Mutant) { return false; }
/// Does nothing: there is none in this build.
class Scope {
 public:
  explicit Scope(Mutant) {}
  ~Scope() {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};
#endif

}  // namespace mutant
}  // namespace session
