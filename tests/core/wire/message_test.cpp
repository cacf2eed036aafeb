#include "core/wire/message.h"

#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/base/rng.h"

namespace session::wire {
namespace {

std::string random_text(Rng& rng, std::size_t most) {
  std::string text;
  for (std::uint64_t n = rng.below(most); n > 0; --n) text += rng.one_in(8) ? "\xc3\xa9" : "x";
  return text;
}

std::uint64_t random_time(Rng& rng) { return rng.below(kMaxTimeMs + 1); }

std::optional<Profile> random_profile(Rng& rng) {
  return rng.one_in(2) ? std::optional(Profile{random_text(rng, 20), random_text(rng, 20)}) : std::nullopt;
}

DataMessage random_data(Rng& rng) {
  DataMessage data;
  data.body = random_text(rng, 200);
  for (std::uint64_t n = rng.below(3); n > 0; --n)
    data.attachments.push_back(
        {rng.next(), "image/png", Bytes(64), 5, Bytes(32), random_text(rng, 9), 1, "https://files.example/1"});
  data.flags = rng.one_in(2) ? flags::kExpirationTimerUpdate : 0;
  data.expire_timer_s = static_cast<std::uint32_t>(rng.below(1000));
  if (rng.one_in(2)) data.profile_key = to_bytes(rng.bytes<32>());
  data.timestamp_ms = random_time(rng);
  if (rng.one_in(2)) data.quote = Quote{random_time(rng), "05ab", random_text(rng, 50)};
  if (rng.one_in(2)) data.reaction = Reaction{random_time(rng), "05ab", "\xf0\x9f\x98\x80", Reaction::Action::Remove};
  data.profile = random_profile(rng);
  data.sync_target = random_text(rng, 5);
  return data;
}

Content random_content(Rng& rng) {
  Content content;
  if (rng.one_in(2)) content.data = random_data(rng);
  if (rng.one_in(4)) content.null = NullMessage{Bytes(rng.below(20))};
  if (rng.one_in(4)) content.receipt = ReceiptMessage{ReceiptMessage::Type::Read, {random_time(rng), random_time(rng)}};
  if (rng.one_in(4)) content.typing = TypingMessage{random_time(rng), TypingMessage::Action::Stopped};
  if (rng.one_in(4)) content.unsend = UnsendMessage{random_time(rng), "05ab"};
  if (rng.one_in(4)) content.request_response = MessageRequestResponse{true, {}, random_profile(rng)};
  if (rng.one_in(4)) content.expiration_type = ExpirationType::AfterSend;
  content.expiration_timer_s = static_cast<std::uint32_t>(rng.below(100));
  if (rng.one_in(4)) content.bundle = to_bytes(rng.bytes<100>());
  return content;
}

/// One protobuf field: length-delimited.
Bytes field(std::uint32_t number, BytesView bytes) {
  Bytes out;
  const auto varint = [&out](std::uint64_t value) {
    for (; value > 127; value >>= 7) out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
    out.push_back(static_cast<std::byte>(value));
  };
  varint((number << 3) | 2);
  varint(bytes.size());
  append(out, bytes);
  return out;
}

// client.md 2.3
TEST(Content, OfTheSpecificationIsReadAndWritten) {
  Content content;
  content.data = DataMessage{};
  content.data->body = "Hi Bob";
  content.data->timestamp_ms = 1580000000000;
  const Bytes known = *from_hex("0a0f0a06486920426f623880f0dafafd2d");
  EXPECT_EQ(encode(content), known);
  EXPECT_EQ(decode_content(known), content);
}

TEST(Content, ATimeThatNoCalendarHasIsRefusedAndNamed) {
  Content content;
  const auto why = [&] { return decode_content(encode(content)).error().message; };
  content.data = DataMessage{.timestamp_ms = kMaxTimeMs + 1};
  EXPECT_EQ(why(), "timestamp: 8640000000000001 names no time");
  content.data = DataMessage{.quote = Quote{~std::uint64_t{0}, "", ""}};
  EXPECT_NE(why().find("quote.id"), std::string::npos);
  content.data = DataMessage{.edit_of_ms = kMaxTimeMs + 1};
  EXPECT_NE(why().find("editOf"), std::string::npos);
  content.data = DataMessage{.reaction = Reaction{kMaxTimeMs + 1, "", "", Reaction::Action::React}};
  EXPECT_NE(why().find("reaction.id"), std::string::npos);
  content = {.receipt = ReceiptMessage{ReceiptMessage::Type::Read, {1, kMaxTimeMs + 1}}};
  EXPECT_NE(why().find("receipt.timestamp"), std::string::npos);
  content = {.unsend = UnsendMessage{kMaxTimeMs + 1, ""}};
  EXPECT_NE(why().find("unsend.timestamp"), std::string::npos);
  content = {.expires_at_ms = kMaxTimeMs + 1};
  EXPECT_NE(why().find("expiresAt"), std::string::npos);
}

TEST(Content, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(61);
  for (int i = 0; i < 300; ++i) {
    const Content content = random_content(rng);
    const auto back = decode_content(encode(content));
    ASSERT_TRUE(back) << back.error().message << ", seed 61, round " << i;
    EXPECT_EQ(*back, content) << "seed 61, round " << i;
  }
}

TEST(Content, OurOwnFieldsAreOutOfTheNetworksWay) {
  Content content;
  content.bundle = to_bytes("bundle");
  EXPECT_EQ(encode(content), field(200, bytes_of("bundle")));
}

TEST(Content, UnknownFieldsAreNoticed) {
  EXPECT_FALSE(decode_content({})->has_unknown);
  EXPECT_TRUE(decode_content(field(2, bytes_of("sync")))->has_unknown);
  EXPECT_TRUE(decode_content(field(1, field(3, bytes_of("group"))))->has_unknown);
  EXPECT_TRUE(decode_content(field(102, {}))->has_unknown);
}

TEST(Content, UnknownFlagsAreRefused) {
  Content content;
  content.data = DataMessage{};
  content.data->flags = flags::kKnown;
  EXPECT_TRUE(decode_content(encode(content)));
  content.data->flags = 8;
  EXPECT_FALSE(decode_content(encode(content)));
  content.data->flags = 0x80000001;
  EXPECT_FALSE(decode_content(encode(content)));
}

TEST(Content, HasItsLimits) {
  Content content;
  content.data = DataMessage{};
  content.data->body = std::string(kMaxTextBytes, 'x');
  EXPECT_TRUE(decode_content(encode(content)));
  content.data->body += 'x';
  EXPECT_FALSE(decode_content(encode(content)));
  content.data->body.clear();
  content.data->attachments.resize(kMaxAttachments);
  EXPECT_TRUE(decode_content(encode(content)));
  content.data->attachments.resize(kMaxAttachments + 1);
  EXPECT_FALSE(decode_content(encode(content)));
  content = {};
  content.receipt = ReceiptMessage{ReceiptMessage::Type::Delivery, std::vector<std::uint64_t>(kMaxRepeats, 1)};
  EXPECT_TRUE(decode_content(encode(content)));
  content.receipt->timestamps_ms.push_back(1);
  EXPECT_FALSE(decode_content(encode(content)));
  content = {};
  content.null = NullMessage{Bytes(kMaxContentBytes)};
  EXPECT_FALSE(decode_content(encode(content)));
}

TEST(Content, TextThatIsNotUtf8IsRefused) {
  EXPECT_FALSE(decode_content(field(1, field(1, bytes_of("\xff\xfe")))));
  EXPECT_FALSE(decode_content(field(1, field(101, field(1, bytes_of("\xc0\x80"))))));
}

TEST(Content, ProfileKeysHave32Bytes) {
  EXPECT_TRUE(decode_content(field(1, field(6, Bytes(32)))));
  EXPECT_FALSE(decode_content(field(1, field(6, Bytes(31)))));
  EXPECT_FALSE(decode_content(field(10, field(2, Bytes(33)))));
}

TEST(Content, DeepNestingIsRefused) {
  // Groups inside an unknown field nest without end: 0x13 opens a group with the number 2.
  EXPECT_FALSE(decode_content(Bytes(50'000, std::byte{0x13})));
  Bytes nested;
  for (int i = 0; i < 50; ++i) nested = concat(std::array{std::byte{0x13}}, nested, std::array{std::byte{0x14}});
  EXPECT_FALSE(decode_content(nested));
}

TEST(Content, TruncatedAndDamagedBytesDoNoHarm) {
  SeededRng rng(62);
  for (int round = 0; round < 10; ++round) {
    const Bytes whole = encode(random_content(rng));
    for (std::size_t size = 0; size < whole.size(); ++size) (void)decode_content(BytesView(whole).first(size));
    for (int i = 0; i < 500 && !whole.empty(); ++i) {
      Bytes damaged = whole;
      damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
      const auto read = decode_content(damaged);
      // What is accepted is in a form of its own again.
      if (read && !read->has_unknown) {
        EXPECT_EQ(decode_content(encode(*read)), read);
      }
    }
  }
}

}  // namespace
}  // namespace session::wire
