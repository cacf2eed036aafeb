// What the machines of a world are like inside: how long one core takes for what it is given. A server's prices were measured
// (`session-bench crypto tls`); a laptop's core is taken to be as fast and a phone's 3.5 times slower, which is chosen.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/crypto/suite.h"

namespace session::sim {

enum class CpuClass : std::uint8_t {
  Unpriced,  ///< thinks at once
  Phone,
  Laptop,
  Server,
};
/// "phone", "laptop", "server"; nothing for another word.
[[nodiscard]] std::optional<CpuClass> cpu_class_of(std::string_view word);
[[nodiscard]] std::string_view word_of(CpuClass cpu);

/// Microseconds of one core for one input that asked for so much cryptography; 0 when it has no price.
[[nodiscard]] std::int64_t cost_of(CpuClass cpu, const crypto::Work& work);
/// Trials of a stamp a second, on a core of its own; 0 when it has no price.
[[nodiscard]] std::uint64_t trials_per_second(CpuClass cpu);

/// A person's requests in a crowd, where nothing is counted: to sign one and wrap it in four layers, in microseconds.
[[nodiscard]] std::int64_t asking_us(CpuClass cpu);

/// How a crowd of people, or of service nodes, is equipped.
struct CpuConfig {
  CpuClass cpu = CpuClass::Unpriced;
  bool is_drawn = false;  ///< by each one's name instead: two in three hold a phone, the others a laptop
  friend bool operator==(const CpuConfig&, const CpuConfig&) = default;
};
/// One in so many of the drawn has a laptop.
inline constexpr std::uint64_t kLaptopOneIn = 3;

}  // namespace session::sim
