#include "sim/hostile_store.h"

namespace session::sim {
namespace {

/// Which half of a mailbox a message is in.
bool is_odd(const MessageHash& hash) {
  std::uint64_t sum = 0;
  for (const char c : hash.text) sum += static_cast<unsigned char>(c);
  return sum % 2 == 1;
}

/// What is kept already stays; of all else it is said that it is kept.
Result<std::optional<store::Inserted>> said(const store::MailStore& disk, const store::MailRow& row) {
  const auto known = disk.find_head(row.head.hash);
  if (!known) return fail(known);
  if (*known) return std::nullopt;
  store::Inserted inserted{.outcome = store::Inserted::Outcome::New, .head = row.head, .expiry_before = {}, .replaced = {}};
  inserted.head.size = static_cast<std::uint32_t>(row.data.size());
  return inserted;
}

}  // namespace

Result<store::Inserted> HostileStore::insert(const store::MailRow& row) {
  if (!throws_away(row)) return disk_.insert(row);
  auto answer = said(disk_, row);
  if (!answer) return fail(answer);
  return *answer ? Result<store::Inserted>(std::move(**answer)) : disk_.insert(row);
}

Result<store::Inserted> HostileStore::replace(const store::MailRow& row) {
  if (!throws_away(row)) return disk_.replace(row);
  auto answer = said(disk_, row);
  if (!answer) return fail(answer);
  return *answer ? Result<store::Inserted>(std::move(**answer)) : disk_.replace(row);
}

Result<void> HostileStore::retrieve(const Account& account, Namespace ns, const MessageHash& after, std::size_t max_count,
                                    const store::MailVisitor& visit) const {
  if (!malice_.concerns(account)) return disk_.retrieve(account, ns, after, max_count, visit);
  if (malice_.has(Hostile::Withhold)) return {};
  const store::MailStore& shown = malice_.has(Hostile::Stale) && old_ != nullptr ? *old_ : disk_;
  const bool equivocates = malice_.has(Hostile::Equivocate);
  if (!equivocates && forger_ == nullptr) return shown.retrieve(account, ns, after, max_count, visit);
  return shown.retrieve(account, ns, after, max_count, [&](const store::MailRow& row) {
    if (equivocates && is_odd(row.head.hash) == (question_ % 2 == 1)) return true;
    if (forger_ == nullptr) return visit(row);
    store::MailRow forged = row;
    forger_->forge_shown(forged, question_);
    return visit(forged);
  });
}

}  // namespace session::sim
