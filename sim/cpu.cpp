#include "sim/cpu.h"

#include <algorithm>
#include <array>

namespace session::sim {
namespace {

struct Prices {         // in nanoseconds of one core
  std::uint64_t input;  ///< what is no cryptography: JSON, HTTP, TLS, the store
  std::uint64_t signature, verification, agreement;
  std::uint64_t cipher, cipher_kib;  ///< a call, and each KiB of it
  std::uint64_t trials_per_second;
};
constexpr Prices kServer{50'000, 18'000, 38'000, 27'000, 430, 680, 10'000'000};
constexpr Prices scaled(Prices p, std::uint64_t percent) {
  for (std::uint64_t* each : {&p.input, &p.signature, &p.verification, &p.agreement, &p.cipher, &p.cipher_kib})
    *each = *each * percent / 100;
  return p;
}
constexpr Prices with_trials(Prices p, std::uint64_t trials) {
  p.trials_per_second = trials;
  return p;
}
constexpr std::array kClasses = {Prices{}, with_trials(scaled(kServer, 350), 2'000'000), kServer, kServer};
constexpr std::array<std::string_view, 4> kWords = {"unpriced", "phone", "laptop", "server"};

constexpr std::int64_t cost(const Prices& p, const crypto::Work& work) {
  const std::uint64_t nanos = p.input + work.signatures * p.signature + work.verifications * p.verification +
                              work.agreements * p.agreement + (work.seals + work.opens) * p.cipher +
                              (work.sealed_bytes + work.opened_bytes) * p.cipher_kib / 1024;
  return static_cast<std::int64_t>(nanos / 1000);
}
/// Signed once; for each of four layers a pair is drawn and a secret agreed on.
constexpr crypto::Work kAsked = {.signatures = 1,
                                 .verifications = 0,
                                 .agreements = 8,
                                 .seals = 4,
                                 .sealed_bytes = std::uint64_t{4} * 2048,
                                 .opens = 0,
                                 .opened_bytes = 0};
constexpr std::array kAsking = {std::int64_t{0}, cost(kClasses[1], kAsked), cost(kClasses[2], kAsked),
                                cost(kClasses[3], kAsked)};

const Prices& prices_of(CpuClass cpu) { return kClasses[static_cast<std::size_t>(cpu)]; }

}  // namespace

std::optional<CpuClass> cpu_class_of(std::string_view word) {
  const auto* at = std::find(kWords.begin() + 1, kWords.end(), word);
  if (at == kWords.end()) return std::nullopt;
  return static_cast<CpuClass>(at - kWords.begin());
}
std::string_view word_of(CpuClass cpu) { return kWords[static_cast<std::size_t>(cpu)]; }

std::int64_t cost_of(CpuClass cpu, const crypto::Work& work) {
  return cpu == CpuClass::Unpriced ? 0 : cost(prices_of(cpu), work);
}

std::uint64_t trials_per_second(CpuClass cpu) { return prices_of(cpu).trials_per_second; }

std::int64_t asking_us(CpuClass cpu) { return kAsking[static_cast<std::size_t>(cpu)]; }

}  // namespace session::sim
