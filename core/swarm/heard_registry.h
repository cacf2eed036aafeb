// A list of service nodes that somebody tells, who may lie: the cheap questions first.
#pragma once

#include <functional>

#include "core/swarm/registry.h"

namespace session::swarm {

/// What is wrong with a list, by what it says alone.
using Doubt = std::function<Result<void>(const Registry&)>;
/// As read_registry. The keys of the nodes are looked at last, where there is no doubt, and only of those that `known`, if it
/// is not null, does not list with the same key: each costs about 50 µs, and a stranger's list may have 20 000. Errors:
/// read_registry's, and the doubt's.
[[nodiscard]] Result<RegistrySnapshot> hear_registry(BytesView answer, const Registry* known, const Doubt& doubt = {});

}  // namespace session::swarm
