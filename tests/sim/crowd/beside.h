#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <vector>

#include "core/wire/swarm_repair.h"
#include "sim/crowd/crowd.h"
#include "sim/world.h"
#include "tests/sim/friends.h"

namespace session::sim {
/// A packet, without who and what: when after the cause, how large, in which direction, and between what kinds of machines.
struct Packet {
  std::int64_t ms = 0;
  std::uint32_t size = 0;
  bool is_answer = false;
  bool from_person = false, to_person = false;
  friend auto operator<=>(const Packet&, const Packet&) = default;
  friend void PrintTo(const Packet& p, std::ostream* out) {
    *out << p.ms << " ms " << (p.from_person ? "person" : "node") << (p.is_answer ? " answers " : " asks ")
         << (p.to_person ? "person " : "node ") << p.size;
  }
};

/// The packets of a real world, without those for the seed, and without what members of a swarm compare by the clock.
class WorldPackets final : public TraceReader {
 public:
  explicit WorldPackets(const World& world) : world_(world), begin_(world.now()) {}
  void on(const trace::Record& record) override {
    if (const auto* onion = std::get_if<trace::OnionSent>(&record.fact)) looks += onion->method == "retrieve";
  }
  void on_link(const PacketOnLink& packet) override {
    if (!is_modelled(packet.route)) return;
    packets.push_back({(world_.now() - begin_).count, static_cast<std::uint32_t>(packet.body.size()), packet.is_answer,
                       world_.is_person(packet.from), world_.is_person(packet.to)});
  }
  /// Not what nodes do among themselves: comparing what they keep, testing one another, asking the seed.
  static bool is_modelled(wire::Route route) {
    return route == wire::Route::StorageRpc || route == wire::Route::Onion || route == wire::Route::SwarmStore;
  }
  std::vector<Packet> packets;
  std::uint64_t looks = 0;

 private:
  const World& world_;
  Instant begin_;
};

class CrowdPackets final : public CrowdReader {
 public:
  explicit CrowdPackets(const Crowd& crowd) : nodes_(static_cast<std::uint32_t>(crowd.nodes())), begin_(crowd.now()) {}
  void on(std::span<const CrowdFact> facts) override {
    for (const CrowdFact& fact : facts)
      if (fact.kind == CrowdFact::Kind::Sent && fact.who != 0 && fact.other != 0)
        packets.push_back({(fact.at - begin_).count, fact.size, fact.is_answer, fact.who > nodes_, fact.other > nodes_});
  }
  std::vector<Packet> packets;

 private:
  std::uint32_t nodes_;
  Instant begin_;
};

using Shape = std::vector<Packet>;
using Shapes = std::set<Shape>;

/// Alice and Bob, who are friends, in a real world and as two of a crowd over the same nodes, on links that take 10 ms. Which
/// nodes a request goes to is drawn in both, from other dice: so what is compared are all the shapes that an exchange can have.
class Beside : public Friends {
 protected:
  Beside() : crowd(crowd_config()) {
    for (const std::uint32_t p : {0u, 1u}) crowd.set_online(p, true);
  }
  CrowdConfig crowd_config() {
    world.set_link(kLink);
    befriend("May I?");
    CrowdConfig config;
    config.network = *pow::preset("today");
    config.link = kLink;
    config.habits.have_habits = false;
    config.thinking = false;
    config.registry = world.registry();
    for (const MachineIndex who : {alice, bob}) config.accounts.push_back(id(who).account);
    return config;
  }

  // The same doings in both.
  struct RealWorld {
    Beside& beside;
    std::unique_ptr<WorldPackets> packets{};
    void say() const { beside.run(beside.alice, client::Send{beside.id(beside.bob), "hello", {}}); }
    void set_bob(bool online) const {
      beside.world.set_down(beside.bob, !online, beside.reader);
      if (online) beside.run(beside.bob, client::GoOnline{});
    }
    void pass(Millis time) const { beside.world.run_until(beside.world.now() + time, beside.reader); }
    void watch() {
      packets = std::make_unique<WorldPackets>(beside.world);
      beside.reader = packets.get();
    }
    [[nodiscard]] std::uint64_t looks() const { return packets->looks; }
  };
  struct Modelled {
    Beside& beside;
    std::unique_ptr<CrowdPackets> packets{};
    std::uint64_t looks_before = 0;
    void say() const { beside.crowd.write(0, 1, kData, packets.get()); }
    void set_bob(bool online) const { beside.crowd.set_online(1, online, packets.get()); }
    void pass(Millis time) const {
      beside.crowd.run_until(beside.crowd.now() + time, packets.get());
      beside.crowd.check_invariants();
    }
    void watch() {
      packets = std::make_unique<CrowdPackets>(beside.crowd);
      looks_before = beside.crowd.sums().fetches;
    }
    [[nodiscard]] std::uint64_t looks() const { return beside.crowd.sums().fetches - looks_before; }
  };
  RealWorld real{*this};
  Modelled modelled{*this};

  /// What travels within `time` of `cause`. Nothing where somebody looked into a mailbox by the clock just then, which has
  /// another cause; the cause itself may make somebody look `looks` times.
  template <class Where, class Cause>
  static void see(Where& where, Shapes& shapes, Millis time, Cause&& cause, std::uint64_t looks = 0) {
    where.watch();
    where.pass(seconds(1));
    const bool is_quiet = where.looks() == 0;
    where.watch();
    cause();
    where.pass(time);
    if (!is_quiet || where.looks() != looks) return;
    std::sort(where.packets->packets.begin(), where.packets->packets.end());
    shapes.insert(where.packets->packets);
  }
  /// All of `some` are among `others`; else what makes the difference to the one that is most alike.
  static void expect_within(const Shapes& some, const Shapes& others) {
    for (const Shape& shape : some) {
      if (others.contains(shape)) continue;
      Shape has = shape, lacks;
      for (const Shape& other : others) {
        Shape missing, surplus;
        std::set_difference(shape.begin(), shape.end(), other.begin(), other.end(), std::back_inserter(missing));
        std::set_difference(other.begin(), other.end(), shape.begin(), shape.end(), std::back_inserter(surplus));
        if (missing.size() + surplus.size() < has.size() + lacks.size()) has = missing, lacks = surplus;
      }
      ADD_FAILURE() << "has " << testing::PrintToString(has) << " and lacks " << testing::PrintToString(lacks);
    }
  }
  static void expect_equal(const Shapes& real, const Shapes& modelled, std::size_t number) {
    EXPECT_EQ(real.size(), number);
    {
      SCOPED_TRACE("modelled, not real");
      expect_within(modelled, real);
    }
    SCOPED_TRACE("real, not modelled");
    expect_within(real, modelled);
  }

  static constexpr std::uint32_t kData = 427;  ///< what the words become when they are sealed
  static constexpr LinkModel kLink{Millis{10}, Millis{0}};
  Crowd crowd;
};

}  // namespace session::sim
