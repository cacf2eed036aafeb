// Byte strings by byte strings, in order, in little memory: the tables of stores that live in memory. Copies share what they
// have alike, so that a world of thousands of stores is copied in no time; a row is one piece of memory, and large parts that
// many rows have alike, such as a message that seven nodes keep, lie there once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/cow.h"

namespace session::store {

/// Of a value: bytes that other rows, of other tables too, are likely to have as well. Empty: none.
struct Part {
  std::size_t at = 0, size = 0;
};
/// Where `piece`, which `whole` has in it, stands there.
[[nodiscard]] inline Part part_of(BytesView whole, BytesView piece) {
  return {text_of(whole).find(text_of(piece)), piece.size()};
}

/// A key and its value, which never change; a copy is a pointer. It may be empty.
class Row {
 public:
  Row() = default;
  Row(BytesView key, BytesView value, Part alike);
  Row(const Row& other);
  Row(Row&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Row& operator=(const Row& other) { return *this = Row(other); }
  Row& operator=(Row&& other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Row();

  [[nodiscard]] bool is_empty() const { return box_ == nullptr; }
  [[nodiscard]] BytesView key() const;
  /// Put together in `room` where it does not lie in one piece.
  [[nodiscard]] BytesView value(Bytes& room) const;
  [[nodiscard]] Bytes value() const;
  /// Bytes that this row takes, but for what it may have alike with others.
  [[nodiscard]] std::size_t footprint() const;

 private:
  struct Box;
  Box* box_ = nullptr;
};

class RowMap {
  struct Leaf {
    std::vector<Row> rows;
  };
  using Leaves = std::vector<Cow<Leaf>>;  ///< none of them empty

 public:
  /// Between two rows, or before the first or behind the last. Any change of the map makes it worthless.
  class Place {
   public:
    /// The row behind; an empty one at the end.
    [[nodiscard]] const Row& next() const;
    /// The row before; an empty one at the beginning.
    [[nodiscard]] const Row& previous() const;
    void go_on();    ///< past `next`, which must not be empty
    void go_back();  ///< before `previous`, which must not be empty

   private:
    friend class RowMap;
    const Leaves* leaves_ = nullptr;
    std::size_t leaf_ = 0, row_ = 0;  ///< a row of that leaf, or 0 of the one behind the last
  };

  [[nodiscard]] bool empty() const { return leaves_.empty(); }
  [[nodiscard]] std::size_t size() const;
  /// Empty when there is none.
  [[nodiscard]] Row find(BytesView key) const;
  /// Before the first row whose key is not less.
  [[nodiscard]] Place lower_bound(BytesView key) const;
  /// In the place of the row with the same key, which is returned; an empty one when there was none.
  Row put(Row row);
  /// The row that was there; an empty one when there was none.
  Row erase(BytesView key);
  [[nodiscard]] std::size_t footprint() const;
  friend bool operator==(const RowMap& a, const RowMap& b);

 private:
  Leaves leaves_;
};

}  // namespace session::store
