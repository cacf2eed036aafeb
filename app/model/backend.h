// What a view may ask for, and where it sees what became of it. Two implementations: the simulated network and the live one. No
// view knows which it looks at, except to offer what only a simulated network can do (Snapshot::clock.is_simulated).
#pragma once

#include <variant>

#include "app/model/snapshot.h"
#include "core/client/client.h"
#include "core/crypto/secret.h"

namespace session::app {

/// Makes or restores the account. `seed` is what the phrase spells.
struct MakeAccount {
  std::string name;
  store::AccountSeed seed;
  crypto::Era era = crypto::Era::C;
};
/// A throw-away account.
struct LookAround {};
/// Everything up to this message was seen.
struct MarkRead {
  SessionId contact;
};
/// This message's journey, packet's bytes or machine's facts are shown; 0 and kNoMachine for none.
struct Follow {
  std::uint64_t delivery = 0;
  std::uint64_t packet = 0;
  Machine machine = kNoMachine;
};
struct Play {
  bool is_playing = true;
};
/// To the next event that can be seen.
struct Step {};
/// How fast, and whether every event takes the same moment.
struct Pace {
  double speed = 1;
  bool event_time = false;
};
/// A simulated person or node goes away or comes back.
struct SetUp {
  Machine machine = kNoMachine;
  bool is_up = true;
};
/// The simulated network begins anew.
struct Restart {
  std::uint64_t seed = 1;
};
/// The backend does nothing for a while: to see that the window does not care.
struct Stall {
  Millis time;
};

using Command =
    std::variant<client::Command, MakeAccount, LookAround, MarkRead, Follow, Play, Step, Pace, SetUp, Restart, Stall>;

class Backend {
 public:
  virtual ~Backend() = default;
  /// Takes a command; never waits. A refusal comes as a notice of a later snapshot.
  virtual void post(Command command) = 0;
  /// The newest moment; never waits for more than the copy of a pointer. Not null.
  [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
};

}  // namespace session::app
