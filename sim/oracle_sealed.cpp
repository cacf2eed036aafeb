// What clients seal, and what they pay for it. Between nodes a write travels as it came (TLS is no part of this world), so it
// is read there: with the recipient's keys, and by arithmetic of its own.
#include "sim/oracle_sealed.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "core/client/delivery.h"
#include "core/crypto/hash.h"
#include "core/signal/sealed.h"
#include "core/signal/session_protocol.h"
#include "core/wire/hash.h"
#include "core/wire/message.h"
#include "core/wire/rpc.h"
#include "sim/oracle_theft.h"

namespace session::sim {
namespace {

constexpr std::size_t kRemembered = 4'096;  ///< writes; each is forwarded to some six peers within seconds
/// A stamp made for any price of the last 15 minutes is good, and nodes hear of a block up to some seconds late.
constexpr Millis kPriceMemory = minutes(20);

/// One field of a protobuf message.
struct Field {
  std::uint64_t number = 0, value = 0;
  BytesView bytes;
};
/// The fields in their order; what does not parse ends it. The wire format's own rules, so that nothing of the code under test
/// is trusted.
std::vector<Field> fields_of(BytesView in) {
  std::vector<Field> out;
  std::size_t at = 0;
  const auto varint = [&]() -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < in.size() && shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(in[at++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  };
  while (at < in.size()) {
    const auto tag = varint();
    const auto value = tag ? varint() : std::nullopt;
    if (!value) return out;
    Field field{*tag >> 3, *value, {}};
    if ((*tag & 7) == 2) {
      if (*value > in.size() - at) return out;
      field.bytes = in.subspan(at, *value);
      at += *value;
    } else if ((*tag & 7) != 0) {
      return out;
    }
    out.push_back(field);
  }
  return out;
}

/// Chain and counter of a ratchet message: version, {1: ratchet key, 2: counter …}, 8 bytes of MAC.
struct Place {
  Bytes chain;
  std::uint64_t counter = 0;
};
std::optional<Place> place_of(BytesView message) {
  if (message.size() < 9) return std::nullopt;
  Place place;
  for (const Field& field : fields_of(message.subspan(1, message.size() - 9))) {
    if (field.number == 1) place.chain = to_bytes(field.bytes);
    if (field.number == 2) place.counter = field.value;
  }
  return place.chain.empty() ? std::nullopt : std::optional(place);
}
/// A first message has one inside, as its fourth field.
std::optional<Place> place_of(const signal::Ciphertext& text) {
  if (text.type == signal::MessageType::Message) return place_of(text.body);
  if (text.body.empty()) return std::nullopt;
  for (const Field& field : fields_of(BytesView(text.body).subspan(1)))
    if (field.number == 4) return place_of(field.bytes);
  return std::nullopt;
}

/// service-node.md 4.1: (2^64 - 1) / (difficulty · (T + ⌊⌊ttl / 1 s⌋ · T / 65535⌋)), T being the bytes that are hashed and the
/// nonce; the first 8 bytes of SHA-512(nonce ‖ SHA-512(payload)) must be less.
bool is_paid(const pow::Payload& payload, std::int64_t ttl_ms, const pow::Nonce& nonce, std::uint64_t difficulty) {
  const auto total = static_cast<unsigned __int128>(payload.size() + nonce.size());
  const auto trials = difficulty * (total + static_cast<unsigned __int128>(ttl_ms / 1000) * total / 65535);
  const auto inner =
      crypto::sha512({bytes_of(payload.timestamp), bytes_of(payload.ttl), bytes_of(payload.account), bytes_of(payload.data)});
  const auto trial = load_big<std::uint64_t>(crypto::sha512({nonce, inner}).data());
  return trials > 0 && trial < static_cast<std::uint64_t>(~std::uint64_t{0} / trials);
}

class Sealed final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    hear_price(court);
    if (const auto* fault = std::get_if<trace::FaultBegan>(&record.fact); fault != nullptr && fault->kind == kDiskFault) {
      thieves_.on_put_back(fault->machine);
      std::erase_if(seen_, [&](const auto& row) { return row.first.first == fault->machine.value; });
    }
    if (const auto* opened = std::get_if<trace::Opened>(&record.fact)) return thieves_.on_opened(record.who, *opened);
    if (const auto* here = std::get_if<trace::Journalled>(&record.fact)) return thieves_.on_journalled(record.who, *here);
    const auto* moved = std::get_if<trace::DeliveryMoved>(&record.fact);
    if (moved != nullptr) thieves_.on_moved(record.who, *moved, court);
    if (moved == nullptr || moved->to_state != client::name_of(client::State::Stamping)) return;
    const auto& outbox = court.world().client(record.who).outbox();
    const auto row = outbox.find(moved->message);
    if (row == outbox.end()) return;
    court.look("W2");
    const auto dearest =
        std::max_element(prices_.begin(), prices_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (row->second.difficulty > dearest->second)
      court.violate("W2", fmt::format("{} works at difficulty {}, and the registry never asked for more than {}",
                                      court.name(record.who), row->second.difficulty, dearest->second));
  }

  void on_link(const PacketOnLink& packet, Court& court) override {
    // Modelled cryptography is no business of these: nothing of it is secret, and its stamps are drawn.
    if (court.world().config().fidelity == Fidelity::Modelled) return;
    if (packet.is_answer || packet.is_copy || packet.is_damaged || !court.world().is_node(packet.from) ||
        !court.world().is_node(packet.to))
      return;
    if (packet.body.empty() || packet.body.front() != std::byte{'{'} || !is_new(packet.body)) return;
    const auto request = wire::parse_rpc(packet.body);
    if (!request) return;
    if (const auto* store = std::get_if<wire::StoreRequest>(&*request)) {
      if (court.is_sound(packet.from)) paid(*store, packet.from, court);  // who forges passes on what it never took
      if (store->ns == 0) opened(store->account, store->data, Instant::from_unix_millis(store->timestamp_ms), court);
    } else if (const auto* relay = std::get_if<wire::RelayRequest>(&*request)) {
      opened(relay->account, relay->data, court.world().now(), court);
    }
  }

  /// Whose bundle was seen by whom, and since when that is known.
  void check(Court& court) override {
    hear_price(court);
    thieves_.check(court);
    for (const MachineIndex who : court.people()) {
      const auto contacts = court.world().account(who).contacts();
      if (!contacts) continue;
      for (const store::ContactRow& contact : *contacts)
        if (contact.bundle_seen) seen_.try_emplace({who.value, contact.id}, court.world().now());
    }
  }

 private:
  void hear_price(Court& court) {
    if (const std::uint64_t now = court.world().registry()->network().difficulty;
        prices_.empty() || prices_.back().second != now)
      prices_.emplace_back(court.world().now(), now);
  }
  bool is_new(BytesView body) {
    const auto name = crypto::blake2b_128({body});
    if (!known_.insert(name).second) return false;
    order_.push_back(name);
    if (order_.size() > kRemembered) known_.erase(order_.front()), order_.pop_front();
    return true;
  }

  /// W1: a node that passes it on has taken it.
  void paid(const wire::StoreRequest& store, MachineIndex node, Court& court) {
    const auto& network = court.world().registry()->network();
    if (!pow::is_due(network, store.data.size(), Millis{store.ttl_ms})) return;
    court.look("W1");
    std::uint64_t least = network.difficulty;
    for (std::size_t i = 0; i < prices_.size(); ++i)
      if (i + 1 == prices_.size() || court.world().now() - prices_[i + 1].first < kPriceMemory)
        least = std::min(least, prices_[i].second);
    if (!store.nonce || !is_paid(store.stamped, store.ttl_ms, *store.nonce, least))
      court.violate("W1", fmt::format("{} took a message of {} bytes without a stamp worth {}", court.name(node),
                                      store.data.size(), least));
  }

  void opened(const Account& account, BytesView data, Instant sealed_at, Court& court) {
    const auto reader = court.person(SessionId{account});
    const auto envelope = wire::unwrap_envelope(data);
    if (!reader || !envelope) return;
    const crypto::Identity& own = identity_of(*reader, court);
    if (const auto sealed = signal::unseal_sender(own.x25519, envelope->content)) {
      const auto place = place_of(sealed->message);
      if (!place) return;
      thieves_.hear(*reader, own,
                    {*sealed, static_cast<std::int64_t>(envelope->timestamp_ms), wire::message_hash(account, 0, data)}, court);
      court.look("R1");
      const auto text = crypto::blake2b_128({sealed->message.body});
      const auto [first, is_first] = texts_.try_emplace({sealed->from, sealed->device, place->chain, place->counter}, text);
      if (!is_first && first->second != text)
        court.violate("R1", fmt::format("two texts of {} to {} have the counter {} of one chain",
                                        sealed->from.hex().substr(0, 10), court.name(*reader), place->counter));
      return;
    }
    const auto box = signal::unbox_message(own.x25519, envelope->content);
    const auto author = box ? court.person(box->from) : std::nullopt;
    if (!author) return;
    court.look("R5");
    // Whichever of its devices wrote it had seen one.
    const bool had_seen = std::ranges::all_of(court.devices(box->from), [&](MachineIndex device) {
      const auto seen = seen_.find({device.value, own.id});
      return seen != seen_.end() && seen->second < sealed_at && court.world().clock(device).is_true(court.world().now());
    });
    if (had_seen)
      court.violate("R5", fmt::format("{} writes to {} without a ratchet, whose bundle was seen before", court.name(*author),
                                      court.name(*reader)));
  }

  const crypto::Identity& identity_of(MachineIndex person, Court& court) {
    const auto known = identities_.find(person.value);
    if (known != identities_.end()) return known->second;
    const auto row = court.world().account(person).account();
    return identities_.emplace(person.value, crypto::identity_of((*row)->seed, static_cast<crypto::Era>((*row)->era)))
        .first->second;
  }

  std::set<ByteArray<16>> known_;
  std::deque<ByteArray<16>> order_;
  std::vector<std::pair<Instant, std::uint64_t>> prices_;  ///< since when
  std::map<std::uint32_t, crypto::Identity> identities_;
  std::map<std::tuple<SessionId, std::uint32_t, Bytes, std::uint64_t>, ByteArray<16>> texts_;
  std::map<std::pair<std::uint32_t, SessionId>, Instant> seen_;
  Thieves thieves_;
};

}  // namespace

std::unique_ptr<Oracle> sealed_oracle() { return std::make_unique<Sealed>(); }

}  // namespace session::sim
