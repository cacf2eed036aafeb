// The steps of a scenario file, one by one.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "sim/scenario.h"
#include "sim/scenario_fields.h"

namespace session::sim {

inline constexpr std::size_t kMaxNodes = 100'000;

/// What the readers of a file's parts share. All throw FieldError.
struct KnownNames {
  const Scenario& scenario;         ///< as far as it was read: the network, the people and the end
  std::vector<std::string> people;  ///< with the devices that are restored in it
  std::size_t nodes = 0;            ///< with those that join later; check_joined looks at the times
};

/// A name of a person, in this field.
[[nodiscard]] std::string read_person(FieldReader& object, const char* field, const std::vector<std::string>& people);
/// A group that always is, one of the file's, one of these people and devices, a seed or one of so many nodes.
[[nodiscard]] std::string read_side(FieldReader& object, const char* field, const WorldConfig& world,
                                    const std::vector<std::string>& people, std::size_t nodes);
/// What a link is like where it says so, and as `link` elsewhere.
[[nodiscard]] LinkModel read_link(FieldReader& object, LinkModel link);
/// Whether that can be the name of a person or a device; throws what is wrong with it.
void check_new_name(const std::string& name, const std::string& field);
[[nodiscard]] ScenarioStep read_step(const nlohmann::json& json, const std::string& path, const KnownNames& known);

}  // namespace session::sim
