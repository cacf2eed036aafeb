// The published schema and the reader agree about every step: which fields it needs and which it may have.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace session::sim {
namespace {

using Json = nlohmann::json;
using Fields = std::set<std::string>;

/// One form that a step may have.
struct Shape {
  Fields needed, known;
};

class Schema : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(SESSION_SOURCE_DIR "/assets/scenarios/scenario.schema.json");
    step = Json::parse(file).at("$defs").at("step");
    for (const Json& rule : step.at("allOf")) {
      const Json& kind = rule.at("if").at("properties").at("do");
      const Json& then = rule.at("then");
      for (const Json& name : kind.contains("const") ? Json::array({kind["const"]}) : kind.at("enum"))
        for (const Json& form : then.contains("anyOf") ? then["anyOf"] : Json::array({then})) {
          Shape shape{{}, form.at("propertyNames").at("enum").get<Fields>()};
          if (form.contains("required")) shape.needed = form["required"].get<Fields>();
          shape.needed.insert({"at", "do"});  // of every step
          shapes[name.get<std::string>()].push_back(std::move(shape));
        }
    }
  }
  [[nodiscard]] bool allows(const std::string& kind, const Fields& fields) const {
    return std::ranges::any_of(shapes.at(kind), [&](const Shape& shape) {
      return std::ranges::includes(fields, shape.needed) && std::ranges::includes(shape.known, fields);
    });
  }
  /// A file with one step of this kind, with a value that is right for each of the fields; what is said of it.
  [[nodiscard]] static std::string read(const std::string& kind, const Fields& fields) {
    static const Json kValues = Json::parse(R"({
      "at": "5s", "who": "Alice", "to": "Bob", "from": "Bob", "text": "hello", "lifetime": "1d", "node": 1, "count": 2,
      "share_percent": 20, "swarm_of": "Alice", "disk": "kept", "if_spared": true,
      "fault": "flaky", "blocks": 2, "fast_ppm": 100, "slow_ppm": 100,
      "by": "1s", "times": 3, "both_ways": false, "latency": "10ms", "jitter": "1ms", "loss_percent": 3, "duplicate_percent": 3,
      "reorder_percent": 3, "replay_percent": 3, "damage_percent": 3, "drawn": true, "until": "30s", "nodes_down": 1,
      "how": ["lie"], "against": "Bob", "most_in_swarm": 2, "what": "stores",
      "of": "Bob", "wrong_phrase": true, "speaks": "today", "stopped": true, "only": "answers",
      "every": "2s", "bytes": 100, "pays": true, "seed": 1, "shows": "other-swarms",
      "fast_by": "1s", "slow_by": "1s", "difficulty": 2})");
    Json one{{"do", kind}};
    for (const std::string& field : fields)
      if (field != "do") one[field] = kValues.at(field);
    if (kind == "restore" && fields.contains("who")) one["who"] = "Carol";  // a new name
    const Json file{{"name", "n"}, {"description", "d"}, {"network", {{"nodes", 12}}}, {"people", {"Alice", "Bob"}},
                    {"end", "1m"}, {"steps", {one}},     {"expect", Json::array()}};
    const auto parsed = parse_scenario(file.dump(), "file");
    return parsed ? "" : parsed.error().message;
  }
  void agree(const std::string& kind, const Fields& fields) const {
    const std::string error = read(kind, fields);
    EXPECT_EQ(error.empty(), allows(kind, fields)) << kind << " with " << Json(fields) << ": " << error;
  }

  Json step;
  std::map<std::string, std::vector<Shape>> shapes;
};

TEST_F(Schema, HasARuleForEveryStep) {
  const auto kinds = step.at("properties").at("do").at("enum").get<Fields>();
  Fields ruled;
  for (const auto& [kind, forms] : shapes) ruled.insert(kind);
  EXPECT_EQ(kinds, ruled);
}

TEST_F(Schema, AgreesWithTheReaderAboutEveryField) {
  for (const auto& [kind, forms] : shapes)
    for (const Shape& shape : forms) {
      const Fields& least = shape.needed;
      ASSERT_EQ(read(kind, least), "") << kind;
      agree(kind, shape.known);
      for (const auto& [field, what] : step.at("properties").items()) {
        Fields other = least;
        if (!other.insert(field).second && field != "do") other.erase(field);
        agree(kind, other);
      }
    }
}

}  // namespace
}  // namespace session::sim
