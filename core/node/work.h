// What a node writes down of the work that was done for a message, so that others can check it when they take the message from
// this node. Source: profile.md 4: stamps of rows from peers are checked too.
#pragma once

#include <optional>

#include "core/wire/rpc.h"
#include "core/wire/swarm_repair.h"

namespace session::node {

/// Nonce and lifetime; and the texts of account and data, where they are not the ones that everybody writes.
[[nodiscard]] Bytes stamp_of(const wire::StoreRequest& request);

struct Work {
  pow::Payload payload;
  pow::Nonce nonce{};
  Millis ttl;
};
/// Nothing when none was written down, or it is not what `stamp_of` writes.
[[nodiscard]] std::optional<Work> work_of(const wire::Row& row);

}  // namespace session::node
