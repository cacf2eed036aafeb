#include "core/wire/bundle.h"

#include <set>

#include "core/wire/message.h"
#include "core/wire/messages.pb.h"
#include "core/wire/protobuf.h"

namespace session::wire {
namespace {

constexpr std::size_t kMaxSignedBytes = 16 * 1024;
constexpr std::string_view kBundleContext = "bundle";
constexpr std::string_view kSlotsContext = "slots";

Bytes sign(std::string_view context, const Bytes& bytes, const crypto::Ed25519Pair& signer) {
  proto::Signed out;
  out.set_bytes(proto::string_of(bytes));
  out.set_signature(proto::string_of(crypto::sign(signer.secret, concat(context, bytes))));
  out.set_signer(proto::string_of(signer.open.bytes));
  return proto::serialise(out);
}

/// The signed bytes, once the owner's key is seen to have signed them.
Result<Bytes> authentic(std::string_view context, BytesView bytes, const SessionId& owner) {
  const auto in = proto::parse<proto::Signed>(bytes, kMaxSignedBytes, "signed bundle");
  if (!in) return fail(in);
  if (in->signer().size() != 32) return fail(ErrorCode::Malformed, "signer: expected 32 bytes");
  if (in->signature().size() != 64) return fail(ErrorCode::Malformed, "signature: expected 64 bytes");
  const crypto::Ed25519Public signer{to_array<32>(bytes_of(in->signer()))};
  const auto image = crypto::x25519_of(signer);
  if (!image || !std::ranges::equal(image->bytes, owner.key()))
    return fail(ErrorCode::Unauthentic, "signer: not the key of " + owner.hex());
  if (!crypto::verify(signer, concat(context, in->bytes()), to_array<64>(bytes_of(in->signature()))))
    return fail(ErrorCode::Unauthentic, "signature: does not verify");
  return to_bytes(in->bytes());
}

std::unexpected<Error> malformed(const char* field, const char* why) {
  return fail(ErrorCode::Malformed, std::string(field) + ": " + why);
}

bool is_owner(const std::string& account, const SessionId& owner) {
  return std::ranges::equal(bytes_of(account), owner.account.bytes);
}

bool is_date(std::uint64_t date) { return date > 0 && date <= kMaxTimeMs; }

bool is_signal_key(const std::string& key) { return key.size() == 33 && key[0] == 0x05; }

Result<std::vector<OneTimeKey>> read_keys(const proto::PrekeyBundle& in) {
  if (in.onetimekeys_size() == 0 || static_cast<std::size_t>(in.onetimekeys_size()) > kMaxOneTimeKeys)
    return malformed("oneTimeKeys", "expected 1 to 100");
  std::vector<OneTimeKey> keys;
  std::set<std::uint32_t> seen;
  for (const auto& each : in.onetimekeys()) {
    if (each.id() == 0 || !seen.insert(each.id()).second) return malformed("oneTimeKeys.id", "zero or repeated");
    if (!is_signal_key(each.key())) return malformed("oneTimeKeys.key", "expected 05 and 32 bytes");
    keys.push_back({each.id(), to_array<33>(bytes_of(each.key()))});
  }
  return keys;
}

}  // namespace

Bytes encode_signed(const PrekeyBundle& bundle, const crypto::Ed25519Pair& signer) {
  proto::PrekeyBundle out;
  out.set_account(proto::string_of(bundle.account.account.bytes));
  out.set_slot(bundle.slot);
  out.set_deviceid(bundle.device_id);
  out.set_registrationid(bundle.registration_id);
  out.set_date(static_cast<std::uint64_t>(bundle.date_ms));
  out.set_signedprekeyid(bundle.signed_prekey_id);
  out.set_signedprekey(proto::string_of(bundle.signed_prekey));
  out.set_signedprekeysignature(proto::string_of(bundle.signed_prekey_signature));
  for (const OneTimeKey& each : bundle.one_time_keys) {
    auto& key = *out.add_onetimekeys();
    key.set_id(each.id);
    key.set_key(proto::string_of(each.key));
  }
  return sign(kBundleContext, proto::serialise(out), signer);
}

Bytes encode_signed(const SlotList& list, const crypto::Ed25519Pair& signer) {
  proto::SlotList out;
  out.set_account(proto::string_of(list.account.account.bytes));
  out.set_date(static_cast<std::uint64_t>(list.date_ms));
  for (const DeviceSlot& each : list.slots) {
    auto& slot = *out.add_slots();
    slot.set_slot(each.slot);
    slot.set_deviceid(each.device_id);
  }
  return sign(kSlotsContext, proto::serialise(out), signer);
}

Result<PrekeyBundle> decode_signed_bundle(BytesView bytes, const SessionId& owner) {
  const auto inner = authentic(kBundleContext, bytes, owner);
  if (!inner) return fail(inner);
  const auto in = proto::parse<proto::PrekeyBundle>(*inner, kMaxSignedBytes, "bundle");
  if (!in) return fail(in);
  if (!is_owner(in->account(), owner)) return fail(ErrorCode::Unauthentic, "account: not " + owner.hex());
  if (in->slot() >= kMaxSlots) return malformed("slot", "not below 8");
  if (in->deviceid() == 0) return malformed("deviceId", "missing");
  if (!is_date(in->date())) return malformed("date", "out of range");
  if (in->signedprekeyid() == 0) return malformed("signedPrekeyId", "missing");
  if (!is_signal_key(in->signedprekey())) return malformed("signedPrekey", "expected 05 and 32 bytes");
  if (in->signedprekeysignature().size() != 64) return malformed("signedPrekeySignature", "expected 64 bytes");
  auto keys = read_keys(*in);
  if (!keys) return fail(keys);
  return PrekeyBundle{owner,
                      in->slot(),
                      in->deviceid(),
                      in->registrationid(),
                      static_cast<std::int64_t>(in->date()),
                      in->signedprekeyid(),
                      to_array<33>(bytes_of(in->signedprekey())),
                      to_array<64>(bytes_of(in->signedprekeysignature())),
                      std::move(*keys)};
}

Result<SlotList> decode_signed_slots(BytesView bytes, const SessionId& owner) {
  const auto inner = authentic(kSlotsContext, bytes, owner);
  if (!inner) return fail(inner);
  const auto in = proto::parse<proto::SlotList>(*inner, kMaxSignedBytes, "slots");
  if (!in) return fail(in);
  if (!is_owner(in->account(), owner)) return fail(ErrorCode::Unauthentic, "account: not " + owner.hex());
  if (!is_date(in->date())) return malformed("date", "out of range");
  if (static_cast<std::size_t>(in->slots_size()) > kMaxSlots) return malformed("slots", "more than 8");
  SlotList list{owner, static_cast<std::int64_t>(in->date()), {}};
  std::set<std::uint32_t> seen;
  for (const auto& each : in->slots()) {
    if (each.slot() >= kMaxSlots || !seen.insert(each.slot()).second)
      return malformed("slots.slot", "not below 8, or repeated");
    if (each.deviceid() == 0) return malformed("slots.deviceId", "missing");
    list.slots.push_back({each.slot(), each.deviceid()});
  }
  return list;
}

}  // namespace session::wire
