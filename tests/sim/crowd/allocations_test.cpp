// No event of the crowd's steady state asks for memory: all of this program's allocations are counted. Not where a sanitizer
// counts them already, and wants its own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SESSION_IS_SANITIZED
#endif
#endif
#if !defined(SESSION_IS_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "sim/crowd/crowd.h"

namespace {
std::atomic<std::uint64_t> allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace session::sim {
namespace {

TEST(CrowdAllocations, AreNoneInTheSteadyStateButForTablesThatDouble) {
  CrowdConfig config;
  config.people = 1'000;
  config.nodes = 50;
  Crowd crowd(config);
  crowd.run_until(crowd.now() + minutes(15));
  const std::uint64_t before = allocations;
  const std::uint64_t events = crowd.events();
  crowd.run_until(crowd.now() + minutes(10));
  EXPECT_GT(crowd.events() - events, 100'000u);
  EXPECT_LT(allocations - before, 40u);
}

TEST(CrowdAllocations, AreSeenHere) {
  const std::uint64_t before = allocations;
  delete new int(1);
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace session::sim

#endif
