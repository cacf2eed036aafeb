// What is on its way out, and how it fared.
#include "core/store/client_codec.h"
#include "core/store/client_keys.h"
#include "core/store/client_tables.h"

namespace session::store {

/// The number of a delivery: its message's, the first time, else a new one.
Result<std::uint64_t> ClientOnTables::delivery_number(std::uint64_t message) {
  const auto is_message = is_there(tables(), kMessages, number_key(message));
  if (!is_message) return fail(is_message);
  if (!*is_message) return next_number(kMessages);
  for (const TableId table : {kOutbox, kDelivered}) {
    const auto is_used = is_there(tables(), table, number_key(message));
    if (!is_used) return fail(is_used);
    if (*is_used) return next_number(kMessages);
  }
  return message;
}

Result<std::uint64_t> ClientOnTables::add_outbox(const OutboxRow& given) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    const auto id = delivery_number(given.message);
    if (!id) return fail(id);
    OutboxRow row = given;
    row.id = *id;
    const auto kept = encode(row);
    const auto put = tables().put(kOutbox, number_key(row.id), kept.bytes(), part_of(kept.bytes(), row.sealed));
    crypto::wipe(row.content);
    if (!put) return fail(put);
    return *id;
  });
}
Result<void> ClientOnTables::update_outbox(const OutboxRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto known = is_there(tables(), kOutbox, number_key(row.id));
    if (!known) return fail(known);
    if (!*known) return no_row("delivery", row.id);
    const auto kept = encode(row);
    return tables().put(kOutbox, number_key(row.id), kept.bytes(), part_of(kept.bytes(), row.sealed));
  });
}
Result<std::optional<OutboxRow>> ClientOnTables::outbox(std::uint64_t id) const {
  return row_at(tables(), kOutbox, number_key(id), decode_outbox);
}
Result<std::vector<OutboxRow>> ClientOnTables::outbox() const { return rows_of(tables(), kOutbox, {}, decode_outbox); }
Result<bool> ClientOnTables::remove_outbox(std::uint64_t id) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto gone = tables().erase(kOutbox, number_key(id));
    if (!gone) return fail(gone);
    if (!*gone) return false;
    const auto is_message = is_there(tables(), kMessages, number_key(id));
    if (!is_message) return fail(is_message);
    if (*is_message)
      if (auto put = tables().put(kDelivered, number_key(id), {}); !put) return fail(put);
    return true;
  });
}

Result<void> ClientOnTables::add_journey(const JourneyRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto number = next_number(kJourney);
    if (!number) return fail(number);
    return tables().put(kJourney, Writer().number(row.outbox).number(*number).bytes(), encode(row));
  });
}
Result<std::vector<JourneyRow>> ClientOnTables::journey(std::uint64_t outbox) const {
  return rows_of(tables(), kJourney, number_key(outbox), [outbox](BytesView bytes) {
    JourneyRow row = decode_journey(bytes);
    row.outbox = outbox;
    return row;
  });
}
Result<std::uint64_t> ClientOnTables::trim_journeys(Instant before) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    return erase_if(tables(), kJourney, [before](BytesView value) { return Reader(value).time() < before; });
  });
}

}  // namespace session::store
