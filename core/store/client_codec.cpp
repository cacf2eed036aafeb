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

void put_ref(Writer& out, const MessageRef& ref) { out.raw(ref.author.account.bytes).time(ref.sent_at); }
MessageRef ref_of(Reader& in) {
  MessageRef ref;
  ref.author = id_of(in);
  ref.sent_at = in.time();
  return ref;
}

void put_nodes(Writer& out, const std::vector<NodeId>& nodes) {
  out.number(static_cast<std::uint32_t>(nodes.size()));
  for (const NodeId& node : nodes) out.raw(node.key);
}
std::vector<NodeId> nodes_of(Reader& in) {
  std::vector<NodeId> nodes(in.count(32));
  for (NodeId& node : nodes) node.key = in.array<32>();
  return nodes;
}

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

crypto::SecretBytes encode(const ContactRow& row) {
  Writer out;
  out.raw(row.id.account.bytes).text(row.name).number(row.state).time(row.created).time(row.changed);
  out.time(row.last_reset).time(row.bundle_date).flag(row.bundle_seen).flag(row.forward_secrecy);
  out.number(row.device).number(row.unopened).text(row.last_error);
  // Version 1 ended here.
  out.text(row.nickname).flag(row.blocked).flag(row.verified).time(row.heard).blob(row.own_token).blob(row.their_token);
  out.number(row.said).number(row.heard_device).number(row.heard_number).number(static_cast<std::uint32_t>(row.missing.size()));
  for (const std::uint32_t number : row.missing) out.number(number);
  out.time(row.missing_since);
  return secret_of(out);
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
  row.nickname = in.text();
  row.blocked = in.flag();
  row.verified = in.flag();
  row.heard = in.time();
  row.own_token = to_bytes(in.blob());
  row.their_token = to_bytes(in.blob());
  row.said = in.number<std::uint32_t>();
  row.heard_device = in.number<std::uint32_t>();
  row.heard_number = in.number<std::uint32_t>();
  row.missing.resize(in.count(sizeof(std::uint32_t)));
  for (std::uint32_t& number : row.missing) number = in.number<std::uint32_t>();
  row.missing_since = in.time();
  return row;
}

crypto::SecretBytes encode(const ConversationRow& row) {
  Writer out;
  out.raw(row.with.account.bytes).time(row.pinned).time(row.muted_until).flag(row.archived).number(row.lifetime.count);
  out.number(row.timer_s).number(row.timer_kind).time(row.timer_changed).text(row.draft).flag(row.draft_quote.has_value());
  put_ref(out, row.draft_quote.value_or(MessageRef{}));
  out.time(row.read_until).number(row.unread).number(row.last_message).time(row.last_at);
  return secret_of(out);
}
ConversationRow decode_conversation(BytesView bytes) {
  Reader in(bytes);
  ConversationRow row;
  row.with = id_of(in);
  row.pinned = in.time();
  row.muted_until = in.time();
  row.archived = in.flag();
  row.lifetime = Millis{in.number<std::int64_t>()};
  row.timer_s = in.number<std::uint32_t>();
  row.timer_kind = in.number<std::int32_t>();
  row.timer_changed = in.time();
  row.draft = in.text();
  const bool has_quote = in.flag();
  const MessageRef quote = ref_of(in);
  if (has_quote) row.draft_quote = quote;
  row.read_until = in.time();
  row.unread = in.number<std::uint32_t>();
  row.last_message = in.number<std::uint64_t>();
  row.last_at = in.time();
  return row;
}

crypto::SecretBytes encode(const MessageRow& row) {
  Writer out;
  out.number(row.id).raw(row.contact.account.bytes).flag(row.outgoing).number(row.device).time(row.sent_at);
  out.time(row.received_at).time(row.expiry).number(row.kind).number(row.state).number(row.outbox);
  out.text(row.body).text(row.hash.text);
  // Version 1 ended here.
  out.flag(row.quote.has_value());
  if (row.quote) {
    put_ref(out, row.quote->about);
    out.text(row.quote->text);
  }
  out.number(static_cast<std::uint32_t>(row.reactions.size()));
  for (const ReactionRow& reaction : row.reactions)
    out.raw(reaction.who.account.bytes).text(reaction.emoji).time(reaction.at).flag(reaction.removed);
  out.time(row.edited).time(row.read).flag(row.unsent).flag(row.forward_secrecy).flag(row.mentions_us);
  out.number(row.way).number(row.number).number(row.timer_s).number(row.timer_kind).text(row.notice);
  return secret_of(out);
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
  if (in.flag()) {
    row.quote.emplace().about = ref_of(in);
    row.quote->text = in.text();
  }
  row.reactions.resize(in.count(33 + 4 + 8 + 1));
  for (ReactionRow& reaction : row.reactions) {
    reaction.who = id_of(in);
    reaction.emoji = in.text();
    reaction.at = in.time();
    reaction.removed = in.flag();
  }
  row.edited = in.time();
  row.read = in.time();
  row.unsent = in.flag();
  row.forward_secrecy = in.flag();
  row.mentions_us = in.flag();
  row.way = in.number<std::int32_t>();
  row.number = in.number<std::uint32_t>();
  row.timer_s = in.number<std::uint32_t>();
  row.timer_kind = in.number<std::int32_t>();
  row.notice = in.text();
  return row;
}

crypto::SecretBytes encode(const EditRow& row) {
  Writer out;
  out.time(row.at).text(row.body);
  return secret_of(out);
}
EditRow decode_edit(BytesView bytes) {
  Reader in(bytes);
  EditRow row;
  row.at = in.time();
  row.body = in.text();
  return row;
}

crypto::SecretBytes encode(const OrphanRow& row) {
  Writer out;
  out.number(row.id).raw(row.contact.account.bytes);
  put_ref(out, row.about);
  out.number(row.kind).raw(row.from.account.bytes).time(row.at).blob(row.content).time(row.expiry);
  return secret_of(out);
}
OrphanRow decode_orphan(BytesView bytes) {
  Reader in(bytes);
  OrphanRow row;
  row.id = in.number<std::uint64_t>();
  row.contact = id_of(in);
  row.about = ref_of(in);
  row.kind = in.number<std::int32_t>();
  row.from = id_of(in);
  row.at = in.time();
  row.content = to_bytes(in.blob());
  row.expiry = in.time();
  return row;
}

crypto::SecretBytes encode(const OutboxRow& row) {
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
  out.number(row.work_micros);
  put_nodes(out, row.path);
  out.number(row.kept_by).number(row.of).text(row.hash.text).text(row.last_error);
  // Version 1 ended here.
  out.blob(row.content).number(row.sent_at).number(row.device).time(row.handed).number(row.way).number(row.turns);
  return secret_of(out);
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
  row.path = nodes_of(in);
  row.kept_by = in.number<std::uint32_t>();
  row.of = in.number<std::uint32_t>();
  row.hash.text = in.text();
  row.last_error = in.text();
  row.content = to_bytes(in.blob());
  row.sent_at = in.number<std::int64_t>();
  row.device = in.number<std::uint32_t>();
  row.handed = in.time();
  row.way = in.number<std::int32_t>();
  row.turns = in.number<std::uint32_t>();
  return row;
}

Bytes encode(const JourneyRow& row) {
  Writer out;
  out.time(row.at).text(row.text);
  // Version 1 ended here.
  out.number(row.step);
  put_nodes(out, row.hops);
  return out.number(row.bytes).number(row.trials).number(row.micros).bytes();
}
JourneyRow decode_journey(BytesView bytes) {
  Reader in(bytes);
  JourneyRow row;
  row.at = in.time();
  row.text = in.text();
  row.step = in.number<std::int32_t>();
  row.hops = nodes_of(in);
  row.bytes = in.number<std::uint64_t>();
  row.trials = in.number<std::uint64_t>();
  row.micros = in.number<std::int64_t>();
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
      .number(row.way)
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
  row.way = in.number<std::int32_t>();
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
