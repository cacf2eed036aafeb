#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/look/catalogue.h"
#include "app/look/face.h"
#include "app/look/settings.h"
#include "app/look/theme.h"
#include "app/look/words.h"

namespace session::app {
namespace {

TEST(Theme, TextCanBeReadInEveryTheme) {
  for (const std::string& name : built_in_themes()) {
    const Theme* theme = built_in_theme(name);
    ASSERT_NE(theme, nullptr) << name;
    EXPECT_EQ(theme->name, name);
    for (const Colour back : {theme->ground, theme->panel, theme->raised}) {
      EXPECT_GE(contrast(theme->text, back), 4.5) << name;
      EXPECT_GE(contrast(theme->muted, back), 4.5) << name;
    }
    EXPECT_GE(contrast(theme->on_accent, theme->accent), 4.5) << name;
    EXPECT_GE(contrast(theme->text, theme->bubble_in), 4.5) << name;
    EXPECT_GE(contrast(theme->on_bubble_out, theme->bubble_out), 4.5) << name;
    for (const Colour word : {theme->accent, theme->warn, theme->danger}) EXPECT_GE(contrast(word, theme->panel), 4.5) << name;
  }
  EXPECT_EQ(built_in_theme("pink"), nullptr);
}

TEST(Theme, ContrastIsTheOneOfTheStandard) {
  EXPECT_NEAR(contrast({0, 0, 0}, {255, 255, 255}), 21, 1e-9);
  EXPECT_NEAR(contrast({119, 119, 119}, {255, 255, 255}), 4.478, 1e-3);
  EXPECT_NEAR(contrast({9, 9, 9}, {9, 9, 9}), 1, 1e-9);
}

TEST(Theme, ABrokenOneNamesItsField) {
  EXPECT_EQ(parse_theme("[]").error().message, "theme: is no JSON object");
  EXPECT_EQ(parse_theme("{}").error().message, "theme: accent: missing");
  EXPECT_EQ(parse_colour("#12345").error().message, "\"#12345\" is no colour; write #RRGGBB or #RRGGBBAA");
  EXPECT_FALSE(parse_colour("#12345G"));
  EXPECT_EQ(parse_colour("#0102ff80").value(), (Colour{1, 2, 255, 128}));
}

TEST(Words, NothingChangesWhatStandsAroundIt) {
  EXPECT_EQ(fit_to_show("Alice", 10), "Alice");
  EXPECT_EQ(fit_to_show("a\x01"
                        "b\x1b[31m",
                        20),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD[31m");
  EXPECT_EQ(fit_to_show("evil\xE2\x80\xAE"
                        "txt",
                        20),
            "evil\xEF\xBF\xBDtxt");  // turns the direction
  EXPECT_EQ(fit_to_show("a\xE2\x81\xA6z", 20), "a\xEF\xBF\xBDz");
  EXPECT_EQ(fit_to_show("\xff\xc0\x80", 20), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(fit_to_show("a\nb", 20), "a b");
  EXPECT_EQ(fit_to_show("a\nb", 20, true), "a\nb");
  EXPECT_EQ(fit_to_show("äöüß", 2), "äö…");
  EXPECT_EQ(fit_to_show(std::string(10'000, 'x'), 40).size(), 40 + std::string("…").size());
}

TEST(Words, NumbersAreToldAsPeopleSayThem) {
  EXPECT_EQ(short_key("8f3a00112233c1"), "8f3a…c1");
  EXPECT_EQ(size_in_words(94), "94 B");
  EXPECT_EQ(size_in_words(3100), "3.1 KB");
  EXPECT_EQ(span_in_words(200), "0.2 ms");
  EXPECT_EQ(span_in_words(24'000), "24 ms");
  EXPECT_EQ(span_in_words(380'000), "0.38 s");
  EXPECT_EQ(span_in_words(192'000'000), "3 min 12 s");
  EXPECT_EQ(span_in_words(4LL * 86'400'000'000), "4 d");
  EXPECT_EQ(grouped(41'208), "41 208");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(time_of_day(Instant::from_unix_millis(1'577'836'800'000 + 43'380'000)), "12:03");
  EXPECT_EQ(date_of(Instant::from_unix_millis(1'577'836'800'000)).weekday, 3);  // 2020-01-01, a Wednesday
}

TEST(Catalogue, EveryLanguageHasEveryWord) {
  const Catalogue english;
  const Catalogue german = Catalogue::built_in("de").value();
  EXPECT_EQ(english.words().size(), german.words().size());
  for (const auto& [key, words] : english.words()) {
    EXPECT_FALSE(words.empty()) << key;
    const auto holes = [](const std::string& text) {
      int count = 0;
      for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}", at + 2)) ++count;
      return count;
    };
    EXPECT_EQ(holes(words), holes(german.words().at(key))) << key;
  }
  EXPECT_EQ(english.say("ladder.kept", 6, 7), "kept by 6 of 7");
  EXPECT_STREQ(english("no.such.key"), "no.such.key");
}

TEST(Catalogue, ABrokenOneNamesItsKey) {
  EXPECT_EQ(Catalogue::parse("{").error().message, "locale: is no JSON object");
  EXPECT_EQ(Catalogue::parse(R"({"back": 1})").error().message, "locale: back: is no text");
  EXPECT_EQ(Catalogue::parse(R"({"bakc": "x"})").error().message, "locale: bakc: no such key");
  EXPECT_STREQ(Catalogue::parse(R"({"back": "x"})").value()("back"), "x");
  EXPECT_FALSE(Catalogue::built_in("xx"));
}

TEST(Face, IsTheKeysOwn) {
  SessionId alice, bob;
  bob.account.bytes[32] = std::byte{1};
  EXPECT_EQ(face_of(alice).cells, face_of(alice).cells);
  EXPECT_NE(face_of(alice).cells, face_of(bob).cells);
  for (const auto& row : face_of(bob).cells) EXPECT_EQ(row[0], row[4]);
}

TEST(Settings, SurviveARestart) {
  Settings settings;
  settings.theme = "light";
  settings.scale = 1.75;
  settings.inspector_width = 0;
  EXPECT_EQ(parse_settings(to_json(settings)).value(), settings);
}

TEST(Settings, ABrokenFileIsToldOfOnceAndKept) {
  const auto folder = std::filesystem::temp_directory_path() / "session-settings-test";
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(load_settings(folder / "settings.json").notice.empty());
  Settings settings;
  settings.scale = 2;
  ASSERT_TRUE(save_settings(folder / "settings.json", settings));
  EXPECT_EQ(load_settings(folder / "settings.json").settings, settings);
  std::ofstream(folder / "settings.json") << R"({"scale": 9})";
  const LoadedSettings loaded = load_settings(folder / "settings.json");
  EXPECT_EQ(loaded.settings, Settings());
  EXPECT_EQ(
      loaded.notice,
      "settings.json: scale: must be a number from 0.8 to 4. The defaults are used; the file is kept as settings.json.broken.");
  EXPECT_TRUE(load_settings(folder / "settings.json").notice.empty());
  EXPECT_TRUE(std::filesystem::exists(folder / "settings.json.broken"));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(parse_settings(R"({"theme": 1})").error().message, "theme: must be a text");
  EXPECT_EQ(parse_settings(R"({"reduce_motion": 1})").error().message, "reduce_motion: must be true or false");
}

}  // namespace
}  // namespace session::app
