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
#include <utility>
#include <variant>
#include <vector>

#include "core/base/filling.h"
#include "core/client/change.h"
#include "core/client/clock.h"
#include "core/client/command.h"
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
  Millis poll_every = seconds(5);     ///< between two fetches of the own mailbox where no node lets us listen
  Millis look_every = minutes(5);     ///< between two fetches while we listen: what a node forgot to hand over shows
  Millis listen_for = seconds(20);    ///< that a node may let us wait; 0: never listen
  Millis call_timeout = seconds(20);  ///< of one onion request
  Millis lifetime = days(4);          ///< of a message, when nothing else is said
  Millis bundle_every = days(2);      ///< a bundle older than this is renewed
  std::uint32_t stamps_at_once = 2;
};

using Input = std::variant<wire::Answered, wire::CallFailed, wire::Woken, wire::Stamped>;

class Client {
 public:
  /// Makes an account in an empty store. Errors: Refused (there is one already; a bad name), or the store's.
  [[nodiscard]] static Result<void> create(store::ClientStore& store, std::string_view name, Instant now, Rng& rng);
  /// The same from a seed; `era` says how its keys are derived. The device is a new one.
  [[nodiscard]] static Result<void> restore(store::ClientStore& store, std::string_view name, const store::AccountSeed& seed,
                                            crypto::Era era, Instant now, Rng& rng);
  /// Makes the device of this store a new one, before `open`: for a store that is older than what its owner knows of it. A copy
  /// must not write with ratchets that have moved on elsewhere (profile.md 10.6): sessions and prekeys go, and deliveries under
  /// way end as failed, since they may have arrived already. Errors: NotFound (no account yet), or the store's.
  [[nodiscard]] static Result<void> become_new_device(store::ClientStore& store, Instant now, Rng& rng);
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
    Instant last_good;  ///< when a node of the own swarm answered last; Instant{}: not since `start`
  };
  [[nodiscard]] const FetchReport& fetches() const { return fetch_report_; }
  [[nodiscard]] const Courier& courier() const { return courier_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  /// Nodes that wait for us to be written to.
  [[nodiscard]] std::size_t listening() const { return listeners_.size(); }
  /// Deliveries that are not settled, by their number.
  [[nodiscard]] const std::map<std::uint64_t, store::OutboxRow>& outbox() const { return active_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  /// What writing this would cost now: whether it is small enough to be free, and how many trials its stamp takes on average.
  struct Price {
    std::size_t bytes = 0;     ///< of the sealed message, about
    bool is_due = false;       ///< a stamp is
    std::uint64_t trials = 0;  ///< expected; 0 when none is due
  };
  [[nodiscard]] Price price_of(std::string_view text, Millis lifetime) const;
  /// 60 digits that both people see alike (client.md 10.7). Errors: the store's.
  [[nodiscard]] Result<std::string> safety_number(const SessionId& with, Rng& rng) const;
  /// How safe and sound the session with a contact is.
  struct Health {
    enum class State { None, Sound, Waiting, Broken } state = State::None;
    bool forward_secrecy = false;
    bool verified = false;
    std::uint32_t unopened = 0;  ///< envelopes since the last that opened
    std::uint32_t missing = 0;   ///< numbered messages that did not come
    Instant heard;
    Instant last_reset;
    std::string words;  ///< one sentence for a person
  };
  [[nodiscard]] Result<Health> health_of(const SessionId& who, const store::ClientStore& store) const;
  /// Facts that only pass by, such as typing: handed over once, oldest first.
  [[nodiscard]] std::vector<Event> take_passing() { return std::exchange(passing_, {}); }

  /// A chain of a ratchet turned since this was asked last, or before this life: what was sealed leaves when the store's
  /// counter was told (store_epoch.h).
  [[nodiscard]] bool take_turned() { return std::exchange(has_turned_, false); }

  /// What holds in every state; asserts.
  void check_invariants() const;
  /// Of every table that others can fill.
  [[nodiscard]] Fillings fillings(const store::ClientStore& store) const;

 private:
  enum class Timer : std::uint32_t { Outbox = 1, Poll = 2, Upkeep = 3, Listen = 4, Expiry = 5 };
  // What a call in flight is for.
  struct BundleCall {
    std::uint64_t delivery = 0;
    Instant begun;
  };
  struct StoreCall {
    std::uint64_t delivery = 0;
    Instant begun;
  };
  struct RelayCall {
    std::uint64_t delivery = 0;  ///< 0: something that only passes by
    SessionId to;
    Instant begun;
  };
  struct MailCall {};
  struct ListenCall {
    std::uint64_t listener = 0;
    NodeId guard;
  };
  struct ClockCall {};
  using Purpose = std::variant<BundleCall, StoreCall, RelayCall, MailCall, ListenCall, ClockCall>;
  /// One fetch of the mailbox: asks two members of the swarm, and others where these fail.
  struct Round {
    std::set<NodeId> asked;
    std::size_t in_flight = 0;
    std::size_t answered = 0;
    std::size_t pages = 0;  ///< asked for after the first answers
    std::string error;
  };
  /// A member of the own swarm that was asked to hand over what comes.
  struct Listener {
    NodeId node;
    bool is_last = false;         ///< asks no more after this answer: a newer one took its place
    std::uint32_t fruitless = 0;  ///< answers in a row that came at once and brought nothing
  };
  /// What an attempt learns and nothing needs to outlive the process.
  struct Attempt {
    std::set<NodeId> tried;
    std::set<NodeId> refusals;  ///< members that blamed the message
    std::uint32_t detours = 0;  ///< since it waited last
    std::set<NodeId> signers;   ///< members that signed that they keep the message, in any answer
    std::uint32_t few = 0;      ///< answers after which there were too few of them
    std::set<NodeId> absences;  ///< members that know no prekey bundle of theirs
    bool bundle_absent = false;
    bool is_relayed = false;         ///< was offered to who listens; not again
    bool has_fresh_session = false;  ///< a Reset's session was begun
    std::vector<NodeId> path;
  };

  Client(crypto::Identity identity, store::AccountRow account, Config config);
  [[nodiscard]] Sealer sealer() const { return {identity_, device_, registration_id_}; }
  /// The time as the network has it: our clock and the offset that its nodes told (clock.h).
  [[nodiscard]] Instant network_now(const Context& context) const { return context.now + clock_.offset(); }

  // client.cpp: which command goes where, and upkeep
  Outcome run(const Fetch& command, Context& context);
  Outcome run(const GoOnline& command, Context& context);
  Outcome run(const GoOffline& command, Context& context);
  Outcome run(const NewPath& command, Context& context);
  Outcome run(const ResetNetwork& command, Context& context);
  Outcome run(const Rename& command, Context& context);
  Outcome run(const Settings& command, Context& context);
  void publish_bundle_if_due(Context& context);
  /// The clock was wrong by much: what is published says a wrong date.
  void redate_bundle(Context& context);
  void upkeep(Context& context);
  std::int64_t next_sent_at(Context& context);
  void on_outcome(const Courier::Outcome& outcome, Context& context);

  // people.cpp: contacts and requests
  Outcome run(const Ask& command, Context& context);
  Outcome run(const Accept& command, Context& context);
  Outcome run(const Decline& command, Context& context);
  Outcome run(const Nickname& command, Context& context);
  Outcome run(const Block& command, Context& context);
  Outcome run(const Verify& command, Context& context);
  Outcome run(const RemoveContact& command, Context& context);
  void expire_requests(Context& context);
  /// As the table says; keeps the contact, and answers where it says so. False when there is no such move.
  bool move_contact(store::ContactRow& contact, ContactCause cause, Context& context);
  /// Every trace of a person: messages, drafts, sessions, deliveries under way, the contact.
  void forget(const SessionId& who, Context& context);
  /// Gives up what is on its way to a person: nothing more is said to them.
  void drop_deliveries(const SessionId& who, Context& context);

  // messages.cpp: what is written, and what is done to it
  Outcome run(const Send& command, Context& context);
  Outcome run(const React& command, Context& context);
  Outcome run(const Edit& command, Context& context);
  Outcome run(const Unsend& command, Context& context);
  Outcome run(const RemoveMessage& command, Context& context);
  Outcome run(const MarkRead& command, Context& context);
  std::uint64_t write(const SessionId& to, Kind kind, std::string_view text, Millis lifetime,
                      const std::optional<store::QuoteRow>& quote, Context& context);
  /// A delivery of these words, which are no message of their own. `about`: the message of ours concerned, or 0.
  std::uint64_t say(const SessionId& to, Kind kind, const wire::Content& content, std::int64_t sent_at, std::uint64_t about,
                    Context& context);
  /// A receipt for these messages of theirs: joins one that waits to be sealed, if there is one. `way`: how it shall go.
  void owe_receipt(const SessionId& to, wire::ReceiptMessage::Type type, const std::vector<std::int64_t>& sent_at, Way way,
                   Context& context);
  /// Why nothing can be said about messages to this person; nothing when it can.
  [[nodiscard]] std::optional<Error> why_silent(const SessionId& with, Context& context);
  /// What an outbox row says, made when it is sealed: from its message, or as it was enqueued; with our profile, our presence
  /// token, the conversation's timer and the message's number.
  [[nodiscard]] wire::Content content_of(const store::OutboxRow& row, Context& context);

  // conversations.cpp: drafts, timers, pins; messages that disappear
  Outcome run(const Draft& command, Context& context);
  Outcome run(const SetTimer& command, Context& context);
  Outcome run(const SetLifetime& command, Context& context);
  Outcome run(const Pin& command, Context& context);
  Outcome run(const Mute& command, Context& context);
  Outcome run(const Archive& command, Context& context);
  [[nodiscard]] store::ConversationRow conversation_with(const SessionId& who, Context& context);
  /// Messages, requests and what waits for messages, whose time has come; gaps that stayed. Sets the timer for the next.
  void expire_messages(Context& context);
  void arm_expiry(Context& context);
  /// A message came or was written.
  void note_message(const store::MessageRow& message, Context& context);
  /// What it says of unread and newest messages, from the messages that are there.
  void count_anew(const SessionId& who, Context& context);
  /// Numbers that did not come within a minute after the mailbox was read to its end.
  void tell_gaps(Context& context);
  /// Why there is no conversation with this person to be kept; nothing when there may be.
  [[nodiscard]] std::optional<Error> why_none(const SessionId& with, Context& context);
  /// What a quote says of a message: nothing when there is no such message in the conversation, or it was taken back.
  [[nodiscard]] std::optional<store::QuoteRow> quote_of(std::uint64_t message, const SessionId& with, Context& context);

  // changes.cpp: what is done to messages that are there, or not yet
  [[nodiscard]] std::optional<store::MessageRow> find(const SessionId& contact, const store::MessageRef& about,
                                                      std::uint32_t device, Context& context);
  [[nodiscard]] store::MessageRef ref_of(const store::MessageRow& message) const;
  /// True when a person sees another thing than before; the row is kept and `message` is as it is then.
  bool apply(store::MessageRow& message, const Change& change, Context& context);
  void tell_change(const store::MessageRow& message, const Change& change, Context& context);
  void take_change(const store::ContactRow& contact, const Change& change, std::uint32_t device, Context& context);
  /// To be applied when the message comes.
  void await_message(const SessionId& contact, const store::MessageRef& about, Kind kind, const SessionId& from, Instant at,
                     Bytes content, Context& context);
  /// What waited for this message; the changes of it that a person shall be told.
  std::vector<Change> take_waiting(store::MessageRow& message, Context& context);
  /// Quotes show the words that were quoted, or nothing of a message that was taken back.
  void mend_quote(store::MessageRow& quoting, const store::MessageRow& quoted, Context& context);

  // receive.cpp: what an opened envelope means
  [[nodiscard]] Result<void> may_enter(const SessionId& from, const wire::Content& content, Context& context) const;
  void take(const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry, Way way, Context& context);
  /// All that a content says but for who its sender is to us; true when a receipt is owed for it.
  bool take_parts(store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Way way,
                  Context& context);
  void take_text(const store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Way way,
                 Context& context);
  void take_quote(store::MessageRow& row, const wire::Quote& quote, Context& context);
  void take_receipt(const SessionId& from, const wire::ReceiptMessage& receipt, Context& context);
  void take_typing(const OpenedEnvelope& envelope, Context& context);
  void take_timer(const OpenedEnvelope& envelope, Context& context);
  void hear_number(store::ContactRow& contact, const OpenedEnvelope& envelope, Context& context);
  /// Only so many words of a stranger are kept until we have decided; the oldest go.
  void bound_request(const SessionId& who, Context& context);
  void tell(const Event& event, Context& context);

  // sessions.cpp: health, resets, the safety number, a new device
  Outcome run(const ResetSession& command, Context& context);
  /// An envelope whose sender was proved did not open.
  void on_unopened(const OpenFailure& failure, Context& context);
  /// An envelope of theirs opened: notes it in `contact`, which the caller keeps.
  void on_session_used(store::ContactRow& contact, const OpenedEnvelope& envelope, Context& context);
  std::uint64_t begin_reset(store::ContactRow& contact, Context& context);

  // outbox.cpp: deliveries on their way
  std::uint64_t enqueue(store::OutboxRow row, Context& context);
  void advance(Context& context);
  void step(store::OutboxRow& row, Context& context);
  bool prepare(store::OutboxRow& row, Context& context);
  bool seal_row(store::OutboxRow& row, Context& context);
  bool seal_again(store::OutboxRow& row, Context& context);
  void count_turn(const SessionId& who, Context& context);
  void address(store::OutboxRow& row, Context& context);
  void stamp_or_route(store::OutboxRow& row, Context& context);
  void route(store::OutboxRow& row, Context& context);
  void on_bundle(const BundleCall& call, const Courier::Outcome& outcome, Context& context);
  void on_stored(const StoreCall& call, const Courier::Outcome& outcome, Context& context);
  void on_stored_late(const StoreCall& call, const Courier::Outcome& outcome, Context& context);
  [[nodiscard]] std::vector<NodeId> keepers(const store::OutboxRow& row, const wire::StoreAnswer& answer) const;
  void note_keepers(store::OutboxRow& row, const std::vector<NodeId>& kept, Context& context);
  void on_lost(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context);
  void on_store_refused(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context);
  void on_stamped(const wire::Stamped& input, Context& context);
  void move(store::OutboxRow& row, State to, std::string_view detail, Context& context, store::JourneyRow step = {});
  void wait(store::OutboxRow& row, std::string reason, Context& context);
  void arm(Context& context);
  /// What the swarm keeps no longer and nobody said to have opened.
  void expire_kept(Context& context);
  Outcome run(const TryAgain& command, Context& context);
  Outcome run(const Cancel& command, Context& context);
  /// The delivery of ours that this person's receipt is about, wherever it stands; null when there is none.
  [[nodiscard]] store::OutboxRow* delivery_to(const SessionId& to, std::int64_t sent_at, store::OutboxRow& kept,
                                              Context& context);
  [[nodiscard]] std::optional<NodeId> pick_member(const Account& account, const std::set<NodeId>& except, Rng& rng) const;

  // relay.cpp: online first
  Outcome run(const Typing& command, Context& context);
  [[nodiscard]] bool may_relay(const store::OutboxRow& row, Context& context);
  void relay(store::OutboxRow& row, Context& context);
  void on_relayed(const RelayCall& call, const Courier::Outcome& outcome, Context& context);
  void give_up_waiting(store::OutboxRow& row, Context& context);

  // listen.cpp: what comes while we are online
  void keep_listening(Context& context);
  /// Some member of our swarm may know how.
  [[nodiscard]] bool can_listen(Instant now) const;
  void listen(std::uint64_t listener, Context& context);
  bool is_echo(const std::vector<MessageHash>& hashes, std::uint64_t listener, bool opened, Instant now);
  void on_heard(const ListenCall& call, const Courier::Outcome& outcome, Context& context);
  void stop_listening();
  /// People were given new tokens: the nodes that wait must know them.
  void renew_listeners(Context& context);

  // inbox.cpp: the mailbox
  void begin_fetch(Context& context);
  void ask_member(Context& context);
  bool ask(const NodeId& node, Context& context);
  void on_mail(const Courier::Outcome& outcome, Context& context);
  bool journal_answer(const Courier::Outcome& outcome, bool& more, Context& context);
  struct Journalled {
    bool is_true = true;   ///< every message is what its name says
    bool goes_on = false;  ///< the next answer of this node will begin later
  };
  Journalled journal_messages(const NodeId& node, const std::vector<wire::RetrievedMessage>& messages, Context& context);
  void remember_handed_over(const MessageHash& hash, const SessionId& from, std::int64_t sent_at, Context& context);
  void repeat_receipt(const MessageHash& hash, Context& context);
  void end_round_if_done(Context& context);
  void wake_for_next_fetch(Context& context);
  /// How many envelopes opened.
  std::size_t open_journal(Context& context);
  crypto::Signature sign_text(std::string_view text, wire::Authentication& auth, Rng& rng) const;

  // clock.cpp
  void hear_time(const Courier::Outcome& outcome, Context& context);
  void ask_time(Context& context);

  crypto::Identity identity_;
  std::string name_;
  std::uint32_t device_ = 0;
  std::uint32_t registration_id_ = 0;
  std::uint32_t slot_ = 0;
  Config config_;
  Settings settings_;
  Courier courier_;
  Clock clock_;
  bool online_ = false;
  std::map<NodeId, Instant> deaf_;   ///< members of our swarm that do not know the method, until when that is believed
  bool bundle_is_misdated_ = false;  ///< the one on its way
  bool has_turned_ = true;           ///< a ratchet; of the last life nobody knows
  std::map<std::uint64_t, store::OutboxRow> active_;
  std::map<std::uint64_t, Attempt> attempts_;
  std::map<CallId, Purpose> purposes_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_listener_ = 1;
  /// What listeners brought a moment ago and could be opened, and which of them: the other one brings it too, and is not
  /// blamed.
  struct HeardLately {
    Instant at;
    std::set<std::uint64_t> by;
  };
  std::map<MessageHash, HeardLately> heard_lately_;
  Instant listen_again_;                ///< not before, after failures
  std::uint32_t listen_failures_ = 0;   ///< in a row
  std::map<SessionId, Instant> away_;   ///< who did not listen lately: not offered anything before then
  std::map<SessionId, Instant> typed_;  ///< when we told them last that we type
  std::optional<Round> round_;
  bool fetch_wanted_ = false;
  FetchReport fetch_report_;
  std::uint32_t fetch_failures_ = 0;  ///< in a row
  std::uint64_t lists_seen_ = 0;      ///< of Courier::lists
  std::vector<Event> passing_;
};

}  // namespace session::client
