// The client's rows as bytes. For the sources of this room.
#pragma once

#include "core/store/client_rows.h"

namespace session::store {

[[nodiscard]] crypto::SecretBytes encode(const AccountRow& row);
[[nodiscard]] AccountRow decode_account(BytesView bytes);
[[nodiscard]] Bytes encode(const ContactRow& row);
[[nodiscard]] ContactRow decode_contact(BytesView bytes);
[[nodiscard]] Bytes encode(const MessageRow& row);
[[nodiscard]] MessageRow decode_message(BytesView bytes);
[[nodiscard]] Bytes encode(const OutboxRow& row);
[[nodiscard]] OutboxRow decode_outbox(BytesView bytes);
[[nodiscard]] Bytes encode(const JournalRow& row);
[[nodiscard]] JournalRow decode_journal(BytesView bytes);
[[nodiscard]] Bytes encode(const GuardRow& row);
[[nodiscard]] GuardRow decode_guard(BytesView bytes);
[[nodiscard]] crypto::SecretBytes encode(const KeyRow& row);
[[nodiscard]] KeyRow decode_key(BytesView bytes);

}  // namespace session::store
