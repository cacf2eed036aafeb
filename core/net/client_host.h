// Runs a client on real sockets, for a program that does one thing and ends or stays online. Every input is one transaction of
// the store; what the machine wishes leaves after its commit. tools/examples shows how a bot is written with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

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

  /// What to do about an event.
  using EventHandler = std::function<std::vector<client::Command>(const client::Event&)>;
  /// A command of the handler's that was refused; it changed nothing.
  using RefusalHandler = std::function<void(const client::Event&, const Error&)>;
  /// From now on every event goes to `handler`: first those that wait, from within this call. Its commands and the mark that
  /// the event was told are kept together or not at all, so each event is answered exactly once, whatever stops the program;
  /// one that nothing answered may be told again. An event that only passes by (Typing) is told once at the most.
  void on_event(EventHandler handler, RefusalHandler refused = {});
  /// Events that only pass by, for who reads the others from the store.
  [[nodiscard]] std::vector<client::Event> take_passing() { return machine_->take_passing(); }

 private:
  ClientHost(store::ClientStore& store, client::Client machine) : store_(store), machine_(std::move(machine)) {}
  template <class Step>
  auto transact(Step&& step) -> decltype(step(std::declval<client::Context>()));
  void feed(const client::Input& input);
  void tell_events();
  [[nodiscard]] bool tell_some();
  [[nodiscard]] bool tell(const client::Event& event, const std::vector<client::Command>& answers,
                          std::optional<std::uint64_t> sequence);

  store::ClientStore& store_;
  std::optional<client::Client> machine_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  std::optional<Error> failure_;
  std::function<void()> listener_;
  EventHandler handler_;
  RefusalHandler refused_;
  bool is_telling_ = false;
};

}  // namespace session::net
