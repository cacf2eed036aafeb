#include "sim/crowd/digest.h"

#include "core/crypto/hash.h"

namespace session::sim {
namespace {

constexpr std::size_t kChunk = 1 << 16;

}  // namespace

void CrowdDigest::on(std::span<const CrowdFact> facts) {
  pending_.reserve(kChunk + 64);
  for (const CrowdFact& fact : facts) {
    append(pending_, little(static_cast<std::uint64_t>(fact.at.micros)));
    for (const std::uint32_t field : {fact.who, fact.other, fact.size, fact.message}) append(pending_, little(field));
    pending_.push_back(static_cast<std::byte>(fact.kind));
    pending_.push_back(static_cast<std::byte>(fact.is_answer));
    if (pending_.size() < kChunk) continue;
    chain_ = crypto::blake2b_256({chain_, pending_});
    pending_.clear();
  }
  facts_ += facts.size();
}

std::string CrowdDigest::hex() const { return to_hex(crypto::blake2b_256({chain_, pending_})); }

}  // namespace session::sim
