#include "core/store/client_codec.h"

#include "core/store/codec.h"

namespace session::store {
namespace {

crypto::SecretBytes secret_of(Writer& writer) {
  crypto::SecretBytes secret(writer.bytes());
  writer.wipe();
  return secret;
}

SessionId id_of(Reader& in) { return SessionId{Account{in.array<33>()}}; }

}  // namespace

crypto::SecretBytes encode(const AccountRow& row) {
  Writer out;
  out.text(row.name)
      .raw(row.seed.bytes())
      .number(row.era)
      .number(row.device)
      .number(row.registration_id)
      .number(row.slot)
      .time(row.created);
  return secret_of(out);
}
AccountRow decode_account(BytesView bytes) {
  Reader in(bytes);
  AccountRow row;
  row.name = in.text();
  auto seed = in.array<16>();
  row.seed = AccountSeed(seed);
  crypto::wipe(seed);
  row.era = in.number<std::uint8_t>();
  row.device = in.number<std::uint32_t>();
  row.registration_id = in.number<std::uint32_t>();
  row.slot = in.number<std::uint32_t>();
  row.created = in.time();
  return row;
}

Bytes encode(const ContactRow& row) {
  return Writer()
      .raw(row.id.account.bytes)
      .text(row.name)
      .number(row.state)
      .time(row.created)
      .time(row.changed)
      .time(row.last_reset)
      .time(row.bundle_date)
      .flag(row.bundle_seen)
      .flag(row.forward_secrecy)
      .number(row.device)
      .number(row.unopened)
      .text(row.last_error)
      .bytes();
}
ContactRow decode_contact(BytesView bytes) {
  Reader in(bytes);
  ContactRow row;
  row.id = id_of(in);
  row.name = in.text();
  row.state = in.number<std::int32_t>();
  row.created = in.time();
  row.changed = in.time();
  row.last_reset = in.time();
  row.bundle_date = in.time();
  row.bundle_seen = in.flag();
  row.forward_secrecy = in.flag();
  row.device = in.number<std::uint32_t>();
  row.unopened = in.number<std::uint32_t>();
  row.last_error = in.text();
  return row;
}

Bytes encode(const MessageRow& row) {
  return Writer()
      .number(row.id)
      .raw(row.contact.account.bytes)
      .flag(row.outgoing)
      .number(row.device)
      .time(row.sent_at)
      .time(row.received_at)
      .time(row.expiry)
      .number(row.kind)
      .number(row.state)
      .number(row.outbox)
      .text(row.body)
      .text(row.hash.text)
      .bytes();
}
MessageRow decode_message(BytesView bytes) {
  Reader in(bytes);
  MessageRow row;
  row.id = in.number<std::uint64_t>();
  row.contact = id_of(in);
  row.outgoing = in.flag();
  row.device = in.number<std::uint32_t>();
  row.sent_at = in.time();
  row.received_at = in.time();
  row.expiry = in.time();
  row.kind = in.number<std::int32_t>();
  row.state = in.number<std::int32_t>();
  row.outbox = in.number<std::uint64_t>();
  row.body = in.text();
  row.hash.text = in.text();
  return row;
}

Bytes encode(const OutboxRow& row) {
  Writer out;
  out.number(row.id)
      .number(row.message)
      .raw(row.to.account.bytes)
      .number(row.ns)
      .number(row.kind)
      .number(row.state)
      .blob(row.sealed);
  out.time(row.created).time(row.timestamp).number(row.ttl.count).number(row.attempts).time(row.next_attempt);
  out.flag(row.nonce.has_value()).raw(row.nonce.value_or(ByteArray<8>{})).number(row.difficulty).number(row.trials);
  out.number(row.work_micros).number(static_cast<std::uint32_t>(row.path.size()));
  for (const NodeId& node : row.path) out.raw(node.key);
  return out.number(row.kept_by).number(row.of).text(row.hash.text).text(row.last_error).bytes();
}
OutboxRow decode_outbox(BytesView bytes) {
  Reader in(bytes);
  OutboxRow row;
  row.id = in.number<std::uint64_t>();
  row.message = in.number<std::uint64_t>();
  row.to = id_of(in);
  row.ns = in.number<Namespace>();
  row.kind = in.number<std::int32_t>();
  row.state = in.number<std::int32_t>();
  row.sealed = to_bytes(in.blob());
  row.created = in.time();
  row.timestamp = in.time();
  row.ttl = Millis{in.number<std::int64_t>()};
  row.attempts = in.number<std::uint32_t>();
  row.next_attempt = in.time();
  const bool has_nonce = in.flag();
  const auto nonce = in.array<8>();
  if (has_nonce) row.nonce = nonce;
  row.difficulty = in.number<std::uint64_t>();
  row.trials = in.number<std::uint64_t>();
  row.work_micros = in.number<std::int64_t>();
  const auto hops = std::min<std::uint32_t>(in.number<std::uint32_t>(), 16);
  for (std::uint32_t i = 0; i < hops; ++i) row.path.push_back({in.array<32>()});
  row.kept_by = in.number<std::uint32_t>();
  row.of = in.number<std::uint32_t>();
  row.hash.text = in.text();
  row.last_error = in.text();
  return row;
}

Bytes encode(const JournalRow& row) {
  return Writer()
      .number(row.id)
      .text(row.hash.text)
      .number(row.ns)
      .blob(row.data)
      .time(row.received_at)
      .time(row.expiry)
      .number(row.attempts)
      .bytes();
}
JournalRow decode_journal(BytesView bytes) {
  Reader in(bytes);
  JournalRow row;
  row.id = in.number<std::uint64_t>();
  row.hash.text = in.text();
  row.ns = in.number<Namespace>();
  row.data = to_bytes(in.blob());
  row.received_at = in.time();
  row.expiry = in.time();
  row.attempts = in.number<std::uint32_t>();
  return row;
}

Bytes encode(const GuardRow& row) {
  return Writer().raw(row.node.key).time(row.chosen_at).time(row.retired_at).number(row.uses).number(row.successes).bytes();
}
GuardRow decode_guard(BytesView bytes) {
  Reader in(bytes);
  GuardRow row;
  row.node.key = in.array<32>();
  row.chosen_at = in.time();
  row.retired_at = in.time();
  row.uses = in.number<std::uint32_t>();
  row.successes = in.number<std::uint32_t>();
  return row;
}

crypto::SecretBytes encode(const KeyRow& row) {
  Writer out;
  out.number(row.id).time(row.created).time(row.used).blob(row.record.bytes());
  return secret_of(out);
}
KeyRow decode_key(BytesView bytes) {
  Reader in(bytes);
  KeyRow row;
  row.id = in.number<std::uint32_t>();
  row.created = in.time();
  row.used = in.time();
  row.record = crypto::SecretBytes(to_bytes(in.blob()));
  return row;
}

}  // namespace session::store
