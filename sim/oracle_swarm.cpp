// What swarms keep through everything that happens to them: members that end alike, messages that move with their accounts, and
// nothing that comes back from the dead.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/node/revocations.h"
#include "core/wire/namespaces.h"
#include "sim/oracles.h"
#include "sim/pace.h"

namespace session::sim {
namespace {

constexpr Millis kEndsSoon = minutes(3);

Pace pace_in(const World& world) { return pace_of(world.config().network.block_time); }
/// Two minutes in which what is new takes no part, the time until the next exchange, and its way.
Millis settled(const World& world) { return minutes(3) + pace_in(world).repair_every; }
/// Until everybody knows of a change of the swarms, and has moved what belongs elsewhere: ten minutes, at the usual pace.
Millis moved(const World& world) {
  const Pace pace = pace_in(world), usual = pace_of(minutes(2));
  return minutes(10) + (pace.registry_every - usual.registry_every) + (pace.repair_every - usual.repair_every);
}

class Swarm final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    if (const auto* stored = std::get_if<trace::Stored>(&record.fact)) return on_stored(record.who, *stored, court);
    if (const auto* changed = std::get_if<trace::Changed>(&record.fact)) return on_changed(record.who, *changed, court);
    if (const auto* moved = std::get_if<trace::Moved>(&record.fact)) {
      for (auto& [hash, message] : messages_)
        if (message.account == moved->account) message.holders.erase(record.who.value);
    } else if (std::holds_alternative<trace::SwarmChanged>(record.fact)) {
      last_change_ = record.at;
    } else if (const auto* fault = std::get_if<trace::FaultBegan>(&record.fact)) {
      if (fault->kind == kDiskFault || !court.is_sound(fault->machine)) forget(fault->machine.value);
    } else if (std::holds_alternative<trace::Expired>(record.fact) && court.world().clock_error(record.who) != Millis{}) {
      forget(record.who.value);
    }
  }

  /// S7, of those who took it away.
  void check(Court& court) override {
    for (const auto& [hash, message] : messages_) {
      if (!message.is_gone) continue;
      court.look("S7");
      for (const std::uint32_t machine : message.gone_from)
        if (court.is_sound({machine}) && find(court, {machine}, hash))
          court.violate("S7", fmt::format("{} deleted {} and has it again", court.name({machine}), hash.text));
    }
  }

  void judge(Millis calm, Court& court) override {
    const World& world = court.world();
    if (calm < settled(world) || world.now() < last_change_ + moved(world)) return;
    for (const SwarmId swarm : world.registry()->swarm_ids()) judge_swarm(swarm, court);
    for (const auto& [hash, message] : messages_) judge_message(hash, message, court);
  }

 private:
  struct Message {
    Account account;
    Namespace ns = 0;
    Instant expiry, taken;
    std::optional<Instant> timestamp;   ///< while all stores of it had the same
    std::vector<NodeId> owners;         ///< when it was stored
    std::set<std::uint32_t> holders;    ///< machines
    std::set<std::uint32_t> gone_from;  ///< machines that took it away when they were asked to
    std::set<std::uint32_t> shortened_at;
    bool is_gone = false, is_shortened = false;  ///< most of the members said so
  };

  static std::optional<store::MailHead> find(Court& court, MachineIndex machine, const MessageHash& hash) {
    const auto head = court.world().mail(machine).find_head(hash);
    return head ? *head : std::nullopt;
  }
  /// Those whose word counts: up, members, honest, and knowing the newest list.
  static std::vector<MachineIndex> sound_members(SwarmId swarm, const World& world) {
    std::vector<MachineIndex> sound;
    for (const NodeId& id : world.registry()->members(swarm)) {
      const auto machine = world.machine_of(id);
      if (machine && !world.is_down(*machine) && !world.is_paused(*machine) && !world.is_hostile(*machine) &&
          world.service_node(*machine).swarm() == swarm)
        sound.push_back(*machine);
    }
    return sound;
  }
  [[nodiscard]] static bool is_most(std::size_t count, const Account& account, const World& world) {
    return 2 * count > world.registry()->members(world.registry()->swarm_of(account)).size();
  }

  void forget(std::uint32_t machine) {
    for (auto& [hash, message] : messages_)
      for (auto* set : {&message.holders, &message.gone_from, &message.shortened_at}) set->erase(machine);
  }

  void on_stored(MachineIndex who, const trace::Stored& stored, Court& court) {
    if (!court.is_sound(who)) return;
    const World& world = court.world();
    if (wire::is_public_outbox(stored.ns))
      std::erase_if(messages_, [&](const auto& each) {
        return each.first != stored.hash && each.second.account == stored.account && each.second.ns == stored.ns;
      });
    const auto head = find(court, who, stored.hash);
    auto [at, is_new] = messages_.try_emplace(stored.hash);
    Message& message = at->second;
    const auto timestamp = head ? std::optional(head->timestamp) : std::nullopt;
    if (is_new || (message.is_gone && !stored.from_peer)) {
      message = {};
      message.account = stored.account;
      message.ns = stored.ns;
      message.timestamp = timestamp;
      const auto owners = world.registry()->members(world.registry()->swarm_of(stored.account));
      message.owners.assign(owners.begin(), owners.end());
    }
    if (message.timestamp != timestamp) message.timestamp.reset();
    if (!stored.from_peer) message.is_shortened = false;
    if (!message.is_shortened) message.expiry = std::max(message.expiry, stored.expiry);
    message.taken = world.now();
    message.holders.insert(who.value);
  }

  void on_changed(MachineIndex who, const trace::Changed& changed, Court& court) {
    if (!court.is_sound(who)) return;
    if (changed.method == "revoke_subaccount" || changed.method == "unrevoke_subaccount") revoking_.insert(changed.account);
    for (auto& [hash, message] : messages_) {
      if (message.account != changed.account || !message.holders.contains(who.value)) continue;
      const auto head = find(court, who, hash);
      if (!head) {
        message.gone_from.insert(who.value);
        message.holders.erase(who.value);
        message.is_gone = message.is_gone || is_most(message.gone_from.size(), message.account, court.world());
      } else if (head->expiry < message.expiry) {
        message.shortened_at.insert(who.value);
        if (is_most(message.shortened_at.size(), message.account, court.world())) {
          message.expiry = head->expiry;
          message.is_shortened = true;
        }
      } else if (head->expiry > message.expiry) {  // its owner made its life longer
        message.expiry = head->expiry;
        message.is_shortened = false;
        message.shortened_at.clear();
      }
    }
  }

  /// S4, and S7 of revocations.
  void judge_swarm(SwarmId swarm, Court& court) const {
    const World& world = court.world();
    const std::vector<MachineIndex> members = sound_members(swarm, world);
    using Kept = std::set<std::tuple<MessageHash, Namespace, Instant>>;
    std::optional<Kept> first;
    // What is young at one member may be older at another: nobody's is compared.
    std::set<MessageHash> young;
    for (const bool looks : {false, true})
      for (const MachineIndex member : members) {
        Kept kept;
        [[maybe_unused]] const auto visited = world.mail(member).visit_heads(0, [&](const store::MailHead& head) {
          if (head.arrived > world.now() - settled(world) || head.expiry <= world.now() + kEndsSoon) young.insert(head.hash);
          if (world.registry()->swarm_of(head.account) == swarm) kept.emplace(head.hash, head.ns, head.expiry);
          return true;
        });
        if (!looks) continue;
        std::erase_if(kept, [&](const auto& each) { return young.contains(std::get<0>(each)); });
        court.look("S4");
        if (first && kept != *first)
          court.violate("S4", fmt::format("{} keeps {} messages and {} keeps {} of the same swarm, and they are not the same",
                                          court.name(members[0]), first->size(), court.name(member), kept.size()));
        if (!first) first = std::move(kept);
      }
    for (const Account& account : revoking_) {
      if (members.empty() || world.registry()->swarm_of(account) != swarm) continue;
      court.look("S7");
      const auto rights = node::revocations_of(world.mail(members[0]), account);
      for (const MachineIndex member : members)
        if (node::revocations_of(world.mail(member), account) != rights)
          court.violate("S7", fmt::format("{} and {} know different rights of {} as revoked", court.name(members[0]),
                                          court.name(member), account.hex()));
    }
  }

  /// S5, S6, and S7 of all members.
  void judge_message(const MessageHash& hash, const Message& message, Court& court) const {
    const World& world = court.world();
    if (message.expiry <= world.now() + kEndsSoon || message.taken > world.now() - settled(world)) return;
    const SwarmId swarm = world.registry()->swarm_of(message.account);
    const std::vector<MachineIndex> members = sound_members(swarm, world);
    const auto owners = world.registry()->members(swarm);
    const bool has_moved = !std::ranges::equal(owners, message.owners);
    // Whoever has it must be somebody that others hear.
    const bool is_live =
        !message.is_gone && message.gone_from.empty() && std::ranges::any_of(message.holders, [&](auto machine) {
          return !world.is_down({machine}) && world.service_node({machine}).is_ready() && find(court, {machine}, hash);
        });
    for (const MachineIndex member : members) {
      const auto head = find(court, member, hash);
      if (message.is_gone) {
        court.look("S7");
        if (head) court.violate("S7", fmt::format("{} has {}, which was deleted", court.name(member), hash.text));
        continue;
      }
      if (is_live && has_moved) {
        court.look("S5");
        if (!head)
          court.violate("S5", fmt::format("{} did not get {}, which is its swarm's now", court.name(member), hash.text));
      }
      if (!head) continue;
      if (message.is_shortened) {
        court.look("S7");
        if (head->expiry > message.expiry)
          court.violate("S7", fmt::format("{} keeps {} longer than its owner said", court.name(member), hash.text));
      }
      court.look("S6");
      if (head->account != message.account || head->ns != message.ns || head->expiry < message.expiry ||
          (message.timestamp && head->timestamp != *message.timestamp))
        court.violate("S6", fmt::format("{} keeps {} otherwise than it was stored", court.name(member), hash.text));
    }
  }

  std::map<MessageHash, Message> messages_;
  std::set<Account> revoking_;
  Instant last_change_{};
};

}  // namespace

std::unique_ptr<Oracle> swarm_oracle() { return std::make_unique<Swarm>(); }

}  // namespace session::sim
