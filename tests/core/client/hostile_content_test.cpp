// Every field of what people send one another, absent, doubled, huge, of another type and with hostile values, put through the
// whole client: it takes it or refuses it, and nothing else changes.
#include <functional>
#include <map>

#include "core/base/text.h"
#include "core/signal/session_protocol.h"
#include "core/wire/padding.h"
#include "tests/core/client/talk.h"

namespace session::client {
namespace {

/// Protobuf's wire format, as far as its fields go.
struct Field {
  std::uint32_t number = 0;
  std::uint32_t type = 0;   ///< 0 varint, 1 eight bytes, 2 length-delimited
  std::uint64_t value = 0;  ///< of types 0 and 1
  Bytes bytes;              ///< of type 2
};

void put_varint(Bytes& out, std::uint64_t value) {
  for (; value > 127; value >>= 7) out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
  out.push_back(static_cast<std::byte>(value));
}
Bytes written(const std::vector<Field>& fields) {
  Bytes out;
  for (const Field& field : fields) {
    put_varint(out, (std::uint64_t{field.number} << 3) | field.type);
    if (field.type == 0) put_varint(out, field.value);
    if (field.type == 1) append(out, little(field.value));
    if (field.type == 2) {
      put_varint(out, field.bytes.size());
      append(out, field.bytes);
    }
  }
  return out;
}
std::vector<Field> read(BytesView bytes) {
  std::vector<Field> out;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.size()) {
    Field field;
    const std::uint64_t tag = varint();
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.type = static_cast<std::uint32_t>(tag & 7);
    if (field.type == 0) field.value = varint();
    if (field.type == 1) field.value = load_little<std::uint64_t>(bytes.data() + at), at += 8;
    if (field.type == 2) {
      const std::size_t size = varint();
      field.bytes = to_bytes(bytes.subspan(at, size));
      at += size;
    }
    out.push_back(std::move(field));
  }
  return out;
}

/// Which fields are messages themselves.
struct Shape {
  std::map<std::uint32_t, Shape> parts;
};
const Shape kContent{{{1, {{{2, {}}, {8, {}}, {11, {}}, {101, {}}}}}, {4, {}}, {5, {}}, {6, {}}, {9, {}}, {10, {{{3, {}}}}}}};
const Shape kDatum{{{2, {{{3, {}}}}}}};  // the wrapper, its request, the envelope

using Variant = std::vector<Field>;  // what stands in a field's place
std::vector<Variant> variants_of(const Field& field) {
  std::vector<Variant> out{{}, {field, field}, Variant(150, field)};
  const auto as = [&](std::uint32_t type, std::uint64_t value, Bytes bytes = {}) {
    out.push_back({{field.number, type, value, std::move(bytes)}});
  };
  constexpr std::uint64_t kValues[] = {
      0, 1, 3, 0xffff'ffff, 0x1'0000'0000, 8'640'000'000'000'001, ~std::uint64_t{0} >> 1, ~std::uint64_t{0}};
  for (const std::uint64_t value : kValues) {
    as(0, value);
    as(1, value);
  }
  for (const std::string& text : {std::string(), std::string("x"), std::string("\xff\xfe\xff"), std::string("\x1b[2J\0\r", 6),
                                  std::string("\xe2\x80\xae"), std::string(65'537, 'x'), std::string(200, '\x08')})
    as(2, 0, to_bytes(text));
  return out;
}

/// Calls `each` with every message that differs from `whole` in one field, at any depth.
void mutate(BytesView whole, const Shape& shape, const std::function<void(const Bytes&)>& each) {
  const std::vector<Field> fields = read(whole);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto with = [&](const Variant& variant) {
      std::vector<Field> changed = fields;
      changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
      changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), variant.begin(), variant.end());
      return written(changed);
    };
    for (const Variant& variant : variants_of(fields[i])) each(with(variant));
    if (const auto part = shape.parts.find(fields[i].number); part != shape.parts.end() && fields[i].type == 2)
      mutate(fields[i].bytes, part->second, [&](const Bytes& inside) {
        Field changed = fields[i];
        changed.bytes = inside;
        each(with({changed}));
      });
  }
}

class HostileContent : public Talk {
 protected:
  Stranger carol{rng};
  store::MemoryClientStore before;
  std::uint64_t spoken = 0;
  int taken = 0, refused = 0;

  void SetUp() override {
    Talk::SetUp();
    befriend(bob);
    befriend(carol);
    comes(carol, text("of Carol"), ms(-50'000));
    ASSERT_EQ(refusal(Send{bob.id(), "of Alice"}), "");
    spoken = last(bob.id()).id;
    before = store;
  }
  /// Everything that a content can hold, true in itself.
  [[nodiscard]] std::vector<wire::Content> contents() {
    wire::Content words = text("hello"), reaction, edit, receipt, typing, unsend, answer, timer, nothing;
    words.data->attachments.push_back({1, "image/png", Bytes(64), 5, Bytes(32), "a.png", 1, "https://files.example/1"});
    words.data->quote = wire::Quote{static_cast<std::uint64_t>(last(bob.id()).sent_at.unix_millis()), client->id().hex(), "of"};
    words.data->profile = wire::Profile{"Bob", "avatar"};
    words.data->profile_key = Bytes(32);
    words.data->timestamp_ms = static_cast<std::uint64_t>(ms());
    words.expiration_type = wire::ExpirationType::AfterSend;
    words.expiration_timer_s = 3600;
    words.expires_at_ms = static_cast<std::uint64_t>(ms(3'600'000));
    words.presence_token = Bytes(32);
    words.bundle = Bytes(100);
    words.number = 5;
    reaction = changed(Kind::Reaction, client->id(), last(bob.id()).sent_at.unix_millis(), "x");
    edit = changed(Kind::Edit, bob.id(), ms(-100'000), "other words");
    unsend = changed(Kind::Unsend, bob.id(), ms(-100'000), "");
    for (auto* each : {&reaction, &edit})
      if (each->data) each->data->timestamp_ms = static_cast<std::uint64_t>(ms());
    receipt.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Read,
                                           {static_cast<std::uint64_t>(last(bob.id()).sent_at.unix_millis()), 5}};
    typing.typing = wire::TypingMessage{static_cast<std::uint64_t>(ms()), wire::TypingMessage::Action::Started};
    answer.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{"Bob", ""}};
    timer.data = wire::DataMessage{.flags = wire::flags::kExpirationTimerUpdate, .expire_timer_s = 60};
    nothing.null = wire::NullMessage{Bytes(5)};
    return {words, reaction, edit, receipt, typing, unsend, answer, timer, nothing};
  }
  [[nodiscard]] Bytes datum_of(BytesView content) {
    Bytes boxed = signal::box_message(*bob.identity.ed25519, client->id(), wire::pad(content), rng).value();
    return wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, static_cast<std::uint64_t>(ms()), std::move(boxed)});
  }
  /// Puts it through the client, checks what must hold, and sets everything back.
  void take(const Bytes& datum) {
    put(store, datum);
    open();
    EXPECT_TRUE(rows().journal()->empty());
    const auto of_bob = rows().messages(bob.id()).value();
    const auto had = static_cast<store::ClientStore&>(before).messages(bob.id()).value();
    EXPECT_LE(of_bob.size(), had.size() + 1);
    for (const auto& row : of_bob) {
      EXPECT_TRUE(is_utf8(row.body) && row.body.size() <= wire::kMaxTextBytes);
      EXPECT_LE(row.reactions.size(), kMaxReactions);
      if (row.id == spoken) {
        EXPECT_EQ(row.body, "of Alice");
      }
    }
    const std::string name = contact(bob.id()).name;
    EXPECT_TRUE(printable(name) == name && name.size() <= kMaxShownName);
    EXPECT_EQ(contact(bob.id()).state, static_cast<std::int32_t>(ContactState::Accepted));
    EXPECT_EQ(rows().messages(carol.id()).value(), static_cast<store::ClientStore&>(before).messages(carol.id()).value());
    EXPECT_EQ(contact(carol.id()), static_cast<store::ClientStore&>(before).contact(carol.id())->value());
    EXPECT_EQ(rows().contacts()->size(), 2u);
    const auto deliveries = rows().outbox().value();
    const auto owed = static_cast<store::ClientStore&>(before).outbox()->size();
    EXPECT_LE(deliveries.size(), owed + 1);
    if (deliveries.size() > owed) {
      EXPECT_EQ(static_cast<Kind>(deliveries.back().kind), Kind::Receipt);
    }
    ++(rows().events().value() == static_cast<store::ClientStore&>(before).events().value() ? refused : taken);
    store = before;
  }
};

TEST_F(HostileContent, EveryFieldInEveryFormIsTakenOrRefusedAndNothingElseChanges) {
  for (const wire::Content& content : contents()) {
    const Bytes whole = wire::encode(content);
    ASSERT_EQ(written(read(whole)), whole);
    mutate(whole, kContent, [&](const Bytes& bytes) {
      if (bytes.size() < wire::kMaxContentBytes - 400) take(datum_of(bytes));
    });
  }
  EXPECT_GT(taken, 300);
  EXPECT_GT(refused, 300);
}

TEST_F(HostileContent, SoIsEveryFieldOfTheEnvelope) {
  const Bytes whole = datum_of(wire::encode(contents().front()));
  mutate(whole, kDatum, [&](const Bytes& bytes) { take(bytes); });
  EXPECT_GT(taken, 10);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace session::client
