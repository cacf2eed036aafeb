// The parts of the registry's JSON that also stand inside other requests and answers. For the sources of this room.
#pragma once

#include "core/wire/json.h"
#include "core/wire/registry.h"

namespace session::wire {

/// `params` of get_service_nodes. Throws json::BadField.
[[nodiscard]] RegistryQuery read_query(const json::Fields& params);
[[nodiscard]] json::Json write_query(const RegistryQuery& query);

/// `result` of get_service_nodes. Throws json::BadField.
[[nodiscard]] RegistryAnswer read_registry(const json::Value& result);
[[nodiscard]] json::Json write_registry(const RegistryAnswer& answer, const RegistryQuery& query);

/// `params` of uptime_proof and of obligations_votes. Throw json::BadField.
[[nodiscard]] UptimeProof read_uptime(const json::Fields& params);
[[nodiscard]] ObligationsVotes read_votes(const json::Fields& params);

/// How much JSON a registry may be.
inline constexpr json::Limits kRegistryLimits{.bytes = kMaxRegistryBytes, .values = 1'500'000};

/// The `network` object. Throws json::BadField.
[[nodiscard]] pow::NetworkParameters read_network(const json::Value& network);
[[nodiscard]] json::Json write_network(const pow::NetworkParameters& network);

}  // namespace session::wire
