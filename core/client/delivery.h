// How an outgoing message travels: its kinds, its named states and the legal moves between them.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace session::client {

/// What an outbox row carries.
enum class Kind : std::int32_t {
  Message,  ///< text to an accepted contact
  Request,  ///< first words to a stranger, with our own bundle
  Answer,   ///< the acceptance of a request
  Receipt,  ///< "I have opened what you sent at ..."
  Bundle,   ///< our prekey bundle, to our own public outbox
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
///   Failed      will not be tried again unless asked to; the reason stands beside it
///   Expired     its lifetime passed before anyone kept or fetched it
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
};
inline constexpr int kStates = 9;
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
    // A receipt may overtake the swarm's own answer.
    {State::Routing, State::Fetched},
    {State::Waiting, State::Fetched},
    {State::Failed, State::Queued},
};
[[nodiscard]] constexpr bool may_move(State from, State to) {
  for (const auto& [a, b] : kMoves)
    if (a == from && b == to) return true;
  return false;
}

/// Nothing more will happen by itself, but for a receipt.
[[nodiscard]] constexpr bool is_settled(State state) {
  return state == State::Kept || state == State::Fetched || state == State::Failed || state == State::Expired;
}
/// A call or a search is under way for it.
[[nodiscard]] constexpr bool is_in_flight(State state) {
  return state == State::Addressing || state == State::Stamping || state == State::Routing;
}

}  // namespace session::client
