// What waits for the machine, so that whoever asks much waits for himself. Source: reliability.md 7 and L4.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

namespace session::node {

/// A line for each caller, served in turn, one of each; what the node itself awaits (answers to its calls, its timers) goes
/// before all of them, as it is bounded by what was taken in before. Within a line, first come, first served. A caller without
/// anything waiting takes no memory.
template <class T>
class FairQueue {
 public:
  void push_own(T item) { own_.push_back(std::move(item)); }
  void push(const std::string& caller, T item) {
    auto& line = lines_[caller];
    if (line.empty()) turns_.push_back(caller);
    line.push_back(std::move(item));
    ++waiting_;
  }
  /// Not of an empty queue.
  [[nodiscard]] T pop() {
    if (!own_.empty()) return take(own_);
    std::string caller = std::move(turns_.front());
    turns_.pop_front();
    const auto line = lines_.find(caller);
    T item = take(line->second);
    --waiting_;
    if (line->second.empty())
      lines_.erase(line);
    else
      turns_.push_back(std::move(caller));
    return item;
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return own_.size() + waiting_; }
  [[nodiscard]] std::size_t callers() const { return lines_.size(); }
  void clear() { *this = FairQueue(); }

 private:
  static T take(std::deque<T>& from) {
    T item = std::move(from.front());
    from.pop_front();
    return item;
  }
  std::deque<T> own_;
  std::map<std::string, std::deque<T>> lines_;  ///< none of them empty
  std::deque<std::string> turns_;               ///< each of `lines_` once, who is next in front
  std::size_t waiting_ = 0;                     ///< in `lines_`
};

}  // namespace session::node
