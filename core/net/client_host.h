// Runs a client on real sockets, for a program that does one thing and ends or stays online. Every input is one transaction of
// the store; what the machine wishes leaves after its commit.
#pragma once

#include <memory>

#include "core/client/client.h"
#include "core/net/carrier.h"

namespace session::net {

class ClientHost {
 public:
  /// The store must outlive it. Errors: NotFound (no account), the store's.
  [[nodiscard]] static Result<std::unique_ptr<ClientHost>> open(asio::io_context& io, store::ClientStore& store,
                                                                client::Config config, TraceSink sink);
  ~ClientHost();
  [[nodiscard]] Result<client::Outcome> command(const client::Command& command);
  [[nodiscard]] const client::Client& machine() const { return *machine_; }
  /// The store failed: nothing more goes in or out, and this says why.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// Trials made so far for the stamp of this delivery; nothing when none is searched for. Compare with the `Stamping` step of
  /// its journey, which says how many it takes on average.
  [[nodiscard]] std::optional<std::uint64_t> stamp_progress(std::uint64_t delivery) const;
  /// Called after every input.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  ClientHost(store::ClientStore& store, client::Client machine) : store_(store), machine_(std::move(machine)) {}
  template <class Step>
  auto transact(Step&& step) -> decltype(step(std::declval<client::Context>()));
  void feed(const client::Input& input);

  store::ClientStore& store_;
  std::optional<client::Client> machine_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::optional<Error> failure_;
  std::function<void()> listener_;
};

}  // namespace session::net
