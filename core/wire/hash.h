// What a node calls a message. Source: service-node.md 3B.6.
#pragma once

#include "core/base/ids.h"

namespace session::wire {

/// HF >= 19.3: BLAKE2b-256(prefix byte ‖ 32 key bytes ‖ [namespace in decimal if not 0] ‖ data), unpadded base64, 43
/// characters. Neither time takes part, so the same data is the same message.
[[nodiscard]] MessageHash message_hash(const Account& account, Namespace ns, BytesView data);

}  // namespace session::wire
