#include "app/drive/script.h"

#include <gtest/gtest.h>

namespace session::app {
namespace {

TEST(Script, SaysWhatToDoLineByLine) {
  const auto steps = parse_script(
      "# a tour\n\n{\"click\": \"Send\", \"times\": 2}\n{\"wait\": \"kept\", \"seconds\": 5}\n{\"key\": \"Ctrl+Shift+K\"}",
      "a.jsonl");
  ASSERT_TRUE(steps) << steps.error().message;
  ASSERT_EQ(steps->size(), 3u);
  EXPECT_EQ((*steps)[0].kind, ScriptStep::Kind::Click);
  EXPECT_EQ((*steps)[0].times, 2);
  EXPECT_EQ((*steps)[1].limit, seconds(5));
  EXPECT_EQ((*steps)[2].line, 5);
}

TEST(Script, ABrokenLineIsNamed) {
  const auto why = [](const char* text) { return parse_script(text, "a.jsonl").error().message; };
  EXPECT_EQ(why("{\"click\": \"A\"}\nclick"), "a.jsonl:2: is no JSON object");
  EXPECT_EQ(why("{\"clik\": \"A\"}"), "a.jsonl:1: clik: is nothing that a script can do");
  EXPECT_EQ(why("{\"click\": 1}"), "a.jsonl:1: click: must be a text");
  EXPECT_EQ(why("{\"wait\": \"x\", \"seconds\": 0}"), "a.jsonl:1: seconds: must be a number above 0 and at most 600");
  EXPECT_EQ(why("{\"key\": \"Strg+K\"}"), "a.jsonl:1: key: \"Strg+K\": Strg is no modifier; Ctrl, Shift and Alt are");
  EXPECT_EQ(why("{\"key\": \"Ctrl+Fnord\"}"), "a.jsonl:1: key: \"Ctrl+Fnord\": there is no key Fnord");
  EXPECT_NE(why("{\"click\": \"A\", \"type\": \"B\"}").find("each line does one thing"), std::string::npos);
  EXPECT_NE(why("{}").find("each line does one thing"), std::string::npos);
}

TEST(Script, ChordsAreReadAsTheyAreWritten) {
  EXPECT_EQ(parse_chord("Ctrl+K")->modifiers, 1u);
  EXPECT_EQ(parse_chord("Ctrl+Alt+Up")->key, "Up");
  EXPECT_EQ(parse_chord("F1")->modifiers, 0u);
  EXPECT_FALSE(parse_chord(""));
  EXPECT_FALSE(parse_chord("+"));
}

}  // namespace
}  // namespace session::app
