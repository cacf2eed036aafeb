// What parse_scenario says of a good file that was spoilt in one place.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "sim/scenario.h"

namespace session::sim {

/// Of `text`, called file.json, with the first `from` in it made `to`.
inline std::string error_of(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  if (at == text.npos) return "nothing to spoil";
  text.replace(at, from.size(), to);
  const auto parsed = parse_scenario(text, "file.json");
  return parsed ? "no error" : parsed.error().message;
}

}  // namespace session::sim
