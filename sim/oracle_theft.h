// Thieves of the judges: now and then one copies all that a person's device has, and tries to open with it what it must not.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "core/crypto/identity.h"
#include "core/signal/sealed.h"
#include "core/store/faulty_tables.h"
#include "sim/oracles.h"

namespace session::sim {

/// R2 a copy opens nothing that was opened before it was made; R3 nor what is written after some round trips that the thief did
/// not watch. First messages are left out: prekeys live for 29 days so that they open (profile.md 10.4).
class Thieves {
 public:
  struct Letter {
    signal::Unsealed sealed;
    std::int64_t sent_at = 0;
    MessageHash hash;
    bool has_arrived = false;  ///< in the reader's journal; a message may be sealed anew, and come in one sealing alone
    bool is_opened = false;
  };
  /// Something sealed is on its way to `reader`. `own` must outlive this.
  void hear(MachineIndex reader, const crypto::Identity& own, Letter letter, Court& court);
  /// What came to people.
  void on_journalled(MachineIndex reader, const trace::Journalled& journalled);
  /// What people were told.
  void on_opened(MachineIndex reader, const trace::Opened& opened);
  /// The reader's store is an old one from now on: it never opened what it opens now.
  void on_put_back(MachineIndex reader) { victims_.erase(reader.value); }
  /// Deliveries that begin, and those whose receipt came.
  void on_moved(MachineIndex author, const trace::DeliveryMoved& moved, Court& court);
  void check(Court& court);

 private:
  /// Deliveries one after another, each written after the receipt of the last had come.
  struct Trips {
    int count = 0;
    Instant ended;
  };
  struct Theft {
    store::FaultyClientStore store;
    Instant at;
    std::map<SessionId, Trips> trips;  ///< with this person, since then
    int tries = 0;
  };
  struct Victim {
    const crypto::Identity* identity = nullptr;
    std::deque<Letter> letters;  ///< the newest at the end
    std::optional<Theft> theft;
    bool has_news = false;  ///< something was opened since the last theft
  };

  static bool opens(store::FaultyClientStore& stolen, const Victim& victim, const signal::Unsealed& sealed, Instant now);
  static void use(MachineIndex reader, Victim& victim, const Letter& letter, Court& court);
  void count_trip(MachineIndex victim, const SessionId& with, Instant begun, Court& court);

  std::map<std::uint32_t, Victim> victims_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Instant> begun_;  ///< deliveries of an author
};

}  // namespace session::sim
