// How two people come to talk: the states of a contact and the legal moves. Source: client.md 4 with the mends of profile.md 7.
#pragma once

#include <cstdint>
#include <utility>

namespace session::client {

/// Numbers are kept in stores: never change one.
///
///   Stranger   known by ID only: nothing was said, or a request was declined or has expired
///   Asked      we sent a request and wait
///   Asking     they sent a request; the decision is ours
///   Accepted   both may write
enum class ContactState : std::int32_t { Stranger = 0, Asked = 1, Asking = 2, Accepted = 3 };
inline constexpr int kContactStates = 4;
[[nodiscard]] const char* name_of(ContactState state);

inline constexpr std::pair<ContactState, ContactState> kContactMoves[] = {
    {ContactState::Stranger, ContactState::Asked},   // we ask
    {ContactState::Stranger, ContactState::Asking},  // they ask
    {ContactState::Asked, ContactState::Accepted},   // they answer, or they ask as well
    {ContactState::Asked, ContactState::Stranger},   // our request expired
    {ContactState::Asking, ContactState::Accepted},  // we accept
    {ContactState::Asking, ContactState::Stranger},  // we decline: nothing is kept
};
[[nodiscard]] constexpr bool may_move(ContactState from, ContactState to) {
  for (const auto& [a, b] : kContactMoves)
    if (a == from && b == to) return true;
  return false;
}

}  // namespace session::client
