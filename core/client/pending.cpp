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
// R
Outcome Client::run(const ResetSession&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
void Client::forget(const SessionId&, Context&) {}
store::ConversationRow Client::conversation_with(const SessionId&, Context&) { return {}; }
void Client::expire_messages(Context&) {}
// R
Result<std::string> Client::safety_number(const SessionId&, Rng&) const { return std::string(); }
Result<Client::Health> Client::health_of(const SessionId&, const store::ClientStore&) const { return Health{}; }
void Client::on_unopened(const SessionId&, const Error&, Context&) {}
void Client::on_session_used(store::ContactRow&, const OpenedEnvelope&, Context&) {}

}  // namespace session::client
