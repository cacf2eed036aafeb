// A private network in one process: a seed and service nodes with real sockets on loopback.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/net/node_host.h"

namespace session::net {

struct DevnetConfig {
  std::size_t nodes = 21;
  std::uint16_t base_port = 0;  ///< the seed's; the nodes have the ones after it, then their metrics
  std::filesystem::path folder;
  pow::NetworkParameters network;
};

class Devnet {
 public:
  /// Everything listens when it returns. Errors: those of stores and ports.
  [[nodiscard]] static Result<std::unique_ptr<Devnet>> open(asio::io_context& io, DevnetConfig config, const TraceSink& sink);
  ~Devnet();
  [[nodiscard]] std::string seed_url() const;
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// Null while the node is stopped.
  [[nodiscard]] const NodeHost* node(std::size_t i) const { return nodes_[i].host.get(); }
  [[nodiscard]] NodeId id(std::size_t i) const { return crypto::node_of(nodes_[i].config.keys.open); }
  /// As if its machine lost power; its store stays. Errors: NotFound.
  [[nodiscard]] Result<void> stop(const NodeId& node);
  [[nodiscard]] Result<void> start(const NodeId& node);
  /// A member of the swarm that keeps this account's messages.
  [[nodiscard]] NodeId registry_node_of(const Account& account) const;
  /// Every running node knows its swarm.
  [[nodiscard]] bool is_ready() const;
  /// Writes `folder/devnet.json`: seed_url and the nodes' keys and ports. For when the network is ready.
  [[nodiscard]] Result<void> announce() const;

 private:
  struct Member {
    node::Config config;
    std::filesystem::path folder;
    std::uint16_t port = 0, metrics_port = 0;
    std::unique_ptr<NodeHost> host;
  };
  Devnet(asio::io_context& io, DevnetConfig config, TraceSink sink)
      : io_(io), config_(std::move(config)), sink_(std::move(sink)) {}
  [[nodiscard]] Result<void> open_all();
  [[nodiscard]] Result<void> open_member(Member& member);
  [[nodiscard]] Member* find(const NodeId& node);
  [[nodiscard]] bool administer(const wire::Request& request, const HttpServer::Responder& respond);

  asio::io_context& io_;
  DevnetConfig config_;
  TraceSink sink_;
  std::unique_ptr<SeedHost> seed_;
  std::vector<Member> nodes_;
};

}  // namespace session::net
