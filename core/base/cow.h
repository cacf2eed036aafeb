// A value that its copies share until one of them changes: what makes a copy of a world cheap.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace session {

/// Behaves as the value would, whoever else shares it and on whichever thread: a copy is a pointer, the first change after it
/// the copy of the value. One object is not for two threads at once, like any value.
template <class T>
class Cow {
 public:
  Cow() : box_(new Box) {}
  explicit Cow(T value) : box_(new Box(std::move(value))) {}
  Cow(const Cow& other) : box_(other.box_) { box_->owners.fetch_add(1, std::memory_order_relaxed); }
  Cow(Cow&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Cow& operator=(const Cow& other) {
    if (box_ != other.box_) *this = Cow(other);
    return *this;
  }
  Cow& operator=(Cow&& other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Cow() {
    if (box_ != nullptr && box_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete box_;
  }

  [[nodiscard]] const T& operator*() const { return box_->value; }
  [[nodiscard]] const T* operator->() const { return &box_->value; }
  /// To be changed; nobody else sees it.
  [[nodiscard]] T& own() {
    // The last other owner may have let go on another thread: what it read there comes before what is written here.
    if (box_->owners.load(std::memory_order_acquire) != 1) *this = Cow(T(box_->value));
    return box_->value;
  }
  [[nodiscard]] bool shares_with(const Cow& other) const { return box_ == other.box_; }

 private:
  struct Box {
    Box() = default;
    explicit Box(T&& given) : value(std::move(given)) {}
    std::atomic<std::uint32_t> owners{1};
    T value;
  };
  Box* box_;  ///< null only after it was moved from: then it can be given another value, and go
};

}  // namespace session
