#include "core/signal/provider.h"

#include <gtest/gtest.h>
#include <key_helper.h>

namespace session::signal {
namespace {

TEST(Provider, DrawsFromTheRngItWasGiven) {
  const auto id = [](std::uint64_t seed) {
    SeededRng rng(seed);
    const Context context(rng);
    uint32_t registration = 0;
    EXPECT_EQ(signal_protocol_key_helper_generate_registration_id(&registration, 0, context.get()), SG_SUCCESS);
    return registration;
  };
  EXPECT_EQ(id(1), id(1));
  EXPECT_NE(id(1), id(2));
}

TEST(Provider, CodesBecomeErrorsForPeople) {
  EXPECT_EQ(error_of(SG_ERR_DUPLICATE_MESSAGE, "m").code, ErrorCode::Duplicate);
  EXPECT_EQ(error_of(SG_ERR_INVALID_MESSAGE, "m").code, ErrorCode::Unauthentic);
  EXPECT_EQ(error_of(SG_ERR_NO_SESSION, "m").code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(SG_ERR_UNTRUSTED_IDENTITY, "m").code, ErrorCode::Unauthentic);
  EXPECT_NE(error_of(-77777, "message").message.find("-77777"), std::string::npos);
}

}  // namespace
}  // namespace session::signal
