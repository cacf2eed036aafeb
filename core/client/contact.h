// How two people come to talk: one table of states for both sides. Source: client.md 4 with the mends of profile.md 7.
#pragma once

#include <cstdint>
#include <optional>

namespace session::client {

/// Numbers are kept in stores: never change one.
///
///   Stranger   known by ID only: nothing was said, or a request was declined, or the contact was removed
///   Asked      we sent a request and wait
///   Asking     they sent a request; the decision is ours
///   Accepted   both may write
///   Expired    our request was not answered in its time; they may be asked again, and may answer still
enum class ContactState : std::int32_t { Stranger = 0, Asked = 1, Asking = 2, Accepted = 3, Expired = 4 };
inline constexpr int kContactStates = 5;
[[nodiscard]] const char* name_of(ContactState state);

/// What moves it.
enum class ContactCause {
  WeAsk,
  TheyAsk,  ///< a request of theirs; also the first words of a stranger whose program knows no requests
  WeAccept,
  WeDecline,
  TheyAnswer,  ///< anything of theirs that authenticates and is no request
  OurRequestExpires,
  TheirRequestExpires,
  WeRemove,
};
inline constexpr int kContactCauses = 8;

struct ContactMove {
  ContactState from;
  ContactCause cause;
  ContactState to;
  bool answers = false;  ///< they are told that we accepted
};
/// All there is. What is missing here a person cannot do, and what others do then changes nothing. Whoever asks an accepted
/// contact does not know that he is one: the answer was lost, or he lost his memory; so he is told again.
inline constexpr ContactMove kContactMoves[] = {
    {ContactState::Stranger, ContactCause::WeAsk, ContactState::Asked},
    {ContactState::Stranger, ContactCause::TheyAsk, ContactState::Asking},
    {ContactState::Stranger, ContactCause::WeRemove, ContactState::Stranger},
    {ContactState::Asked, ContactCause::TheyAsk, ContactState::Accepted, true},
    {ContactState::Asked, ContactCause::TheyAnswer, ContactState::Accepted},
    {ContactState::Asked, ContactCause::OurRequestExpires, ContactState::Expired},
    {ContactState::Asked, ContactCause::WeRemove, ContactState::Stranger},
    {ContactState::Asking, ContactCause::TheyAsk, ContactState::Asking},
    {ContactState::Asking, ContactCause::TheyAnswer, ContactState::Asking},
    {ContactState::Asking, ContactCause::WeAccept, ContactState::Accepted, true},
    {ContactState::Asking, ContactCause::WeDecline, ContactState::Stranger},
    {ContactState::Asking, ContactCause::TheirRequestExpires, ContactState::Stranger},
    {ContactState::Asking, ContactCause::WeRemove, ContactState::Stranger},
    {ContactState::Accepted, ContactCause::TheyAsk, ContactState::Accepted, true},
    {ContactState::Accepted, ContactCause::TheyAnswer, ContactState::Accepted},
    {ContactState::Accepted, ContactCause::WeRemove, ContactState::Stranger},
    {ContactState::Expired, ContactCause::WeAsk, ContactState::Asked},
    {ContactState::Expired, ContactCause::TheyAsk, ContactState::Accepted, true},
    {ContactState::Expired, ContactCause::TheyAnswer, ContactState::Accepted},
    {ContactState::Expired, ContactCause::WeRemove, ContactState::Stranger},
};
[[nodiscard]] constexpr std::optional<ContactMove> move_for(ContactState from, ContactCause cause) {
  for (const ContactMove& move : kContactMoves)
    if (move.from == from && move.cause == cause) return move;
  return std::nullopt;
}

}  // namespace session::client
