#include "core/net/registrar.h"

#include <fmt/format.h>

#include <chrono>

#include "core/net/carrier.h"

namespace session::net {
namespace {

Result<void> outcome_of(const HttpClient::Outcome& outcome, const std::string& seed_url) {
  if (!outcome)
    return fail(ErrorCode::Unavailable,
                fmt::format("the seed {} does not answer ({})", seed_url, wire::name_of(outcome.error())));
  const auto accepted = wire::parse_registration_answer(outcome->body);
  if (!accepted) return fail(accepted.error().code, "the seed refuses this node: " + accepted.error().message);
  return {};
}

}  // namespace

Registrar::Registrar(asio::io_context& io, Entry entry) : entry_(std::move(entry)), client_(io), timer_(io) {}

Registrar::~Registrar() { *alive_ = false; }

void Registrar::enter(std::function<void(Result<void>)> done) {
  wire::RegistrationRequest request;
  request.id = crypto::node_of(entry_.node.open);
  request.x25519 = crypto::x25519_of(entry_.node).open;
  request.address = entry_.address;
  request.time_ms = system_now().unix_millis();
  wire::sign_registration(request, entry_.node.secret, entry_.admission.secret);
  client_.call(wire::SeedPeer{entry_.seed_url}, {wire::Route::SeedRpc, wire::to_json(request), {}}, seconds(10),
               [alive = alive_, url = entry_.seed_url, done = std::move(done)](const HttpClient::Outcome& outcome) {
                 if (*alive) done(outcome_of(outcome, url));
               });
}

void Registrar::watch(Millis every, std::function<bool()> is_missing, std::function<void(const Error&)> failed) {
  watch_ = {every, std::move(is_missing), std::move(failed)};
  look_later();
}

void Registrar::look_later() {
  timer_.expires_after(std::chrono::milliseconds(watch_.every.count));
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    if (!watch_.is_missing()) return look_later();
    enter([this](const Result<void>& done) {
      if (!done && watch_.failed) watch_.failed(done.error());
      look_later();
    });
  });
}

}  // namespace session::net
