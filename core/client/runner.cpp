#include "core/client/runner.h"

#include <fmt/format.h>

#include <algorithm>

namespace session::client {
namespace {

/// Who ran for so long was well: a failure after that is the first one.
constexpr Millis kWell = minutes(1);

/// 1 s, 2 s, 4 s ... 64 s: a store that fails all the time does not keep the device and the network busy.
Millis pause_after(std::uint32_t failures) { return seconds(std::int64_t{1} << std::min<std::uint32_t>(failures, 6)); }

}  // namespace

Result<Runner> Runner::open(store::ClientStore& store, const Config& config) {
  auto machine = Client::open(store, config);
  if (!machine) return fail(machine);
  return Runner(std::move(*machine), config);
}

void Runner::start(Driver& driver) {
  begun_ = driver.now();
  static_cast<void>(transact([](Client& machine, Context context) { return machine.start(context); }, driver));
}

void Runner::on(const Input& input, Driver& driver) {
  static_cast<void>(transact([&](Client& machine, Context context) { return machine.on(input, context); }, driver));
}

Result<Outcome> Runner::command(const Command& command, Driver& driver) {
  remember(command);
  begin_anew(driver);
  return transact([&](Client& machine, Context context) { return machine.command(command, context); }, driver);
}

void Runner::remember(const Command& command) {
  if (std::holds_alternative<GoOnline>(command)) is_online_ = true;
  if (std::holds_alternative<GoOffline>(command)) is_online_ = false;
}

void Runner::begin_anew(Driver& driver) {
  if (!failure_) return;
  auto opened = Client::open(driver.store(), config_);
  if (!opened) return store_failed(opened.error(), driver);
  wire::Effects effects(driver.is_tracing());
  const auto begin = [&](Client& anew, Context context) -> Result<void> {
    if (auto started = anew.start(context); !started || !is_online_) return started;
    const auto online = anew.command(GoOnline{}, context);
    return online ? Result<void>() : fail(online);
  };
  if (const auto begun = keep(*opened, begin, effects, driver); !begun) return store_failed(begun.error(), driver);
  if (const auto told = tell(*opened, driver); !told) return store_failed(told.error(), driver);
  machine_ = std::move(*opened);
  failure_.reset();
  begun_ = driver.now();
  driver.carry_out(effects.take());
}

Result<void> Runner::tell(Client& machine, Driver& driver) {
  if (!machine.take_turned() || driver.counter() == nullptr) return {};
  return store::tell_epoch(driver.store(), *driver.counter());
}

void Runner::store_failed(const Error& error, Driver& driver) {
  driver.store().rollback();
  const Instant now = driver.now();
  if (!failure_ && (now < begun_ || now - begun_ >= kWell)) failures_ = 0;
  failure_ = error;
  // What was not kept is not to be seen either.
  if (auto kept = Client::open(driver.store(), config_)) machine_ = std::move(*kept);
  driver.give_up(pause_after(failures_++));
}

void Runner::end() {
  failure_ = Error{ErrorCode::Unavailable, "the program does not run"};
  is_online_ = false;
  failures_ = 0;
}

std::string words_for_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::Full:
      return fmt::format(
          "There is no room left on this device: nothing is sent or received until there is some, and nothing is lost. What is "
          "here can be read. ({})",
          error.message);
    case ErrorCode::Damaged:
      return fmt::format(
          "The account's store is damaged: what lies on the damaged page is lost, and nothing is sent or received while it is "
          "needed. Put a backup of the store back, or restore the account from its phrase in another folder. ({})",
          error.message);
    default:
      return fmt::format(
          "The account's store failed: nothing is sent or received until it works, which is tried again and again. What was "
          "kept is not lost. ({})",
          error.message);
  }
}

}  // namespace session::client
