#include "core/store/client_codec.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/store/codec.h"

namespace session::store {
namespace {

TEST(Codec, NumbersSortAsTheirBytesDo) {
  SeededRng rng(11);
  for (int i = 0; i < 200; ++i) {
    const auto a = static_cast<std::int64_t>(rng.next()), b = static_cast<std::int64_t>(rng.next());
    EXPECT_EQ(a < b, Writer().number(a).bytes() < Writer().number(b).bytes()) << a << " " << b;
    const auto c = static_cast<std::int16_t>(a), d = static_cast<std::int16_t>(b);
    EXPECT_EQ(c < d, Writer().number(c).bytes() < Writer().number(d).bytes());
  }
}

TEST(Codec, ReadingPastTheEndGivesZerosAndSaysSo) {
  const Bytes bytes = Writer().number(std::uint32_t{900}).raw(bytes_of("short")).bytes();
  Reader in(bytes);
  EXPECT_TRUE(in.blob().empty());
  EXPECT_EQ(in.number<std::uint64_t>(), 0u);
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.is_whole());
}

TEST(Codec, EveryPrefixOfARowIsReadWithoutHarm) {
  OutboxRow row;
  row.sealed = Bytes(40);
  row.path.resize(3);
  row.hash.text = "hash";
  const Bytes whole = to_bytes(encode(row).bytes());
  EXPECT_EQ(decode_outbox(whole), row);
  for (std::size_t size = 0; size < whole.size(); ++size) static_cast<void>(decode_outbox(BytesView(whole).first(size)));
  SeededRng rng(12);
  for (int i = 0; i < 500; ++i) {
    Bytes noise(rng.below(200));
    rng.fill(noise);
    static_cast<void>(decode_outbox(noise));
    static_cast<void>(decode_message(noise));
    static_cast<void>(decode_contact(noise));
    static_cast<void>(decode_journal(noise));
    static_cast<void>(decode_account(noise));
    static_cast<void>(decode_guard(noise));
    static_cast<void>(decode_conversation(noise));
    static_cast<void>(decode_edit(noise));
    static_cast<void>(decode_orphan(noise));
    static_cast<void>(decode_journey(noise));
    static_cast<void>(decode_key(noise));
  }
}

TEST(Codec, ACountIsNeverBelievedBeyondWhatIsThere) {
  const Bytes bytes = Writer().number(std::uint32_t{0xffffffff}).raw(Bytes(10)).bytes();
  Reader in(bytes);
  EXPECT_EQ(in.count(4), 2u);
  EXPECT_FALSE(in.is_whole());
}

TEST(Codec, TheKeyAfterAPrefixIsAboveAllThatBeginWithIt) {
  EXPECT_EQ(after_prefix(bytes_of("ab")), to_bytes("ac"));
  EXPECT_EQ(after_prefix(bytes_of("a\xff")), to_bytes("b"));
  EXPECT_TRUE(after_prefix(bytes_of("\xff\xff")).empty());
}

}  // namespace
}  // namespace session::store
