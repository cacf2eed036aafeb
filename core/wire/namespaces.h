// The classes of a mailbox's compartments. Source: service-node.md 3B.4.
#pragma once

#include "core/base/ids.h"

namespace session::wire {

/// Anyone may store; reading needs a signature: 0, 10, 20, -20 ... and the legacy group -10.
[[nodiscard]] constexpr bool is_public_inbox(Namespace ns) { return ns % 10 == 0; }
/// Only the owner stores, and each store replaces what was there; anyone reads: -1, -21, -41 ...
[[nodiscard]] constexpr bool is_public_outbox(Namespace ns) { return ns < 0 && -ns % 20 == 1; }
/// A revoked subaccount may still read: -11, -111 ...
[[nodiscard]] constexpr bool is_revocation_proof(Namespace ns) { return ns < 0 && -ns % 100 == 11; }
inline constexpr Namespace kLegacyGroup = -10;

[[nodiscard]] constexpr bool store_needs_signature(Namespace ns) { return !is_public_inbox(ns); }
[[nodiscard]] constexpr bool retrieve_needs_signature(Namespace ns) { return ns != kLegacyGroup && !is_public_outbox(ns); }

}  // namespace session::wire
