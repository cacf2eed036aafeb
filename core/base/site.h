// Fault sites: places in the product where something rarer may happen that is right too, and that hardly ever happens by
// itself: a node is busy, a page ends early, a path is drawn anew. A simulated world makes some of them fire (sim/world.h,
// `sites`), so that what must cope with them is tried. Builds that ship have none (option SESSION_MUTANTS). Source:
// reliability.md 4, after FoundationDB's "buggification": a quarter of them live in a run, firing a quarter of the time.
#pragma once

#include <build_options.h>  // written by CMake

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/rng.h"

namespace session {

enum class Site : std::uint8_t {
  BusyNode,
  BusyRelay,
  ForwardUnsent,
  ListingShort,
  PageShort,
  ListenerSentAway,
  RepairLater,
  RelaySkipped,
  OutboxWaits,
  FetchSkipped,
  ListDoubted,
  BundleAnew,
  PathsAnew,
};

namespace site {

inline constexpr bool kAreBuilt = SESSION_MUTANTS != 0;
/// Once in so many times a live one fires.
inline constexpr std::uint64_t kOneIn = 4;

struct Named {
  std::string_view name;
  std::string_view what;  ///< happens
};
/// In the order of Site.
inline constexpr std::array kAll = {
    Named{"busy-node", "a node says that it is busy to a request for a mailbox"},
    Named{"busy-relay", "a relay says that it is busy"},
    Named{"forward-unsent", "a member of the swarm counts as not reached"},
    Named{"listing-short", "members that compare list one row at a time"},
    Named{"page-short", "a mailbox is read one message at a time"},
    Named{"listener-sent-away", "a node lets nobody wait"},
    Named{"repair-later", "a node does not compare with its peers this time"},
    Named{"relay-skipped", "a client stores what it could hand over"},
    Named{"outbox-waits", "a delivery waits before its next step"},
    Named{"fetch-skipped", "a client does not look into its mailbox this time"},
    Named{"list-doubted", "a client asks again for the list of nodes"},
    Named{"bundle-anew", "a client publishes another prekey bundle before it is due"},
    Named{"paths-anew", "a client draws its paths anew, behind the same guards"},
};

/// By its name; nothing for what is none.
[[nodiscard]] constexpr std::optional<Site> find(std::string_view name) {
  for (std::size_t i = 0; i < kAll.size(); ++i)
    if (kAll[i].name == name) return static_cast<Site>(i);
  return std::nullopt;
}

/// Sites of one machine that are live, and its dice for them.
struct Live {
  std::uint32_t sites = 0;  ///< a bit each
  Rng* dice = nullptr;
  std::uint32_t* fired = nullptr;  ///< a bit each, of all that ever did
};

#if SESSION_MUTANTS
namespace detail {
inline thread_local Live* current = nullptr;
}
/// Whether the rarer thing happens here, now.
[[nodiscard]] inline bool fires(Site site) {
  Live* live = detail::current;
  const std::uint32_t bit = 1u << static_cast<unsigned>(site);
  if (live == nullptr || (live->sites & bit) == 0 || !live->dice->one_in(kOneIn)) return false;
  *live->fired |= bit;
  return true;
}

/// Those of this machine are live, on this thread, until it goes out of scope.
class Scope {
 public:
  explicit Scope(Live* live) : before_(detail::current) { detail::current = live; }
  ~Scope() { detail::current = before_; }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Live* before_;
};
#else
[[nodiscard]] constexpr bool fires(Site) { return false; }
/// Does nothing: there is none in this build.
class Scope {
 public:
  explicit Scope(Live*) {}
  ~Scope() {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};
#endif

}  // namespace site
}  // namespace session
