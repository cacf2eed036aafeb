// What nodes can know together.
#include "sim/oracle_knowledge.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/chains.h"

namespace session::sim {
namespace {

/// By then a request has its answer, or never gets one.
constexpr Millis kOver = minutes(2);

class Ends final : public Oracle {
 public:
  void on_link(const PacketOnLink& packet, Court& court) override {
    if (!chains_) chains_.emplace(court.world());
    chains_->add(packet, court.world().now());
    if (packet.is_answer)
      for (const Chain& chain : chains_->take_answered()) ends_apart(chain, court);
  }
  void check(Court& court) override {
    if (!chains_) return;
    for (const Chain& chain : chains_->take_begun_before(court.world().now() - kOver)) ends_apart(chain, court);
  }

 private:
  /// O1: nobody alone, and no two.
  static void ends_apart(const Chain& chain, Court& court) {
    if (!chain.has_both_ends()) return;
    court.look("O1");
    std::vector<MachineIndex> nodes;
    for (const Passage& passage : chain.passages)
      for (const MachineIndex end : {passage.from, passage.to})
        if (court.world().is_node(end) && std::ranges::find(nodes, end) == nodes.end()) nodes.push_back(end);
    std::vector<bool> has(court.world().names().size());
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      has[nodes[a].value] = true;
      if (joins(chain, has)) return guilty(chain, court.name(nodes[a]) + " knows", court);
      for (std::size_t b = 0; b < a; ++b) {
        has[nodes[b].value] = true;
        if (joins(chain, has))
          return guilty(chain, fmt::format("{} and {} together know", court.name(nodes[a]), court.name(nodes[b])), court);
        has[nodes[b].value] = false;
      }
      has[nodes[a].value] = false;
    }
  }

  static void guilty(const Chain& chain, const std::string& who, Court& court) {
    court.violate("O1", fmt::format("{} both the address of {} and the account that it asks for", who,
                                    court.name(chain.of_client()->from)));
  }

  std::optional<Chains> chains_;
};

}  // namespace

std::unique_ptr<Oracle> knowledge_oracle() { return std::make_unique<Ends>(); }

}  // namespace session::sim
