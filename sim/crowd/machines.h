// What the machines of a crowd's people are like. Chosen, not measured, but for the laptop's layers: session-bench's
// `onion.wrap4` on a server's core.
#pragma once

#include <cstdint>

namespace session::sim {

enum class MachineClass : std::uint8_t { Phone, Laptop };

struct MachineSpeed {
  std::int64_t ask_us;             ///< to sign a request and wrap it in four layers
  std::int64_t read_us;            ///< to open an answer and what is in it
  std::int64_t trials_per_second;  ///< of a stamp, on one core
};
[[nodiscard]] constexpr MachineSpeed machine_speed(MachineClass machine) {
  return machine == MachineClass::Laptop ? MachineSpeed{260, 60, 10'000'000} : MachineSpeed{900, 200, 2'000'000};
}

}  // namespace session::sim
