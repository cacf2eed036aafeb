#include "core/store/search_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace session::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SearchText, WordsAreSmallAndEndAtEverySign) {
  EXPECT_THAT(split_words("It's 5 O'Clock, caf\xc3\xa9!"), ElementsAre("it", "s", "5", "o", "clock", "caf\xc3\xa9"));
  EXPECT_THAT(split_words(" \t-- "), IsEmpty());
}

TEST(SearchText, SpacesAndQuotationMarksPartPhrases) {
  EXPECT_THAT(parse_search("left-handed \"two  words\"tail").value(),
              ElementsAre(Phrase{{"left", "handed"}, false}, Phrase{{"two", "words"}, false}, Phrase{{"tail"}, true}));
  EXPECT_THAT(parse_search("one \"two\"").value(), ElementsAre(Phrase{{"one"}, false}, Phrase{{"two"}, false}));
  EXPECT_THAT(parse_search("one \"\" !").value(), ElementsAre(Phrase{{"one"}, true}));
}

TEST(SearchText, WithoutAWordOrAPartnerThereIsNothingToLookFor) {
  for (const char* text : {"", " ", "\"\"", "*?", "\"one", "one \"two\" \""})
    EXPECT_EQ(parse_search(text).error().code, ErrorCode::Malformed) << text;
}

TEST(SearchText, APhraseOccursAsAWholeAndItsEndAsABeginning) {
  const std::vector<std::string> words{"the", "quick", "the", "quiet", "fox"};
  EXPECT_TRUE(occurs({{"the", "quiet"}, false}, words));
  EXPECT_FALSE(occurs({{"quick", "fox"}, false}, words));
  EXPECT_FALSE(occurs({{"the", "qui"}, false}, words));
  EXPECT_TRUE(occurs({{"the", "qui"}, true}, words));
  EXPECT_TRUE(occurs({{"fo"}, true}, words));
  EXPECT_FALSE(occurs({{"fox", "trot"}, true}, words));
}

}  // namespace
}  // namespace session::store
