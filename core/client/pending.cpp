// What is declared and not made yet: every part of it goes to the file that client.h names.
#include "core/client/client.h"

namespace session::client {

// R
Outcome Client::run(const ResetSession&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
// R
Result<std::string> Client::safety_number(const SessionId&, Rng&) const { return std::string(); }
Result<Client::Health> Client::health_of(const SessionId&, const store::ClientStore&) const { return Health{}; }
void Client::on_unopened(const SessionId&, const Error&, Context&) {}
void Client::on_session_used(store::ContactRow&, const OpenedEnvelope&, Context&) {}

}  // namespace session::client
