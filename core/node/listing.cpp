#include "core/node/listing.h"

#include <algorithm>

#include "core/wire/answers.h"

namespace session::node {
namespace {

std::string write(const swarm::Registry& registry, const wire::RegistryQuery& query, bool is_unchanged, Rng& rng) {
  wire::RegistryAnswer listed;
  listed.height = registry.height();
  listed.block_hash = registry.block_hash();
  listed.network = registry.network();
  listed.unchanged = is_unchanged;
  if (!is_unchanged)
    for (const wire::RegistryEntry& node : registry.nodes())
      if (node.active || !query.active_only) listed.nodes.push_back(node);
  if (query.limit > 0 && listed.nodes.size() > query.limit) {
    rng.shuffle(listed.nodes);
    listed.nodes.resize(query.limit);
  }
  return wire::registry_text(listed, query);
}

/// What some machine on this thread has written, as long as one of them keeps it: who know the same share the text.
struct Written {
  std::weak_ptr<const swarm::Registry> of;
  wire::RegistryQuery query;
  bool is_unchanged = false;
  std::weak_ptr<const std::string> text;
};
constexpr std::size_t kMostWritten = 16;

std::shared_ptr<const std::string> write_once(const swarm::RegistrySnapshot& registry, const wire::RegistryQuery& query,
                                              bool is_unchanged, Rng& rng) {
  thread_local std::vector<Written> written;
  for (const Written& each : written)
    if (each.is_unchanged == is_unchanged && each.query == query && each.of.lock() == registry)
      if (auto text = each.text.lock()) return text;
  std::erase_if(written, [](const Written& each) { return each.text.expired(); });
  if (written.size() >= kMostWritten) written.erase(written.begin());
  auto text = std::make_shared<const std::string>(write(*registry, query, is_unchanged, rng));
  written.push_back({registry, query, is_unchanged, text});
  return text;
}

}  // namespace

std::shared_ptr<const std::string> RegistryListing::text(const swarm::RegistrySnapshot& registry, wire::RegistryQuery query,
                                                         Rng& rng) {
  const bool is_unchanged = query.poll_block_hash == registry->block_hash();
  if (query.poll_block_hash) query.poll_block_hash.emplace();
  if (query.limit > 0) return std::make_shared<const std::string>(write(*registry, query, is_unchanged, rng));
  if (of_ != registry) {
    of_ = registry;
    texts_.clear();
  }
  const auto known =
      std::ranges::find_if(texts_, [&](const Text& each) { return each.is_unchanged == is_unchanged && each.query == query; });
  if (known != texts_.end()) return known->text;
  if (texts_.size() >= kMostTexts) texts_.erase(texts_.begin());
  texts_.push_back({query, is_unchanged, write_once(registry, query, is_unchanged, rng)});
  return texts_.back().text;
}

}  // namespace session::node
