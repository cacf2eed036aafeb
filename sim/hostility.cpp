#include "sim/hostility.h"

#include <algorithm>
#include <array>

namespace session::sim {
namespace {

struct Named {
  Hostile way;
  std::string_view word, kind;
};
constexpr std::array<Named, kHostiles> kNamed = {{
    {Hostile::Lie, "lie", "lying about what it keeps"},
    {Hostile::Withhold, "withhold", "withholding"},
    {Hostile::Stale, "stale", "showing what is old"},
    {Hostile::Equivocate, "equivocate", "equivocating"},
    {Hostile::Isolate, "isolate", "passing no writes on"},
    {Hostile::Refuse, "refuse", "refusing what is good"},
    {Hostile::DropOnions, "drop-onions", "dropping onions"},
    {Hostile::Steer, "steer", "steering paths"},
    {Hostile::FalseOnline, "false-online", "inventing listeners"},
    {Hostile::Inflate, "inflate", "inflating the price"},
    {Hostile::Frame, "frame", "framing honest nodes"},
    {Hostile::Mislead, "mislead", "telling of other swarms"},
    {Hostile::Forge, "forge", "forging"},
}};

}  // namespace

std::string_view word_of(Hostile way) { return kNamed[static_cast<std::size_t>(way)].word; }
std::string_view kind_of(Hostile way) { return kNamed[static_cast<std::size_t>(way)].kind; }

std::optional<Hostile> hostile_of(std::string_view word) {
  const auto* found = std::ranges::find(kNamed, word, &Named::word);
  return found == kNamed.end() ? std::nullopt : std::optional(found->way);
}

}  // namespace session::sim
