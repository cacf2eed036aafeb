#include "core/net/carrier.h"

#include <gtest/gtest.h>

namespace session::net {
namespace {

TEST(Carrier, ALaterWakeReplacesTheEarlier) {
  asio::io_context io;
  std::vector<std::uint32_t> woken;
  const auto carrier = std::make_shared<Carrier>(
      io, "test", [&](auto input) { woken.push_back(std::get<wire::Woken>(input).timer); }, TraceSink{});
  wire::Effects effects;
  effects.wake(1, system_now() + days(1));
  effects.wake(1, system_now());
  effects.wake(2, system_now() - seconds(5));
  carrier->carry_out(effects.take());
  while (woken.size() < 2) io.run_one();
  EXPECT_EQ(io.poll(), 0u);
  carrier->stop();
}

TEST(Carrier, AReplacedWakeDoesNotComeEvenIfItsTimeHasPassed) {
  asio::io_context io;
  std::vector<std::uint32_t> woken;
  std::shared_ptr<Carrier> carrier;
  carrier = std::make_shared<Carrier>(
      io, "test",
      [&](auto input) {
        woken.push_back(std::get<wire::Woken>(input).timer);
        wire::Effects effects;  // both are due; the one that comes first puts the other off
        effects.wake(woken.back() == 1 ? 2 : 1, system_now() + days(1));
        carrier->carry_out(effects.take());
      },
      TraceSink{});
  wire::Effects effects;
  effects.wake(1, system_now() - seconds(5));
  effects.wake(2, system_now() - seconds(5));
  carrier->carry_out(effects.take());
  while (woken.empty()) io.run_one();
  io.poll();
  EXPECT_EQ(woken.size(), 1u);
  carrier->stop();
}

TEST(Carrier, AMachineThatBeginsAnewHearsNothingOfTheOneBefore) {
  asio::io_context io;
  int inputs = 0;
  std::vector<int> answers;
  const auto carrier = std::make_shared<Carrier>(io, "test", [&](auto) { ++inputs; }, TraceSink{});
  for (int i = 0; i < 2; ++i)
    static_cast<void>(carrier->keep([&](const wire::Answer& answer) { answers.push_back(answer.status); }));
  wire::Effects effects;
  effects.call({{1}, wire::SeedPeer{"http://127.0.0.1:1"}, {wire::Route::SeedRpc, {}, {}}, seconds(5)});
  effects.wake(1, system_now());
  carrier->carry_out(effects.take());
  carrier->begin_anew({500, {}, wire::ContentType::Text});
  EXPECT_EQ(answers, (std::vector<int>{500, 500}));
  io.run();
  EXPECT_EQ(inputs, 0);
  effects.wake(1, system_now());
  carrier->carry_out(effects.take());
  io.restart();
  while (inputs == 0) io.run_one();
  carrier->stop();
}

TEST(Carrier, AnswersTheRequestItKeptOnce) {
  asio::io_context io;
  const auto carrier = std::make_shared<Carrier>(io, "test", [](auto) {}, TraceSink{});
  int answers = 0;
  const RequestId id = carrier->keep([&](const wire::Answer& answer) { answers += answer.status == 200 ? 1 : 0; });
  wire::Effects effects;
  effects.reply(id, {});
  effects.reply(id, {});
  carrier->carry_out(effects.take());
  EXPECT_EQ(answers, 1);
}

TEST(Carrier, AfterStopNothingComesBack) {
  asio::io_context io;
  int inputs = 0;
  const auto carrier = std::make_shared<Carrier>(io, "test", [&](auto) { ++inputs; }, TraceSink{});
  wire::Effects effects;
  effects.call({{1}, wire::SeedPeer{"http://127.0.0.1:1"}, {wire::Route::SeedRpc, {}, {}}, seconds(5)});
  effects.wake(1, system_now());
  carrier->carry_out(effects.take());
  carrier->stop();
  io.run();
  EXPECT_EQ(inputs, 0);
}

TEST(Carrier, FactsGoToTheSinkOnly) {
  asio::io_context io;
  std::vector<std::string> lines;
  const auto carrier = std::make_shared<Carrier>(
      io, "node", [](auto) {},
      [&](const std::string& machine, Instant, const trace::Fact& fact) {
        lines.push_back(machine + " " + trace::to_text(fact));
      });
  wire::Effects effects(carrier->is_tracing());
  effects.note(trace::Expired{3});
  carrier->carry_out(effects.take());
  EXPECT_EQ(lines, (std::vector<std::string>{"node Expired 3"}));
}

}  // namespace
}  // namespace session::net
