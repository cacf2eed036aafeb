#include "app/backend/live.h"

#include <fmt/format.h>

#include <mutex>
#include <set>
#include <thread>

#include "app/backend/describe.h"
#include "app/model/chronicle.h"
#include "core/net/account_folder.h"
#include "core/net/client_host.h"
#include "core/pow/search.h"
#include "core/store/store_epoch.h"

namespace session::app {
namespace {

constexpr Machine kMe = 0;

Instant wall_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

class Live final : public Backend {
 public:
  explicit Live(LiveOptions options) : options_(std::move(options)), begin_(wall_now()), chronicle_(begin_), look_(io_) {
    chronicle_.set_me(kMe);
    publish();
    worker_ = std::jthread([this] { run(); });
  }
  ~Live() override {
    net::asio::post(io_, [this] { guard_.reset(), io_.stop(); });
    worker_.join();
  }

  void post(Command command) override {
    net::asio::post(io_, [this, command = std::move(command)] {
      carry_out(command);
      is_changed_ = true;
      look_soon();
    });
  }
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override {
    const std::scoped_lock lock(mutex_);
    return published_;
  }

 private:
  void run() {
    trials_per_second_ = static_cast<double>(pow::trials_per_second());
    open_store();
    publish();
    io_.run();
    host_.reset();
    store_.reset();
  }

  void open_store() {
    auto opened = net::open_account_folder(options_.folder, std::nullopt, net::NewFolder::Make, rng_);
    if (!opened) return refuse(opened.error().message);
    store_ = std::move(*opened);
    const auto account = store_->account();
    if (!account) return refuse(account.error().message);
    if (*account) begin();
  }

  void begin() {
    client::Config config;
    config.seeds = options_.seeds;
    const auto sink = [this](const std::string&, Instant at, const trace::Fact& fact) {
      if (const auto* sent = std::get_if<trace::OnionSent>(&fact))
        path_ = PathShown{{machine_of(sent->guard), machine_of(sent->middle), machine_of(sent->last)}};
      chronicle_.on({at, {kMe}, fact});
    };
    auto host = net::ClientHost::open(io_, *store_, std::move(config), sink, &counter_);
    if (!host) return refuse(host.error().message);
    host_ = std::move(*host);
    host_->on_change([this] { look_soon(); });
    chronicle_.know(host_->machine().id(), kMe);
    if (const auto contacts = store_->contacts(); contacts)
      for (const store::ContactRow& contact : *contacts) touched_.insert(contact.id);
    static_cast<void>(host_->command(client::GoOnline{}));
    is_changed_ = true;
  }

  // --- commands
  void carry_out(const Command& command) {
    if (const auto* follow = std::get_if<Follow>(&command)) follow_ = *follow;
    if (const auto* make = std::get_if<MakeAccount>(&command)) make_account(*make);
    if (const auto* read = std::get_if<MarkRead>(&command)) read_until(read->contact);
    if (const auto* stall = std::get_if<Stall>(&command))
      std::this_thread::sleep_for(std::chrono::milliseconds(stall->time.count));
    if (const auto* wish = std::get_if<client::Command>(&command)) write(*wish);
  }

  void make_account(const MakeAccount& wish) {
    if (!store_) return refuse("the account's folder could not be opened; see the message before");
    if (host_) return refuse("there is an account already");
    if (auto begun = store_->begin(); !begun) return refuse(begun.error().message);
    if (auto made = client::Client::restore(*store_, wish.name, wish.seed, wish.era, wall_now(), rng_); !made) {
      store_->rollback();
      return refuse(made.error().message);
    }
    if (auto kept = store_->commit(); !kept) return refuse(kept.error().message);
    begin();
  }

  void read_until(const SessionId& contact) {
    if (!store_) return;
    if (!store_->begin()) return;
    if (!mark_read(*store_, contact) || !store_->commit()) return store_->rollback();
    touched_.insert(contact);
  }

  void write(const client::Command& wish) {
    if (!host_) return refuse("there is no account yet; make one first");
    const auto outcome = host_->command(wish);
    if (!outcome) return refuse(outcome.error().message);
    if (outcome->refused) return refuse(outcome->refused->message);
    if (const auto contact = contact_of(wish)) touched_.insert(*contact);
    if (outcome->delivery != 0) name_delivery(chronicle_, *store_, outcome->delivery);
  }

  void refuse(const std::string& why) {
    notices_.add(why);
    is_changed_ = true;
  }

  // --- snapshots
  /// Several changes in a row are one snapshot.
  void look_soon() {
    if (is_looking_) return;
    is_looking_ = true;
    look_.expires_after(std::chrono::milliseconds(15));
    look_.async_wait([this](const boost::system::error_code& error) {
      is_looking_ = false;
      if (!error) look();
    });
  }

  void look() {
    const Chronicle::Changes changes = chronicle_.take_changes();
    touched_.insert(changes.contacts.begin(), changes.contacts.end());
    is_changed_ |= changes.journeys || !touched_.empty();
    const swarm::Registry* registry = host_ ? host_->machine().courier().registry() : nullptr;
    if (registry != nullptr && (registry->height() != height_ || !touched_.empty())) rebuild_network(*registry);
    tell_failure();
    if (is_changed_ || standing() != shown_) publish();
  }

  /// Once for each kind, and when it is over.
  void tell_failure() {
    const auto failing = host_ && host_->failure() ? std::optional(host_->failure()->code) : std::nullopt;
    if (failing == told_failure_) return;
    refuse(failing ? client::words_for_failure(*host_->failure()) : "The account's store works again.");
    told_failure_ = failing;
  }

  Machine machine_of(const NodeId& node) {
    const auto [found, is_new] = machines_.try_emplace(node, static_cast<Machine>(machines_.size() + 1));
    if (is_new) chronicle_.know(node, found->second);
    return found->second;
  }

  void rebuild_network(const swarm::Registry& registry) {
    height_ = registry.height();
    const auto next =
        std::make_shared<Network>(describe_network(registry, [this](const NodeId& id) { return machine_of(id); }));
    const auto add = [&](const SessionId& id, const std::string& name, Machine machine) {
      PersonShown person;
      person.name = name;
      person.id = id;
      person.machine = machine;
      person.swarm = swarm_index(*next, registry, id.account);
      person.is_me = machine == kMe;
      next->people.push_back(std::move(person));
    };
    add(host_->machine().id(), host_->machine().name(), kMe);
    if (const auto contacts = store_->contacts(); contacts) {
      Machine machine = kNoMachine - 1;  // of the people nothing is known but their swarm
      for (const store::ContactRow& contact : *contacts)
        if (static_cast<client::ContactState>(contact.state) != client::ContactState::Stranger)
          add(contact.id, contact.name.empty() ? contact.id.hex().substr(0, 8) : contact.name, machine--);
    }
    network_ = next;
    is_changed_ = true;
  }

  [[nodiscard]] Standing standing() const { return host_ && !host_->failure() ? standing_of(host_->machine()) : Standing(); }

  void publish() {
    is_changed_ = false;
    if (store_ && !touched_.empty()) conversations_ = describe_anew(*conversations_, std::exchange(touched_, {}), *store_);
    auto next = std::make_shared<Snapshot>();
    next->number = ++number_;
    next->trials_per_second = trials_per_second_;
    next->clock = {begin_, wall_now(), false, true, false, 1};
    next->conversations = conversations_;
    next->network = network_;
    next->timeline = std::make_shared<Timeline>(chronicle_.timeline());
    next->counted_facts = chronicle_.facts();
    next->notices = notices_.all();
    shown_ = standing();
    next->connection = shown_.connection;
    next->trouble = shown_.trouble;
    next->outbox = shown_.outbox;
    if (host_) {
      next->has_account = true;
      next->me = host_->machine().id();
      next->my_name = host_->machine().name();
    }
    if (path_) next->paths.push_back(*path_);
    if (const Journey* journey = follow_.delivery != 0 ? chronicle_.journey(follow_.delivery) : nullptr)
      next->journey = std::make_shared<Journey>(*journey);
    else if (follow_.delivery != 0)
      next->journey = earlier_journey(follow_.delivery);
    if (follow_.machine != kNoMachine) next->facts = chronicle_.facts_of(follow_.machine, 40);
    {
      const std::scoped_lock lock(mutex_);
      published_ = std::move(next);
    }
    if (options_.on_snapshot) options_.on_snapshot();
  }

  /// Of a message from before this start: what its rows say.
  [[nodiscard]] std::shared_ptr<const Journey> earlier_journey(std::uint64_t delivery) {
    if (!store_) return nullptr;
    const auto row = store_->outbox(delivery);
    if (!row || !*row) return nullptr;
    auto journey = std::make_shared<Journey>();
    journey->delivery = delivery;
    journey->to = (*row)->to;
    journey->state = static_cast<client::State>((*row)->state);
    journey->sealed_bytes = static_cast<std::uint32_t>((*row)->sealed.size());
    const auto add = [&](StepKind kind, Instant at) -> JourneyStep& {
      JourneyStep step;
      step.kind = kind;
      step.at = at;
      return journey->steps.emplace_back(step);
    };
    add(StepKind::Written, (*row)->created);
    if ((*row)->trials > 0) {
      JourneyStep& step = add(StepKind::Worked, (*row)->created);
      step.count = (*row)->trials;
      step.micros = (*row)->work_micros;
    }
    for (std::size_t hop = 0; hop < (*row)->path.size() && hop < 3; ++hop) journey->path[hop] = machine_of((*row)->path[hop]);
    if ((*row)->of > 0) {
      JourneyStep& step = add(StepKind::Kept, (*row)->timestamp);
      step.count = (*row)->kept_by;
      step.of = (*row)->of;
    }
    if (journey->state == client::State::Fetched) add(StepKind::Receipt, (*row)->timestamp);
    if (!(*row)->last_error.empty())
      add(client::is_settled(journey->state) ? StepKind::Failed : StepKind::Waits, (*row)->timestamp).text = (*row)->last_error;
    return journey;
  }

  LiveOptions options_;
  Instant begin_;
  net::asio::io_context io_;
  net::asio::executor_work_guard<net::asio::io_context::executor_type> guard_{io_.get_executor()};
  crypto::SystemRng rng_;
  std::unique_ptr<store::SqlClientStore> store_;
  store::EpochFile counter_{store::ProfileFiles(options_.folder).counter};
  std::unique_ptr<net::ClientHost> host_;
  Chronicle chronicle_;
  net::asio::steady_timer look_;
  bool is_looking_ = false, is_changed_ = true;
  std::optional<ErrorCode> told_failure_;
  double trials_per_second_ = 0;
  std::map<NodeId, Machine> machines_;
  std::set<SessionId> touched_;
  std::shared_ptr<const Conversations> conversations_ = std::make_shared<Conversations>();
  std::shared_ptr<const Network> network_ = std::make_shared<Network>();
  std::uint64_t height_ = 0;
  Follow follow_;
  std::optional<PathShown> path_;
  Standing shown_;
  Notices notices_;
  std::uint64_t number_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> published_;
  std::jthread worker_;
};

}  // namespace

std::unique_ptr<Backend> live_backend(LiveOptions options) { return std::make_unique<Live>(std::move(options)); }

}  // namespace session::app
