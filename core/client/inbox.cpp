// The mailbox: fetched from two members of the own swarm at a time, journalled, opened one after another. The journal, the
// ratchet and the result of an envelope change in one transaction, so a crash neither loses nor doubles a message.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"
#include "core/base/text.h"
#include "core/client/caps.h"
#include "core/client/client.h"
#include "core/signal/xeddsa.h"
#include "core/wire/hash.h"
#include "core/wire/rpc.h"
#include "core/wire/signed_text.h"

namespace session::client {
namespace {

constexpr std::size_t kMembersAsked = 2;
constexpr std::size_t kMaxPages = 200;
constexpr std::int64_t kMaxAnswerBytes = 90'000;
constexpr std::uint32_t kMostDoublings = 5;  // of the pause between fetches in vain: 160 s where it is 5 s

}  // namespace

crypto::Signature Client::sign_text(std::string_view text, wire::Authentication& auth, Rng& rng) const {
  if (identity_.ed25519) {
    auth.ed25519 = identity_.ed25519->open;
    return crypto::sign(identity_.ed25519->secret, bytes_of(text));
  }
  const auto signature = signal::xeddsa_sign(identity_.x25519.secret, bytes_of(text), rng);
  auth.ed25519 = signature.key;
  return signature.signature;
}

void Client::begin_fetch(Context& context) {
  fetch_wanted_ = true;
  if (round_) return;
  if (!courier_.registry()) {
    courier_.refresh(context);
    if (!courier_.is_refreshing()) {
      fetch_wanted_ = false;
      fetch_report_ = {fetch_report_.rounds + 1, false, "no seed is known to ask for the list of service nodes", {}};
    }
    return;  // `on_outcome` begins it when the registry is there
  }
  fetch_wanted_ = false;
  round_ = Round{};
  for (std::size_t i = 0; i < kMembersAsked; ++i) ask_member(context);
  end_round_if_done(context);
}

/// Asks a member that was not asked in this round; none left is no failure.
void Client::ask_member(Context& context) {
  while (const auto node = pick_member(identity_.id.account, round_->asked, context.rng)) {
    round_->asked.insert(*node);
    if (ask(*node, context)) return;
  }
}

bool Client::ask(const NodeId& node, Context& context) {
  const std::int64_t now_ms = network_now(context).unix_millis();
  wire::RetrieveRequest request{.account = identity_.id.account,
                                .ns = 0,
                                .ns_given = true,
                                .last_hash = must(context.store.last_hash(node, 0)),
                                .max_count = {},
                                .max_size = kMaxAnswerBytes,
                                .auth = {}};
  request.auth.timestamp = now_ms;
  request.auth.signature = sign_text(wire::signed_text_retrieve(0, now_ms), request.auth, context.rng);
  auto sent = courier_.send(node, wire::to_json(request), "retrieve", context);
  if (!sent) {
    round_->error = sent.error().message;
    return false;
  }
  purposes_.emplace(sent->call, MailCall{});
  ++round_->in_flight;
  return true;
}

void Client::on_mail(const Courier::Outcome& outcome, Context& context) {
  if (!round_) return;
  --round_->in_flight;
  bool more = false;
  if (journal_answer(outcome, more, context)) {
    ++round_->answered;
    open_journal(context);
    // A node that says "more" for ever does not keep us busy for ever; the next round goes on where this one ended.
    if (more && round_->pages++ < kMaxPages) static_cast<void>(ask(outcome.destination, context));
  } else {
    ask_member(context);
  }
  end_round_if_done(context);
}

/// Writes down what is new. False when the node was of no use; the reason is kept for the report.
bool Client::journal_answer(const Courier::Outcome& outcome, bool& more, Context& context) {
  if (outcome.failure || outcome.status != 200) {
    if (outcome.status == 421) courier_.doubt();
    if (outcome.status == 406) ask_time(context);
    round_->error = outcome.failure
                        ? outcome.failure->message
                        : fmt::format("status {}: {}", outcome.status, printable(text_of(outcome.body).substr(0, 200)));
    if (outcome.status == 406) round_->error = "the nodes say that this device's clock is wrong";
    return false;
  }
  const auto answer = wire::parse_retrieve_answer(outcome.body);
  if (!answer) {
    round_->error = "the node's answer is no use: " + answer.error().message;
    return false;
  }
  const Journalled journalled = journal_messages(outcome.destination, answer->messages, context);
  if (!journalled.is_true) {
    round_->error = "a node shows messages that are not what their names say";
    return false;
  }
  more = answer->more && journalled.goes_on;
  return true;
}

/// Nothing is believed after a message that is not what its name says.
Client::Journalled Client::journal_messages(const NodeId& node, const std::vector<wire::RetrievedMessage>& messages,
                                            Context& context) {
  // No network keeps anything longer (profile.md 1), whatever this node says: what was seen need not be remembered longer.
  const auto expiry_of = [latest = context.now + days(30)](const wire::RetrievedMessage& message) {
    return std::min(Instant::from_unix_millis(message.expiration_ms), latest);
  };
  for (const wire::RetrievedMessage& message : messages) {
    // A node cannot slip in what was not stored for this account under this name.
    if (wire::message_hash(identity_.id.account, 0, message.data) != message.hash) {
      context.effects.note(trace::Disbelieved{node, "a message is not what its name says"});
      return {.is_true = false};
    }
    const Instant expiry = expiry_of(message);
    if (!must(context.store.mark_seen(message.hash, expiry))) {
      repeat_receipt(message.hash, context);
      continue;
    }
    must(context.store.add_journal({.hash = message.hash,
                                    .ns = 0,
                                    .data = message.data,
                                    .received_at = context.now,
                                    .expiry = expiry,
                                    .way = static_cast<std::int32_t>(Way::Swarm)}));
    context.effects.note(trace::Journalled{message.hash, 0});
  }
  if (messages.empty()) return {};
  const wire::RetrievedMessage& last = messages.back();
  const bool goes_on = must(context.store.last_hash(node, 0)) != last.hash;
  must(context.store.put_last_hash(node, 0, last.hash, expiry_of(last)));
  return {.goes_on = goes_on};
}

/// What was handed over lately, the newest last: hash, sender, sent-at. Kept, so that a restart does not lose it.
void Client::remember_handed_over(const MessageHash& hash, const SessionId& from, std::int64_t sent_at, Context& context) {
  Bytes list = must(context.store.setting(kHandedOver)).value_or(Bytes{});
  if (hash.text.size() != kHashSize) return;
  append(list, bytes_of(hash.text));
  append(list, from.account.bytes);
  append(list, little(static_cast<std::uint64_t>(sent_at)));
  if (list.size() > kMostHandedOver * kHandedOverSize) list.erase(list.begin(), list.begin() + kHandedOverSize);
  must(context.store.put_setting(kHandedOver, list));
}

/// What was handed over is stored as well when its sender heard no receipt in time: this one the swarm shall keep.
void Client::repeat_receipt(const MessageHash& hash, Context& context) {
  auto list = must(context.store.setting(kHandedOver));
  if (!list) return;
  for (std::size_t at = 0; at + kHandedOverSize <= list->size(); at += kHandedOverSize) {
    const BytesView one = BytesView(*list).subspan(at, kHandedOverSize);
    if (text_of(one.first(kHashSize)) != hash.text) continue;
    const SessionId from{Account{to_array<33>(one.subspan(kHashSize, 33))}};
    const auto sent_at = load_little<std::int64_t>(one.subspan(kHashSize + 33).data());
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(at),
                list->begin() + static_cast<std::ptrdiff_t>(at + kHandedOverSize));
    must(context.store.put_setting(kHandedOver, *list));
    const auto contact = must(context.store.contact(from));
    if (!contact || contact->blocked || static_cast<ContactState>(contact->state) != ContactState::Accepted) return;
    return owe_receipt(from, wire::ReceiptMessage::Type::Delivery, {sent_at}, Way::Swarm, context);
  }
}

void Client::end_round_if_done(Context& context) {
  if (!round_ || round_->in_flight > 0) return;
  const bool succeeded = round_->answered > 0;
  fetch_report_ = {fetch_report_.rounds + 1, succeeded, succeeded ? "" : round_->error,
                   succeeded ? context.now : fetch_report_.last_good};
  if (!fetch_report_.last_succeeded && fetch_report_.last_error.empty())
    fetch_report_.last_error = "no node of our swarm answers";
  round_.reset();
  fetch_failures_ = succeeded ? 0 : fetch_failures_ + 1;
  if (succeeded && fetch_report_.rounds == 1) expire_kept(context);
  wake_for_next_fetch(context);
}

/// Who listens looks only now and then whether a node forgot to hand something over. A swarm none of whose members answers is
/// asked later and later, by each of its people at a time of their own; sooner again once one answers, the list is another or
/// we come online.
void Client::wake_for_next_fetch(Context& context) {
  if (!online_) return;
  const bool listens = fetch_report_.last_succeeded && can_listen(context.now);
  Millis pause = listens ? config_.look_every : config_.poll_every;
  if (fetch_failures_ > 1) {
    pause.count <<= std::min(fetch_failures_ - 1, kMostDoublings);
    pause = Millis{context.rng.between(pause.count * 3 / 4, pause.count * 5 / 4)};
  }
  context.effects.wake(static_cast<std::uint32_t>(Timer::Poll), context.now + pause);
}

std::size_t Client::open_journal(Context& context) {
  std::size_t count = 0;
  const Admit admit = [&](const SessionId& from, const wire::Content& content) { return may_enter(from, content, context); };
  for (const store::JournalRow& row : must(context.store.journal())) {
    auto opened = session::client::open(context.store, sealer(), row.data, network_now(context), context.rng, admit);
    if (mutant::is_on(Mutant::C1) && context.store.in_transaction()) must(context.store.commit()), must(context.store.begin());
    static_cast<void>(must(context.store.remove_journal(row.id)));
    if (opened) {
      ++count;
      take(*opened, row.hash, row.expiry, static_cast<Way>(row.way), context);
      continue;
    }
    const OpenFailure& failure = opened.error();
    if (is_of_store(failure.error) || failure.error.code == ErrorCode::Internal) throw StoreFailure(failure.error);
    context.effects.note(trace::NotOpened{row.hash, failure.error.message});
    on_unopened(failure, context);
  }
  return count;
}

}  // namespace session::client
