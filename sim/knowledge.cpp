#include "sim/knowledge.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/modelled/suite.h"
#include "core/wire/swarm_repair.h"

namespace session::sim {
namespace {

/// No request waits longer for its answer (a listener's wait, and a path's patience).
constexpr Millis kLongestWait = seconds(60);

/// A request and its answer, as the coalition saw them.
struct Exchange {
  MachineIndex from, to;
  wire::Route route = wire::Route::StorageRpc;
  std::uint64_t request_packet = 0, answer_packet = 0;  ///< 0: not seen
  std::optional<Instant> begin, end;
  std::size_t size = 0;
  std::shared_ptr<const Bytes> request, answer;  ///< null for who only watches
};

/// Bytes that are a layer, wherever they were found.
struct Layer {
  onion::Outer outer;
  std::optional<NodeId> addressee;
  std::vector<ByteArray<32>> found;  ///< keys from the layers around it
  Why why;                           ///< how its bytes are held
  std::uint64_t packet = 0;          ///< where it was seen, or what it lay in
};

/// What is one request: sets that grow together.
class Sets {
 public:
  std::size_t add() {
    parent_.push_back(parent_.size());
    joined_.emplace_back();
    return parent_.size() - 1;
  }
  [[nodiscard]] std::size_t root(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  /// The smaller root stays, so that nothing depends on the order of joining.
  void join(std::size_t a, std::size_t b, const std::optional<Step>& why) {
    a = root(a), b = root(b);
    if (a == b) return;
    if (b < a) std::swap(a, b);
    parent_[b] = a;
    joined_[a].insert(joined_[a].end(), joined_[b].begin(), joined_[b].end());
    joined_[b].clear();
    if (why) joined_[a].push_back(*why);
  }
  [[nodiscard]] const Why& joined(std::size_t root) const { return joined_[root]; }

 private:
  std::vector<std::size_t> parent_;
  std::vector<Why> joined_;
};

class Closure {
 public:
  Closure(const Recorder& recorder, const World& world, const Coalition& coalition)
      : world_(world), watches_(coalition.watches_links) {
    for (const MachineIndex m : coalition.members) {
      members_.insert(m.value);
      hold_key(m);
    }
    for (const MachineIndex m : coalition.stolen_keys) hold_key(m);
    out_.forgotten = recorder.forgotten();
    for (const SeenPacket& packet : recorder.packets()) see(packet);
  }

  Knowledge run() {
    for (auto& [number, exchange] : exchanges_) take_in(exchange);
    while (next_layer_ < layers_.size()) open(next_layer_++);
    gather();
    link();
    suspect();
    return std::move(out_);
  }

 private:
  void hold_key(MachineIndex m) {
    if (world_.is_node(m)) keys_.emplace(world_.service_node(m).id(), std::pair(m, crypto::x25519_of(world_.keys_of(m))));
  }

  // --- what it saw ----------------------------------------------------------------------------------------------------------

  void see(const SeenPacket& packet) {
    const bool sent = members_.contains(packet.from.value);
    const bool got = members_.contains(packet.to.value) && packet.arrived;
    // Of packets that it only watches those matter that a client sends or gets: that is where addresses are.
    const bool watched = watches_ && (world_.is_person(packet.from) || world_.is_person(packet.to));
    if (!sent && !got && !watched) return;
    ++out_.packets;
    Exchange& exchange = exchanges_[packet.exchange];
    if (exchange.request_packet == 0 && exchange.answer_packet == 0) {
      exchange.from = packet.is_answer ? packet.to : packet.from;
      exchange.to = packet.is_answer ? packet.from : packet.to;
      exchange.route = packet.route;
    }
    const Instant at = sent || !packet.arrived ? packet.sent : *packet.arrived;
    auto& number = packet.is_answer ? exchange.answer_packet : exchange.request_packet;
    auto& body = packet.is_answer ? exchange.answer : exchange.request;
    if (number == 0) number = packet.number;
    if (body == nullptr && (sent || got)) number = packet.number, body = packet.body;
    auto& time = packet.is_answer ? exchange.end : exchange.begin;
    if (!time || at < *time) time = at;
    if (!packet.is_answer) exchange.size = packet.body->size();
  }

  // --- what follows ---------------------------------------------------------------------------------------------------------

  void learn(std::size_t set, What what, Instant at, Why why) {
    learnt_.push_back({set, {std::move(what), at, std::move(why)}});
  }

  void take_in(const Exchange& exchange) {
    const bool is_of_client = world_.is_person(exchange.from);
    const bool is_forwarded = exchange.route == wire::Route::SwarmStore;
    if (exchange.route == wire::Route::SwarmRepair) return take_in_repair(exchange);
    if (!is_of_client && !is_forwarded && exchange.route != wire::Route::Onion) return;
    const std::size_t set = sets_.add();
    const Instant at = exchange.begin ? *exchange.begin : *exchange.end;
    const std::uint64_t packet = exchange.request_packet != 0 ? exchange.request_packet : exchange.answer_packet;
    const Why saw = {{Step::How::Saw, packet}};
    spans_.push_back({set, at, exchange.end});
    times_.emplace(packet, at);
    learn(set, PassageKnown{exchange.from, exchange.to}, at, saw);
    if (is_of_client) learn(set, AddressKnown{exchange.from}, at, saw);
    if (!is_forwarded && !world_.is_seed(exchange.to))
      if (const std::size_t room = size_class_of(exchange.size); room > 0) learn(set, SizeClassKnown{room}, at, saw);
    if (exchange.answer != nullptr && exchange.route == wire::Route::Onion)
      if (const auto print = print_of_sealed(*exchange.answer)) join_answer(*print, set, exchange.answer_packet);
    if (exchange.request == nullptr) return;
    if (exchange.route == wire::Route::Onion) return take_in_layer(exchange, set);
    if (exchange.route == wire::Route::SeedRpc) return;
    if (const auto named = named_in(*exchange.request)) learn_request(set, *named, is_forwarded, at, saw);
  }

  void take_in_layer(const Exchange& exchange, std::size_t set) {
    const std::uint64_t packet = exchange.request_packet;
    const auto addressee = world_.is_node(exchange.to) ? std::optional(world_.service_node(exchange.to).id()) : std::nullopt;
    const auto layer = hold(*exchange.request, addressee, {}, packet, {{Step::How::Saw, packet}});
    if (!layer) return;
    const std::uint64_t first = layers_[*layer].packet;
    const auto why = first != packet ? std::optional(Step{Step::How::SameBytes, packet, first}) : std::nullopt;
    sets_.join(set, set_of_layer_[*layer], why);
  }

  void take_in_repair(const Exchange& exchange) {
    const auto note = [this](const wire::Items& items) {
      for (const wire::Row& row : items.rows) out_.mailboxes.insert(row.account);
    };
    if (exchange.request != nullptr)
      if (const auto request = wire::decode_repair_request(*exchange.request))
        if (const auto* push = std::get_if<wire::Push>(&*request)) note(push->items);
    if (exchange.answer != nullptr)
      if (const auto answer = wire::decode_repair_answer(*exchange.answer))
        if (const auto* listed = std::get_if<wire::Listed>(&*answer)) note(listed->items);
  }

  void join_answer(const Print& print, std::size_t set, std::uint64_t packet) {
    const auto [first, is_new] = answers_.try_emplace(print, set, packet);
    if (!is_new) sets_.join(set, first->second.first, Step{Step::How::SameAnswer, packet, first->second.second});
  }

  void learn_request(std::size_t set, const NamedRequest& named, bool is_forwarded, Instant at, const Why& why) {
    learn(set, AccountKnown{named.account, named.method, is_forwarded}, at, why);
    for (const MessageHash& hash : named.messages) learn(set, MessageKnown{hash}, at, why);
  }

  /// The layer of these bytes, which may be known already; nothing for what is none.
  std::optional<std::size_t> hold(BytesView body, const std::optional<NodeId>& addressee, std::vector<ByteArray<32>> found,
                                  std::uint64_t packet, Why why) {
    const auto [known, is_new] = layer_of_.try_emplace(print_of(body), layers_.size());
    if (!is_new) {
      if (known->second == kNoLayer) return std::nullopt;
      Layer& layer = layers_[known->second];
      const std::size_t before = layer.found.size();
      for (const ByteArray<32>& key : found)
        if (std::ranges::find(layer.found, key) == layer.found.end()) layer.found.push_back(key);
      // What did not open may open now.
      if (layer.found.size() > before && known->second < next_layer_) open(known->second);
      return known->second;
    }
    auto outer = onion::parse_outer(body);
    if (!outer) {
      known->second = kNoLayer;
      return std::nullopt;
    }
    const std::size_t layer = layers_.size(), set = sets_.add();
    set_of_layer_.push_back(set);
    const auto [first, is_first] = ephemerals_.try_emplace(outer->ephemeral.bytes, layer);
    if (!is_first)
      sets_.join(set, set_of_layer_[first->second], Step{Step::How::SameKey, packet, layers_[first->second].packet});
    layers_.push_back({*std::move(outer), addressee, std::move(found), std::move(why), packet});
    return layer;
  }

  void open(std::size_t index) {
    if (opened_.contains(index)) return;
    // `hold` may move the layers.
    const Layer layer = layers_[index];
    const std::size_t set = set_of_layer_[index];
    Step step{Step::How::Opened, layer.packet};
    const auto opened = try_keys(layer, step);
    if (!opened) return;
    opened_.insert(index);
    Why why = layer.why;
    why.push_back(step);
    std::vector<ByteArray<32>> found = layer.found;
    found.insert(found.end(), opened->found.begin(), opened->found.end());
    const Instant at = time_of(layer.packet);
    if (const auto* inner = std::get_if<onion::Inner>(&opened->peeled.inside)) {
      learn(set, HopKnown{inner->next}, at, why);
      if (const auto child = hold(inner->body, inner->next, std::move(found), layer.packet, why))
        sets_.join(set, set_of_layer_[*child], Step{Step::How::SameBytes, layers_[*child].packet, layer.packet});
    } else if (const auto* final = std::get_if<onion::Final>(&opened->peeled.inside)) {
      if (const auto named = named_in(final->rpc)) learn_request(set, *named, false, at, why);
    }
  }

  std::optional<OpenedLayer> try_keys(const Layer& layer, Step& step) const {
    const auto by = [&](const auto& held) {
      auto opened = open_with(held.second.second, layer.outer);
      if (opened) step.whose = held.second.first;
      return opened;
    };
    // First whoever it is for; the others could open it only if its sender erred.
    const auto own = layer.addressee ? keys_.find(*layer.addressee) : keys_.end();
    if (own != keys_.end())
      if (auto opened = by(*own)) return opened;
    const auto* entry = layer.addressee ? world_.registry()->find(*layer.addressee) : nullptr;
    const auto addressee = entry != nullptr ? std::optional(entry->x25519) : std::nullopt;
    step.how = Step::How::OpenedFound;
    for (const ByteArray<32>& key : layer.found)
      if (auto opened = open_with(key, layer.outer, addressee)) return opened;
    step.how = Step::How::Opened;
    for (auto held = keys_.begin(); held != keys_.end(); ++held)
      if (held != own)
        if (auto opened = by(*held)) return opened;
    return std::nullopt;
  }

  [[nodiscard]] Instant time_of(std::uint64_t packet) const {
    const auto found = times_.find(packet);
    return found != times_.end() ? found->second : Instant{};
  }

  // --- what is told of it ---------------------------------------------------------------------------------------------------

  void gather() {
    std::map<std::size_t, std::size_t> place;  // of a root, among the requests
    for (const Span& span : spans_) {
      const auto [at, is_new] = place.try_emplace(sets_.root(span.set), out_.requests.size());
      if (is_new) out_.requests.push_back({{}, span.begin, span.end, 0, sets_.joined(at->first)});
      SeenRequest& request = out_.requests[at->second];
      request.begin = std::min(request.begin, span.begin);
      if (span.end && (!request.end || *request.end < *span.end)) request.end = span.end;
    }
    for (auto& [set, fact] : learnt_) {
      SeenRequest& request = out_.requests[place.at(sets_.root(set))];
      if (std::ranges::any_of(request.facts, [&](const Fact& other) { return other.what == fact.what; })) continue;
      if (const auto* room = std::get_if<SizeClassKnown>(&fact.what)) request.size_class = room->bytes;
      request.facts.push_back(std::move(fact));
    }
    std::ranges::stable_sort(out_.requests, {}, &SeenRequest::begin);
  }

  void link() {
    for (std::size_t i = 0; i < out_.requests.size(); ++i) {
      const SeenRequest& request = out_.requests[i];
      for (const Fact& from : request.facts)
        for (const Fact& to : request.facts) {
          const auto* address = std::get_if<AddressKnown>(&from.what);
          const auto* account = std::get_if<AccountKnown>(&to.what);
          if (address == nullptr || account == nullptr) continue;
          Why why = from.why;
          for (const Why* more : {&request.joined, &to.why})
            for (const Step& step : *more)
              if (std::ranges::find(why, step) == why.end()) why.push_back(step);
          out_.links.push_back({i, address->who, *account, std::move(why)});
        }
    }
  }

  /// The address was seen before the account, and had its answer after it.
  void suspect() {
    std::vector<std::size_t> with_address;
    for (std::size_t i = 0; i < out_.requests.size(); ++i) {
      const SeenRequest& request = out_.requests[i];
      const bool is_for_seed = world_.is_seed(request.first<PassageKnown>()->to);
      if (!is_for_seed && request.first<AddressKnown>() != nullptr && request.first<AccountKnown>() == nullptr)
        with_address.push_back(i);
    }
    const auto begin_of = [this](std::size_t i) { return out_.requests[i].begin; };
    std::ranges::stable_sort(with_address, {}, begin_of);
    for (std::size_t i = 0; i < out_.requests.size(); ++i) {
      const SeenRequest& request = out_.requests[i];
      const auto* account = request.first<AccountKnown>();
      if (account == nullptr || request.first<AddressKnown>() != nullptr || is_told_already(request, *account)) continue;
      Suspicion suspicion{i, {}, 0};
      std::set<std::uint32_t> addresses;
      const auto first = std::ranges::lower_bound(with_address, request.begin - kLongestWait, {}, begin_of);
      for (auto at = first; at != with_address.end() && begin_of(*at) < request.begin; ++at) {
        const SeenRequest& other = out_.requests[*at];
        if (other.end && (*other.end < request.begin || (request.end && *other.end < *request.end))) continue;
        if (request.size_class != 0 && other.size_class != 0 && request.size_class != other.size_class) continue;
        suspicion.candidates.push_back(*at);
        addresses.insert(other.first<AddressKnown>()->who.value);
      }
      suspicion.addresses = addresses.size();
      if (!suspicion.candidates.empty()) out_.suspicions.push_back(std::move(suspicion));
    }
  }

  /// What a member forwards it has read itself.
  [[nodiscard]] bool is_told_already(const SeenRequest& request, const AccountKnown& account) const {
    const auto* passage = request.first<PassageKnown>();
    return account.is_forwarded && passage != nullptr && members_.contains(passage->from.value);
  }

  static constexpr std::size_t kNoLayer = ~std::size_t{0};
  struct Span {
    std::size_t set;
    Instant begin;
    std::optional<Instant> end;
  };

  const World& world_;
  bool watches_;
  std::set<std::uint32_t> members_;
  std::map<NodeId, std::pair<MachineIndex, crypto::X25519Pair>> keys_;
  std::map<std::uint64_t, Exchange> exchanges_;
  Sets sets_;
  std::vector<Span> spans_;
  std::vector<std::pair<std::size_t, Fact>> learnt_;
  std::vector<Layer> layers_;
  std::vector<std::size_t> set_of_layer_;
  std::map<Print, std::size_t> layer_of_;
  std::map<ByteArray<32>, std::size_t> ephemerals_;
  std::map<std::uint64_t, Instant> times_;  ///< of packets
  std::map<Print, std::pair<std::size_t, std::uint64_t>> answers_;
  std::set<std::size_t> opened_;
  std::size_t next_layer_ = 0;
  Knowledge out_;
};

}  // namespace

Knowledge know(const Recorder& recorder, const World& world, const Coalition& coalition) {
  const modelled::Scope cryptography(world.config().fidelity == Fidelity::Modelled);
  return Closure(recorder, world, coalition).run();
}

}  // namespace session::sim
