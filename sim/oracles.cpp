#include "sim/oracles.h"

#include <algorithm>

#include "sim/oracle_knowledge.h"
#include "sim/oracle_sealed.h"
#include "sim/oracle_sizes.h"

namespace session::sim {

bool forbids_lies(std::string_view oracle) {
  // Not D1, D5, L3, S3 to S7: who withholds, lies "kept" or leads astray makes others wait and lose.
  constexpr std::string_view kHeard[] = {"D2", "D3", "D4", "N1", "N2", "S1", "S2", "W1", "W2"};
  return oracle.starts_with('O') || oracle.starts_with('R') || oracle.starts_with('C') || oracle.starts_with('T') ||
         std::ranges::find(kHeard, oracle) != std::end(kHeard);
}

void Court::violate(const char* oracle, std::string what) {
  if (family_ == Family::Beyond && !forbids_lies(oracle)) return;
  const auto is_same = [&](const Violation& v) { return v.oracle == oracle; };
  if (std::none_of(violations_.begin(), violations_.end(), is_same))
    violations_.push_back({oracle, world_.now(), std::move(what)});
}

std::map<std::string, std::uint64_t> Court::cases() const {
  std::map<std::string, std::uint64_t> all;
  for (std::size_t i = 0; i < cases_.size(); ++i)
    if (cases_[i] > 0) all[{static_cast<char>('A' + i / 10), static_cast<char>('0' + i % 10)}] = cases_[i];
  return all;
}

std::optional<MachineIndex> Court::person(const SessionId& id) {
  const auto& all = devices(id);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

const std::vector<MachineIndex>& Court::devices(const SessionId& id) {
  static const std::vector<MachineIndex> kNobody;
  for (; known_ < people().size(); ++known_) devices_[world_.client(people()[known_]).id()].push_back(people()[known_]);
  const auto found = devices_.find(id);
  return found == devices_.end() ? kNobody : found->second;
}

std::vector<std::string> idle_among(const std::map<std::string, std::uint64_t>& cases) {
  std::vector<std::string> idle;
  for (const char* oracle : kJudged)
    if (!cases.contains(oracle) && oracle != kIdleInDrawnWorlds) idle.emplace_back(oracle);
  return idle;
}

Oracles::Oracles(const World& world, Family family) : court_(world, family) {
  oracles_.push_back(delivery_oracle());
  oracles_.push_back(mailbox_oracle());
  oracles_.push_back(registry_oracle());
  oracles_.push_back(onion_oracle());
  oracles_.push_back(knowledge_oracle());
  oracles_.push_back(swarm_oracle());
  oracles_.push_back(sealed_oracle());
  oracles_.push_back(sizes_oracle());
  oracles_.push_back(disk_oracle());
  oracles_.push_back(caps_oracle());
}

void Oracles::on(const trace::Record& record) {
  for (const auto& oracle : oracles_) oracle->on(record, court_);
}
void Oracles::on_link(const PacketOnLink& packet) {
  for (const auto& oracle : oracles_) oracle->on_link(packet, court_);
}
void Oracles::check() {
  for (const auto& oracle : oracles_) oracle->check(court_);
}
void Oracles::judge(Millis calm) {
  check();
  for (const auto& oracle : oracles_) oracle->judge(calm, court_);
}

}  // namespace session::sim
