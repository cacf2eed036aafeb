// Answers in the place of a node's machine: what a hostile node says itself, and what one of an older version does not know.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/rng.h"
#include "core/node/service_node.h"

namespace session::sim {

/// Nothing: the machine shall answer.
using Speaker = std::function<std::optional<wire::Answer>(const wire::RpcRequest&)>;
/// What `speak` says to a request that came in clear, from a member of the swarm or as an onion's last layer; sealed then with
/// `dice`. Nothing for all that is no such request.
[[nodiscard]] std::optional<wire::Answer> answer_instead(const wire::Request& request, const node::Config& config, Rng& dice,
                                                         const Speaker& speak);

/// Which version of the protocol a node speaks.
enum class Version : std::uint8_t {
  Current,
  Today,  ///< as the live network's: nobody listens there, nothing is handed over, and nothing compared with others
};
/// The refusal of a node of Version::Today, as the live network's nodes say it (service-node.md 3B.1); nothing: it knows that.
[[nodiscard]] std::optional<wire::Answer> answer_of_today(const wire::Request& request, const node::Config& config, Rng& dice);
/// What such a node would not call goes to nobody: the machine waits for it in vain.
void keep_to_today(std::vector<wire::Effect>& wishes);

}  // namespace session::sim
