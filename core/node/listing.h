// The list of service nodes as text. It is long, and whoever asks is told the same until the next block: so it is written once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/swarm/registry.h"
#include "core/wire/registry.h"

namespace session::node {

/// A value: what it has written of the newest registry it was asked about.
class RegistryListing {
 public:
  static constexpr std::size_t kMostTexts = 4;  ///< to different questions

  /// `result` of get_service_nodes for whoever asks so. A sample (`limit`) is drawn anew each time.
  [[nodiscard]] std::shared_ptr<const std::string> text(const swarm::RegistrySnapshot& registry, wire::RegistryQuery query,
                                                        Rng& rng);
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  struct Text {
    wire::RegistryQuery query;  ///< of `poll_block_hash` only that it was given
    bool is_unchanged = false;
    std::shared_ptr<const std::string> text;
  };
  swarm::RegistrySnapshot of_;
  std::vector<Text> texts_;  ///< the newest at the end
};

}  // namespace session::node
