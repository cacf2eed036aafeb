// What a client keeps, as rows. Source: client.md 11, profile.md 2, 6, 7, 8 and 10. Times are kept in whole milliseconds; a
// time that has not come stands as Instant{}. States and kinds are the client machine's own enums, kept as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/crypto/secret.h"

namespace session::store {

using AccountSeed = crypto::Secret<16, struct AccountSeedTag>;

/// Whose store it is: one row, or none before the account is made.
struct AccountRow {
  std::string name;
  AccountSeed seed;
  std::uint8_t era = 0;               ///< how keys come from the seed (client.md 1.3)
  std::uint32_t device = 0;           ///< Signal device id
  std::uint32_t registration_id = 0;  ///< Signal registration id
  std::uint32_t slot = 0;             ///< of the bundle in the public outbox, 0…7
  Instant created;
  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

struct ContactRow {
  SessionId id;
  std::string name;
  std::int32_t state = 0;
  Instant created;
  Instant changed;           ///< of the state
  Instant last_reset;        ///< of the session, automatic (at most one an hour)
  Instant bundle_date;       ///< of the newest bundle seen; an older one is refused
  bool bundle_seen = false;  ///< from then on never written to without Signal (profile.md 9)
  bool forward_secrecy = false;
  std::uint32_t device = 0;    ///< the device heard from or written to last; 0: none yet
  std::uint32_t unopened = 0;  ///< envelopes that could not be opened
  std::string last_error;
  friend bool operator==(const ContactRow&, const ContactRow&) = default;
};

/// A message of a conversation. Unique: (contact, outgoing, device, sent_at).
struct MessageRow {
  std::uint64_t id = 0;  ///< given by the store, from 1
  SessionId contact;
  bool outgoing = false;
  std::uint32_t device = 0;  ///< the sender's
  Instant sent_at;
  Instant received_at;
  Instant expiry;  ///< Instant{}: never
  std::int32_t kind = 0;
  std::int32_t state = 0;    ///< of the delivery
  std::uint64_t outbox = 0;  ///< the delivery that carries it; 0 for what came in
  std::string body;
  MessageHash hash;  ///< on the network; empty when not known
  friend bool operator==(const MessageRow&, const MessageRow&) = default;
};

/// The names of a message between two people.
struct MessageKey {
  SessionId contact;
  bool outgoing = false;
  std::uint32_t device = 0;
  Instant sent_at;
  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};
[[nodiscard]] inline MessageKey key_of(const MessageRow& row) { return {row.contact, row.outgoing, row.device, row.sent_at}; }

/// Something on its way out. The sealed bytes are saved before they leave, so that a crash never sends two ciphertexts for one
/// step of a ratchet.
struct OutboxRow {
  std::uint64_t id = 0;       ///< given by the store, from 1, never used again
  std::uint64_t message = 0;  ///< the MessageRow it carries; 0 for none
  SessionId to;
  Namespace ns = 0;
  std::int32_t kind = 0;
  std::int32_t state = 0;
  Bytes sealed;  ///< what is stored on the network, before base64; empty until sealed
  Instant created;
  Instant timestamp;  ///< as sent
  Millis ttl;
  std::uint32_t attempts = 0;
  Instant next_attempt;
  std::optional<ByteArray<8>> nonce;  ///< the stamp
  std::uint64_t difficulty = 0;       ///< that the stamp was made for
  std::uint64_t trials = 0;           ///< that finding it took
  std::int64_t work_micros = 0;       ///< and the time
  std::vector<NodeId> path;           ///< the three relays of the attempt that arrived
  std::uint32_t kept_by = 0;          ///< members of the swarm that said so
  std::uint32_t of = 0;               ///< of so many
  MessageHash hash;                   ///< empty until kept
  std::string last_error;
  friend bool operator==(const OutboxRow&, const OutboxRow&) = default;
};

/// An envelope fetched and not yet opened.
struct JournalRow {
  std::uint64_t id = 0;  ///< given by the store: the order of arrival
  MessageHash hash;      ///< unique in the journal
  Namespace ns = 0;
  Bytes data;
  Instant received_at;
  Instant expiry;
  std::uint32_t attempts = 0;
  friend bool operator==(const JournalRow&, const JournalRow&) = default;
};

struct GuardRow {
  NodeId node;
  Instant chosen_at;
  Instant retired_at;  ///< Instant{}: in use
  std::uint32_t uses = 0;
  std::uint32_t successes = 0;
  friend bool operator==(const GuardRow&, const GuardRow&) = default;
};

/// A person's device, as Signal addresses it.
struct SignalPeer {
  SessionId who;
  std::uint32_t device = 0;
  friend auto operator<=>(const SignalPeer&, const SignalPeer&) = default;
};

/// A prekey or signed prekey, its record in libsignal's own form with the private half.
struct KeyRow {
  std::uint32_t id = 0;
  crypto::SecretBytes record;
  Instant created;
  Instant used;  ///< Instant{}: never
};
enum class KeyKind { OneTime, Signed };

/// A step in a message's journey, for `show journey`.
struct JourneyRow {
  std::uint64_t outbox = 0;
  Instant at;
  std::string text;
  friend bool operator==(const JourneyRow&, const JourneyRow&) = default;
};

/// The registry as last heard.
struct RegistryRow {
  Bytes snapshot;
  Instant at;
  friend bool operator==(const RegistryRow&, const RegistryRow&) = default;
};

/// What happened, to be printed exactly once.
struct EventRow {
  std::uint64_t sequence = 0;  ///< from 1, never used again once committed
  std::string text;            ///< JSON
  friend bool operator==(const EventRow&, const EventRow&) = default;
};

}  // namespace session::store
