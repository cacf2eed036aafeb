// What service nodes keep, beside what they said they keep.
#include <fmt/format.h>

#include <set>

#include "core/wire/namespaces.h"
#include "sim/oracles.h"

namespace session::sim {
namespace {

class Mailbox final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    if (const auto* stored = std::get_if<trace::Stored>(&record.fact)) return on_stored(record.who, *stored, court);
    if (const auto* kept = std::get_if<trace::Kept>(&record.fact)) return on_kept(record.who, *kept, court);
    // What a signed request changed, what moved with a swarm, what went with a disk or by a wrong clock is not promised any
    // more.
    if (const auto* changed = std::get_if<trace::Changed>(&record.fact)) {
      std::erase_if(promised_[record.who.value], [&](const auto& row) { return row.second.account == changed->account; });
    } else if (const auto* moved = std::get_if<trace::Moved>(&record.fact)) {
      std::erase_if(promised_[record.who.value], [&](const auto& row) { return row.second.account == moved->account; });
    } else if (std::holds_alternative<trace::SwarmChanged>(record.fact)) {
      promised_[record.who.value].clear();
    } else if (std::holds_alternative<trace::Expired>(record.fact)) {
      if (!court.world().clock(record.who).is_true(court.world().now())) promised_[record.who.value].clear();
    } else if (const auto* fault = std::get_if<trace::FaultBegan>(&record.fact)) {
      if (!court.is_sound(fault->machine)) ever_hostile_.insert(fault->machine.value);
      const bool has_disk = court.world().is_node(fault->machine);
      if (has_disk && (fault->kind == "the power fails" || court.world().disk_fault(fault->machine) == World::DiskFault::Sync))
        silent_.insert(fault->machine.value);
      if (fault->kind == kDiskFault || !court.is_sound(fault->machine)) promised_[fault->machine.value].clear();
    }
  }

  /// D1
  void check(Court& court) override {
    for (auto& [machine, rows] : promised_) {
      std::erase_if(rows, [&](const auto& row) { return row.second.expiry <= court.world().now(); });
      for (const auto& [hash, promise] : rows) {
        court.look("D1");
        const auto head = court.world().mail({machine}).find_head(hash);
        if (!head || !*head || (*head)->account != promise.account || (*head)->ns != promise.ns ||
            (*head)->expiry < promise.expiry) {
          if (silent_.contains(machine) && is_gone_in_silence({machine}, promise, court)) continue;
          court.violate("D1",
                        fmt::format("{} acknowledged {} and does not keep it as it was", court.name({machine}), hash.text));
        }
      }
    }
  }

 private:
  struct Promise {
    Account account;
    Namespace ns = 0;
    Instant expiry, timestamp;
  };

  /// A node whose power failed, or whose disk did not sync, may have done what it could not tell any more: taken a newer one
  /// into an outbox, or given it to those whose it is now.
  static bool is_gone_in_silence(MachineIndex machine, const Promise& promise, Court& court) {
    const auto& node = court.world().service_node(machine);
    if (node.registry() && node.registry()->swarm_of(promise.account) != node.swarm()) return true;
    bool has_newer = false;
    if (wire::is_public_outbox(promise.ns))
      static_cast<void>(
          court.world().mail(machine).visit_mailbox(promise.account, promise.ns, [&](const store::MailHead& head) {
            has_newer = has_newer || head.timestamp >= promise.timestamp;
            return true;
          }));
    return has_newer;
  }

  void on_stored(MachineIndex who, const trace::Stored& stored, Court& court) {
    holders_[stored.hash].insert(who.value);
    if (!court.is_sound(who)) return;
    auto& rows = promised_[who.value];
    if (wire::is_public_outbox(stored.ns))  // the newer takes the older's place
      std::erase_if(rows, [&](const auto& row) { return row.second.account == stored.account && row.second.ns == stored.ns; });
    const auto head = court.world().mail(who).find_head(stored.hash);
    rows[stored.hash] = {stored.account, stored.ns, stored.expiry, head && *head ? (*head)->timestamp : Instant{}};
    court.look("S3");
    const auto& node = court.world().service_node(who);
    if (!node.registry() || node.registry()->swarm_of(stored.account) != node.swarm())
      court.violate("S3",
                    fmt::format("{} took a message of another swarm's account {}", court.name(who), stored.account.hex()));
  }

  /// D4: so many members have it, or are hostile and may have signed so: nobody can see through that.
  void on_kept(MachineIndex who, const trace::Kept& kept, Court& court) {
    court.look("D4");
    std::size_t found = holders_[kept.hash].size();
    for (std::size_t i = 0; i < court.world().nodes(); ++i) {
      const MachineIndex node = court.world().node(i);
      found += ever_hostile_.contains(node.value) && !holders_[kept.hash].contains(node.value) ? 1 : 0;
    }
    if (kept.kept_by > found)
      court.violate("D4", fmt::format("{} believes #{} kept by {} nodes, {} took it", court.name(who), kept.message,
                                      kept.kept_by, found));
  }

  std::map<std::uint32_t, std::map<MessageHash, Promise>> promised_;
  std::map<MessageHash, std::set<std::uint32_t>> holders_;
  std::set<std::uint32_t> silent_;        ///< did perhaps what they did not say
  std::set<std::uint32_t> ever_hostile_;  ///< what they signed may be told later
};

}  // namespace

std::unique_ptr<Oracle> mailbox_oracle() { return std::make_unique<Mailbox>(); }

}  // namespace session::sim
