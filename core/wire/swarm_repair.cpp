#include "core/wire/swarm_repair.h"

#include <fmt/format.h>

#include "core/wire/protobuf.h"
#include "core/wire/rpc.h"
#include "core/wire/swarm.pb.h"

namespace session::wire {
namespace {

constexpr std::size_t kPrintSize = 16, kListingSize = kPrintSize + 2 * sizeof(std::uint64_t);
constexpr std::size_t kMaxStampBytes = 256 * 1024;
constexpr std::uint64_t kMaxTime = std::uint64_t{1} << 52;  ///< ms

/// Stays in this file.
struct Wrong {
  Error error;
};
template <class... Values>
[[noreturn]] void reject(const char* field, fmt::format_string<Values...> why, Values&&... values) {
  throw Wrong{{ErrorCode::Malformed, std::string(field) + ": " + fmt::format(why, std::forward<Values>(values)...)}};
}

std::int64_t time_of(std::uint64_t value, const char* field) {
  if (value > kMaxTime) reject(field, "no time");
  return static_cast<std::int64_t>(value);
}
Print print_of(const std::string& bytes, const char* field) {
  if (bytes.size() != kPrintSize) reject(field, "expected 16 bytes, got {}", bytes.size());
  return to_array<kPrintSize>(bytes_of(bytes));
}

std::string text_of_buckets(const Buckets& buckets) {
  std::string out(32, '\0');
  for (std::size_t i = 0; i < buckets.size(); ++i)
    if (buckets[i]) out[i / 8] = static_cast<char>(static_cast<unsigned char>(out[i / 8]) | (1U << (i % 8)));
  return out;
}
Buckets buckets_of(const std::string& bytes, const char* field) {
  if (bytes.size() != 32) reject(field, "expected 32 bytes, got {}", bytes.size());
  Buckets out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ((static_cast<unsigned char>(bytes[i / 8]) >> (i % 8)) & 1U) != 0;
  return out;
}

std::string text_of_prints(const std::vector<Print>& prints) {
  Bytes out;
  for (const Print& each : prints) append(out, each);
  return proto::string_of(out);
}
std::vector<Print> prints_of(const std::string& bytes, const char* field) {
  if (bytes.size() % kPrintSize != 0 || bytes.size() / kPrintSize > kMaxEntries)
    reject(field, "expected at most {} times 16 bytes, got {}", kMaxEntries, bytes.size());
  std::vector<Print> out;
  for (BytesView rest = bytes_of(bytes); !rest.empty(); rest = rest.subspan(kPrintSize))
    out.push_back(to_array<kPrintSize>(rest.first(kPrintSize)));
  return out;
}

std::string text_of_listings(const std::vector<Listing>& entries) {
  Bytes out;
  for (const Listing& each : entries) {
    append(out, each.print);
    append(out, big(static_cast<std::uint64_t>(each.taken_ms)));
    append(out, big(static_cast<std::uint64_t>(each.expiry_ms)));
  }
  return proto::string_of(out);
}
std::vector<Listing> listings_of(const std::string& bytes, const char* field) {
  if (bytes.size() % kListingSize != 0 || bytes.size() / kListingSize > kMaxEntries)
    reject(field, "expected at most {} times 32 bytes, got {}", kMaxEntries, bytes.size());
  std::vector<Listing> out;
  for (BytesView rest = bytes_of(bytes); !rest.empty(); rest = rest.subspan(kListingSize)) {
    Listing entry;
    entry.print = to_array<kPrintSize>(rest.first(kPrintSize));
    entry.taken_ms = time_of(load_big<std::uint64_t>(rest.data() + kPrintSize), field);
    entry.expiry_ms = time_of(load_big<std::uint64_t>(rest.data() + kPrintSize + sizeof(std::uint64_t)), field);
    if (!out.empty() && out.back().print >= entry.print) reject(field, "not in ascending order");
    out.push_back(entry);
  }
  return out;
}

void write(const Items& items, proto::SwarmItems& out) {
  for (const Row& each : items.rows) {
    auto& row = *out.add_rows();
    row.set_account(proto::string_of(each.account.bytes));
    if (each.ns != 0) row.set_ns(each.ns);
    row.set_timestamp(static_cast<std::uint64_t>(each.timestamp_ms));
    row.set_expiry(static_cast<std::uint64_t>(each.expiry_ms));
    row.set_taken(static_cast<std::uint64_t>(each.taken_ms));
    row.set_data(proto::string_of(each.data));
    if (!each.stamp.empty()) row.set_stamp(proto::string_of(each.stamp));
  }
  for (const Stone& each : items.stones) {
    auto& stone = *out.add_tombstones();
    stone.set_taken(static_cast<std::uint64_t>(each.taken_ms));
    stone.set_falls(static_cast<std::uint64_t>(each.falls_ms));
    stone.set_request(proto::string_of(each.request));
  }
}
Items read(const proto::SwarmItems& in) {
  if (in.rows_size() + in.tombstones_size() > static_cast<int>(kMaxItems)) reject("rows", "at most {}", kMaxItems);
  Items items;
  for (const auto& each : in.rows()) {
    if (each.account().size() != 33) reject("rows.account", "expected 33 bytes, got {}", each.account().size());
    if (each.ns() != static_cast<Namespace>(each.ns())) reject("rows.ns", "value out of range");
    if (each.data().size() > kMaxDataBytes) reject("rows.data", "at most {} bytes", kMaxDataBytes);
    if (each.stamp().size() > kMaxStampBytes) reject("rows.stamp", "at most {} bytes", kMaxStampBytes);
    items.rows.push_back({Account{to_array<33>(bytes_of(each.account()))}, static_cast<Namespace>(each.ns()),
                          time_of(each.timestamp(), "rows.timestamp"), time_of(each.expiry(), "rows.expiry"),
                          time_of(each.taken(), "rows.taken"), to_bytes(each.data()), to_bytes(each.stamp())});
  }
  for (const auto& each : in.tombstones())
    items.stones.push_back(
        {time_of(each.taken(), "tombstones.taken"), time_of(each.falls(), "tombstones.falls"), to_bytes(each.request())});
  return items;
}

template <class Body>
auto guarded(Body&& body) -> Result<decltype(body())> {
  try {
    return body();
  } catch (Wrong& wrong) {
    return std::unexpected(std::move(wrong.error));
  }
}

RepairRequest read(const proto::SwarmRequest& in) {
  if (in.has_compare() + in.has_list() + in.has_offer() + in.has_push() != 1)
    reject("request", "expected one of compare, list, offer and push");
  if (in.has_compare()) {
    if (in.compare().size() != 256 * kPrintSize) reject("compare", "expected 4096 bytes, got {}", in.compare().size());
    Compare compare;
    for (std::size_t i = 0; i < compare.digests.size(); ++i)
      compare.digests[i] = to_array<kPrintSize>(bytes_of(in.compare()).subspan(i * kPrintSize, kPrintSize));
    return compare;
  }
  if (in.has_offer()) return Offer{listings_of(in.offer(), "offer")};
  if (in.has_push()) return Push{read(in.push())};
  List list{print_of(in.list().first(), "list.first"), print_of(in.list().last(), "list.last"),
            buckets_of(in.list().buckets(), "list.buckets"), listings_of(in.list().entries(), "list.entries")};
  for (const Listing& each : list.entries)
    if (each.print < list.first || each.print > list.last || !list.buckets[std::to_integer<std::size_t>(each.print[0])])
      reject("list.entries", "not in what is asked for");
  return list;
}

RepairAnswer read(const proto::SwarmAnswer& in) {
  if (in.has_differing() + in.has_listed() + in.has_wanted() + in.has_taken() != 1)
    reject("answer", "expected one of differing, listed, wanted and taken");
  if (in.has_differing()) return Compared{buckets_of(in.differing(), "differing")};
  if (in.has_wanted()) return Offered{prints_of(in.wanted(), "wanted")};
  if (in.has_taken()) return Pushed{in.taken()};
  return Listed{read(in.listed().items()), prints_of(in.listed().wanted(), "listed.wanted"),
                print_of(in.listed().last(), "listed.last")};
}

}  // namespace

Bytes encode(const RepairRequest& request) {
  proto::SwarmRequest out;
  if (const auto* compare = std::get_if<Compare>(&request)) {
    out.set_compare(text_of_prints({compare->digests.begin(), compare->digests.end()}));
  } else if (const auto* list = std::get_if<List>(&request)) {
    auto& to = *out.mutable_list();
    to.set_first(proto::string_of(list->first));
    to.set_last(proto::string_of(list->last));
    to.set_buckets(text_of_buckets(list->buckets));
    to.set_entries(text_of_listings(list->entries));
  } else if (const auto* offer = std::get_if<Offer>(&request)) {
    out.set_offer(text_of_listings(offer->entries));
  } else {
    write(std::get<Push>(request).items, *out.mutable_push());
  }
  return proto::serialise(out);
}

Bytes encode(const RepairAnswer& answer) {
  proto::SwarmAnswer out;
  if (const auto* compared = std::get_if<Compared>(&answer)) {
    out.set_differing(text_of_buckets(compared->differing));
  } else if (const auto* listed = std::get_if<Listed>(&answer)) {
    auto& to = *out.mutable_listed();
    write(listed->items, *to.mutable_items());
    to.set_wanted(text_of_prints(listed->wanted));
    to.set_last(proto::string_of(listed->last));
  } else if (const auto* offered = std::get_if<Offered>(&answer)) {
    out.set_wanted(text_of_prints(offered->wanted));
  } else {
    out.set_taken(std::get<Pushed>(answer).taken);
  }
  return proto::serialise(out);
}

Result<RepairRequest> decode_repair_request(BytesView bytes) {
  const auto in = proto::parse<proto::SwarmRequest>(bytes, kMaxRepairBytes, "request");
  if (!in) return fail(in);
  return guarded([&] { return read(*in); });
}

Result<RepairAnswer> decode_repair_answer(BytesView bytes) {
  const auto in = proto::parse<proto::SwarmAnswer>(bytes, kMaxRepairBytes, "answer");
  if (!in) return fail(in);
  return guarded([&] { return read(*in); });
}

}  // namespace session::wire
