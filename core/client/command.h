// What a person asks of the client machine: data, one struct for each wish. `Client::command` carries one out or refuses it;
// a refused one changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/store/client_rows.h"

namespace session::client {

// --- people --------------------------------------------------------------------------------------------------------------

/// First words to a stranger. Refused to oneself, to accepted contacts and while an earlier request waits.
struct Ask {
  SessionId to;
  std::string text;
};
/// Accepts the request of `who`.
struct Accept {
  SessionId who;
};
/// Declines it: the contact and its messages go, nothing is sent.
struct Decline {
  SessionId who;
};
/// Our own name for somebody; empty: theirs again. Told nobody.
struct Nickname {
  SessionId who;
  std::string name;
};
/// From now on what they send is dropped unread, and nothing is said to them (client.md 10.4); or no longer.
struct Block {
  SessionId who;
  bool blocked = true;
};
/// The safety number was compared and is theirs; or that is taken back.
struct Verify {
  SessionId who;
  bool verified = true;
};
/// A new session with somebody, from a fresh bundle (client.md 2.7).
struct ResetSession {
  SessionId who;
};
/// Forgets a contact with all messages and sessions. They are a stranger afterwards.
struct RemoveContact {
  SessionId who;
};

// --- messages ------------------------------------------------------------------------------------------------------------

/// Text to an accepted contact, or to oneself (note to self).
struct Send {
  SessionId to;
  std::string text;
  std::optional<Millis> lifetime = std::nullopt;  ///< in the swarm; absent: the conversation's
  std::uint64_t quote = 0;                        ///< id of a message of the same conversation; 0: none
};
/// An emoji on a message of either side, or its removal.
struct React {
  std::uint64_t message = 0;
  std::string emoji;
  bool remove = false;
};
/// Other words for a message of ours; what it said stays in the history.
struct Edit {
  std::uint64_t message = 0;
  std::string text;
};
/// Takes a message of ours back, here and there.
struct Unsend {
  std::uint64_t message = 0;
};
/// Removes a message here only.
struct RemoveMessage {
  std::uint64_t message = 0;
};
/// Everything in the conversation up to this message was seen; 0: up to the newest. Tells the other if receipts are on.
struct MarkRead {
  SessionId with;
  std::uint64_t up_to = 0;
};
/// We began to write, or stopped. Only ever relayed (profile.md 7).
struct Typing {
  SessionId to;
  bool started = true;
};

// --- conversations -------------------------------------------------------------------------------------------------------

/// Words not sent yet, kept with what they answer to. Empty: none.
struct Draft {
  SessionId with;
  std::string text;
  std::uint64_t quote = 0;
};
/// Messages of this conversation disappear so long after they were sent; 0: they stay. The other side is told.
struct SetTimer {
  SessionId with;
  std::uint32_t seconds = 0;  ///< at most 30 days
};
/// How long the swarm keeps what we send here: 12 hours to 14 days; 0: the account's default.
struct SetLifetime {
  SessionId with;
  Millis lifetime;
};
struct Pin {
  SessionId with;
  bool pinned = true;
};
/// No notification until then; Instant{}: again.
struct Mute {
  SessionId with;
  Instant until;
};
struct Archive {
  SessionId with;
  bool archived = true;
};

// --- the account and the network -----------------------------------------------------------------------------------------

/// What people see; sent with the next message to each.
struct Rename {
  std::string name;
};
/// Whether read receipts are sent (and shown), and whether typing is. Off and on in a new account, as in client.md 10.
struct Settings {
  bool read_receipts = false;
  bool typing = true;
  friend bool operator==(const Settings&, const Settings&) = default;
};
/// Tries a delivery that failed, or that waits for its next attempt, again at once.
struct TryAgain {
  std::uint64_t delivery = 0;
};
/// Gives up a delivery that nobody keeps yet; a search for its stamp stops.
struct Cancel {
  std::uint64_t delivery = 0;
};
/// Fetches the own mailbox now.
struct Fetch {};
/// While online, a node of the swarm on each of two paths is asked to hand over what comes.
struct GoOnline {};
struct GoOffline {};
/// Other middle and last hops behind the same guards. Refused within a minute of the last: whoever could make a client change
/// paths at will could wait for the ones he likes.
struct NewPath {};
/// Forgets the list of nodes, the paths, the offset of the clock and what was fetched from whom; nothing of people, messages or
/// guards (a fresh set of guards would be a chance for those who wait for one).
struct ResetNetwork {};

using Command = std::variant<Ask, Accept, Decline, Nickname, Block, Verify, ResetSession, RemoveContact, Send, React, Edit,
                             Unsend, RemoveMessage, MarkRead, Typing, Draft, SetTimer, SetLifetime, Pin, Mute, Archive, Rename,
                             Settings, TryAgain, Cancel, Fetch, GoOnline, GoOffline, NewPath, ResetNetwork>;

/// What a command led to: the delivery it made (0 for none), or why it was refused; then nothing changed.
struct Outcome {
  std::uint64_t delivery = 0;
  std::optional<Error> refused;
};

}  // namespace session::client
