#include "sim/chains.h"

#include <algorithm>
#include <array>

#include "core/modelled/suite.h"

namespace session::sim {
namespace {

bool are_joined(const Passage& a, const Passage& b, const std::vector<bool>& has) {
  if (a.layer == b.layer || a.ephemeral == b.ephemeral) return true;
  if (has[a.to.value] && std::ranges::find(a.inside, b.layer) != a.inside.end()) return true;
  if (has[b.to.value] && std::ranges::find(b.inside, a.layer) != b.inside.end()) return true;
  return a.answer && a.answer == b.answer;
}

}  // namespace

const Passage* Chain::of_client() const {
  const auto found = std::ranges::find(passages, true, &Passage::is_of_client);
  return found == passages.end() ? nullptr : &*found;
}

const Passage* Chain::to_destination() const {
  const auto found =
      std::ranges::find_if(passages.rbegin(), passages.rend(), [](const Passage& p) { return p.named.has_value(); });
  return found == passages.rend() ? nullptr : &*found;
}

bool joins(const Chain& chain, const std::vector<bool>& has) {
  std::vector<const Passage*> seen;
  for (const Passage& passage : chain.passages)
    if (has[passage.from.value] || has[passage.to.value]) seen.push_back(&passage);
  // From everything with an address to whatever is joined with it.
  std::vector<bool> reached(seen.size());
  std::vector<std::size_t> next;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i]->is_of_client) reached[i] = true, next.push_back(i);
  while (!next.empty()) {
    const Passage& at = *seen[next.back()];
    next.pop_back();
    if (at.named && has[at.to.value]) return true;
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (!reached[i] && are_joined(at, *seen[i], has)) reached[i] = true, next.push_back(i);
  }
  return false;
}

void Chains::add(const PacketOnLink& packet, Instant now) {
  if (packet.is_copy || packet.route != wire::Route::Onion) return;
  if (packet.is_answer) {
    const auto chain = of_exchange_.find(packet.exchange);
    if (chain == of_exchange_.end()) return;
    auto& passages = chains_.at(chain->second).passages;
    const auto passage = std::ranges::find(passages, packet.exchange, &Passage::exchange);
    passage->answer = print_of_sealed(packet.body);
    if (passage->is_of_client) answered_.push_back(chain->second);
    return;
  }
  const auto outer = onion::parse_outer(packet.body);
  if (!outer || !world_.is_node(packet.to)) return;
  Passage passage = open(packet, *outer);
  const auto [known, is_new] = of_layer_.try_emplace(passage.layer, next_);
  const std::uint64_t number = known->second;
  if (is_new) ++next_, chains_[number].begin = now;
  for (const Print& inside : passage.inside) of_layer_.try_emplace(inside, number);
  of_exchange_.emplace(packet.exchange, number);
  chains_.at(number).passages.push_back(std::move(passage));
}

/// Whatever this node alone can read, also behind its own layer.
Passage Chains::open(const PacketOnLink& packet, const onion::Outer& outer) {
  const modelled::Scope cryptography(world_.config().fidelity == Fidelity::Modelled);
  Passage out{packet.exchange,
              packet.from,
              packet.to,
              world_.is_person(packet.from),
              print_of(packet.body),
              outer.ephemeral.bytes,
              {},
              {},
              {}};
  auto own = keys_.find(packet.to.value);
  if (own == keys_.end()) own = keys_.emplace(packet.to.value, crypto::x25519_of(world_.keys_of(packet.to))).first;
  const NodeId self = world_.service_node(packet.to).id();
  auto opened = open_with(own->second, outer);
  std::vector<ByteArray<32>> found;
  while (opened) {
    found.insert(found.end(), opened->found.begin(), opened->found.end());
    if (const auto* final = std::get_if<onion::Final>(&opened->peeled.inside)) out.named = named_in(final->rpc);
    const auto* inner = std::get_if<onion::Inner>(&opened->peeled.inside);
    if (inner == nullptr) break;
    out.inside.push_back(print_of(inner->body));
    const auto deeper = onion::parse_outer(inner->body);
    if (!deeper) break;
    const auto* next = world_.registry()->find(inner->next);
    const auto addressee = next != nullptr ? std::optional(next->x25519) : std::nullopt;
    opened = inner->next == self ? open_with(own->second, *deeper) : std::nullopt;
    for (auto key = found.begin(); key != found.end() && !opened; ++key) opened = open_with(*key, *deeper, addressee);
  }
  return out;
}

Chain Chains::take(std::uint64_t number) {
  auto chain = chains_.extract(number);
  for (const Passage& passage : chain.mapped().passages) {
    of_exchange_.erase(passage.exchange);
    of_layer_.erase(passage.layer);
    for (const Print& inside : passage.inside) of_layer_.erase(inside);
  }
  std::ranges::sort(chain.mapped().passages, {}, &Passage::exchange);
  return std::move(chain.mapped());
}

std::vector<Chain> Chains::take_answered() {
  std::vector<Chain> out;
  for (const std::uint64_t number : std::exchange(answered_, {}))
    if (chains_.contains(number)) out.push_back(take(number));
  return out;
}

std::vector<Chain> Chains::take_begun_before(Instant time) {
  std::vector<Chain> out;
  while (!chains_.empty() && chains_.begin()->second.begin < time) out.push_back(take(chains_.begin()->first));
  return out;
}

}  // namespace session::sim
