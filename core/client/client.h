// The client machine: a person's account, contacts, outbox and inbox. It owns no thread, socket or clock. Commands, answers,
// timers and stamps go in; calls, timers, stamps and facts come out (core/wire/effects.h); what must last is in the store
// before anything leaves. A program that is killed at any point starts again from its store: nothing is lost and nothing
// doubled.
//
// Order of use: `create` or `restore` once on an empty store; then `open` and `start` at every start of the program; then `on`
// for every input. The driver runs each of these in one transaction of the store and carries out the effects after its commit.
// When one of them returns an error, or the commit fails, the driver rolls back, drops the effects and this object, and opens a
// new one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/client/contact.h"
#include "core/client/context.h"
#include "core/client/courier.h"
#include "core/client/delivery.h"
#include "core/client/event.h"
#include "core/client/sealing.h"
#include "core/crypto/identity.h"
#include "core/store/client_store.h"
#include "core/wire/answers.h"
#include "core/wire/effects.h"

namespace session::client {

struct Config {
  std::vector<std::string> seeds;     ///< origins; asked directly, for the registry only
  Millis poll_every = seconds(5);     ///< between two fetches of the own mailbox while online
  Millis call_timeout = seconds(20);  ///< of one onion request
  Millis lifetime = days(4);          ///< of a message, when nothing else is said
  Millis bundle_every = days(2);      ///< a bundle older than this is renewed
  std::uint32_t stamps_at_once = 2;
};

// --- commands: what a person asks for
// ------------------------------------------------------------------------------------------

/// First words to a stranger. Refused to oneself, to accepted contacts and while an earlier request waits.
struct Ask {
  SessionId to;
  std::string text;
};
/// Accepts the request of `who`.
struct Accept {
  SessionId who;
};
/// Declines it: the contact and its messages go, nothing is sent.
struct Decline {
  SessionId who;
};
/// Text to an accepted contact.
struct Send {
  SessionId to;
  std::string text;
  std::optional<Millis> lifetime;
};
/// Tries a delivery that failed, or that waits for its next attempt, again at once.
struct TryAgain {
  std::uint64_t delivery = 0;
};
/// Fetches the own mailbox now.
struct Fetch {};
/// While online, the mailbox is fetched every `poll_every`.
struct GoOnline {};
struct GoOffline {};

using Command = std::variant<Ask, Accept, Decline, Send, TryAgain, Fetch, GoOnline, GoOffline>;

using Input = std::variant<wire::Answered, wire::CallFailed, wire::Woken, wire::Stamped>;

/// What a command led to: the delivery it made (0 for none), or why it was refused; then nothing changed.
struct Outcome {
  std::uint64_t delivery = 0;
  std::optional<Error> refused;
};

class Client {
 public:
  /// Makes an account in an empty store. Errors: Refused (there is one already; a bad name), or the store's.
  [[nodiscard]] static Result<void> create(store::ClientStore& store, std::string_view name, Instant now, Rng& rng);
  /// The same from a seed; `era` says how its keys are derived. The device is a new one.
  [[nodiscard]] static Result<void> restore(store::ClientStore& store, std::string_view name, const store::AccountSeed& seed,
                                            crypto::Era era, Instant now, Rng& rng);
  /// Reads what the store has. Errors: NotFound (no account yet), or the store's.
  [[nodiscard]] static Result<Client> open(store::ClientStore& store, Config config);

  /// Takes up what the last run left: everything in flight is queued again, a due bundle is renewed. Errors of this and the
  /// next two: the store's only.
  [[nodiscard]] Result<void> start(Context context);
  [[nodiscard]] Result<Outcome> command(const Command& command, Context context);
  [[nodiscard]] Result<void> on(const Input& input, Context context);

  [[nodiscard]] const SessionId& id() const { return identity_.id; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_online() const { return online_; }
  /// Nothing is under way and nothing is due: what a program that does one thing and ends waits for. A delivery that waits for
  /// its next attempt does not count.
  [[nodiscard]] bool is_idle() const;
  /// How fetches of the mailbox ended.
  struct FetchReport {
    std::uint64_t rounds = 0;  ///< ended since `start`
    bool last_succeeded = false;
    std::string last_error;
  };
  [[nodiscard]] const FetchReport& fetches() const { return fetch_report_; }
  [[nodiscard]] const Courier& courier() const { return courier_; }
  /// Deliveries that are not settled, by their number.
  [[nodiscard]] const std::map<std::uint64_t, store::OutboxRow>& outbox() const { return active_; }

  /// What holds in every state; asserts.
  void check_invariants() const;

 private:
  enum class Timer : std::uint32_t { Outbox = 1, Poll = 2, Upkeep = 3 };
  // What a call in flight is for.
  struct BundleCall {
    std::uint64_t delivery = 0;
  };
  struct StoreCall {
    std::uint64_t delivery = 0;
  };
  struct MailCall {};
  using Purpose = std::variant<BundleCall, StoreCall, MailCall>;
  /// One fetch of the mailbox: asks two members of the swarm, and others where these fail.
  struct Round {
    std::set<NodeId> asked;
    std::size_t in_flight = 0;
    std::size_t answered = 0;
    std::size_t pages = 0;  ///< asked for after the first answers
    std::string error;
  };
  /// What an attempt learns and nothing needs to outlive the process.
  struct Attempt {
    std::set<NodeId> tried;
    std::uint32_t refusals = 0;
    std::uint32_t detours = 0;  ///< since it waited last
    bool bundle_absent = false;
    std::vector<NodeId> path;
  };

  Client(crypto::Identity identity, store::AccountRow account, Config config);
  [[nodiscard]] Sealer sealer() const { return {identity_, device_, registration_id_}; }

  // client.cpp: commands and upkeep
  Outcome run(const Ask& command, Context& context);
  Outcome run(const Accept& command, Context& context);
  Outcome run(const Decline& command, Context& context);
  Outcome run(const Send& command, Context& context);
  Outcome run(const TryAgain& command, Context& context);
  Outcome run(const Fetch& command, Context& context);
  Outcome run(const GoOnline& command, Context& context);
  Outcome run(const GoOffline& command, Context& context);
  std::uint64_t write(const SessionId& to, Kind kind, std::string_view text, Millis lifetime, Context& context);
  void publish_bundle_if_due(Context& context);
  void expire_requests(Context& context);
  void upkeep(Context& context);
  void move_contact(store::ContactRow& contact, ContactState to, Context& context);
  std::int64_t next_sent_at(Context& context);
  void on_outcome(const Courier::Outcome& outcome, Context& context);

  // outbox.cpp: deliveries on their way
  std::uint64_t enqueue(store::OutboxRow row, Context& context);
  void advance(Context& context);
  void step(store::OutboxRow& row, Context& context);
  bool prepare(store::OutboxRow& row, Context& context);
  bool seal_row(store::OutboxRow& row, Context& context);
  void address(store::OutboxRow& row, Context& context);
  void stamp_or_route(store::OutboxRow& row, Context& context);
  void route(store::OutboxRow& row, Context& context);
  void on_bundle(std::uint64_t delivery, const Courier::Outcome& outcome, Context& context);
  void on_stored(std::uint64_t delivery, const Courier::Outcome& outcome, Context& context);
  void on_lost(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context);
  void on_store_refused(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context);
  void on_stamped(const wire::Stamped& input, Context& context);
  void move(store::OutboxRow& row, State to, std::string_view detail, Context& context);
  void wait(store::OutboxRow& row, std::string reason, Context& context);
  void arm(Context& context);
  [[nodiscard]] wire::Content content_of(const store::OutboxRow& row, Context& context);
  [[nodiscard]] std::optional<NodeId> pick_member(const Account& account, const std::set<NodeId>& except, Rng& rng) const;

  // inbox.cpp: the mailbox
  void begin_fetch(Context& context);
  void ask_member(Context& context);
  bool ask(const NodeId& node, Context& context);
  void on_mail(const Courier::Outcome& outcome, Context& context);
  bool journal_answer(const Courier::Outcome& outcome, bool& more, Context& context);
  void end_round_if_done(Context& context);
  void open_journal(Context& context);
  void take(const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry, Context& context);
  void take_text(store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry,
                 Context& context);
  void take_receipt(const SessionId& from, const wire::ReceiptMessage& receipt, Context& context);
  void tell(const Event& event, Context& context);
  crypto::Signature sign_text(std::string_view text, wire::Authentication& auth, Rng& rng) const;

  crypto::Identity identity_;
  std::string name_;
  std::uint32_t device_ = 0;
  std::uint32_t registration_id_ = 0;
  std::uint32_t slot_ = 0;
  Config config_;
  Courier courier_;
  bool online_ = false;
  std::map<std::uint64_t, store::OutboxRow> active_;
  std::map<std::uint64_t, Attempt> attempts_;
  std::map<CallId, Purpose> purposes_;
  std::optional<Round> round_;
  bool fetch_wanted_ = false;
  FetchReport fetch_report_;
};

}  // namespace session::client
