// The network's parameters as JSON, declared in registry.h.
#include "core/wire/registry.h"
#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;
using json::Value;

constexpr std::size_t kMaxNetworkBytes = 64 * 1024;
constexpr std::int64_t kLongest = days(3650).count;

constexpr std::pair<pow::WorkRule, const char*> kRules[] = {
    {pow::WorkRule::AboveFree, "above-free"},
    {pow::WorkRule::Always, "always"},
    {pow::WorkRule::Never, "never"},
};

const char* name_of(pow::WorkRule rule) {
  for (const auto& [each, name] : kRules)
    if (each == rule) return name;
  return "never";
}

pow::WorkRule read_rule(const std::string& text) {
  for (const auto& [rule, name] : kRules)
    if (text == name) return rule;
  json::reject("work", "expected above-free, always or never");
}

/// Takes the member over where it is there.
template <class Int>
void take(const Fields& from, const char* name, Int& to, std::type_identity_t<Int> low, std::type_identity_t<Int> high) {
  if (const auto value = from.number_if<Int>(name, low, high)) to = *value;
}

}  // namespace

Json write_network(const pow::NetworkParameters& network) {
  return {{"name", network.name},
          {"work", name_of(network.work)},
          {"free_bytes", network.free_bytes},
          {"free_ttl", network.free_ttl.count},
          {"difficulty", network.difficulty},
          {"max_data_bytes", network.max_data_bytes},
          {"min_ttl", network.min_ttl.count},
          {"max_ttl", network.max_ttl.count},
          {"max_ttl_authenticated", network.max_ttl_authenticated.count},
          {"path_length", network.path_length},
          {"guards", network.guards},
          {"block_time", network.block_time.count},
          {"staking_requirement", network.staking_requirement}};
}

pow::NetworkParameters read_network(const Value& value) {
  const Fields from(value, "network");
  pow::NetworkParameters network;
  if (const auto name = from.text_if("name", 64)) network.name = *name;
  if (const auto rule = from.text_if("work", 16)) network.work = read_rule(*rule);
  take(from, "free_bytes", network.free_bytes, 0, kMaxRegistryBytes);
  take(from, "free_ttl", network.free_ttl.count, 0, kLongest);
  // Beyond this no machine finds a stamp, and sums of it leave 64 bits.
  take(from, "difficulty", network.difficulty, 1, std::uint64_t{1} << 32);
  take(from, "max_data_bytes", network.max_data_bytes, 1, 76'800);
  take(from, "min_ttl", network.min_ttl.count, 0, kLongest);
  take(from, "max_ttl", network.max_ttl.count, network.min_ttl.count, kLongest);
  take(from, "max_ttl_authenticated", network.max_ttl_authenticated.count, network.min_ttl.count, kLongest);
  take(from, "path_length", network.path_length, 1, 8);
  take(from, "guards", network.guards, 1, 16);
  take(from, "block_time", network.block_time.count, 1, days(1).count);
  // So that the sum of all nodes stays within 64 bits.
  take(from, "staking_requirement", network.staking_requirement, 0, 100'000'000'000'000);
  return network;
}

std::string network_to_json(const pow::NetworkParameters& network) { return json::dump(write_network(network)); }

Result<pow::NetworkParameters> parse_network(BytesView text) {
  return json::guarded([&] {
    const json::Document whole = json::parse(text, {.bytes = kMaxNetworkBytes, .values = 1'000});
    return read_network(whole);
  });
}

Result<pow::NetworkParameters> network_preset(std::string_view name) {
  if (auto found = pow::preset(name)) return *found;
  std::string names;
  for (const std::string& each : pow::preset_names()) names += (names.empty() ? "" : ", ") + each;
  return fail(ErrorCode::NotFound, "no network named " + std::string(name.substr(0, 64)) + "; there are " + names);
}

}  // namespace session::wire
