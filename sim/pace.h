// How often the nodes of a world do by themselves what nobody asks them for.
#pragma once

#include <algorithm>

#include "core/base/time.h"

namespace session::sim {

struct Pace {
  Millis registry_every;  ///< the seed is asked for new blocks
  Millis test_every;      ///< another node is tested
  Millis repair_every;    ///< a member of the swarm is compared with
};

/// Networks whose blocks come fast hear of each of them, and test one another at no more than the usual cost a block. In those
/// whose blocks come in half hours all of it is five times as seldom: they are there to be watched for a month, and what nodes
/// ask one another while nothing happens would be nearly all that it costs.
[[nodiscard]] inline Pace pace_of(Millis block_time) {
  const Millis test_every = std::max(seconds(1), Millis{block_time.count / 2});
  if (block_time >= minutes(30)) return {minutes(5), test_every, minutes(5)};
  return {std::clamp(Millis{block_time.count / 3}, seconds(1), seconds(10)), test_every, minutes(1)};
}

}  // namespace session::sim
