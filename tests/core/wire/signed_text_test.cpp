#include "core/wire/signed_text.h"

#include <gtest/gtest.h>

namespace session::wire {
namespace {

TEST(SignedText, LeaveOutNamespaceZero) {
  EXPECT_EQ(signed_text_store(0, 1581900000000), "store1581900000000");
  EXPECT_EQ(signed_text_store(-21, 5), "store-215");
  EXPECT_EQ(signed_text_retrieve(0, 7), "retrieve7");
  EXPECT_EQ(signed_text_retrieve(3, 7), "retrieve37");
}

const Account kAccount = Account::parse("05" + std::string(64, 'b')).value();
const MessageHash kA{std::string(43, 'a')}, kB{std::string(43, 'b')};

TEST(SignedText, RequestsAreTheTableOfTheSpecification) {  // service-node.md 3B.2
  EXPECT_EQ(signed_text(DeleteRequest{kAccount, {kB, kA}, false, {}}), "delete" + kB.text + kA.text);
  Authentication at;
  at.timestamp = 5;
  EXPECT_EQ(signed_text(DeleteAllRequest{kAccount, 0, at}), "delete_all5");
  EXPECT_EQ(signed_text(DeleteAllRequest{kAccount, -3, at}), "delete_all-35");
  EXPECT_EQ(signed_text(DeleteAllRequest{kAccount, std::nullopt, at}), "delete_allall5");
  EXPECT_EQ(signed_text(DeleteBeforeRequest{kAccount, 2, 77, {}}), "delete_before277");
  EXPECT_EQ(signed_text(ExpireAllRequest{kAccount, std::nullopt, 9, {}}), "expire_allall9");
  EXPECT_EQ(signed_text(ExpireRequest{kAccount, {kA}, {8}, ExpiryChange::Set, {}}), "expire8" + kA.text);
  EXPECT_EQ(signed_text(ExpireRequest{kAccount, {kA, kB}, {8, 9}, ExpiryChange::Shorten, {}}),
            "expireshorten89" + kA.text + kB.text);
  EXPECT_EQ(signed_text(ExpireRequest{kAccount, {kA}, {8}, ExpiryChange::Extend, {}}), "expireextend8" + kA.text);
  EXPECT_EQ(signed_text(GetExpiriesRequest{kAccount, {kA}, at}), "get_expiries5" + kA.text);
  SubaccountToken token{};
  token[0] = std::byte{0xff};
  EXPECT_EQ(signed_text(RevokeRequest{kAccount, {token}, at}), "revoke_subaccount5" + std::string(text_of(token)));
  EXPECT_EQ(signed_text(UnrevokeRequest{kAccount, {token}, at}), "unrevoke_subaccount5" + std::string(text_of(token)));
  EXPECT_EQ(signed_text(ListenRequest{kAccount, {{0, {}}, {-10, {}}, {3, kA}}, {}, 0, at}), "listen-10,0,35");
}

TEST(SignedText, AnswersAreTheTableOfTheSpecification) {
  const std::string key = kAccount.hex();
  Authentication at;
  at.timestamp = 5;
  ChangeEntry done;
  done.changed = {kA};
  EXPECT_EQ(signed_text(DeleteRequest{kAccount, {kB, kA}, false, {}}, done), key + kB.text + kA.text + kA.text);
  EXPECT_EQ(signed_text(DeleteAllRequest{kAccount, 0, at}, done), key + "5" + kA.text);
  EXPECT_EQ(signed_text(DeleteBeforeRequest{kAccount, 2, 77, {}}, done), key + "77" + kA.text);
  EXPECT_EQ(signed_text(ExpireAllRequest{kAccount, 0, 9, {}}, done), key + "9" + kA.text);
  done.expiries_ms = {8};
  done.unchanged = {{kB, 3}};
  EXPECT_EQ(signed_text(ExpireRequest{kAccount, {kB, kA}, {8}, ExpiryChange::Extend, {}}, done),
            key + "8" + kB.text + kA.text + kA.text + kB.text + "3");
  SubaccountToken token{};
  token[5] = std::byte{1};
  EXPECT_EQ(signed_text(RevokeRequest{kAccount, {token}, at}, done), key + "5" + std::string(text_of(token)));
  EXPECT_EQ(signed_text(UnrevokeRequest{kAccount, {token}, at}, done), key + "5" + std::string(text_of(token)));
}

}  // namespace
}  // namespace session::wire
