// Runs a client on real sockets, for a program that does one thing and ends or stays online. Every input is one transaction of
// the store; what the machine wishes leaves after its commit. When the store fails, the machine begins anew from what it has,
// again and again until it works (core/client/runner.h). tools/examples shows how a bot is written with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/client/runner.h"
#include "core/net/carrier.h"

namespace session::net {

class ClientHost final : private client::Driver {
 public:
  /// Store and counter (store_epoch.h) must outlive it. Errors: NotFound (no account), Malformed (a seed's address), those of
  /// reading the store. A store that cannot be written is no error: `failure` says so, and what is in it can be read.
  [[nodiscard]] static Result<std::unique_ptr<ClientHost>> open(asio::io_context& io, store::ClientStore& store,
                                                                client::Config config, TraceSink sink,
                                                                store::EpochCounter* counter = nullptr);
  ~ClientHost();
  [[nodiscard]] Result<client::Outcome> command(const client::Command& command);
  [[nodiscard]] const client::Client& machine() const { return runner_.machine(); }
  /// The store failed: nothing goes in or out until it works again, and this says why. Each command tries at once.
  [[nodiscard]] const std::optional<Error>& failure() const { return runner_.failure(); }
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
  [[nodiscard]] std::vector<client::Event> take_passing() { return runner_.machine().take_passing(); }

 private:
  ClientHost(asio::io_context& io, store::ClientStore& store, client::Runner runner, store::EpochCounter* counter)
      : store_(store), counter_(counter), runner_(std::move(runner)), again_(io) {}
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Rng& rng() override { return rng_; }
  [[nodiscard]] store::ClientStore& store() override { return store_; }
  [[nodiscard]] bool is_tracing() const override;
  [[nodiscard]] store::EpochCounter* counter() override { return counter_; }
  void carry_out(std::vector<wire::Effect> effects) override;
  void give_up(Millis pause) override;

  template <class Step>
  auto transact(Step&& step) -> std::invoke_result_t<Step, client::Client&, client::Context>;
  void has_changed();
  void feed(const client::Input& input);
  void tell_events();
  [[nodiscard]] bool tell_some();
  [[nodiscard]] bool tell(const client::Event& event, const std::vector<client::Command>& answers,
                          std::optional<std::uint64_t> sequence);

  store::ClientStore& store_;
  store::EpochCounter* counter_;
  client::Runner runner_;
  crypto::SystemRng rng_;
  std::shared_ptr<Carrier> carrier_;
  asio::steady_timer again_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::function<void()> listener_;
  EventHandler handler_;
  RefusalHandler refused_;
  bool is_telling_ = false;
};

}  // namespace session::net
