// The client's rows as bytes. New fields stand at the end: a row of an earlier version is shorter, and what it lacks is read as
// zero, which is "not there" for every one of them. For the sources of this room.
#pragma once

#include "core/store/client_rows.h"

namespace session::store {

[[nodiscard]] crypto::SecretBytes encode(const AccountRow& row);
[[nodiscard]] AccountRow decode_account(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const ContactRow& row);
[[nodiscard]] ContactRow decode_contact(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const MessageRow& row);
[[nodiscard]] MessageRow decode_message(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const OutboxRow& row);
[[nodiscard]] OutboxRow decode_outbox(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const ConversationRow& row);
[[nodiscard]] ConversationRow decode_conversation(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const EditRow& row);
[[nodiscard]] EditRow decode_edit(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const OrphanRow& row);
[[nodiscard]] OrphanRow decode_orphan(BytesView bytes);
/// Without `outbox`, which is in its key.
[[nodiscard]] Bytes encode(const JourneyRow& row);
[[nodiscard]] JourneyRow decode_journey(BytesView bytes);
[[nodiscard]] Bytes encode(const JournalRow& row);
[[nodiscard]] JournalRow decode_journal(BytesView bytes);
[[nodiscard]] Bytes encode(const GuardRow& row);
[[nodiscard]] GuardRow decode_guard(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const KeyRow& row);
[[nodiscard]] KeyRow decode_key(BytesView bytes);

}  // namespace session::store
