#include "core/signal/overlay.h"

#include <gtest/gtest.h>
#include <session_record.h>

namespace session::signal {
namespace {

TEST(Overlay, WritesReachTheStateOnlyWithCommit) {
  SeededRng rng(1);
  const Context context(rng);
  MemoryState state;
  state.own = crypto::x25519_pair(rng);
  const signal_protocol_address address{"bob", 3, 1};
  {
    Overlay dropped(state, context);
    Ref<session_record> record;
    ASSERT_EQ(session_record_create(record.out(), nullptr, context.get()), SG_SUCCESS);
    ASSERT_EQ(signal_protocol_session_store_session(dropped.get(), &address, record.get()), SG_SUCCESS);
    EXPECT_EQ(signal_protocol_session_contains_session(dropped.get(), &address), 1);
    dropped.remember({});
  }
  EXPECT_TRUE(state.sessions.empty());
  EXPECT_TRUE(state.base_keys.empty());
  Overlay kept(state, context);
  Ref<session_record> record;
  ASSERT_EQ(session_record_create(record.out(), nullptr, context.get()), SG_SUCCESS);
  ASSERT_EQ(signal_protocol_session_store_session(kept.get(), &address, record.get()), SG_SUCCESS);
  kept.remember({});
  ASSERT_TRUE(kept.commit());
  EXPECT_EQ(state.sessions.size(), 1u);
  EXPECT_EQ(state.base_keys.size(), 1u);
}

}  // namespace
}  // namespace session::signal
