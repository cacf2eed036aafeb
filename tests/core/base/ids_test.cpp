#include "core/base/ids.h"

#include <gmock/gmock.h>

#include <cctype>
#include <unordered_set>

#include "core/base/rng.h"

namespace session {
namespace {

using testing::HasSubstr;

const std::string kAlice = "050d67bf305a47b22d47e102fdd00a3b9ae7c1948a480948d6b29604a613654f08";

TEST(SessionId, IsReadInEitherCaseAndWithSpaceAround) {
  EXPECT_EQ(SessionId::parse(kAlice)->hex(), kAlice);
  EXPECT_EQ(SessionId::parse(" \t" + kAlice + "\r\n")->hex(), kAlice);
  std::string upper = kAlice;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(SessionId::parse(upper)->hex(), kAlice);
  EXPECT_EQ(to_hex(SessionId::parse(kAlice)->key()), kAlice.substr(2));
}

TEST(SessionId, SaysWhatIsWrongWithAText) {
  EXPECT_THAT(SessionId::parse("").error().message, HasSubstr("empty"));
  EXPECT_THAT(SessionId::parse(" \n ").error().message, HasSubstr("empty"));
  EXPECT_THAT(SessionId::parse(kAlice.substr(2)).error().message, HasSubstr("expected 66 hex digits, got 64"));
  EXPECT_THAT(SessionId::parse(kAlice + "00").error().message, HasSubstr("got 68"));
  EXPECT_THAT(SessionId::parse(kAlice.substr(1)).error().message, HasSubstr("odd"));
  EXPECT_THAT(SessionId::parse("05g" + kAlice.substr(3)).error().message, HasSubstr("character 3"));
  EXPECT_THAT(SessionId::parse("03" + kAlice.substr(2)).error().message, HasSubstr("starts with 05, not 03"));
  EXPECT_THAT(SessionId::parse(kAlice.substr(0, 30) + " " + kAlice.substr(31)).error().message, HasSubstr("character 31"));
}

TEST(Names, MessagesShowHostileTextHarmlessly) {
  std::string hostile(100'000, '\x1b');
  hostile += '\0';
  for (const auto& message : {SessionId::parse(hostile).error().message, Account::parse(hostile).error().message,
                              NodeId::parse(hostile).error().message, MessageHash::parse(hostile).error().message}) {
    EXPECT_LT(message.size(), 200u);
    for (const char c : message) EXPECT_TRUE(c >= ' ' && c <= '~');
  }
}

TEST(Account, TakesEveryPrefix) {
  SeededRng rng(21);
  for (int i = 0; i < 100; ++i) {
    const Account account{rng.bytes<33>()};
    EXPECT_EQ(Account::parse(account.hex()), account);
    EXPECT_EQ(account.prefix(), std::to_integer<int>(account.bytes[0]));
  }
  EXPECT_EQ(Account::parse(kAlice.substr(2)).error().code, ErrorCode::Malformed);
}

TEST(NodeId, IsSixtyFourHexDigits) {
  SeededRng rng(22);
  const NodeId node{rng.bytes<32>()};
  EXPECT_EQ(NodeId::parse(node.hex()), node);
  EXPECT_EQ(NodeId::parse(node.hex() + "00").error().code, ErrorCode::Malformed);
  EXPECT_EQ(NodeId::parse(' ' + node.hex()).error().code, ErrorCode::Malformed);
}

TEST(Names, SortByTheirBytes) {
  SeededRng rng(23);
  for (int i = 0; i < 100; ++i) {
    const NodeId a{rng.bytes<32>()}, b{rng.bytes<32>()};
    EXPECT_EQ(a < b, a.hex() < b.hex());
  }
  std::unordered_set<NodeId> nodes;
  for (int i = 0; i < 100; ++i) nodes.insert(NodeId{rng.bytes<32>()});
  EXPECT_EQ(nodes.size(), 100u);
}

TEST(MessageHash, IsFortyThreeCharactersAndNeverDecoded) {
  const std::string text = "iCs3aAbPotVlBLCGQu2fn426dT9KM3oUfdrNDhOo+L4";
  EXPECT_EQ(MessageHash::parse(text)->text, text);
  // The last character carries bits beyond the 256: as a number not canonical, as a name another one.
  EXPECT_EQ(MessageHash::parse(text.substr(0, 42) + '5')->text.back(), '5');
  for (const auto& bad :
       {text.substr(1), text + '=', text + 'A', std::string(), text.substr(0, 42) + '=', text.substr(0, 42) + '-'})
    EXPECT_EQ(MessageHash::parse(bad).error().code, ErrorCode::Malformed) << bad;
}

TEST(SwarmId, GreatestValueMeansNone) {
  EXPECT_FALSE(kNoSwarm.is_assigned());
  EXPECT_FALSE(SwarmId{}.is_assigned());
  EXPECT_TRUE(SwarmId{0}.is_assigned());
  EXPECT_TRUE(SwarmId{~std::uint64_t{0} - 1}.is_assigned());
}

}  // namespace
}  // namespace session
