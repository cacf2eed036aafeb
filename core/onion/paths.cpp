#include "core/onion/paths.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"

namespace session::onion {
namespace {

constexpr Millis kTimeOut = minutes(10);
constexpr Millis kSpared = minutes(1);  // after a failure, while another path is there
constexpr std::uint32_t kJudgedAfter = 20;
constexpr std::uint32_t kSuccessPercent = 60;

bool contains(const Path& path, const NodeId& node) {
  return std::any_of(path.relays.begin(), path.relays.end(), [&](const Relay& relay) { return relay.id == node; });
}

/// A guard serves 30 to 60 days; how long exactly follows from its key, so that nothing more has to be kept.
Millis term_of(const Guard& guard) { return days(30 + load_little<std::uint16_t>(guard.node.key.data()) % 31); }

}  // namespace

bool share_network(const wire::Address& a, const wire::Address& b) {
  if (a.host.starts_with("127.") || b.host.starts_with("127.")) return false;
  const auto prefix = [](const std::string& host) { return host.substr(0, host.rfind('.')); };
  return a.host.find('.') != std::string::npos && prefix(a.host) == prefix(b.host);
}

Relays relays_of(const swarm::RegistrySnapshot& registry) {
  thread_local std::weak_ptr<const swarm::Registry> last;
  thread_local std::weak_ptr<const std::vector<Relay>> made_of_it;
  if (last.lock() == registry)
    if (auto relays = made_of_it.lock()) return relays;
  std::vector<Relay> relays;
  for (const auto& node : registry->nodes())
    if (node.active) relays.push_back({node.id, node.x25519, node.address});
  auto list = std::make_shared<const std::vector<Relay>>(std::move(relays));
  last = registry;
  made_of_it = list;
  return list;
}

const Relay* PathPool::find(const NodeId& id) const {
  const auto at =
      std::lower_bound(relays_->begin(), relays_->end(), id, [](const Relay& r, const NodeId& x) { return r.id < x; });
  return at != relays_->end() && at->id == id ? &*at : nullptr;
}

bool PathPool::is_out(const NodeId& id, Instant now) const {
  return std::any_of(strikes_.begin(), strikes_.end(), [&](const Strikes& s) { return s.node == id && is_in_force(s, now); });
}

/// What lies further ahead is of a clock that was set back since.
bool PathPool::is_in_force(const Strikes& strikes, Instant now) {
  return strikes.until > now && strikes.until <= now + kTimeOut;
}

void PathPool::update(std::vector<Relay> relays, Instant now, Rng& rng) {
  std::ranges::sort(relays, {}, &Relay::id);
  update(std::make_shared<const std::vector<Relay>>(std::move(relays)), now, rng);
}

void PathPool::update(Relays relays, Instant now, Rng& rng) {
  relays_ = std::move(relays);
  for (auto* paths : {&paths_, &tails_}) std::erase_if(*paths, [&](const Path& path) { return !is_as_listed(path); });
  for (Guard& guard : guards_)
    if (!guard.is_retired() && find(guard.node) == nullptr) guard.retired_at = now, guards_changed_ = true;
  static_cast<void>(fill_guards(now, rng));
}

bool PathPool::is_as_listed(const Path& path) const {
  return std::all_of(path.relays.begin(), path.relays.end(), [&](const Relay& relay) {
    const Relay* known = find(relay.id);
    return known != nullptr && known->address == relay.address && known->x25519 == relay.x25519;
  });
}

void PathPool::retire_worn_guards(Instant now) {
  for (Guard& guard : guards_) {
    if (guard.is_retired()) continue;
    const bool carries_little = guard.uses >= kJudgedAfter && guard.successes * 100 < guard.uses * kSuccessPercent;
    if (!carries_little && now - guard.chosen_at < term_of(guard)) continue;
    guard.retired_at = now;
    guards_changed_ = true;
    for (auto* paths : {&paths_, &tails_})
      std::erase_if(*paths, [&](const Path& path) { return path.relays[0].id == guard.node; });
  }
}

Result<void> PathPool::fill_guards(Instant now, Rng& rng) {
  retire_worn_guards(now);
  // A guard that is out is replaced while another one works. When all are out it is rather our own network that is down, and no
  // new ones are spent on that.
  const auto works = [&](const Guard& g) { return !g.is_retired() && !is_out(g.node, now); };
  const bool any_works = std::any_of(guards_.begin(), guards_.end(), works);
  const auto in_use = [&] {
    return std::count_if(guards_.begin(), guards_.end(),
                         [&](const Guard& g) { return any_works ? works(g) : !g.is_retired(); });
  };
  while (in_use() < static_cast<std::ptrdiff_t>(kGuards)) {
    // One that left the network did not fail.
    const auto recent = std::count_if(guards_.begin(), guards_.end(), [&](const Guard& g) {
      return now - g.chosen_at < kGuardWindow && find(g.node) != nullptr;
    });
    if (recent >= static_cast<std::ptrdiff_t>(kMaxGuardsInWindow)) {
      revive_a_guard();
      return fail(ErrorCode::Unavailable,
                  fmt::format("{} guards failed within 60 days, which may be an attack; not taking another by "
                              "itself",
                              recent));
    }
    std::vector<const Relay*> candidates;
    for (const Relay& relay : *relays_) {
      const bool known = std::any_of(guards_.begin(), guards_.end(), [&](const Guard& g) {
        const Relay* other = g.is_retired() ? nullptr : find(g.node);
        return g.node == relay.id || (other != nullptr && share_network(other->address, relay.address));
      });
      if (!known && !is_out(relay.id, now)) candidates.push_back(&relay);
    }
    if (candidates.empty()) return fail(ErrorCode::Unavailable, "no service node is left to be a guard");
    guards_.push_back({rng.pick(candidates)->id, now, {}, 0, 0});
    guards_changed_ = true;
  }
  return {};
}

/// Nobody is locked out: without any guard in use, the one that carried most takes up its service again.
void PathPool::revive_a_guard() {
  if (std::any_of(guards_.begin(), guards_.end(), [&](const Guard& g) { return !g.is_retired() && find(g.node) != nullptr; }))
    return;
  Guard* best = nullptr;
  const auto share = [](const Guard& g) { return g.uses == 0 ? 1000 : std::uint64_t{1000} * g.successes / g.uses; };
  for (Guard& guard : guards_)
    if (find(guard.node) != nullptr && (best == nullptr || share(guard) > share(*best))) best = &guard;
  if (best == nullptr) return;
  best->retired_at = {};
  best->uses = best->successes = 0;
  guards_changed_ = true;
}

std::optional<Path> PathPool::build(const Relay& guard, const NodeId& destination, Instant now, Rng& rng) const {
  Path path;
  path.relays[0] = guard;
  for (std::size_t hop = 1; hop < 3; ++hop) {
    std::vector<const Relay*> candidates, reserve;
    for (const Relay& relay : *relays_) {
      bool bad = relay.id == destination || is_out(relay.id, now);
      for (std::size_t i = 0; i < hop; ++i)
        bad = bad || path.relays[i].id == relay.id || share_network(path.relays[i].address, relay.address);
      if (mutant::is_on(Mutant::O4)) bad = false;
      for (const Path& other : paths_) bad = bad || contains(other, relay.id);
      const bool is_guard = std::ranges::any_of(guards_, [&](const Guard& g) { return !g.is_retired() && g.node == relay.id; });
      if (!bad) (is_guard ? reserve : candidates).push_back(&relay);
    }
    // In a small network the guards may be nearly all that there is.
    if (candidates.empty()) candidates = std::move(reserve);
    if (candidates.empty()) return std::nullopt;
    path.relays[hop] = *rng.pick(candidates);
  }
  return path;
}

/// Whether a path that was drawn before can be taken again: beside the paths that are in use now.
bool PathPool::is_free(const Path& path, const NodeId& destination, Instant now) const {
  for (std::size_t hop = 1; hop < 3; ++hop) {
    const NodeId& relay = path.relays[hop].id;
    if (relay == destination || is_out(relay, now)) return false;
    if (std::any_of(paths_.begin(), paths_.end(), [&](const Path& other) { return contains(other, relay); })) return false;
    if (std::any_of(guards_.begin(), guards_.end(), [&](const Guard& g) { return !g.is_retired() && g.node == relay; }))
      return false;
  }
  return path.relays[0].id != destination;
}

/// The next path of a guard that has none in use. A guard could fail whatever it does not like until the last relay is its
/// friend (reliability.md O5), and whom it blames is its word alone. So it is given two draws for its whole service, which take
/// turns; there are more only while no path works at all, which no single guard can bring about.
std::optional<Path> PathPool::path_behind(const Relay& guard, const NodeId& destination, Instant now, Rng& rng) {
  const auto is_its = [&](const Path& path) { return path.relays[0].id == guard.id; };
  const bool is_spent =
      std::count_if(tails_.begin(), tails_.end(), is_its) >= static_cast<std::ptrdiff_t>(kTails) && !mutant::is_on(Mutant::O5);
  if (is_spent) {
    const auto again = std::find_if(tails_.begin(), tails_.end(),
                                    [&](const Path& path) { return is_its(path) && is_free(path, destination, now); });
    if (again != tails_.end()) {
      std::rotate(again, again + 1, tails_.end());
      return tails_.back();
    }
    if (!paths_.empty()) return std::nullopt;
  }
  const auto drawn = build(guard, destination, now, rng);
  if (!drawn) return std::nullopt;
  if (is_spent) tails_.erase(std::find_if(tails_.begin(), tails_.end(), is_its));
  tails_.push_back(*drawn);
  return drawn;
}

Result<Path> PathPool::choose(const NodeId& destination, Instant now, Rng& rng, const std::optional<NodeId>& spare) {
  const auto filled = fill_guards(now, rng);
  const bool all_out =
      std::none_of(guards_.begin(), guards_.end(), [&](const Guard& g) { return !g.is_retired() && !is_out(g.node, now); });
  // Guards that stood in for others while those were out are kept in reserve: each guard in use learns that we are there.
  std::vector<NodeId> serving;
  for (const Guard& guard : guards_)
    if (serving.size() < kGuards && !guard.is_retired() && (all_out || !is_out(guard.node, now)) && find(guard.node) != nullptr)
      serving.push_back(guard.node);
  std::erase_if(paths_, [&](const Path& p) { return std::ranges::find(serving, p.relays[0].id) == serving.end(); });
  for (const NodeId& guard : serving) {
    const bool has_path = std::any_of(paths_.begin(), paths_.end(), [&](const Path& p) { return p.relays[0].id == guard; });
    const Relay* relay = find(guard);
    if (has_path || relay == nullptr) continue;
    if (auto path = path_behind(*relay, destination, now, rng)) paths_.push_back(*path);
  }
  std::vector<const Path*> good;
  for (const Path& path : paths_)
    if (!contains(path, destination)) good.push_back(&path);
  std::vector<const Path*> calm;
  for (const Path* path : good)
    if (std::none_of(strikes_.begin(), strikes_.end(),
                     [&](const Strikes& s) { return contains(*path, s.node) && s.last <= now && now - s.last < kSpared; }))
      calm.push_back(path);
  std::vector<const Path*>& best = calm.empty() ? good : calm;
  if (spare && std::any_of(best.begin(), best.end(), [&](const Path* path) { return path->relays[0].id != *spare; }))
    std::erase_if(best, [&](const Path* path) { return path->relays[0].id == *spare; });
  if (!best.empty()) return *rng.pick(best);

  // Every path leads through the destination: one more, for this request alone, over a guard that is not the destination.
  for (const Guard& guard : guards_) {
    const Relay* relay = guard.is_retired() || guard.node == destination ? nullptr : find(guard.node);
    if (relay == nullptr || (!all_out && is_out(guard.node, now))) continue;
    PathPool alone = *this;
    alone.paths_.clear();
    if (auto path = alone.build(*relay, destination, now, rng)) return *path;
  }
  if (!filled) return fail(filled);
  return fail(ErrorCode::Unavailable,
              fmt::format("no path: {} service nodes are known, and at least 8 that answer are needed", relays_->size()));
}

void PathPool::succeeded(const Path& path) {
  if (path.relays[2].id == doubted_) doubts_ = 0;
  judged_.clear();
  for (const Guard& guard : guards_)
    if (guard.node != path.relays[0].id) judged_.push_back(guard.node);
  for (Guard& guard : guards_)
    if (guard.node == path.relays[0].id) ++guard.uses, ++guard.successes, guards_changed_ = true;
  std::erase_if(strikes_, [&](const Strikes& s) { return s.until == Instant{} && contains(path, s.node); });
}

void PathPool::destination_failed(const Path& path) {
  const NodeId& last = path.relays[2].id;
  if (last != doubted_) doubted_ = last, doubts_ = 0;
  if (++doubts_ < kDoubts) return;
  doubts_ = 0;
  std::erase_if(paths_, [&](const Path& p) { return p.relays[2].id == last; });
}

void PathPool::strike(const NodeId& node, Instant now) {
  auto known = std::find_if(strikes_.begin(), strikes_.end(), [&](const Strikes& s) { return s.node == node; });
  if (known == strikes_.end()) known = strikes_.insert(strikes_.end(), {node, 0, {}, {}});
  known->last = now;
  if (++known->count < kFailures) return;
  known->count = 0;
  known->until = now + kTimeOut;
  std::erase_if(paths_, [&](const Path& path) { return contains(path, node); });
}

void PathPool::failed(const Path& path, std::optional<NodeId> culprit, Instant now) {
  if (mutant::is_on(Mutant::O5)) return paths_.clear();
  std::erase_if(strikes_, [&](const Strikes& s) { return s.until != Instant{} && !is_in_force(s, now); });
  // While nothing gets through at all it is rather our own network that is down: then nobody is judged for it.
  if (std::erase(judged_, path.relays[0].id) > 0)
    for (Guard& guard : guards_)
      if (guard.node == path.relays[0].id) ++guard.uses, guards_changed_ = true;
  if (culprit && contains(path, *culprit)) return strike(*culprit, now);
  for (const Relay& relay : path.relays) strike(relay.id, now);
}

}  // namespace session::onion
