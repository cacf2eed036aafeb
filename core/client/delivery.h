// How an outgoing message travels: its kinds, its named states and the legal moves between them.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace session::client {

/// What an outbox row carries. Numbers are kept in stores: never change one.
enum class Kind : std::int32_t {
  Message = 0,   ///< text to an accepted contact
  Request = 1,   ///< first words to a stranger, with our own bundle
  Answer = 2,    ///< the acceptance of a request
  Receipt = 3,   ///< "I have opened, or read, what you sent at ..."
  Bundle = 4,    ///< our prekey bundle, to our own public outbox
  Edit = 5,      ///< other words for a message
  Reaction = 6,  ///< an emoji on a message, or its removal
  Unsend = 7,    ///< a message is taken back
  Timer = 8,     ///< the conversation's messages disappear after another time
  Reset = 9,     ///< a new session begins
};
[[nodiscard]] const char* name_of(Kind kind);

/// Where it stands. Numbers are kept in stores: never change one.
///
///   Queued      waits for its turn, for a registry or for a path
///   Addressing  the recipient's prekey bundle is being fetched
///   Stamping    a proof of work is being searched
///   Routing     in onion layers, on its way to a node of the swarm
///   Waiting     did not arrive; tried again at a known time
///   Kept        members of the swarm keep it, under their signatures
///   Fetched     the recipient's device says that it opened it
///   Read        the recipient says that it was read
///   Failed      will not be tried again unless asked to; the reason stands beside it
///   Expired     its lifetime passed before anyone kept it, or before their device said that it opened it
///   Relaying    offered to whoever listens for the recipient right now
///   Handed      a listener took it; stored as well unless a receipt comes within 3 s
///   Relayed     a listener took it, and no receipt is expected
///   Cancelled   given up by the person before anyone kept it
enum class State : std::int32_t {
  Queued = 0,
  Addressing = 1,
  Stamping = 2,
  Routing = 3,
  Waiting = 4,
  Kept = 5,
  Fetched = 6,
  Failed = 7,
  Expired = 8,
  Relaying = 9,
  Handed = 10,
  Relayed = 11,
  Read = 12,
  Cancelled = 13,
};
inline constexpr int kStates = 14;
[[nodiscard]] const char* name_of(State state);

/// All legal moves. Any state in flight falls back to Queued when the program starts anew: what is sealed stays sealed.
inline constexpr std::pair<State, State> kMoves[] = {
    {State::Queued, State::Addressing},
    {State::Queued, State::Stamping},
    {State::Queued, State::Routing},
    {State::Queued, State::Waiting},
    {State::Queued, State::Failed},
    {State::Queued, State::Expired},
    {State::Addressing, State::Stamping},
    {State::Addressing, State::Routing},
    {State::Addressing, State::Waiting},
    {State::Addressing, State::Failed},
    {State::Addressing, State::Expired},
    {State::Addressing, State::Queued},
    {State::Stamping, State::Routing},
    {State::Stamping, State::Waiting},
    {State::Stamping, State::Failed},
    {State::Stamping, State::Expired},
    {State::Stamping, State::Queued},
    {State::Routing, State::Kept},
    {State::Routing, State::Waiting},
    {State::Routing, State::Stamping},
    {State::Routing, State::Failed},
    {State::Routing, State::Expired},
    {State::Routing, State::Queued},
    {State::Waiting, State::Queued},
    {State::Waiting, State::Failed},
    {State::Waiting, State::Expired},
    {State::Kept, State::Fetched},
    // The swarm keeps it no longer; a receipt may have been on its way for a day.
    {State::Kept, State::Expired},
    {State::Expired, State::Fetched},
    {State::Expired, State::Read},
    // A receipt may overtake the swarm's own answer.
    {State::Routing, State::Fetched},
    {State::Waiting, State::Fetched},
    {State::Failed, State::Queued},
    // Online first (profile.md 7).
    {State::Queued, State::Relaying},
    {State::Relaying, State::Handed},
    {State::Relaying, State::Relayed},
    {State::Relaying, State::Queued},
    {State::Relaying, State::Fetched},
    {State::Relaying, State::Expired},
    {State::Handed, State::Queued},
    {State::Handed, State::Fetched},
    {State::Handed, State::Expired},
    {State::Queued, State::Fetched},
    {State::Stamping, State::Fetched},
    // A read receipt says what a delivery receipt does, and more.
    {State::Kept, State::Read},
    {State::Fetched, State::Read},
    {State::Queued, State::Read},
    {State::Stamping, State::Read},
    {State::Routing, State::Read},
    {State::Waiting, State::Read},
    {State::Relaying, State::Read},
    {State::Handed, State::Read},
    {State::Queued, State::Cancelled},
    {State::Addressing, State::Cancelled},
    {State::Stamping, State::Cancelled},
    {State::Waiting, State::Cancelled},
    {State::Failed, State::Cancelled},
};
[[nodiscard]] constexpr bool may_move(State from, State to) {
  for (const auto& [a, b] : kMoves)
    if (a == from && b == to) return true;
  return false;
}

/// Nothing more will happen by itself, but for a receipt.
[[nodiscard]] constexpr bool is_settled(State state) {
  switch (state) {
    case State::Kept:
    case State::Fetched:
    case State::Failed:
    case State::Expired:
    case State::Relayed:
    case State::Read:
    case State::Cancelled: return true;
    default: return false;
  }
}
/// A call, a search or a receipt is awaited for it.
[[nodiscard]] constexpr bool is_in_flight(State state) {
  return state == State::Addressing || state == State::Stamping || state == State::Routing || state == State::Relaying ||
         state == State::Handed;
}
/// The other side answers it with a receipt.
[[nodiscard]] constexpr bool wants_receipt(Kind kind) {
  switch (kind) {
    case Kind::Message:
    case Kind::Answer:
    case Kind::Edit:
    case Kind::Reaction:
    case Kind::Unsend:
    case Kind::Timer: return true;
    default: return false;
  }
}

/// How something went or came. Numbers are kept in stores.
enum class Way : std::int32_t {
  None = 0,   ///< not yet, or nowhere
  Swarm = 1,  ///< kept by the recipient's swarm
  Relay = 2,  ///< handed over while the recipient listened
};
[[nodiscard]] const char* name_of(Way way);

/// The steps of a journey. Numbers are kept in stores: never change one.
enum class Step : std::int32_t {
  Other = 0,
  Queued = 1,
  Sealed = 2,     ///< bytes: of the envelope
  Addressed = 3,  ///< hops: the path and the node asked for the bundle
  Bundle = 4,     ///< the bundle came; micros: since it was asked for
  Stamping = 5,   ///< trials: expected
  Stamped = 6,    ///< trials, micros: that it took
  Relaying = 7,   ///< hops: path and node; bytes: that left
  Handed = 8,     ///< micros: round trip
  NotOnline = 9,  ///< micros: round trip
  Routed = 10,    ///< hops: path and node; bytes: that left
  Kept = 11,      ///< hops: the members that signed; micros: round trip
  Fetched = 12,   ///< micros: since it was queued
  Read = 13,      ///< micros: since it was queued
  Waiting = 14,
  Failed = 15,
  Expired = 16,
  Cancelled = 17,
  Relayed = 18,
};
[[nodiscard]] const char* name_of(Step step);

}  // namespace session::client
