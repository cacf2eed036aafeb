// Defects that a test switches on to see that somebody finds them: each invariant of the oracles (sim/oracles.h) and of the
// property tests has at least one sabotage that must break it, one line at its place in the code, behind `mutant::is_on`.
// Builds that ship have none (option SESSION_MUTANTS): there `is_on` is false when compiling, and nothing of them is left.
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
  D1,
  D2,
  D3,
  D4,
  D5,
  S1,
  S2,
  S3,
  S4,
  S5,
  S6,
  S7,
  N1,
  N2,
  W1,
  W1Divisor,
  W2,
  O1,
  O1Layers,
  O1Key,
  O1Answer,
  O2,
  O3,
  O4,
  O5,
  O6,
  O7,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  C1,
  C2,
  C2People,
  C3,
  C4,
  C5,
  L1,
  L2,
  L3,
  L4,
  T1,
  T2,
};

namespace mutant {

inline constexpr bool kAreBuilt = SESSION_MUTANTS != 0;

struct Named {
  Mutant mutant;
  std::string_view name;
  std::string_view what;  ///< it does
};
inline constexpr std::array kAll = {
    Named{Mutant::D1, "D1", "a node acknowledges before the commit, which never comes"},
    Named{Mutant::D2, "D2", "a store leaves the device out of a message's key"},
    Named{Mutant::D3, "D3", "a client believes any name inside a sealed message"},
    Named{Mutant::D4, "D4", "a client counts members of a swarm that signed nothing"},
    Named{Mutant::D5, "D5", "a client trusts whoever says 'online'"},
    Named{Mutant::S1, "S1", "swarms are sorted by size alone"},
    Named{Mutant::S2, "S2", "keys are mapped to swarms with the wrap of 2020"},
    Named{Mutant::S3, "S3", "a node does not ask whose mailbox a peer forwards for"},
    Named{Mutant::S4, "S4", "members leave one of 256 buckets out when they compare"},
    Named{Mutant::S5, "S5", "what is another swarm's now is not moved"},
    Named{Mutant::S6, "S6", "members forget the namespace of what they pass on"},
    Named{Mutant::S7, "S7", "members pass on no tombstones"},
    Named{Mutant::N1, "N1", "a node reads the registry in an order of its own"},
    Named{Mutant::N2, "N2", "the registry counts each vote twice"},
    Named{Mutant::W1, "W1", "a stamp is not over the lifetime"},
    Named{Mutant::W1Divisor, "W1-divisor", "a stamp's target divides by 65536"},
    Named{Mutant::W2, "W2", "a client believes the price in a 432"},
    Named{Mutant::O1, "O1", "requests go to their destination over no path"},
    Named{Mutant::O1Layers, "O1-layers", "the layers of a request share one ephemeral key"},
    Named{Mutant::O1Key, "O1-key", "a layer names the key of the one inside it"},
    Named{Mutant::O1Answer, "O1-answer", "relays pass answers on as the same bytes"},
    Named{Mutant::O2, "O2", "layers have one ephemeral key for all time"},
    Named{Mutant::O3, "O3", "answers are not padded"},
    Named{Mutant::O4, "O4", "paths are drawn with repetition"},
    Named{Mutant::O5, "O5", "a failed path is replaced at once, and nobody is blamed"},
    Named{Mutant::O6, "O6", "a relay forgets the layers it passed on"},
    Named{Mutant::O7, "O7", "a client leaves its guard out"},
    Named{Mutant::R1, "R1", "a client sends before it saves the ratchet"},
    Named{Mutant::R2, "R2", "a client keeps the keys of what it has opened"},
    Named{Mutant::R3, "R3", "a client keeps its key of the ratchet when theirs turns"},
    Named{Mutant::R4, "R4", "a sealed sender's name is not compared with its key"},
    Named{Mutant::R5, "R5", "a client falls back to a box where the bundle is hidden"},
    Named{Mutant::R6, "R6", "one-time keys are dropped at first use"},
    Named{Mutant::R7, "R7", "the ratchet is saved before the message is checked"},
    Named{Mutant::R8, "R8", "a node takes a token that was revoked"},
    Named{Mutant::C1, "C1", "a client keeps what an envelope says apart from the journal"},
    Named{Mutant::C2, "C2", "a driver lets effects out before the commit"},
    Named{Mutant::C2People, "C2-people", "a person's device lets effects out before the commit"},
    Named{Mutant::C3, "C3", "a store goes on after a sync that failed"},
    Named{Mutant::C4, "C4", "a store says that what found no room is kept"},
    Named{Mutant::C5, "C5", "what is deleted stays on the pages of the file"},
    Named{Mutant::L1, "L1", "one account may have any number of listeners"},
    Named{Mutant::L2, "L2", "a node keeps first and checks then"},
    Named{Mutant::L3, "L3", "a retry is not armed"},
    Named{Mutant::L4, "L4", "all callers share one bucket"},
    Named{Mutant::T1, "T1", "dice depend on where things lie in memory"},
    Named{Mutant::T2, "T2", "copies of a world share their dice"},
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
