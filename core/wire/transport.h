// What two machines exchange: a request and its answer, as bytes with the little that stands outside the body. Drivers put this
// on HTTPS or on a modelled link; machines never see headers, paths or sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"

namespace session::wire {

/// The doors of a service node and of a seed. `path_of` gives the HTTP path.
enum class Route {
  StorageRpc,   ///< POST /storage_rpc/v1: what clients ask, JSON
  Onion,        ///< POST /onion_req/v2: a layer, framed (service-node.md 6.3)
  SwarmStore,   ///< POST /swarm/forward/v1: a client's write, forwarded to a member of the swarm
  SwarmRepair,  ///< POST /swarm/repair/v1: what members compare and exchange, and what moves to another swarm; protobuf
  SeedRpc,      ///< POST /json_rpc: the registry
  PingTest,     ///< POST /ping_test/v1: does this node answer
  StorageTest,  ///< POST /swarms/storage_test/v1: does it keep what it should
};
[[nodiscard]] const char* path_of(Route route);
[[nodiscard]] std::optional<Route> route_of(std::string_view path);

/// Who sends a peer request: profile.md 4. The three headers X-Snode-Sender, -Time and -Signature as values.
struct PeerProof {
  NodeId sender;
  std::int64_t time_ms = 0;
  ByteArray<64> signature{};
  friend bool operator==(const PeerProof&, const PeerProof&) = default;
};

struct Request {
  Route route = Route::StorageRpc;
  Bytes body;
  std::optional<PeerProof> proof;
  friend bool operator==(const Request&, const Request&) = default;
};

enum class ContentType { Json, Text, Binary };

struct Answer {
  std::uint16_t status = 200;  ///< HTTP status
  Bytes body;
  ContentType type = ContentType::Json;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Where a node or seed listens.
struct Address {
  std::string host;  ///< dotted IPv4, or a name
  std::uint16_t port = 0;
  friend auto operator<=>(const Address&, const Address&) = default;
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

/// Whom a call goes to. A node must show the certificate of its id; a seed is what the URL names.
struct NodePeer {
  NodeId id;
  Address address;
  friend bool operator==(const NodePeer&, const NodePeer&) = default;
};
struct SeedPeer {
  std::string url;  ///< origin, as the user gave it
  friend bool operator==(const SeedPeer&, const SeedPeer&) = default;
};
/// A server outside the network, at the end of an onion path (service-node.md 6.3). With TLS it must show a certificate for its
/// name that the machine's authorities vouch for.
struct ServerPeer {
  Address address;
  bool tls = true;
  std::string target;           ///< the path of the request
  bool may_be_private = false;  ///< addresses of this machine and of private networks are led to as well
  friend bool operator==(const ServerPeer&, const ServerPeer&) = default;
};
using Peer = std::variant<NodePeer, SeedPeer, ServerPeer>;

/// Who made a request, as far as the driver knows: an opaque name for limits (an address, or a previous hop).
struct Caller {
  std::string name;
  bool is_loopback = false;
};

}  // namespace session::wire
