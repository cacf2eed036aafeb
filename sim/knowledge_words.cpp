#include "sim/knowledge_words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "sim/scenario_words.h"

namespace session::sim {
namespace {

using Json = nlohmann::ordered_json;

void add(std::vector<MachineIndex>& to, MachineIndex machine) {
  if (std::ranges::find(to, machine) == to.end()) to.push_back(machine);
}

std::optional<MachineIndex> node_named(std::string_view name, const World& world) {
  const auto number = node_number(name);
  return number && *number < world.nodes() ? std::optional(world.node(*number)) : std::nullopt;
}

Result<void> add_word(std::string_view word, const World& world, const Recorder& recorder, Coalition& to) {
  const auto bad = [&](std::string_view why) { return fail(ErrorCode::Malformed, fmt::format("who: '{}': {}", word, why)); };
  if (word == "seed") {
    for (std::size_t i = 0; i < world.seeds(); ++i) add(to.members, world.seed(i));
    return {};
  }
  if (const auto number = seed_number(word, world.seeds())) return add(to.members, world.seed(*number - 1)), Result<void>();
  if (word == "links") return to.watches_links = true, Result<void>();
  const auto colon = word.find(':');
  const std::string_view kind = word.substr(0, colon), name = colon == word.npos ? word : word.substr(colon + 1);
  const auto person = world.person(name);
  const auto node = node_named(name, world);
  if (colon == word.npos) {
    if (!node && !person) return bad("no node, person, 'seed' or 'links' of this world");
    return add(to.members, node ? *node : *person), Result<void>();
  }
  if (kind == "key-of") {
    if (!node) return bad("there is no such node");
    return add(to.stolen_keys, *node), Result<void>();
  }
  if (kind != "guard-of" && kind != "swarm-of") return bad("known are key-of:, guard-of: and swarm-of:");
  if (!person) return bad("there is nobody of this name");
  const std::size_t before = to.members.size();
  if (kind == "swarm-of") {
    const auto& registry = *world.registry();
    for (const NodeId& id : registry.members(registry.swarm_of(world.client(*person).id().account)))
      if (const auto member = world.machine_of(id)) add(to.members, *member);
  } else {
    for (const SeenPacket& packet : recorder.packets())
      if (packet.from == *person && !packet.is_answer && world.is_node(packet.to)) add(to.members, packet.to);
    if (to.members.size() == before) return bad("has spoken to no node yet, or it is forgotten");
  }
  return {};
}

class Teller {
 public:
  Teller(const Knowledge& knowledge, const World& world) : knowledge_(knowledge), world_(world) {
    for (const MachineIndex m : world.people()) people_.emplace(world.client(m).id().account, world.names()[m.value]);
  }

  [[nodiscard]] const std::string& name(MachineIndex m) const { return world_.names()[m.value]; }
  [[nodiscard]] double seconds_of(Instant at) const {
    return static_cast<double>(at.micros - world_.config().begin.micros) / 1e6;
  }
  [[nodiscard]] std::string account(const Account& account) const {
    const auto person = people_.find(account);
    return account.hex().substr(0, 10) + "…" + (person != people_.end() ? fmt::format(" ({})", person->second) : "");
  }
  [[nodiscard]] std::string node(const NodeId& id) const {
    const auto machine = world_.machine_of(id);
    return machine ? name(*machine) : id.hex().substr(0, 10) + "…";
  }

  [[nodiscard]] std::string words(const What& what) const {
    struct Visitor {
      const Teller& teller;
      std::string operator()(const AddressKnown& known) const { return "the address is " + teller.name(known.who) + "'s"; }
      std::string operator()(const AccountKnown& known) const {
        return fmt::format("{} for {}{}", known.method, teller.account(known.account), known.is_forwarded ? ", forwarded" : "");
      }
      std::string operator()(const HopKnown& known) const { return "goes on to " + teller.node(known.next); }
      std::string operator()(const PassageKnown& known) const {
        return fmt::format("{} → {}", teller.name(known.from), teller.name(known.to));
      }
      std::string operator()(const SizeClassKnown& known) const { return fmt::format("class of {} B", known.bytes); }
      std::string operator()(const MessageKnown& known) const { return "message " + known.hash.text.substr(0, 8) + "…"; }
    };
    return std::visit(Visitor{*this}, what);
  }
  [[nodiscard]] std::string words(const Step& step) const {
    switch (step.how) {
      case Step::How::Saw: return fmt::format("packet {} was seen", step.packet);
      case Step::How::Opened:
        return fmt::format("{}'s key opens a layer of packet {}", step.whose ? name(*step.whose) : "somebody", step.packet);
      case Step::How::OpenedFound: return fmt::format("a key found inside opens a layer of packet {}", step.packet);
      case Step::How::SameBytes: return fmt::format("packet {} is what lay in packet {}", step.packet, step.other);
      case Step::How::SameAnswer: return fmt::format("packets {} and {} are the same sealed answer", step.packet, step.other);
      case Step::How::SameKey: return fmt::format("packets {} and {} have the same ephemeral key", step.packet, step.other);
    }
    return "";
  }
  [[nodiscard]] std::string words(const Why& why) const {
    std::string out;
    for (const Step& step : why) out += (out.empty() ? "" : "; ") + words(step);
    return out;
  }
  [[nodiscard]] std::string words(const SeenRequest& request) const {
    std::string out = fmt::format("{:>9.3f} s ", seconds_of(request.begin));
    std::string_view comma = " ";
    for (const Fact& fact : request.facts) out += std::string(std::exchange(comma, ", ")) + words(fact.what);
    return out;
  }
  [[nodiscard]] std::string addresses(const Suspicion& suspicion) const {
    std::set<std::string> names;
    for (const std::size_t i : suspicion.candidates) names.insert(name(knowledge_.requests[i].first<AddressKnown>()->who));
    std::string out;
    for (const std::string& each : names) out += (out.empty() ? "" : ", ") + each;
    return out;
  }

 private:
  const Knowledge& knowledge_;
  const World& world_;
  std::map<Account, std::string> people_;
};

std::string who_are(const Coalition& coalition, const World& world) {
  std::string out;
  const auto add_name = [&](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
  for (const MachineIndex m : coalition.members) add_name(world.names()[m.value]);
  for (const MachineIndex m : coalition.stolen_keys) add_name("the keys of " + world.names()[m.value]);
  if (coalition.watches_links) add_name("who watches all links");
  return out.empty() ? "nobody" : out;
}

Json steps_json(const Teller& teller, const Why& why) {
  Json out = Json::array();
  for (const Step& step : why) {
    Json line = {{"packet", step.packet}, {"words", teller.words(step)}};
    if (step.other != 0) line["other"] = step.other;
    if (step.whose) line["key_of"] = teller.name(*step.whose);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

Result<Coalition> parse_coalition(std::string_view words, const World& world, const Recorder& recorder) {
  Coalition out;
  for (std::size_t from = 0; from <= words.size();) {
    const std::size_t comma = std::min(words.find(',', from), words.size());
    std::string_view word = words.substr(from, comma - from);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word.empty()) return fail(ErrorCode::Malformed, "who: nobody between two commas");
    if (auto added = add_word(word, world, recorder, out); !added) return fail(added);
    from = comma + 1;
  }
  return out;
}

std::string knowledge_text(const Knowledge& knowledge, const Coalition& coalition, const World& world, std::size_t most) {
  const Teller teller(knowledge, world);
  std::size_t addresses = 0, accounts = 0;
  for (const SeenRequest& request : knowledge.requests) {
    if (request.first<AddressKnown>() != nullptr) ++addresses;
    if (request.first<AccountKnown>() != nullptr) ++accounts;
  }
  std::string out = fmt::format("{}: {} packets, {} requests; of {} the client's address is known, of {} the account\n",
                                who_are(coalition, world), knowledge.packets, knowledge.requests.size(), addresses, accounts);
  if (knowledge.forgotten > 0)
    out += fmt::format("the recording no longer has the first {} packets: more may have been known\n", knowledge.forgotten);
  if (!knowledge.mailboxes.empty())
    out += fmt::format("{} mailboxes are named in what members of a swarm exchange\n", knowledge.mailboxes.size());

  out += fmt::format("\njoined by bytes: {}\n", knowledge.links.size());
  for (std::size_t i = 0; i < std::min(most, knowledge.links.size()); ++i) {
    const Link& link = knowledge.links[i];
    out += fmt::format("{:>9.3f} s  {} asks: {}\n             {}\n", teller.seconds_of(knowledge.requests[link.request].begin),
                       teller.name(link.address), teller.words(What(link.account)), teller.words(link.why));
  }
  out += fmt::format("\nsuspected by times and sizes alone: {}\n", knowledge.suspicions.size());
  for (std::size_t i = 0; i < std::min(most, knowledge.suspicions.size()); ++i) {
    const Suspicion& suspicion = knowledge.suspicions[i];
    const SeenRequest& request = knowledge.requests[suspicion.request];
    out += fmt::format("{:>9.3f} s  {}: {} requests of {} addresses fit ({})\n", teller.seconds_of(request.begin),
                       teller.words(What(*request.first<AccountKnown>())), suspicion.candidates.size(), suspicion.addresses,
                       teller.addresses(suspicion));
  }
  out += "\nrequest by request\n";
  for (std::size_t i = 0; i < std::min(most, knowledge.requests.size()); ++i) out += teller.words(knowledge.requests[i]) + '\n';
  const std::size_t longest = std::max({knowledge.links.size(), knowledge.suspicions.size(), knowledge.requests.size()});
  if (longest > most) out += fmt::format("… the first {} of each; --all shows them all\n", most);
  return out;
}

std::string knowledge_json(const Knowledge& knowledge, const Coalition& coalition, const World& world) {
  const Teller teller(knowledge, world);
  Json out = {{"who", who_are(coalition, world)}, {"packets", knowledge.packets}, {"forgotten", knowledge.forgotten}};
  out["requests"] = Json::array();
  for (const SeenRequest& request : knowledge.requests) {
    Json line = {{"begin_s", teller.seconds_of(request.begin)}};
    line["end_s"] = request.end ? Json(teller.seconds_of(*request.end)) : Json();
    line["facts"] = Json::array();
    for (const Fact& fact : request.facts)
      line["facts"].push_back({{"what", teller.words(fact.what)}, {"why", steps_json(teller, fact.why)}});
    line["joined"] = steps_json(teller, request.joined);
    out["requests"].push_back(std::move(line));
  }
  out["links"] = Json::array();
  for (const Link& link : knowledge.links)
    out["links"].push_back({{"request", link.request},
                            {"address", teller.name(link.address)},
                            {"account", link.account.account.hex()},
                            {"method", link.account.method},
                            {"why", steps_json(teller, link.why)}});
  out["suspicions"] = Json::array();
  for (const Suspicion& suspicion : knowledge.suspicions)
    out["suspicions"].push_back({{"request", suspicion.request},
                                 {"account", knowledge.requests[suspicion.request].first<AccountKnown>()->account.hex()},
                                 {"candidates", suspicion.candidates},
                                 {"addresses", suspicion.addresses}});
  out["mailboxes"] = Json::array();
  for (const Account& account : knowledge.mailboxes) out["mailboxes"].push_back(account.hex());
  return out.dump();
}

}  // namespace session::sim
