#include "core/node/limits.h"

#include <algorithm>

namespace session::node {

double TokenBuckets::tokens_at(const Bucket& bucket, Instant now) const {
  const double passed = std::max(0.0, static_cast<double>(now.unix_millis() - bucket.at.unix_millis()) / 1000);
  return std::min(burst_, bucket.tokens + passed * per_second_);
}

bool TokenBuckets::take(const std::string& caller, Instant now, std::size_t count) {
  auto found = buckets_.find(caller);
  if (found == buckets_.end()) {
    if (buckets_.size() >= most_) {
      // Looking through all of them is dear: once a second at most.
      if (now >= purged_ && now < purged_ + seconds(1)) return false;
      purged_ = now;
      for (auto& [name, bucket] : buckets_) bucket.at = std::min(bucket.at, now);
      std::erase_if(buckets_, [&](const auto& each) { return tokens_at(each.second, now) >= burst_; });
      if (buckets_.size() >= most_) return false;
    }
    found = buckets_.emplace(caller, Bucket{burst_, now}).first;
  }
  Bucket& bucket = found->second;
  bucket.at = std::min(bucket.at, now);  // a clock that was set back must not stop it from filling
  const double tokens = tokens_at(bucket, now);
  const double price = std::min(burst_, static_cast<double>(count));
  if (tokens < price) return false;
  bucket = {tokens - price, now};
  return true;
}

void TokenBuckets::give_back(const std::string& caller) {
  if (const auto found = buckets_.find(caller); found != buckets_.end())
    found->second.tokens = std::min(burst_, found->second.tokens + 1);
}

}  // namespace session::node
