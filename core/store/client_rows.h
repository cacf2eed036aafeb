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
  std::uint32_t unopened = 0;  ///< envelopes that could not be opened since the last that could
  std::string last_error;
  std::string nickname;                ///< ours for them; stands before their own name
  bool blocked = false;                ///< what they send is dropped unread
  bool verified = false;               ///< the safety number was compared
  Instant heard;                       ///< of the newest envelope of theirs that opened
  Bytes own_token;                     ///< of presence, that we gave them (profile.md 3); empty: none yet
  Bytes their_token;                   ///< that they gave us
  std::uint32_t said = 0;              ///< messages we numbered for them so far
  std::uint32_t heard_device = 0;      ///< the device whose numbers the next two are about
  std::uint32_t heard_number = 0;      ///< the highest number heard
  std::vector<std::uint32_t> missing;  ///< numbers below it that were not heard, ascending
  Instant missing_since;               ///< when the newest of them was noticed
  friend bool operator==(const ContactRow&, const ContactRow&) = default;
};

/// A message as people on both sides name it: who wrote it, and when by the author's clock.
struct MessageRef {
  SessionId author;
  Instant sent_at;
  friend auto operator<=>(const MessageRef&, const MessageRef&) = default;
};

/// How a conversation is kept and shown: with a contact, or with oneself (note to self).
struct ConversationRow {
  SessionId with;
  Instant pinned;       ///< since when; Instant{}: not
  Instant muted_until;  ///< Instant{}: not
  bool archived = false;
  Millis lifetime;            ///< of messages in the swarm; 0: the account's default
  std::uint32_t timer_s = 0;  ///< disappearing messages, seconds; 0: they stay
  std::int32_t timer_kind = 0;
  Instant timer_changed;  ///< sent-at of the newest change: the newest wins
  std::string draft;
  std::optional<MessageRef> draft_quote;
  Instant read_until;  ///< sent-at of the newest incoming message that was read
  std::uint32_t unread = 0;
  std::uint64_t last_message = 0;  ///< id of the newest message; 0: none
  Instant last_at;                 ///< and when it came or was written
  friend bool operator==(const ConversationRow&, const ConversationRow&) = default;
};

/// What a message answers to: its name and the words as its author's message had them, or as they were claimed.
struct QuoteRow {
  MessageRef about;
  std::string text;
  friend bool operator==(const QuoteRow&, const QuoteRow&) = default;
};
/// One person's emoji on a message. A removed one stays, so that an older "react" that comes late does not bring it back.
struct ReactionRow {
  SessionId who;
  std::string emoji;
  Instant at;
  bool removed = false;
  friend bool operator==(const ReactionRow&, const ReactionRow&) = default;
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
  std::optional<QuoteRow> quote;
  std::vector<ReactionRow> reactions;
  Instant edited;                ///< sent-at of the edit whose words stand in `body`; Instant{}: never edited
  Instant read;                  ///< when it was read here (incoming) or there (outgoing, by their receipt)
  bool unsent = false;           ///< taken back by its author: no body, no quote
  bool forward_secrecy = false;  ///< came or went through a ratchet
  bool mentions_us = false;
  std::int32_t way = 0;       ///< how it went or came: client::Way
  std::uint32_t number = 0;   ///< the sender's count of messages to the other (gaps); 0: not numbered
  std::uint32_t timer_s = 0;  ///< disappears so long after it was sent or read; 0: stays
  std::int32_t timer_kind = 0;
  std::string notice;  ///< what came with it that this program does not show, in words
  friend bool operator==(const MessageRow&, const MessageRow&) = default;
};

/// The words of a message before an edit.
struct EditRow {
  Instant at;  ///< sent-at of these words
  std::string body;
  friend bool operator==(const EditRow&, const EditRow&) = default;
};

/// Something about a message that has not come yet: kept until it does (a reaction that overtook, an edit, a receipt).
struct OrphanRow {
  std::uint64_t id = 0;  ///< given by the store
  SessionId contact;     ///< whose conversation
  MessageRef about;
  std::int32_t kind = 0;
  SessionId from;  ///< who said it
  Instant at;      ///< its own sent-at
  Bytes content;   ///< wire::Content
  Instant expiry;
  friend bool operator==(const OrphanRow&, const OrphanRow&) = default;
};

/// What to look for. All that is given must hold.
struct SearchQuery {
  std::string
      text;  ///< words, and "phrases in quotes"; every one must occur; a last word of two letters or more may be a beginning
  std::optional<SessionId> with;  ///< only this conversation
  std::optional<bool> outgoing;   ///< only ours (true), only theirs (false)
  Instant since;                  ///< sent at or after; Instant{}: any
  Instant until;                  ///< sent before; Instant{}: any
  std::size_t max_count = 50;
  std::uint64_t before_id = ~std::uint64_t{0};  ///< for the next page: the last id of this one
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
  /// Given by the store, never used again. Messages and deliveries share one row of numbers, and the first delivery of a
  /// message has the message's own: a person needs one number only.
  std::uint64_t id = 0;
  std::uint64_t message = 0;  ///< the MessageRow it carries or is about; 0 for none
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
  Bytes content;             ///< wire::Content to be sealed, where it is not made from the message; wiped once sealed
  std::int64_t sent_at = 0;  ///< Unix ms in the envelope; 0: not sealed yet
  std::uint32_t device = 0;  ///< that it is sealed for; 0: none yet, or an anonymous box
  Instant handed;            ///< to a listener by `relay`; Instant{}: not
  std::int32_t way = 0;      ///< client::Way
  std::uint32_t turns = 0;   ///< of the ratchet since it was sealed, at most: envelopes of theirs that were opened
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
  std::int32_t way = 0;  ///< client::Way
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

/// A step in a message's journey, as data and in words.
struct JourneyRow {
  std::uint64_t outbox = 0;
  Instant at;
  std::string text;
  std::int32_t step = 0;     ///< client::Step
  std::vector<NodeId> hops;  ///< the nodes it concerns, in the order of travel
  std::uint64_t bytes = 0;   ///< that left or came; 0: none
  std::uint64_t trials = 0;  ///< of work
  std::int64_t micros = 0;   ///< that the step took; 0: not measured
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
