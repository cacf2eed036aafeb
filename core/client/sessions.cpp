// How sound the sessions with people are: their health, resets by hand and by themselves, safety numbers, and what becomes of
// a store that is a copy. Which of several sessions is in use stands in succession.h.
#include <fmt/format.h>

#include <algorithm>

#include "core/client/client.h"
#include "core/client/succession.h"
#include "core/signal/ratchet.h"

namespace session::client {
namespace {

constexpr Millis kBetweenResets = hours(1);      // automatic ones (profile.md 7)
constexpr std::uint32_t kMostTurns = 4;          // a device remembers five of our chains; the newest is one of them
constexpr std::uint32_t kMostTold = 20;          // envelopes in a row that do not open; their number is in the health
constexpr const char* kTerminate = "TERMINATE";  // client.md 14.18: never shown

/// No session of ours fits: theirs and ours have parted. What is damaged or repeated says nothing about the session.
bool lacks_session(const Error& error) { return error.code == ErrorCode::NotFound || error.code == ErrorCode::Unauthentic; }

/// What it says can be said again: by what is kept of it, or by its message (content_of).
bool is_whole(const store::OutboxRow& row) {
  const auto kind = static_cast<Kind>(row.kind);
  return !row.content.empty() || kind == Kind::Message || kind == Kind::Request || kind == Kind::Answer;
}

bool is_accepted(const store::ContactRow& contact) {
  return static_cast<ContactState>(contact.state) == ContactState::Accepted;
}

}  // namespace

Outcome Client::run(const ResetSession& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact) return {0, Error{ErrorCode::NotFound, "there is no contact " + command.who.hex()}};
  const auto refused = [](const char* why) { return Outcome{0, Error{ErrorCode::Refused, why}}; };
  if (!is_accepted(*contact)) return refused("only the session with an accepted contact can be reset");
  if (contact->blocked) return refused("they are blocked; nothing is said to them");
  if (!contact->bundle_seen)
    return refused("they publish no prekey bundle: there is no session that could be reset, and no forward secrecy");
  for (const auto& [id, row] : active_)
    if (row.to == command.who && static_cast<Kind>(row.kind) == Kind::Reset && row.sealed.empty())
      return refused("a reset is under way already");
  return {begin_reset(*contact, context), {}};
}

/// Their device has the keys of our newest five chains (libsignal), and the ratchet may have turned with each envelope of
/// theirs since this one was sealed: before what was held up that long cannot be opened any more, it is sealed anew. Should
/// both ever arrive, they have one `sent_at`. False when it failed.
bool Client::seal_again(store::OutboxRow& row, Context& context) {
  if (row.turns < kMostTurns) return true;
  const auto contact = must(context.store.contact(row.to));
  if (row.device == 0 || !is_whole(row) || static_cast<Kind>(row.kind) == Kind::Reset || !contact || contact->device == 0 ||
      !must(has_session(context.store, sealer(), row.to, contact->device)))
    return true;
  row.turns = 0;
  attempts_[row.id].signers.clear();  // they signed for what it was
  row.nonce.reset();
  return seal_row(row, context);
}

/// Somebody's envelope was opened by the ratchet. Kept, since the program may end while something is held up.
void Client::count_turn(const SessionId& who, Context& context) {
  for (auto& [id, row] : active_) {
    if (row.to != who || row.sealed.empty() || row.turns >= kMostTurns) continue;
    ++row.turns;
    must(context.store.update_outbox(row));
  }
}

/// The message that says so is sealed when the bundle is there; it is the first of the new session.
std::uint64_t Client::begin_reset(store::ContactRow& contact, Context& context) {
  must(context.store.put_contact(contact));
  wire::Content content;
  content.data = wire::DataMessage{.body = kTerminate, .flags = wire::flags::kEndSession};
  return enqueue({.to = contact.id,
                  .kind = static_cast<std::int32_t>(Kind::Reset),
                  .ttl = config_.lifetime,
                  .content = wire::encode(content)},
                 context);
}

void Client::on_unopened(const OpenFailure& failure, Context& context) {
  if (!failure.from || failure.error.code == ErrorCode::Duplicate || *failure.from == identity_.id) return;
  auto contact = must(context.store.contact(*failure.from));
  if (!contact || contact->blocked) return;
  ++contact->unopened;
  contact->last_error = failure.error.message;
  must(context.store.put_contact(*contact));
  if (contact->unopened <= kMostTold)
    tell({EventType::Undecryptable, contact->id, 0, failure.sent_at, failure.error.message}, context);

  // What was written before they heard of our last reset, or before what opened since, tells nothing new.
  const Instant written = Instant::from_unix_millis(failure.sent_at);
  const bool is_news = written > contact->last_reset && written > contact->heard;
  if (!lacks_session(failure.error) || !is_accepted(*contact) || !contact->bundle_seen || !is_news) return;
  if (contact->last_reset != Instant{} && network_now(context) - contact->last_reset < kBetweenResets) return;
  contact->last_reset = network_now(context);
  const std::uint64_t id = begin_reset(*contact, context);
  tell({EventType::Reset, contact->id, id, context.now.unix_millis(), "a new session begins, since theirs does not open here"},
       context);
}

void Client::on_session_used(store::ContactRow& contact, const OpenedEnvelope& envelope, Context& context) {
  contact.heard = std::max(contact.heard, std::min(Instant::from_unix_millis(envelope.sent_at), network_now(context)));
  contact.unopened = 0;
  contact.last_error.clear();
  if (!envelope.forward_secrecy) return;
  // What an earlier device of theirs wrote late does not make us write to that device again.
  if (envelope.begins_session || contact.device == 0 || !must(has_session(context.store, sealer(), contact.id, contact.device)))
    contact.device = envelope.device;
  contact.forward_secrecy = true;
  contact.bundle_seen = true;
  if (envelope.resets_session) tell({EventType::Reset, contact.id, 0, envelope.sent_at, "they began a new session"}, context);
}

Result<std::string> Client::safety_number(const SessionId& with, Rng& rng) const {
  return signal::safety_number(identity_.id.hex(), signal::signal_key(identity_.x25519.open), with.hex(), with.account.bytes,
                               rng);
}

Result<Client::Health> Client::health_of(const SessionId& who, const store::ClientStore& store) const {
  const auto contact = store.contact(who);
  if (!contact) return fail(contact);
  if (!*contact) return fail(ErrorCode::NotFound, "there is no contact " + who.hex());
  const store::ContactRow& row = **contact;
  Health health{.forward_secrecy = row.forward_secrecy,
                .verified = row.verified,
                .unopened = row.unopened,
                .missing = static_cast<std::uint32_t>(row.missing.size()),
                .heard = row.heard,
                .last_reset = row.last_reset};
  const auto record = store.find_session({who, row.device});
  if (!record) return fail(record);
  const auto waits = [&](const auto& each) {
    return each.second.to == who && static_cast<Kind>(each.second.kind) == Kind::Reset &&
           !is_settled(static_cast<State>(each.second.state));
  };
  using enum Health::State;
  if (std::any_of(active_.begin(), active_.end(), waits)) {
    health.state = Waiting;
    health.words = "A new session begins; it is on its way to them.";
  } else if (row.unopened > 0) {
    health.state = Broken;
    health.words =
        fmt::format("{} of their messages could not be opened since the last that could: {}.", row.unopened, row.last_error);
  } else if (row.device != 0 && *record) {
    health.state = Sound;
    health.words = row.missing.empty()
                       ? "The session is sound, and each message has a key of its own."
                       : fmt::format("The session is sound; {} of their messages did not come.", row.missing.size());
  } else if (row.bundle_seen) {
    health.words = "There is no session; one begins from their prekey bundle with the next message.";
  } else {
    health.words = row.heard == Instant{} ? "There is no session with them yet."
                                          : "They publish no prekey bundle: what is written here has no forward secrecy.";
  }
  return health;
}

Result<void> Client::become_new_device(store::ClientStore& store, Instant now, Rng& rng) {
  auto account = store.account();
  if (!account) return fail(account);
  if (!*account) return fail(ErrorCode::NotFound, "there is no account in this folder yet; make one or restore one");
  try {
    store::AccountRow row = **account;
    const std::uint32_t before = row.device;
    while (row.device == before) row.device = static_cast<std::uint32_t>(rng.between(1, (1 << 30) - 1));
    row.registration_id = static_cast<std::uint32_t>(rng.between(1, 16380));
    must(store.put_account(row));
    must(forget_device(store, rng));
    must(store.put_setting("new_device_since", little(static_cast<std::uint64_t>(now.micros))));
    must(store.forget_last_hashes());
    for (const char* published : {"bundle", "bundle_kept"}) static_cast<void>(must(store.remove_setting(published)));
    for (store::ContactRow& contact : must(store.contacts())) {
      contact.said = 0;  // a device counts its own messages
      must(store.put_contact(contact));
    }
    for (store::OutboxRow& delivery : must(store.outbox())) {
      if (is_settled(static_cast<State>(delivery.state))) continue;
      // What a message or an answer says can be sealed again if its writer wants to; what else was under way is over.
      delivery.state = static_cast<std::int32_t>(is_whole(delivery) ? State::Failed : State::Cancelled);
      delivery.last_error = "this store is an older copy: it may have been sent already";
      delivery.sealed.clear();
      delivery.nonce.reset();
      delivery.device = 0;
      must(store.update_outbox(delivery));
      if (auto message = must(store.message(delivery.message)); message && message->outbox == delivery.id) {
        message->state = delivery.state;
        must(store.update_message(*message));
      }
      must(store.add_journey({.outbox = delivery.id,
                              .at = now,
                              .text = "failed: " + delivery.last_error,
                              .step = static_cast<std::int32_t>(Step::Failed)}));
    }
  } catch (StoreFailure& failure) {
    return std::unexpected(std::move(failure.error));
  }
  return {};
}

}  // namespace session::client
