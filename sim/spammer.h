// A stranger who floods a mailbox: no client of ours, who asks the nodes of a swarm directly, as anybody can.
#pragma once

#include <cstdint>
#include <map>
#include <variant>

#include "core/swarm/registry.h"
#include "core/wire/effects.h"
#include "core/wire/rpc.h"

namespace session::sim {

struct SpamConfig {
  enum class What : std::uint8_t {
    Stores,  ///< rubbish to be kept
    Relays,  ///< packets for who listens, under a token that nobody gave out
  };
  Account victim;
  What what = What::Stores;
  bool pays = false;        ///< searches a stamp wherever one is due, one after another
  Millis every{1'000};      ///< between two attempts
  std::size_t bytes = 400;  ///< of each
  Millis lifetime = days(4);
  Instant until;
};

/// What came of it so far.
struct SpamSums {
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;                         ///< answered 200; a relay: that somebody listens
  std::uint64_t unheard = 0;                       ///< relays that were answered: nobody listens
  std::map<std::uint16_t, std::uint64_t> refused;  ///< by HTTP status
  std::uint64_t unanswered = 0;
  std::uint64_t stamps = 0, trials = 0;
  std::uint64_t work_micros = 0;  ///< time that its stamps took

  friend SpamSums operator+(SpamSums a, const SpamSums& b);
};

/// A machine, and a value.
class Spammer {
 public:
  using Input = std::variant<wire::Answered, wire::CallFailed, wire::Woken, wire::Stamped>;
  struct Context {
    Instant now;
    Rng& rng;
    const swarm::Registry& registry;
    wire::Effects& effects;
  };

  explicit Spammer(const SpamConfig& config) : config_(config) {}
  void start(Instant now, wire::Effects& effects) { effects.wake(kTimer, now); }
  void on(const Input& input, Context context);
  [[nodiscard]] const SpamConfig& config() const { return config_; }
  [[nodiscard]] const SpamSums& sums() const { return sums_; }

 private:
  static constexpr std::uint32_t kTimer = 1;

  void attempt(Context& context);
  void send(const wire::RpcRequest& request, Context& context);
  void answered(const wire::Answer& answer);

  SpamConfig config_;
  SpamSums sums_;
  std::optional<wire::StoreRequest> stamping_;
  std::uint64_t next_ = 1;
};

}  // namespace session::sim
