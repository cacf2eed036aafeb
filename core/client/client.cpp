#include "core/client/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/base/site.h"
#include "core/base/text.h"
#include "core/client/caps.h"
#include "core/client/name.h"
#include "core/wire/hash.h"

namespace session::client {
namespace {

constexpr Millis kBundleLifetime = days(14);
constexpr std::string_view kSettings = "settings";  // a byte each, in the order of their declaration

/// Runs what may throw a StoreFailure and turns that into the caller's error.
template <class Body>
auto guarded(Body&& body) -> Result<decltype(body())> {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (StoreFailure& failure) {
    return std::unexpected(std::move(failure.error));
  }
}

}  // namespace

Result<void> Client::create(store::ClientStore& store, std::string_view name, Instant now, Rng& rng) {
  store::AccountSeed seed;
  rng.fill(seed.writable());
  return restore(store, name, seed, crypto::Era::C, now, rng);
}

Result<void> Client::restore(store::ClientStore& store, std::string_view name, const store::AccountSeed& seed, crypto::Era era,
                             Instant now, Rng& rng) {
  if (auto good = check_name(name); !good) return good;
  return guarded([&] {
    if (must(store.account())) throw StoreFailure({ErrorCode::Refused, "there is an account in this folder already"});
    store::AccountRow row;
    row.name = name;
    row.seed = seed;
    row.era = static_cast<std::uint8_t>(era);
    row.device = static_cast<std::uint32_t>(rng.between(1, (1 << 30) - 1));
    row.registration_id = static_cast<std::uint32_t>(rng.between(1, 16380));
    row.created = now;
    must(store.put_account(row));
  });
}

Result<Client> Client::open(store::ClientStore& store, Config config) {
  auto account = store.account();
  if (!account) return fail(account);
  if (!*account) return fail(ErrorCode::NotFound, "there is no account in this folder yet; make one or restore one");
  const auto era = static_cast<crypto::Era>((*account)->era);
  return Client(crypto::identity_of((*account)->seed, era), std::move(**account), std::move(config));
}

Client::Client(crypto::Identity identity, store::AccountRow account, Config config)
    : identity_(std::move(identity)),
      name_(std::move(account.name)),
      device_(account.device),
      registration_id_(account.registration_id),
      slot_(account.slot),
      config_(std::move(config)),
      courier_(config_.seeds, config_.call_timeout) {}

Result<void> Client::start(Context context) {
  return guarded([&] {
    courier_.load(context);
    if (const auto kept = must(context.store.setting(kSettings)); kept && kept->size() == 2)
      settings_ = {(*kept)[0] != std::byte{0}, (*kept)[1] != std::byte{0}};
    for (store::OutboxRow& row : must(context.store.outbox())) {
      const auto state = static_cast<State>(row.state);
      if (is_settled(state)) continue;
      if (state == State::Waiting) row.next_attempt = context.now;  // another start is another chance
      const auto [at, fresh] = active_.emplace(row.id, std::move(row));
      if (is_in_flight(state)) move(at->second, State::Queued, "taken up again", context);
    }
    upkeep(context);
    open_journal(context);
    advance(context);
  });
}

Result<Outcome> Client::command(const Command& command, Context context) {
  return guarded([&] {
    Outcome outcome = std::visit([&](const auto& c) { return run(c, context); }, command);
    advance(context);
    return outcome;
  });
}

Result<void> Client::on(const Input& input, Context context) {
  return guarded([&] {
    if (const auto* answered = std::get_if<wire::Answered>(&input)) {
      if (const auto outcome = courier_.on(*answered, context)) on_outcome(*outcome, context);
    } else if (const auto* failed = std::get_if<wire::CallFailed>(&input)) {
      if (const auto outcome = courier_.on(*failed, context)) on_outcome(*outcome, context);
    } else if (const auto* stamped = std::get_if<wire::Stamped>(&input)) {
      on_stamped(*stamped, context);
    } else if (const auto* woken = std::get_if<wire::Woken>(&input)) {
      if (woken->timer == static_cast<std::uint32_t>(Timer::Upkeep)) upkeep(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Poll) && online_) {
        if (site::fires(Site::FetchSkipped))
          wake_for_next_fetch(context);
        else
          fetch_wanted_ = true;
      }
      if (woken->timer == static_cast<std::uint32_t>(Timer::Expiry)) expire_messages(context);
      // The pause is over, though a clock that was set back or stands still says otherwise.
      if (woken->timer == static_cast<std::uint32_t>(Timer::Listen)) listen_again_ = std::min(listen_again_, context.now);
    }
    if (std::exchange(lists_seen_, courier_.lists()) != courier_.lists() && fetch_failures_ > 0) {
      fetch_failures_ = 0;  // perhaps our swarm is another one now
      fetch_wanted_ = online_ || fetch_wanted_;
    }
    // The courier may just have heard, or given up on, the registry that a fetch waits for.
    if (fetch_wanted_ && !courier_.is_refreshing()) {
      if (courier_.registry() || courier_.trouble().empty()) {
        begin_fetch(context);
      } else {
        fetch_wanted_ = false;
        fetch_report_ = {fetch_report_.rounds + 1, false, courier_.trouble(), fetch_report_.last_good};
        ++fetch_failures_;
        wake_for_next_fetch(context);
      }
    }
    keep_listening(context);
    advance(context);
  });
}

void Client::on_outcome(const Courier::Outcome& outcome, Context& context) {
  const auto found = purposes_.find(outcome.call);
  if (found == purposes_.end()) return;
  const Purpose purpose = found->second;
  purposes_.erase(found);
  hear_time(outcome, context);
  // What we sent came through: the network is back, and our mailbox is worth a look now.
  const bool is_own_swarms = std::holds_alternative<MailCall>(purpose) || std::holds_alternative<ListenCall>(purpose);
  if (fetch_failures_ > 1 && outcome.status == 200 && !is_own_swarms) {
    fetch_failures_ = 0;
    fetch_wanted_ |= online_ && !round_;
  }
  if (const auto* bundle = std::get_if<BundleCall>(&purpose)) on_bundle(*bundle, outcome, context);
  if (const auto* stored = std::get_if<StoreCall>(&purpose)) on_stored(*stored, outcome, context);
  if (const auto* relayed = std::get_if<RelayCall>(&purpose)) on_relayed(*relayed, outcome, context);
  if (const auto* heard = std::get_if<ListenCall>(&purpose)) on_heard(*heard, outcome, context);
  if (std::holds_alternative<MailCall>(purpose)) on_mail(outcome, context);
  if (bundle_is_misdated_) publish_bundle_if_due(context);
}

// --- commands
// ------------------------------------------------------------------------------------------------------------------

Outcome Client::run(const Fetch&, Context& context) {
  begin_fetch(context);
  return {};
}

Outcome Client::run(const GoOnline&, Context& context) {
  online_ = true;
  publish_bundle_if_due(context);  // a machine that slept missed its upkeep
  fetch_failures_ = 0;
  begin_fetch(context);
  return {};
}

Outcome Client::run(const GoOffline&, Context&) {
  online_ = false;
  stop_listening();
  return {};
}

Outcome Client::run(const NewPath&, Context& context) {
  if (auto renewed = courier_.renew_paths(context); !renewed) return {0, renewed.error()};
  return {};
}

Outcome Client::run(const ResetNetwork&, Context& context) {
  courier_.forget(context);
  clock_.forget();
  away_.clear();
  must(context.store.forget_last_hashes());
  deaf_.clear();
  fetch_failures_ = 0;
  stop_listening();
  courier_.refresh(context);
  if (online_) begin_fetch(context);
  return {};
}

Outcome Client::run(const Rename& command, Context& context) {
  if (auto good = check_name(command.name); !good) return {0, good.error()};
  auto account = must(context.store.account());
  if (!account) return {0, Error{ErrorCode::NotFound, "there is no account"}};
  name_ = account->name = command.name;
  must(context.store.put_account(*account));
  return {};
}

Outcome Client::run(const Settings& command, Context& context) {
  settings_ = command;
  must(context.store.put_setting(kSettings, Bytes{std::byte{command.read_receipts}, std::byte{command.typing}}));
  return {};
}

// --- what commands and upkeep share ------------------------------------------------------------------------------------------

/// `sent_at` names a message to the other side, so it strictly increases per device (profile.md 7).
std::int64_t Client::next_sent_at(Context& context) {
  std::int64_t sent_at = network_now(context).unix_millis();
  // Times of a clock that was fast are not gone on with: others would take every message for one of the future.
  if (const auto last = must(context.store.setting("last_sent_at")); last && last->size() == 8)
    if (const auto at = load_little<std::int64_t>(last->data()); at < sent_at + days(1).count)
      sent_at = std::max(sent_at, at + 1);
  must(context.store.put_setting("last_sent_at", little(static_cast<std::uint64_t>(sent_at))));
  return sent_at;
}

void Client::publish_bundle_if_due(Context& context) {
  if (!identity_.ed25519) return;  // eras A and B have no key that could sign a bundle
  const bool under_way = std::any_of(active_.begin(), active_.end(), [](const auto& entry) {
    return static_cast<Kind>(entry.second.kind) == Kind::Bundle && !is_settled(static_cast<State>(entry.second.state));
  });
  if (under_way) return;
  const Instant now = network_now(context);
  if (const auto kept = must(context.store.setting("bundle_kept")); kept && kept->size() == 8) {
    const Instant at{load_little<std::int64_t>(kept->data())};
    if (at <= now && now - at < config_.bundle_every && !site::fires(Site::BundleAnew)) return;
  }
  bundle_is_misdated_ = false;
  const Bytes bundle = must(make_bundle(context.store, sealer(), slot_, now, context.rng));
  must(context.store.put_setting("bundle", bundle));
  const wire::SlotList slots{identity_.id, now.unix_millis(), {{slot_, device_}}};
  for (const auto& [ns, bytes] : {std::pair{wire::bundle_namespace(slot_), bundle},
                                  std::pair{wire::kSlotListNamespace, wire::encode_signed(slots, *identity_.ed25519)}})
    enqueue({.to = identity_.id,
             .ns = ns,
             .kind = static_cast<std::int32_t>(Kind::Bundle),
             .sealed = bytes,
             .timestamp = now,
             .ttl = kBundleLifetime},
            context);
}

void Client::redate_bundle(Context& context) {
  for (auto& [id, row] : active_)
    if (static_cast<Kind>(row.kind) == Kind::Bundle && may_move(static_cast<State>(row.state), State::Cancelled)) {
      if (static_cast<State>(row.state) == State::Stamping) context.effects.cancel_stamp(id);
      move(row, State::Cancelled, "dated by a wrong clock", context);
    }
  static_cast<void>(must(context.store.remove_setting("bundle_kept")));
  bundle_is_misdated_ = true;
}

void Client::upkeep(Context& context) {
  static_cast<void>(must(context.store.expire_hashes(context.now)));
  expire_messages(context);
  expire_requests(context);
  if (fetch_report_.last_succeeded) expire_kept(context);
  publish_bundle_if_due(context);
  context.effects.wake(static_cast<std::uint32_t>(Timer::Upkeep), context.now + hours(1));
}

bool Client::is_idle() const {
  const auto waiting = static_cast<std::size_t>(std::count_if(purposes_.begin(), purposes_.end(), [](const auto& entry) {
    return std::holds_alternative<ListenCall>(entry.second);  // a listener waits for others, and for nothing of ours
  }));
  if (courier_.in_flight() > waiting || round_ || fetch_wanted_) return false;
  return std::all_of(active_.begin(), active_.end(),
                     [](const auto& entry) { return static_cast<State>(entry.second.state) == State::Waiting; });
}

Fillings Client::fillings(const store::ClientStore& store) const {
  const auto handed_over = store.setting(kHandedOver);
  const std::size_t bytes = handed_over && *handed_over ? (*handed_over)->size() : 0;
  return {{"listeners", listeners_.size(), kMostListeners},
          {"what listeners brought", heard_lately_.size(), kMostHeardLately},
          {"passing events", passing_.size(), kMaxPassing},
          {"messages handed over", bytes / kHandedOverSize, kMostHandedOver},
          {"samples of the clock", clock_.samples(), Clock::kMaxSamples},
          {"calls", purposes_.size(), courier_.in_flight()}};
}

void Client::check_invariants() const {
  for ([[maybe_unused]] const auto& [id, row] : active_) {
    assert(row.id == id);
    assert(!is_settled(static_cast<State>(row.state)));
    assert(static_cast<State>(row.state) != State::Routing || !row.sealed.empty());
    assert(static_cast<State>(row.state) != State::Stamping || !row.sealed.empty());
  }
  assert(purposes_.size() <= courier_.in_flight());
  assert(!round_ || round_->in_flight > 0);
}

}  // namespace session::client
