// Coalitions by the words of a command line, and what they know in words and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "sim/knowledge.h"

namespace session::sim {

/// Words between commas: a node's or a person's name, "seed" (all of them), "seed-2" (one alone), "links" (who watches them
/// all), "key-of:node-03" (its keys, but not what it saw), "guard-of:Alice" (nodes to which she spoke), "swarm-of:Bob" (nodes
/// that keep his messages now). Errors: Malformed, naming the word and what it may be.
[[nodiscard]] Result<Coalition> parse_coalition(std::string_view words, const World& world, const Recorder& recorder);

/// For a person to read: what is joined, what is suspected, then at most `most` of the single requests. Accounts of this
/// world's people have their names beside them, which the coalition does not know.
[[nodiscard]] std::string knowledge_text(const Knowledge& knowledge, const Coalition& coalition, const World& world,
                                         std::size_t most);
/// All of it, as one JSON object.
[[nodiscard]] std::string knowledge_json(const Knowledge& knowledge, const Coalition& coalition, const World& world);

}  // namespace session::sim
