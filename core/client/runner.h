// Runs a client on a store that may fail, alike in the program and in the simulator: every input is one transaction, and what
// the machine wishes leaves after its commit. After a failure nothing of the input is left but what a sync that failed may have
// kept, nothing of it leaves, and the machine begins anew from what the store has: after a pause, or with the next command.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/mutant.h"
#include "core/client/client.h"
#include "core/store/store_epoch.h"

namespace session::client {

/// Who runs a Runner: what it is lent for one input, and what it is to do.
class Driver {
 public:
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual Rng& rng() = 0;
  [[nodiscard]] virtual store::ClientStore& store() = 0;
  [[nodiscard]] virtual bool is_tracing() const = 0;
  /// What tells an old copy of the store; null where nobody would put one back.
  [[nodiscard]] virtual store::EpochCounter* counter() = 0;
  virtual void carry_out(std::vector<wire::Effect> effects) = 0;
  /// The machine is of no use any more: no answer, timer or stamp that it wished for may come back. `Runner::begin_anew` is due
  /// after this pause.
  virtual void give_up(Millis pause) = 0;

 protected:
  ~Driver() = default;
};

class Runner {
 public:
  /// Reads what the store has; `start` is next. Errors: Client::open's.
  [[nodiscard]] static Result<Runner> open(store::ClientStore& store, const Config& config);

  /// Once, at the start of the program. It may fail; then the machine begins anew later, as after any failure.
  void start(Driver& driver);
  /// Does nothing while the store fails.
  void on(const Input& input, Driver& driver);
  /// While the store fails it is an occasion to begin anew. Errors: the store's; then the command changed nothing, unless a
  /// sync failed, of which all may have been kept.
  [[nodiscard]] Result<Outcome> command(const Command& command, Driver& driver);
  /// Of a command that cannot be given now: whether the person wishes to be online.
  void remember(const Command& command);
  /// Any other step with the machine and a Context, as an input. Errors: the store's, or the step's, which count as the
  /// store's.
  template <class Step>
  [[nodiscard]] auto transact(Step&& step, Driver& driver) -> std::invoke_result_t<Step, Client&, Context>;
  /// Does nothing unless the store fails. The person who was online is so again.
  void begin_anew(Driver& driver);
  /// The store cannot be used, whoever found that out.
  void store_failed(const Error& error, Driver& driver);
  /// The program ends: `begin_anew` starts it again, and nobody is online then.
  void end();

  /// While the store fails, one that was opened and does nothing, to be looked at: where the store can be read it shows nothing
  /// that was not kept.
  [[nodiscard]] const Client& machine() const { return machine_; }
  [[nodiscard]] Client& machine() { return machine_; }
  /// The store failed, and the machine has not begun anew since.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  Runner(Client machine, Config config) : machine_(std::move(machine)), config_(std::move(config)) {}
  /// Begin, step, commit.
  template <class Step>
  static auto keep(Client& machine, Step&& step, wire::Effects& effects, Driver& driver)
      -> std::invoke_result_t<Step, Client&, Context>;

  /// The counter is told when a ratchet of that machine turned: before what it sealed leaves.
  [[nodiscard]] static Result<void> tell(Client& machine, Driver& driver);

  Client machine_;
  Config config_;
  std::optional<Error> failure_;
  bool is_online_ = false;  ///< as the person wishes, whatever becomes of the machine
  std::uint32_t failures_ = 0;
  Instant begun_;  ///< when the machine last began
};

/// One sentence for a person about a store that failed: what becomes of their messages, and what to do.
[[nodiscard]] std::string words_for_failure(const Error& error);

template <class Step>
auto Runner::keep(Client& machine, Step&& step, wire::Effects& effects, Driver& driver)
    -> std::invoke_result_t<Step, Client&, Context> {
  if (auto begun = driver.store().begin(); !begun) return fail(begun);
  auto result = step(machine, Context{driver.now(), driver.rng(), driver.store(), effects});
  if (!result) return result;
  if (mutant::is_on(Mutant::C2People)) driver.carry_out(effects.take());
  if (auto kept = driver.store().commit(); !kept) return fail(kept);
  return result;
}

template <class Step>
auto Runner::transact(Step&& step, Driver& driver) -> std::invoke_result_t<Step, Client&, Context> {
  if (failure_) return std::unexpected(*failure_);
  wire::Effects effects(driver.is_tracing());
  auto result = keep(machine_, std::forward<Step>(step), effects, driver);
  if (!result)
    store_failed(result.error(), driver);
  else if (auto told = tell(machine_, driver); !told)
    store_failed(told.error(), driver);  // it is kept, and nobody is to do it again; what it sealed leaves later
  else
    driver.carry_out(effects.take());
  return result;
}

}  // namespace session::client
