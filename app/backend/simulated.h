// The simulated network behind the window: one worker thread that owns a world, lets its time pass, and makes snapshots of it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "app/backend/describe.h"
#include "app/model/backend.h"
#include "sim/scenario.h"

namespace session::app {

struct SimulatedOptions {
  sim::Scenario scenario;
  std::uint64_t seed = 1;
  double speed = 1;
  std::function<void()> on_snapshot;  ///< called on the worker's thread after each new snapshot
};

/// The scenario's people answer: they accept requests and write back. The one who sits at the window comes into the world when
/// the account is made.
[[nodiscard]] std::unique_ptr<Backend> simulated_backend(SimulatedOptions options);

}  // namespace session::app
