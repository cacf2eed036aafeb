// What is declared and not made yet: every part of it goes to the file that client.h names.
#include "core/client/client.h"

namespace session::client {

// R
Outcome Client::run(const ResetSession&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
// D
Outcome Client::run(const NewPath&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const ResetNetwork&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Cancel&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
Outcome Client::run(const Typing&, Context&) { return {0, Error{ErrorCode::Refused, "not yet"}}; }
// R
Result<std::string> Client::safety_number(const SessionId&, Rng&) const { return std::string(); }
Result<Client::Health> Client::health_of(const SessionId&, const store::ClientStore&) const { return Health{}; }
void Client::on_unopened(const SessionId&, const Error&, Context&) {}
void Client::on_session_used(store::ContactRow&, const OpenedEnvelope&, Context&) {}
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
