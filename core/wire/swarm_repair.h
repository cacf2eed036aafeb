// How members of a swarm compare what they keep and exchange what differs, and how messages move to another swarm: requests of
// peers, with their proof, as protobuf. Source: profile.md 4 and 10.2.
#pragma once

#include <bitset>
#include <variant>
#include <vector>

#include "core/wire/transport.h"

namespace session::wire {

using Print = ByteArray<16>;                        ///< store::Print
using Buckets = std::bitset<256>;                   ///< by a print's first byte
using Digests = std::array<Print, 256>;             ///< store::Digests
inline constexpr std::size_t kMaxEntries = 16'384;  ///< of one request
inline constexpr std::size_t kMaxItems = 16'384;    ///< rows and tombstones of one request or answer
inline constexpr std::size_t kMaxRepairBytes = 10 * 1024 * 1024;

/// A message as one node hands it to another. Its hash is not sent: it follows from what is.
struct Row {
  Account account;
  Namespace ns = 0;
  std::int64_t timestamp_ms = 0, expiry_ms = 0;
  std::int64_t taken_ms = 0;  ///< when a node took what the expiry is of
  Bytes data;                 ///< at most kMaxDataBytes
  Bytes stamp;                ///< at most 256 KiB
  friend bool operator==(const Row&, const Row&) = default;
};
/// A signed request that still holds (profile.md 10.2).
struct Stone {
  std::int64_t taken_ms = 0, falls_ms = 0;
  Bytes request;  ///< JSON, as `to_json` wrote it
  friend bool operator==(const Stone&, const Stone&) = default;
};
struct Items {
  std::vector<Row> rows;
  std::vector<Stone> stones;
  friend bool operator==(const Items&, const Items&) = default;
};
/// What is told of a row or a tombstone before it is sent.
struct Listing {
  Print print{};
  std::int64_t taken_ms = 0, expiry_ms = 0;
  friend bool operator==(const Listing&, const Listing&) = default;
};

/// My digests: which of yours differ?
struct Compare {
  Digests digests{};
  friend bool operator==(const Compare&, const Compare&) = default;
};
/// All that I have in these buckets from one print to another: what have you that I lack, and what do you lack?
struct List {
  Print first{}, last{};  ///< both included
  Buckets buckets;
  std::vector<Listing> entries;  ///< ascending, each once
  friend bool operator==(const List&, const List&) = default;
};
/// I have these for you: which do you lack?
struct Offer {
  std::vector<Listing> entries;  ///< each once, ascending
  friend bool operator==(const Offer&, const Offer&) = default;
};
/// Keep these.
struct Push {
  Items items;
  friend bool operator==(const Push&, const Push&) = default;
};
using RepairRequest = std::variant<Compare, List, Offer, Push>;

struct Compared {
  Buckets differing;
  friend bool operator==(const Compared&, const Compared&) = default;
};
/// As far as `last` goes: not always to the end of what was asked.
struct Listed {
  Items items;
  std::vector<Print> wanted;
  Print last{};
  friend bool operator==(const Listed&, const Listed&) = default;
};
struct Offered {
  std::vector<Print> wanted;
  friend bool operator==(const Offered&, const Offered&) = default;
};
struct Pushed {
  std::uint32_t taken = 0;  ///< what was not there before
  friend bool operator==(const Pushed&, const Pushed&) = default;
};
using RepairAnswer = std::variant<Compared, Listed, Offered, Pushed>;

[[nodiscard]] Bytes encode(const RepairRequest& request);
[[nodiscard]] Bytes encode(const RepairAnswer& answer);
/// Errors: Malformed, naming the field.
[[nodiscard]] Result<RepairRequest> decode_repair_request(BytesView bytes);
[[nodiscard]] Result<RepairAnswer> decode_repair_answer(BytesView bytes);

}  // namespace session::wire
