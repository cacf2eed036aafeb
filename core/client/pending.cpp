// What is declared and not made yet: every part of it goes to the file that client.h names.
#include "core/client/client.h"

namespace session::client {

// M
Outcome Client::run(const Nickname&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Block&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Verify&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const RemoveContact&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const React&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Edit&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Unsend&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const RemoveMessage&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const MarkRead&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Draft&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const SetTimer&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const SetLifetime&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Pin&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Mute&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Archive&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Rename&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Settings&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
// D
Outcome Client::run(const NewPath&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const ResetNetwork&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Cancel&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Typing&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
void Client::forget(const SessionId&, Context&) {}
store::ConversationRow Client::conversation_with(const SessionId&, Context&) { return {}; }
void Client::expire_messages(Context&) {}
// D
Client::Price Client::price_of(std::string_view, Millis) const { return {}; }
store::OutboxRow* Client::delivery_to(const SessionId&, std::int64_t, store::OutboxRow&, Context&) { return nullptr; }
bool Client::may_relay(const store::OutboxRow&, Context&) { return false; }
void Client::relay(store::OutboxRow&, Context&) {}
void Client::on_relayed(const RelayCall&, const Courier::Outcome&, Context&) {}
void Client::give_up_waiting(store::OutboxRow&, Context&) {}
void Client::keep_listening(Context&) {}
void Client::listen(std::uint64_t, Context&) {}
void Client::on_heard(const ListenCall&, const Courier::Outcome&, Context&) {}
void Client::stop_listening() {}
void Client::renew_listeners(Context&) {}
bool Client::journal_messages(const NodeId&, const std::vector<wire::RetrievedMessage>&, Context&) { return false; }
void Client::hear_time(const Courier::Outcome&, Context&) {}
void Client::ask_time(Context&) {}
bool Clock::sample(const NodeId&, Instant, Instant, Instant) { return false; }
std::string Clock::words() const { return {}; }
void Clock::forget() {}

}  // namespace session::client
