#include "core/wire/obligations.h"

#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;
using json::Value;

Bytes call(const char* method, Json params) {
  return to_bytes(json::dump({{"jsonrpc", "2.0"}, {"id", "0"}, {"method", method}, {"params", std::move(params)}}));
}

}  // namespace

Bytes uptime_text(const UptimeProof& proof) {
  return concat("uptime", proof.id.key, little(static_cast<std::uint64_t>(proof.time_ms)), little(proof.version[0]),
                little(proof.version[1]), little(proof.version[2]));
}
void sign_uptime(UptimeProof& proof, const crypto::Ed25519Secret& node) {
  proof.signature = crypto::sign(node, uptime_text(proof));
}
bool verify_uptime(const UptimeProof& proof) {
  return crypto::verify(crypto::key_of(proof.id), uptime_text(proof), proof.signature);
}

Bytes vote_text(const ObligationsVote& vote) {
  return concat("vote", little(vote.height), vote.block_hash, vote.voter.key, vote.subject.key,
                little(static_cast<std::uint16_t>(vote.passed ? 1 : 0)));
}
void sign_vote(ObligationsVote& vote, const crypto::Ed25519Secret& voter) {
  vote.signature = crypto::sign(voter, vote_text(vote));
}
bool verify_vote(const ObligationsVote& vote) {
  return crypto::verify(crypto::key_of(vote.voter), vote_text(vote), vote.signature);
}

UptimeProof read_uptime(const Fields& params) {
  UptimeProof proof;
  proof.id = NodeId{params.hex<32>("pubkey_ed25519")};
  proof.time_ms = params.number<std::int64_t>("timestamp", 0);
  const Value& version = params.list("version", 3);
  if (version.size() != 3) json::reject("version", "expected three numbers");
  auto part = proof.version.begin();
  for (const Value& each : version) {
    if (!each.is_unsigned() || each.number() > 0xffff) json::reject("version", "expected three numbers");
    *part++ = static_cast<std::uint16_t>(each.number());
  }
  proof.signature = params.base64<64>("signature");
  return proof;
}

ObligationsVotes read_votes(const Fields& params) {
  ObligationsVotes votes;
  for (const Value& each : params.list("votes", kMaxVotes)) {
    const Fields entry(each, "votes");
    ObligationsVote vote;
    vote.height = entry.number<std::uint64_t>("height");
    vote.block_hash = entry.hex<32>("block_hash");
    vote.voter = NodeId{entry.hex<32>("voter")};
    vote.subject = NodeId{entry.hex<32>("subject")};
    vote.passed = entry.flag("passed", false);
    vote.signature = entry.base64<64>("signature");
    votes.push_back(vote);
  }
  return votes;
}

Bytes to_json(const UptimeProof& proof) {
  return call("uptime_proof", {{"pubkey_ed25519", proof.id.hex()},
                               {"timestamp", proof.time_ms},
                               {"version", proof.version},
                               {"signature", to_base64(proof.signature)}});
}

Bytes to_json(const ObligationsVotes& votes) {
  Json list = Json::array();
  for (const ObligationsVote& vote : votes)
    list.push_back({{"height", vote.height},
                    {"block_hash", to_hex(vote.block_hash)},
                    {"voter", vote.voter.hex()},
                    {"subject", vote.subject.hex()},
                    {"passed", vote.passed},
                    {"signature", to_base64(vote.signature)}});
  return call("obligations_votes", {{"votes", std::move(list)}});
}

}  // namespace session::wire
