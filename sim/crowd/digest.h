// The canonical bytes of a crowd's run, hashed as it goes: equal runs have equal digests.
#pragma once

#include <string>

#include "sim/crowd/crowd.h"

namespace session::sim {

class CrowdDigest final : public CrowdReader {
 public:
  void on(std::span<const CrowdFact> facts) override;
  [[nodiscard]] std::string hex() const;
  [[nodiscard]] std::uint64_t facts() const { return facts_; }

 private:
  ByteArray<32> chain_{};
  Bytes pending_;
  std::uint64_t facts_ = 0;
};

}  // namespace session::sim
