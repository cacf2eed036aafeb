// Runs a service node, or a seed, on real sockets: inputs that wait are taken together, the store commits once, and only then
// do answers and calls leave.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>

#include "core/net/carrier.h"
#include "core/node/seed.h"
#include "core/node/service_node.h"
#include "core/store/sql_tables.h"

namespace session::net {

class NodeHost {
 public:
  /// Opens the store in `folder` and listens. Errors: those of both.
  [[nodiscard]] static Result<std::unique_ptr<NodeHost>> open(asio::io_context& io, node::Config config,
                                                              const wire::Address& address, const std::filesystem::path& folder,
                                                              TraceSink sink);
  /// The same with a store that is open already.
  [[nodiscard]] static Result<std::unique_ptr<NodeHost>> open(asio::io_context& io, node::Config config,
                                                              const wire::Address& address,
                                                              std::unique_ptr<store::MailStore> store, TraceSink sink);
  ~NodeHost();
  [[nodiscard]] const node::ServiceNode& machine() const { return machine_; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  NodeHost(asio::io_context& io, node::Config config, std::unique_ptr<store::MailStore> store, TraceSink sink);
  void feed(node::Input input);
  void pump();
  void pump_later();
  void give_up(const Error& error);
  void start_anew();

  asio::io_context& io_;
  node::Config config_;
  node::ServiceNode machine_;
  std::unique_ptr<store::MailStore> store_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::unique_ptr<HttpServer> server_;
  std::deque<node::Input> inbox_;
  bool pumping_ = false;
  asio::steady_timer again_{io_};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class SeedHost {
 public:
  /// Plain HTTP: for loopback.
  [[nodiscard]] static Result<std::unique_ptr<SeedHost>> open(asio::io_context& io, node::Seed seed,
                                                              const wire::Address& address, TraceSink sink);
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

  node::Seed machine_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::unique_ptr<HttpServer> server_;
  Intercept intercept_;
};

/// Keys of a node, made at the first start and kept in a file of the owner's.
[[nodiscard]] Result<crypto::Ed25519Pair> node_keys(const std::filesystem::path& folder);

}  // namespace session::net
