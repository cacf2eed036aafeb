// What hostile nodes do, by name: the words of scenario files, and what is told when one begins.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.h"

namespace session::sim {

/// One way to break one's word. Everything else such a node does as it should.
enum class Hostile : std::uint8_t {
  Lie,          ///< signs that it keeps what is stored, and keeps nothing that is new
  Withhold,     ///< keeps, and shows nobody
  Stale,        ///< shows mailboxes as they were when it began
  Equivocate,   ///< shows one half of a mailbox to one question and the other half to the next
  Isolate,      ///< passes no write on to members that are not of the coalition, and compares nothing with them
  Refuse,       ///< refuses every store, with a reason that blames the message
  DropOnions,   ///< passes no layer on
  Steer,        ///< passes a layer on to nodes of the coalition alone
  FalseOnline,  ///< says that somebody listens, who does not
  Inflate,      ///< asks for ten times the work, and says that the registry does
  Frame,        ///< votes against honest nodes, and never against one of the coalition
  Mislead,      ///< tells of other members of the swarms than the registry does
  Forge,        ///< answers and pushes what it has no key for: other signatures, other keys, weak points (sim/forger.h)
};
inline constexpr std::size_t kHostiles = 13;

/// "withhold": as a scenario says it.
[[nodiscard]] std::string_view word_of(Hostile way);
[[nodiscard]] std::optional<Hostile> hostile_of(std::string_view word);
/// "withholding": the kind of the fault that begins, after "is".
[[nodiscard]] std::string_view kind_of(Hostile way);

/// What one node does at a time, and to whom.
class Malice {
 public:
  Malice() = default;
  explicit Malice(std::initializer_list<Hostile> ways) {
    for (const Hostile way : ways) add(way);
  }
  void add(Hostile way) { ways_.set(static_cast<std::size_t>(way)); }
  [[nodiscard]] bool has(Hostile way) const { return ways_.test(static_cast<std::size_t>(way)); }
  [[nodiscard]] bool any() const { return ways_.any(); }
  /// Nothing: to everybody. What concerns no account, such as Steer, is done to everybody in any case.
  std::optional<Account> against;
  [[nodiscard]] bool concerns(const Account& account) const { return !against || *against == account; }
  friend bool operator==(const Malice&, const Malice&) = default;

 private:
  std::bitset<kHostiles> ways_;
};

}  // namespace session::sim
