// How full the tables of a machine are, for who watches that none grows beyond its cap (reliability.md L1).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace session {

/// One table, or the fullest of several that are alike.
struct Filling {
  std::string_view table;
  std::size_t size = 0;
  std::size_t most = 0;  ///< that it may ever hold
};
using Fillings = std::vector<Filling>;

}  // namespace session
