// What strangers can send, given to what reads it. Each function asserts what must hold of any bytes; libFuzzer looks for bytes
// of which it does not (`cmake --preset fuzz`), and fuzz_test plays the corpus again.
#pragma once

#include <array>

#include "core/base/bytes.h"

namespace session::fuzz {

/// A client's request: what is read is written and read back as the same.
void rpc(BytesView input);
/// An onion frame, its layers, and a reply.
void onion(BytesView input);
/// What nodes and seeds answer to a client or to a peer.
void answers(BytesView input);
/// What peers send one another: repairs of a swarm and tests.
void peers(BytesView input);
/// What anybody sends to a seed: queries, registrations, uptime proofs and votes.
void seed(BytesView input);
/// A scenario's file.
void scenario(BytesView input);
/// An envelope in its wrapper, opened with everything that authenticates it.
void envelope(BytesView input);
/// The Content inside one: what a contact can say.
void content(BytesView input);
/// A signed bundle or list of slots, as it lies in somebody's public outbox; and the same bytes, signed by their owner.
void bundle(BytesView input);
/// Bytes on a node's socket: the server answers or closes, and goes on serving others.
void http(BytesView input);

struct Target {
  const char* name;
  void (*run)(BytesView input);
};
inline constexpr std::array<Target, 10> kTargets = {{{"rpc", rpc},
                                                     {"onion", onion},
                                                     {"answers", answers},
                                                     {"peers", peers},
                                                     {"seed", seed},
                                                     {"scenario", scenario},
                                                     {"envelope", envelope},
                                                     {"content", content},
                                                     {"bundle", bundle},
                                                     {"http", http}}};

}  // namespace session::fuzz
