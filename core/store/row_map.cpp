#include "core/store/row_map.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <unordered_map>

#include "core/crypto/hash.h"

namespace session::store {
namespace {

constexpr std::size_t kMostRows = 64;    ///< of a leaf
constexpr std::size_t kFewRows = 16;     ///< of one that is joined with the next
constexpr std::size_t kSmallPart = 256;  ///< bytes: below them a part is not worth a place of its own

using Shared = std::shared_ptr<const Bytes>;

/// Parts by their hashes, as long as some row of this thread has them.
struct Parts {
  struct Hash {
    std::size_t operator()(const ByteArray<16>& name) const noexcept { return load_little<std::uint64_t>(name.data()); }
  };
  std::unordered_map<ByteArray<16>, std::weak_ptr<const Bytes>, Hash> known;
  std::size_t swept_at = 64;  ///< when there are so many, those that are gone are taken out
};

Shared one_for_all(BytesView part) {
  thread_local Parts parts;
  const auto name = crypto::blake2b_128({part});
  auto& known = parts.known[name];
  if (auto shared = known.lock()) return shared;
  auto shared = std::make_shared<const Bytes>(to_bytes(part));
  known = shared;
  if (parts.known.size() >= parts.swept_at) {
    std::erase_if(parts.known, [](const auto& each) { return each.second.expired(); });
    parts.swept_at = std::max<std::size_t>(64, 2 * parts.known.size());
  }
  return shared;
}

bool is_less(BytesView a, BytesView b) {
  const int order = a.empty() || b.empty() ? 0 : std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
  return order != 0 ? order < 0 : a.size() < b.size();
}

}  // namespace

/// Followed by the shared part, where there is one, the key, and the value without that part.
struct Row::Box {
  std::atomic<std::uint32_t> owners{1};
  std::uint32_t key_size, own_size;
  std::uint32_t part_at;  ///< kNoPart: there is none

  static constexpr std::uint32_t kNoPart = std::numeric_limits<std::uint32_t>::max();
  [[nodiscard]] bool has_part() const { return part_at != kNoPart; }
  [[nodiscard]] std::size_t head() const { return sizeof(Box) + (has_part() ? sizeof(Shared) : 0); }
  [[nodiscard]] std::size_t size() const { return head() + key_size + own_size; }
  [[nodiscard]] std::byte* bytes() { return reinterpret_cast<std::byte*>(this) + head(); }
  [[nodiscard]] Shared* part() { return std::launder(reinterpret_cast<Shared*>(this + 1)); }
};

Row::Row(BytesView key, BytesView value, Part alike) {
  static_assert(sizeof(Box) % alignof(Shared) == 0);
  assert(alike.at <= value.size() && alike.size <= value.size() - alike.at);
  const bool has_part = alike.size >= kSmallPart;
  Box head{.key_size = static_cast<std::uint32_t>(key.size()),
           .own_size = static_cast<std::uint32_t>(value.size() - (has_part ? alike.size : 0)),
           .part_at = has_part ? static_cast<std::uint32_t>(alike.at) : Box::kNoPart};
  box_ = new (::operator new(head.size())) Box{.key_size = head.key_size, .own_size = head.own_size, .part_at = head.part_at};
  if (has_part) new (box_ + 1) Shared(one_for_all(value.subspan(alike.at, alike.size)));
  std::byte* to = std::ranges::copy(key, box_->bytes()).out;
  if (!has_part) {
    std::ranges::copy(value, to);
  } else {
    to = std::ranges::copy(value.first(alike.at), to).out;
    std::ranges::copy(value.subspan(alike.at + alike.size), to);
  }
}

Row::Row(const Row& other) : box_(other.box_) {
  if (box_ != nullptr) box_->owners.fetch_add(1, std::memory_order_relaxed);
}

Row::~Row() {
  if (box_ == nullptr || box_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (box_->has_part()) std::destroy_at(box_->part());
  std::destroy_at(box_);
  ::operator delete(box_);
}

BytesView Row::key() const { return {box_->bytes(), box_->key_size}; }

BytesView Row::value(Bytes& room) const {
  const BytesView own(box_->bytes() + box_->key_size, box_->own_size);
  if (!box_->has_part()) return own;
  room.clear();
  append(room, own.first(box_->part_at));
  append(room, **box_->part());
  append(room, own.subspan(box_->part_at));
  return room;
}

Bytes Row::value() const {
  if (!box_->has_part()) return {box_->bytes() + box_->key_size, box_->bytes() + box_->key_size + box_->own_size};
  Bytes whole;
  static_cast<void>(value(whole));
  return whole;
}

std::size_t Row::footprint() const { return box_->size(); }

// --- the map
// -----------------------------------------------------------------------------------------------------------------

const Row& RowMap::Place::next() const {
  static const Row kNone;
  return leaf_ == leaves_->size() ? kNone : (*leaves_)[leaf_]->rows[row_];
}

const Row& RowMap::Place::previous() const {
  static const Row kNone;
  if (row_ > 0) return (*leaves_)[leaf_]->rows[row_ - 1];
  return leaf_ == 0 ? kNone : (*leaves_)[leaf_ - 1]->rows.back();
}

void RowMap::Place::go_on() {
  if (++row_ < (*leaves_)[leaf_]->rows.size()) return;
  ++leaf_;
  row_ = 0;
}

void RowMap::Place::go_back() {
  if (row_ == 0) row_ = (*leaves_)[--leaf_]->rows.size();
  --row_;
}

RowMap::Place RowMap::lower_bound(BytesView key) const {
  // The first leaf that does not end before it.
  const auto leaf =
      std::ranges::partition_point(leaves_, [&](const Cow<Leaf>& each) { return is_less(each->rows.back().key(), key); });
  Place place;
  place.leaves_ = &leaves_;
  place.leaf_ = static_cast<std::size_t>(leaf - leaves_.begin());
  if (leaf == leaves_.end()) return place;
  const auto& rows = (*leaf)->rows;
  const auto row = std::ranges::partition_point(rows, [&](const Row& each) { return is_less(each.key(), key); });
  place.row_ = static_cast<std::size_t>(row - rows.begin());
  return place;
}

Row RowMap::find(BytesView key) const {
  const Row& row = lower_bound(key).next();
  return !row.is_empty() && std::ranges::equal(row.key(), key) ? row : Row();
}

Row RowMap::put(Row row) {
  if (leaves_.empty()) {
    leaves_.emplace_back().own().rows.push_back(std::move(row));
    return {};
  }
  Place at = lower_bound(row.key());
  if (const Row& next = at.next(); !next.is_empty() && std::ranges::equal(next.key(), row.key()))
    return std::exchange(leaves_[at.leaf_].own().rows[at.row_], std::move(row));
  const bool is_last = at.leaf_ == leaves_.size();
  if (is_last) --at.leaf_, at.row_ = leaves_[at.leaf_]->rows.size();
  if (leaves_[at.leaf_]->rows.size() == kMostRows) {
    // What comes in the order of its keys leaves full leaves behind.
    const std::size_t stay = is_last ? kMostRows : kMostRows / 2;
    auto& full = leaves_[at.leaf_].own().rows;
    Leaf rest;
    rest.rows.assign(std::make_move_iterator(full.begin() + static_cast<std::ptrdiff_t>(stay)),
                     std::make_move_iterator(full.end()));
    full.resize(stay);
    leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(at.leaf_) + 1, Cow<Leaf>(std::move(rest)));
    if (at.row_ > stay || is_last) ++at.leaf_, at.row_ -= stay;
  }
  auto& rows = leaves_[at.leaf_].own().rows;
  rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(at.row_), std::move(row));
  return {};
}

Row RowMap::erase(BytesView key) {
  const Place at = lower_bound(key);
  const Row& next = at.next();
  if (next.is_empty() || !std::ranges::equal(next.key(), key)) return {};
  auto& rows = leaves_[at.leaf_].own().rows;
  Row gone = std::move(rows[at.row_]);
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at.row_));
  const auto leaf = leaves_.begin() + static_cast<std::ptrdiff_t>(at.leaf_);
  if (rows.empty()) {
    leaves_.erase(leaf);
  } else if (const auto after = leaf + 1;
             rows.size() < kFewRows && after != leaves_.end() && rows.size() + (*after)->rows.size() <= kMostRows / 2) {
    rows.insert(rows.end(), (*after)->rows.begin(), (*after)->rows.end());
    leaves_.erase(after);
  }
  return gone;
}

std::size_t RowMap::size() const {
  std::size_t rows = 0;
  for (const Cow<Leaf>& leaf : leaves_) rows += leaf->rows.size();
  return rows;
}

std::size_t RowMap::footprint() const {
  std::size_t bytes = leaves_.capacity() * sizeof(Cow<Leaf>);
  for (const Cow<Leaf>& leaf : leaves_) {
    bytes += sizeof(Leaf) + leaf->rows.capacity() * sizeof(Row);
    for (const Row& row : leaf->rows) bytes += row.footprint();
  }
  return bytes;
}

bool operator==(const RowMap& a, const RowMap& b) {
  Bytes room_a, room_b;
  RowMap::Place at = a.lower_bound({}), other = b.lower_bound({});
  for (; !at.next().is_empty() && !other.next().is_empty(); at.go_on(), other.go_on())
    if (!std::ranges::equal(at.next().key(), other.next().key()) ||
        !std::ranges::equal(at.next().value(room_a), other.next().value(room_b)))
      return false;
  return at.next().is_empty() && other.next().is_empty();
}

}  // namespace session::store
