#include "app/backend/simulated.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>

#include "app/backend/people.h"
#include "app/model/chronicle.h"

namespace session::app {
namespace {

using Wall = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(16);
constexpr double kEventMoment = 0.35;  ///< seconds that an event takes in event time at speed 1
constexpr std::size_t kFactsShown = 40;
constexpr Millis kSliceLimit = seconds(60);  ///< of virtual time in one go

class Simulated final : public Backend, sim::TraceReader {
 public:
  explicit Simulated(SimulatedOptions options) : options_(std::move(options)) {
    speed_ = options_.speed;
    trials_per_second_ = static_cast<double>(options_.scenario.world.stamp_trials_per_second);
    auto first = std::make_shared<Snapshot>();  // the world is made by the worker: a large one takes seconds
    first->clock.is_simulated = true;
    published_ = std::move(first);
    worker_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~Simulated() override {
    worker_.request_stop();
    wake_.notify_all();
  }

  void post(Command command) override {
    {
      const std::scoped_lock lock(mutex_);
      commands_.push_back(std::move(command));
    }
    wake_.notify_all();
  }
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override {
    const std::scoped_lock lock(published_mutex_);
    return published_;
  }

 private:
  // --- the trace
  void on(const trace::Record& record) override {
    chronicle_->on(record);
    if (const auto* opened = std::get_if<trace::Opened>(&record.fact); opened != nullptr) told_.insert(record.who.value);
  }
  void on_link(const sim::PacketOnLink& packet) override {
    chronicle_->on_link(packet.packet, packet.due);
    const Flight* flight = chronicle_->flight(packet.packet);
    if (flight == nullptr || flight->kind == FlightKind::Registry) return;
    bodies_.push_back({packet.packet, Bytes(packet.body.begin(), packet.body.end())});
    if (bodies_.size() > 512) bodies_.pop_front();
  }

  // --- the world
  void begin_world(std::uint64_t seed) {
    run_ = std::make_unique<sim::ScenarioRun>(options_.scenario, seed);
    people_ = People();
    told_.clear();
    bodies_.clear();
    sim::World& world = run_->world();
    chronicle_ = std::make_unique<Chronicle>(world.now());
    for (std::size_t i = 0; i < world.seeds(); ++i) chronicle_->add_registry_machine(world.seed(i).value);
    nodes_known_ = 0;
    know_nodes();
    for (const auto person : world.people()) know_person(person.value);
    me_.reset();
    view_ = world.now();
    conversations_ = std::make_shared<Conversations>();
    follow_ = {};
    is_playing_ = false;
    rebuild_network();
  }
  /// Those that have joined since.
  void know_nodes() {
    const sim::World& world = run_->world();
    for (; nodes_known_ < world.nodes(); ++nodes_known_) {
      const auto node = world.node(nodes_known_);
      chronicle_->know(world.service_node(node).id(), node.value);
    }
  }
  void know_person(Machine machine) { chronicle_->know(run_->world().client({machine}).id(), machine); }

  /// Lets time pass until `until`; people answer on the way. Beyond the scenario's end the world goes on by itself.
  void pass(Instant until) {
    sim::World& world = run_->world();
    while (world.now() < until) {
      Instant next = until;
      if (const auto deed = people_.next()) next = std::min(next, std::max(*deed, world.now()));
      advance(next);
      for (const Machine who : std::exchange(told_, {})) people_.look(world, world.names()[who]);
      people_.act(world, this);
      if (next == until) break;
    }
  }
  void advance(Instant until) {
    run_->advance(until, this);
    if (run_->world().now() < until) run_->world().run_until(until, this);
    know_nodes();
  }

  /// To the next event that can be seen, at most one simulated minute ahead.
  void pass_to_next_event() {
    sim::World& world = run_->world();
    const Instant limit = world.now() + seconds(60);
    take_changes();
    while (!chronicle_->saw_something() && world.now() < limit) {
      const auto next = world.next_event();
      Instant until = next ? std::min(*next, limit) : limit;
      if (until <= world.now()) until = Instant{world.now().micros + 1};
      pass(until);
    }
  }

  // --- commands
  void carry_out(const Command& command) {
    if (const auto* play = std::get_if<Play>(&command)) is_playing_ = play->is_playing;
    if (const auto* pace = std::get_if<Pace>(&command)) {
      speed_ = std::clamp(pace->speed, 0.01, 1000.0);
      event_time_ = pace->event_time;
      view_ = run_->world().now();
    }
    if (std::holds_alternative<Step>(command)) {
      is_playing_ = false;
      pass_to_next_event();
      view_ = run_->world().now();
    }
    if (const auto* follow = std::get_if<Follow>(&command)) {
      follow_ = *follow;
      journey_changed_ = true;
    }
    if (const auto* up = std::get_if<SetUp>(&command)) set_up(*up);
    if (const auto* restart = std::get_if<Restart>(&command)) begin_world(restart->seed);
    if (const auto* stall = std::get_if<Stall>(&command))
      std::this_thread::sleep_for(std::chrono::milliseconds(stall->time.count));
    if (const auto* read = std::get_if<MarkRead>(&command); read != nullptr && me_) {
      static_cast<void>(mark_read(run_->world().account({*me_}), read->contact));
      touched_.insert(read->contact);
    }
    if (const auto* make = std::get_if<MakeAccount>(&command)) come_in(make->name, make->seed, make->era);
    if (std::holds_alternative<LookAround>(command)) come_in("You", std::nullopt, crypto::Era::C);
    if (const auto* wish = std::get_if<client::Command>(&command)) write(*wish);
  }

  void come_in(const std::string& name, const std::optional<store::AccountSeed>& seed, crypto::Era era) {
    if (me_) return refuse("there is an account already");
    sim::World& world = run_->world();
    const auto machine = world.add_person(name, seed, this, era);
    if (!machine) return refuse(machine.error().message);
    me_ = machine->value;
    chronicle_->set_me(*me_);
    know_person(*me_);
    people_.set_me(*machine);
    static_cast<void>(world.command(*machine, client::GoOnline{}, this));
    network_changed_ = true;
  }

  void set_up(const SetUp& wish) {
    sim::World& world = run_->world();
    if (wish.machine == 0 || wish.machine >= world.names().size()) return refuse("machine: there is none with this number");
    world.set_down({wish.machine}, !wish.is_up, this);
    if (wish.is_up && world.is_person({wish.machine}))
      static_cast<void>(world.command({wish.machine}, client::GoOnline{}, this));
  }

  void write(const client::Command& wish) {
    if (!me_) return refuse("there is no account yet; make one first");
    sim::World& world = run_->world();
    const auto outcome = world.command({*me_}, wish, this);
    if (!outcome) return refuse(outcome.error().message);
    if (outcome->refused) return refuse(outcome->refused->message);
    if (const auto contact = contact_of(wish)) touched_.insert(*contact);
    if (outcome->delivery != 0) name_delivery(*chronicle_, world.account({*me_}), outcome->delivery);
  }

  void refuse(const std::string& why) { notices_.add(why); }

  // --- snapshots
  void take_changes() {
    const Chronicle::Changes changes = chronicle_->take_changes();
    network_changed_ |= changes.network;
    flights_changed_ |= changes.flights;
    journey_changed_ |= changes.journeys;
    touched_.insert(changes.contacts.begin(), changes.contacts.end());
  }

  void rebuild_network() {
    sim::World& world = run_->world();
    const swarm::Registry& registry = *world.registry();
    const auto network = std::make_shared<Network>(describe_network(registry, [&](const NodeId& id) {
      const auto found = world.machine_of(id);
      return found ? found->value : kNoMachine;
    }));
    for (NodeShown& node : network->nodes) {
      node.is_up = node.machine == kNoMachine || !world.is_down({node.machine});
      node.kept = chronicle_->kept(node.machine);
    }
    for (const auto who : world.people()) {
      const Machine machine = who.value;
      PersonShown person;
      person.name = world.names()[machine];
      person.id = world.client({machine}).id();
      person.machine = machine;
      person.swarm = swarm_index(*network, registry, person.id.account);
      person.is_online = !world.is_down({machine});
      person.is_me = me_ == machine;
      person.waiting = chronicle_->waiting(person.id);
      network->people.push_back(std::move(person));
    }
    network_ = network;
    network_changed_ = false;
  }

  void rebuild_conversations() {
    const auto touched = std::exchange(touched_, {});
    if (me_ && !touched.empty()) conversations_ = describe_anew(*conversations_, touched, run_->world().account({*me_}));
  }

  void publish() {
    take_changes();
    sim::World& world = run_->world();
    if (network_changed_) rebuild_network();
    rebuild_conversations();
    auto next = std::make_shared<Snapshot>();
    next->number = ++published_number_;
    next->trials_per_second = trials_per_second_;
    next->clock = {run_->begin(), view_, true, is_playing_, event_time_, speed_};
    next->conversations = conversations_;
    next->network = network_;
    next->flights = std::make_shared<std::vector<Flight>>(chronicle_->flights(view_));
    next->timeline = timeline_of_now();
    next->counted_facts = chronicle_->facts();
    next->notices = notices_.all();
    if (me_) describe_me(*next, world);
    if (const Journey* journey = chronicle_->journey(follow_.delivery); journey == nullptr)
      journey_.reset();
    else if (journey_changed_ || event_time_)
      journey_ = std::make_shared<Journey>(until(*journey, view_));
    next->journey = journey_;
    journey_changed_ = false;
    if (follow_.packet != 0) {
      if (!bytes_ || bytes_->packet != follow_.packet) {
        const auto found = std::find_if(bodies_.begin(), bodies_.end(),
                                        [&](const PacketBytes& each) { return each.packet == follow_.packet; });
        bytes_ = found == bodies_.end() ? nullptr : std::make_shared<PacketBytes>(*found);
      }
      next->bytes = bytes_;
    }
    if (follow_.machine != kNoMachine) next->facts = chronicle_->facts_of(follow_.machine, kFactsShown);
    {
      const std::scoped_lock lock(published_mutex_);
      published_ = std::move(next);
    }
    if (options_.on_snapshot) options_.on_snapshot();
  }

  /// In event time the world is ahead of what is looked at.
  static Journey until(Journey journey, Instant view) {
    std::erase_if(journey.steps, [&](const JourneyStep& step) { return step.at > view; });
    std::erase_if(journey.legs, [&](const Leg& leg) { return leg.arrived > view; });
    return journey;
  }

  std::shared_ptr<const Timeline> timeline_of_now() {
    if (!timeline_ || timeline_facts_ != chronicle_->facts()) {
      timeline_ = std::make_shared<Timeline>(chronicle_->timeline());
      timeline_facts_ = chronicle_->facts();
    }
    return timeline_;
  }

  void describe_me(Snapshot& next, const sim::World& world) const {
    const client::Client& client = world.client({*me_});
    next.has_account = true;
    next.me = client.id();
    next.my_name = client.name();
    Standing standing = standing_of(client);
    next.outbox = standing.outbox;
    next.connection = world.is_down({*me_}) ? Connection::Offline : standing.connection;
    next.trouble = std::move(standing.trouble);
    if (journey_) next.paths.push_back({{journey_->path[0], journey_->path[1], journey_->path[2]}});
  }

  // --- the worker
  void run(const std::stop_token& stop) {
    begin_world(options_.seed);
    publish();
    auto last = Wall::now();
    double debt = 0;  // of wall time, in event time
    while (!stop.stop_requested()) {
      std::vector<Command> commands;
      {
        std::unique_lock lock(mutex_);
        const auto something = [&] { return !commands_.empty() || stop.stop_requested(); };
        if (is_playing_)
          wake_.wait_for(lock, kTick, something);
        else
          wake_.wait(lock, something);
        commands.swap(commands_);
      }
      if (stop.stop_requested()) return;
      const bool was_playing = is_playing_;
      for (const Command& command : commands) carry_out(command);
      const auto now = Wall::now();
      const double passed = was_playing && is_playing_ ? std::min(std::chrono::duration<double>(now - last).count(), 0.25) : 0;
      last = now;
      const Instant before = view_;
      if (is_playing_) play(passed, debt);
      if (!commands.empty() || shows_change(before)) publish();
    }
  }

  void play(double passed, double& debt) {
    if (!event_time_) {
      const Millis step{std::min<std::int64_t>(static_cast<std::int64_t>(passed * speed_ * 1000), kSliceLimit.count)};
      fraction_ += passed * speed_ * 1000 - static_cast<double>(step.count);
      const auto whole = static_cast<std::int64_t>(fraction_);
      fraction_ -= static_cast<double>(whole);
      pass(run_->world().now() + step + Millis{std::min(whole, kSliceLimit.count)});
      view_ = run_->world().now();
      return;
    }
    // Event time: the world stands at the next event that can be seen, and the view moves there in one moment.
    debt += passed * speed_ / kEventMoment;
    while (debt >= 1) {
      debt -= 1;
      event_from_ = run_->world().now();
      pass_to_next_event();
      if (debt > 8) debt = 1;
    }
    const double part = std::clamp(debt, 0.0, 1.0);
    const std::int64_t span = run_->world().now().micros - event_from_.micros;
    view_ = Instant{event_from_.micros + static_cast<std::int64_t>(part * static_cast<double>(span))};
  }

  /// A packet moves or something changed; else only the seconds of the clock are worth a picture.
  bool shows_change(Instant before) {
    if (view_ == before) return false;
    take_changes();
    if (network_changed_ || flights_changed_ || !touched_.empty() || journey_changed_) {
      flights_changed_ = false;
      return true;
    }
    return chronicle_->any_in_flight() || view_.micros / 1'000'000 != before.micros / 1'000'000;
  }

  SimulatedOptions options_;
  double trials_per_second_ = 0;
  std::unique_ptr<sim::ScenarioRun> run_;
  std::unique_ptr<Chronicle> chronicle_;
  People people_;
  std::size_t nodes_known_ = 0;  ///< to the chronicle
  std::set<Machine> told_;
  std::deque<PacketBytes> bodies_;
  std::optional<Machine> me_;
  Follow follow_;
  bool is_playing_ = false, event_time_ = false;
  double speed_ = 1, fraction_ = 0;
  Instant view_, event_from_;
  bool network_changed_ = true, flights_changed_ = true, journey_changed_ = true;
  std::set<SessionId> touched_;
  std::shared_ptr<const Conversations> conversations_ = std::make_shared<Conversations>();
  std::shared_ptr<const Network> network_;
  std::shared_ptr<const Journey> journey_;
  std::shared_ptr<const PacketBytes> bytes_;
  std::shared_ptr<const Timeline> timeline_;
  std::uint64_t timeline_facts_ = ~std::uint64_t{0};
  Notices notices_;
  std::uint64_t published_number_ = 0;

  mutable std::mutex published_mutex_;
  std::shared_ptr<const Snapshot> published_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Command> commands_;
  std::jthread worker_;
};

}  // namespace

std::unique_ptr<Backend> simulated_backend(SimulatedOptions options) { return std::make_unique<Simulated>(std::move(options)); }

}  // namespace session::app
