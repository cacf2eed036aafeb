#include "core/client/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace session::client {
namespace {

const SessionId kAlice = SessionId::parse("053506f4a71324b7dd114eddbf4e311f39dde243e1f2cb97c40db1961f70ebaae8").value();

TEST(Event, ReadsBackWhatItWrote) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(EventType::Clock); ++i) {
    const auto type = static_cast<EventType>(i);
    EXPECT_TRUE(names.insert(name_of(type)).second) << name_of(type);
    const Event event{type, kAlice, 7, 1'580'000'000'000, "line\nand \"quotes\" \u2713"};
    EXPECT_EQ(parse_event(to_json(event)).value(), event);
    EXPECT_EQ(to_json(event).find('\n'), std::string::npos);
  }
}

TEST(Event, SurvivesTextThatIsNotUtf8) { EXPECT_TRUE(parse_event(to_json({EventType::Message, kAlice, 1, 2, "\xff\xfe"}))); }

TEST(Event, NamesTheMemberThatIsWrong) {
  const std::string good = to_json({EventType::Message, kAlice, 1, 2, "x"});
  for (const char* name : {"type", "from", "id", "sent_at", "text"}) {
    std::string bad = good;
    bad.replace(bad.find(name), 1, "_");
    EXPECT_NE(parse_event(bad).error().message.find(std::string("'") + name + "'"), std::string::npos) << name;
  }
  EXPECT_FALSE(parse_event("[]"));
  EXPECT_FALSE(parse_event("{"));
}

}  // namespace
}  // namespace session::client
