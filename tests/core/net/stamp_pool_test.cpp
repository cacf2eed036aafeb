#include "core/net/stamp_pool.h"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <thread>

#include "core/net/asio.h"
#include "core/pow/search.h"

namespace session::net {
namespace {

TEST(StampPool, FindsTheNonceOfThePlainSearch) {
  asio::io_context io;
  StampPool pool(io, 2);
  pow::Puzzle puzzle;
  puzzle.target = ~std::uint64_t{0} / 5000;
  std::optional<wire::Stamped> found;
  pool.find(7, puzzle, [&](const wire::Stamped& s) { found = s; });
  const auto guard = asio::make_work_guard(io);
  while (!found) io.run_one();
  EXPECT_EQ(found->id, 7u);
  EXPECT_EQ(found->nonce, pow::search(puzzle, 0, ~std::uint64_t{0}).nonce);
}

TEST(StampPool, ACancelledSearchEndsWithoutANonce) {
  asio::io_context io;
  StampPool pool(io, 1);
  pow::Puzzle endless;
  endless.target = 1;
  int ended = 0;
  for (const std::uint64_t id : {1u, 2u}) pool.find(id, endless, [&](const wire::Stamped& s) { ended += s.nonce ? 100 : 1; });
  const auto guard = asio::make_work_guard(io);
  pool.cancel(2);
  while (ended < 1) io.run_one();
  // The first may not be running yet; it is cancelled as soon as it is known.
  while (ended < 2) {
    pool.cancel(1);
    io.poll();
  }
  EXPECT_EQ(ended, 2);
}

TEST(StampPool, TellsHowFarASearchIs) {
  asio::io_context io;
  StampPool pool(io, 1);
  pow::Puzzle endless;
  endless.target = 1;
  EXPECT_FALSE(pool.progress(1));
  for (const std::uint64_t id : {1u, 2u}) pool.find(id, endless, [](const wire::Stamped&) {});
  while (pool.progress(1).value_or(0) == 0) std::this_thread::yield();
  const std::uint64_t before = *pool.progress(1);
  while (*pool.progress(1) == before) std::this_thread::yield();
  EXPECT_GT(*pool.progress(1), before);
  EXPECT_EQ(pool.progress(2), 0u);
  EXPECT_FALSE(pool.progress(3));
}

}  // namespace
}  // namespace session::net
