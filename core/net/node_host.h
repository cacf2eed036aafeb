// Runs a service node, or a seed, on real sockets: inputs that wait are taken together, the store commits once, and only then
// do answers and calls leave.
#pragma once

#include <filesystem>
#include <memory>
#include <set>

#include "core/net/carrier.h"
#include "core/node/fair_queue.h"
#include "core/node/seed.h"
#include "core/node/service_node.h"
#include "core/store/sql_tables.h"

namespace session::net {

/// What a node's process sets beside its machine.
struct HostOptions {
  ServerLimits server;
  store::FileOptions file;
  std::optional<wire::Address> metrics;  ///< where `/metrics` and `/health` are read; port 0 takes a free one
};

class NodeHost {
 public:
  /// Opens the store in `folder` and listens. Errors: those of both.
  [[nodiscard]] static Result<std::unique_ptr<NodeHost>> open(asio::io_context& io, node::Config config,
                                                              const wire::Address& address, const std::filesystem::path& folder,
                                                              TraceSink sink, const HostOptions& options = {});
  /// The same with a store that is open already.
  [[nodiscard]] static Result<std::unique_ptr<NodeHost>> open(asio::io_context& io, node::Config config,
                                                              const wire::Address& address,
                                                              std::unique_ptr<store::MailStore> store, TraceSink sink,
                                                              const HostOptions& options = {});
  ~NodeHost();
  [[nodiscard]] const node::ServiceNode& machine() const { return machine_; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  /// 0 when there is no such port.
  [[nodiscard]] std::uint16_t metrics_port() const { return pages_ ? pages_->port() : 0; }
  /// A service node of the registry that the machine knows is to be found there.
  [[nodiscard]] bool is_listed(const std::string& address);
  /// No request is taken any more, and listeners get their empty answers; true when everything that came before is answered and
  /// the answers are written. To be asked again until then.
  [[nodiscard]] bool drain();
  /// Other limits from now on. What callers have used up is forgotten.
  void set_limits(const node::Limits& limits);

 private:
  NodeHost(asio::io_context& io, node::Config config, std::unique_ptr<store::MailStore> store, TraceSink sink);
  /// An input, and what counts its body's bytes until the machine has it.
  struct Waiting {
    node::Input input;
    HttpServer::Held held;
  };
  void feed(node::Input input, HttpServer::Held held = {});
  void pump();
  void pump_later();
  void end_listeners();
  void conclude(Result<void> done, wire::Effects& effects);
  void give_up(const Error& error);
  void start_anew();
  [[nodiscard]] std::optional<wire::Answer> page(std::string_view path) const;

  asio::io_context& io_;
  std::shared_ptr<std::map<std::string, std::uint64_t>> facts_;  ///< how often each was noted; for metrics
  node::Config config_;
  node::ServiceNode machine_;
  std::unique_ptr<store::MailStore> store_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::unique_ptr<HttpServer> server_, pages_;
  bool is_draining_ = false;
  swarm::RegistrySnapshot listed_in_;
  std::set<std::string> listed_;  ///< addresses of `listed_in_`
  node::FairQueue<Waiting> inbox_;
  bool pumping_ = false;
  asio::steady_timer again_{io_};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class SeedHost {
 public:
  /// Where the chain is kept from block to block, and who hears when it cannot be.
  struct Keeping {
    std::filesystem::path file;  ///< empty: nowhere
    std::function<void(const Error&)> failed;
  };
  /// Plain HTTP: for loopback. Goes on from the block that is kept. Errors: those of file and port; Refused when the file is of
  /// another network.
  [[nodiscard]] static Result<std::unique_ptr<SeedHost>> open(asio::io_context& io, node::Seed seed,
                                                              const wire::Address& address, TraceSink sink,
                                                              Keeping keeping = {{}, {}});
  ~SeedHost();
  [[nodiscard]] node::Seed& machine() { return machine_; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void seal_block();
  /// Sees requests before the machine does; true when it answered.
  using Intercept = std::function<bool(const wire::Request&, const HttpServer::Responder&)>;
  void intercept(Intercept intercept) { intercept_ = std::move(intercept); }

 private:
  SeedHost(asio::io_context& io, node::Seed seed, TraceSink sink);
  void feed(const node::Seed::Input& input);
  [[nodiscard]] Result<void> resume();
  [[nodiscard]] Result<void> keep();

  node::Seed machine_;
  Keeping keeping_;
  swarm::RegistrySnapshot kept_;  ///< the block that the file has
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::unique_ptr<HttpServer> server_;
  Intercept intercept_;
};

/// Keys of a node, made at the first start and kept in a file of the owner's.
[[nodiscard]] Result<crypto::Ed25519Pair> node_keys(const std::filesystem::path& folder);

}  // namespace session::net
