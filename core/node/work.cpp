#include "core/node/work.h"

namespace session::node {
namespace {

constexpr std::size_t kNonceSize = 8, kTtlSize = 8, kAccountSize = 66;

}  // namespace

Bytes stamp_of(const wire::StoreRequest& request) {
  Bytes out;
  append(out, request.nonce.value_or(pow::Nonce{}));
  append(out, big(static_cast<std::uint64_t>(request.ttl_ms)));
  const bool is_usual = request.stamped.account == request.account.hex() && request.stamped.data == to_base64(request.data);
  if (is_usual) return out;
  append(out, request.stamped.account);
  append(out, request.stamped.data);
  return out;
}

std::optional<Work> work_of(const wire::Row& row) {
  BytesView in = row.stamp;
  if (in.size() < kNonceSize + kTtlSize) return std::nullopt;
  Work work;
  work.nonce = to_array<kNonceSize>(in.first(kNonceSize));
  const auto ttl = load_big<std::uint64_t>(in.data() + kNonceSize);
  if (ttl > static_cast<std::uint64_t>(days(365).count)) return std::nullopt;
  work.ttl = Millis{static_cast<std::int64_t>(ttl)};
  in = in.subspan(kNonceSize + kTtlSize);
  work.payload.timestamp = std::to_string(row.timestamp_ms);
  work.payload.ttl = std::to_string(ttl);
  work.payload.account = row.account.hex();
  if (in.empty()) {
    work.payload.data = to_base64(row.data);
    return work;
  }
  if (in.size() < kAccountSize) return std::nullopt;
  work.payload.account = text_of(in.first(kAccountSize));
  work.payload.data = text_of(in.subspan(kAccountSize));
  const auto account = Account::parse(work.payload.account);
  const auto data = from_base64(work.payload.data);
  if (!account || *account != row.account || !data || *data != row.data) return std::nullopt;
  return work;
}

}  // namespace session::node
