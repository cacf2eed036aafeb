// The texts that clients and nodes sign, as ASCII: a client its requests, a node what it did. Source: service-node.md 3B.2.
#pragma once

#include <string>

#include "core/wire/answers.h"
#include "core/wire/rpc.h"

namespace session::wire {

/// `store` ns timestamp; a namespace is decimal, empty when 0, `all` for all of them.
[[nodiscard]] std::string signed_text_store(Namespace ns, std::int64_t timestamp_ms);
[[nodiscard]] std::string signed_text_retrieve(Namespace ns, std::int64_t timestamp_ms);

/// What a client signs.
[[nodiscard]] std::string signed_text(const DeleteRequest& request);
[[nodiscard]] std::string signed_text(const DeleteAllRequest& request);
[[nodiscard]] std::string signed_text(const DeleteBeforeRequest& request);
[[nodiscard]] std::string signed_text(const ExpireRequest& request);
[[nodiscard]] std::string signed_text(const ExpireAllRequest& request);
[[nodiscard]] std::string signed_text(const GetExpiriesRequest& request);
[[nodiscard]] std::string signed_text(const RevokeRequest& request);
[[nodiscard]] std::string signed_text(const UnrevokeRequest& request);
[[nodiscard]] std::string signed_text(const ListenRequest& request);

/// What a member of the swarm signs when it has carried the request out; the entry's own signature is not read.
[[nodiscard]] std::string signed_text(const DeleteRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const DeleteAllRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const DeleteBeforeRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const ExpireRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const ExpireAllRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const RevokeRequest& request, const ChangeEntry& done);
[[nodiscard]] std::string signed_text(const UnrevokeRequest& request, const ChangeEntry& done);

}  // namespace session::wire
