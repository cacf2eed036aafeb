#include "sim/cpu.h"

#include <gtest/gtest.h>

namespace session::sim {
namespace {

TEST(Cpu, WordsAreThoseOfTheClasses) {
  for (const CpuClass cpu : {CpuClass::Phone, CpuClass::Laptop, CpuClass::Server}) EXPECT_EQ(cpu_class_of(word_of(cpu)), cpu);
  EXPECT_FALSE(cpu_class_of("unpriced"));
  EXPECT_FALSE(cpu_class_of("mainframe"));
}

TEST(Cpu, EveryWorkHasItsPrice) {
  const crypto::Work nothing;
  for (const CpuClass cpu : {CpuClass::Phone, CpuClass::Laptop, CpuClass::Server}) {
    EXPECT_GT(cost_of(cpu, nothing), 0);
    for (const auto member :
         {&crypto::Work::signatures, &crypto::Work::verifications, &crypto::Work::agreements, &crypto::Work::seals,
          &crypto::Work::opens, &crypto::Work::sealed_bytes, &crypto::Work::opened_bytes}) {
      crypto::Work work;
      work.*member = 10'000;
      EXPECT_GT(cost_of(cpu, work), cost_of(cpu, nothing));
    }
    EXPECT_GT(trials_per_second(cpu), 0u);
  }
  EXPECT_EQ(cost_of(CpuClass::Unpriced, {1, 2, 3, 4, 5, 6, 7}), 0);
  EXPECT_EQ(trials_per_second(CpuClass::Unpriced), 0u);
}

TEST(Cpu, APhoneIsTheSlowest) {
  const crypto::Work work{1, 2, 8, 4, 8192, 1, 2048};
  EXPECT_GT(cost_of(CpuClass::Phone, work), 3 * cost_of(CpuClass::Laptop, work));
  EXPECT_GT(asking_us(CpuClass::Phone), 3 * asking_us(CpuClass::Laptop));
  EXPECT_LT(trials_per_second(CpuClass::Phone), trials_per_second(CpuClass::Laptop));
}

}  // namespace
}  // namespace session::sim
