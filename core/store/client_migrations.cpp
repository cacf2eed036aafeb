// How a client's file of an earlier version becomes one of this version. Rows themselves are not written again: what was added
// to them stands at their end and is read as "not there" (client_codec.h).
#include "core/store/client_codec.h"
#include "core/store/client_keys.h"
#include "core/store/file_kind.h"

namespace session::store {
namespace {

/// The number given last for this table.
Result<std::uint64_t> last_number(const Tables& tables, TableId table) {
  const auto last = row_at(tables, kNumbers, ByteArray<1>{static_cast<std::byte>(table)}, number_of);
  if (!last) return fail(last);
  return last->value_or(0);
}

/// Messages and deliveries were numbered apart; what comes next stands above both.
Result<void> join_numbers(Tables& tables) {
  const auto messages = last_number(tables, kMessages), deliveries = last_number(tables, kOutbox);
  if (!messages) return fail(messages);
  if (!deliveries) return fail(deliveries);
  const ByteArray<1> joined{static_cast<std::byte>(kMessages)}, left{static_cast<std::byte>(kOutbox)};
  if (auto put = tables.put(kNumbers, joined, number_key(std::max(*messages, *deliveries))); !put) return put;
  if (auto gone = tables.erase(kNumbers, left); !gone) return fail(gone);
  return {};
}

/// In portions, since a scan must not write.
Result<void> index_all_messages(Tables& tables) {
  constexpr std::size_t kPortion = 500;
  Bytes from;
  for (;;) {
    std::vector<MessageRow> portion;
    const auto scanned = tables.scan(kMessages, from, [&](BytesView, BytesView value) {
      portion.push_back(decode_message(value));
      return portion.size() < kPortion;
    });
    if (!scanned) return scanned;
    for (const MessageRow& row : portion)
      if (auto indexed = index_message(tables, row); !indexed) return indexed;
    if (portion.size() < kPortion) return {};
    from = number_key(portion.back().id + 1);
  }
}

Result<void> to_version_2(Tables& tables) {
  if (auto joined = join_numbers(tables); !joined) return joined;
  return index_all_messages(tables);
}

constexpr MigrationStep kSteps[] = {to_version_2};

}  // namespace

const FileKind kClientFile{"client", kSteps, true};

}  // namespace session::store
