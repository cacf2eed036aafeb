#include "sim/habits.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace session::sim {
namespace {

// Chosen, not measured. Percent of people online by the hour of their own day, 25 on average: nights, a lunch, long evenings.
constexpr std::uint32_t kOnline[24] = {8,  3,  2,  1,  1,  3,  10, 22, 30, 32, 32, 32,
                                       36, 34, 30, 30, 32, 36, 40, 44, 46, 44, 34, 18};
static_assert(std::accumulate(std::begin(kOnline), std::end(kOnline), 0U) == 24 * 25);
constexpr std::int64_t kShortSpell = 5, kLongSpell = 35;  ///< minutes online, evenly between; 20 on average
constexpr std::uint32_t kMeanSpell = 20;
constexpr std::uint32_t kDaysToDayOff = 20;  ///< one day in so many is spent offline
constexpr std::uint32_t kRewired = 10;       ///< one contact in so many is anybody, the others are neighbours in the circle

/// Bytes of a message: most are a line, few a page.
constexpr struct {
  std::uint32_t up_to_percent;
  std::int64_t low, high;
} kSizes[] = {{30, 5, 20}, {70, 20, 80}, {92, 80, 250}, {99, 250, 1'000}, {100, 1'000, 4'000}};

std::string words(Rng& dice) {
  constexpr std::string_view kWords = "so it goes, day by day, and there is always something to say about it; ";
  const std::uint64_t drawn = dice.below(100);
  const auto* size = std::find_if(std::begin(kSizes), std::end(kSizes), [&](const auto& s) { return drawn < s.up_to_percent; });
  const auto bytes = static_cast<std::size_t>(dice.between(size->low, size->high));
  std::string text;
  while (text.size() < bytes) text += kWords.substr(0, bytes - text.size());
  return text;
}

}  // namespace

std::string person_name(std::size_t i) { return fmt::format("person-{:04}", i + 1); }

Habits::Habits(const HabitsConfig& config, const std::vector<std::int32_t>& minutes_east, std::uint64_t seed)
    : config_(config), order_(config.people.size()) {
  for (std::size_t i = 0; i < config.people.size(); ++i) {
    Person person{.dice = SeededRng(seed, "habits of " + config.people[i]), .minutes_east = minutes_east[i]};
    person.phase = Millis{static_cast<std::int64_t>(person.dice.below(60'000))};
    people_.push_back(std::move(person));
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return people_[a].phase < people_[b].phase; });
  make_circles(seed);
}

/// A small world: neighbours in a ring, and some acquaintances from anywhere. One of two who know each other asks the other.
void Habits::make_circles(std::uint64_t seed) {
  const std::size_t count = people_.size();
  std::size_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    SeededRng dice(seed, "circle of " + config_.people[i]);
    for (std::size_t step = 1; step <= std::max<std::size_t>(1, config_.contacts / 2) && step < count; ++step) {
      const std::size_t other = dice.one_in(kRewired) ? (i + 1 + dice.below(count - 1)) % count : (i + step) % count;
      auto& own = people_[i].circle;
      if (std::any_of(own.begin(), own.end(), [&](const Contact& c) { return c.who == other; })) continue;
      own.push_back({other, true});
      people_[other].circle.push_back({i, false});
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    SeededRng dice(seed, "favourites of " + config_.people[i]);
    dice.shuffle(people_[i].circle);
    largest = std::max(largest, people_[i].circle.size());
  }
  for (std::size_t k = 1; k <= largest; ++k) favour_.push_back((favour_.empty() ? 0 : favour_.back()) + 720'720 / k);
}

std::uint32_t Habits::online_per_mille(std::int64_t local_minute) const {
  const auto hour = static_cast<std::size_t>(local_minute % 1'440 / 60);
  return std::min(950U, kOnline[hour] * config_.online_percent * 10 * kDaysToDayOff / (25 * (kDaysToDayOff - 1)));
}

std::vector<HabitAct> Habits::live(const Eyes& eyes) {
  const std::size_t who = order_[place_];
  Person& person = people_[who];
  // A day ahead, so that no clock west of Greenwich shows a negative time.
  const std::int64_t local = config_.clock.count / 60'000 + minute_ + person.minutes_east + 1'440;
  std::vector<HabitAct> acts;
  if (const std::int64_t day = local / 1'440; day != std::exchange(person.day, day))
    person.day_off = person.dice.one_in(kDaysToDayOff);
  if (person.minutes_left > 0) {
    if (--person.minutes_left == 0)
      acts.push_back({HabitAct::Kind::Offline, who});
    else
      talk(who, eyes, acts);
  } else if (!person.day_off) {
    const std::uint32_t share = online_per_mille(local);
    // Whoever is not there comes as often as keeps so many there; at the very beginning they simply are.
    const std::uint32_t comes = minute_ == 0 ? share * 1'000 : 1'000'000 * share / ((1'000 - share) * kMeanSpell);
    if (person.dice.chance(comes)) {
      person.minutes_left = person.dice.between(kShortSpell, kLongSpell);
      acts.push_back({HabitAct::Kind::Online, who});
    }
  }
  if (++place_ == order_.size()) place_ = 0, ++minute_;
  return acts;
}

void Habits::talk(std::size_t who, const Eyes& eyes, std::vector<HabitAct>& acts) {
  Person& person = people_[who];
  for (const Contact& contact : person.circle)
    if (!contact.we_ask && eyes(who, contact.who) == Bond::IsAsked) acts.push_back({HabitAct::Kind::Accept, who, contact.who});
  const std::uint64_t each = 100'000'000ULL * config_.messages_a_day / (1'440ULL * config_.online_percent);  // a minute, in ppm
  std::uint64_t messages = each / 1'000'000;
  if (person.dice.chance(static_cast<std::uint32_t>(each % 1'000'000))) ++messages;
  for (; messages > 0 && !person.circle.empty(); --messages) {
    const std::uint64_t drawn = person.dice.below(favour_[person.circle.size() - 1]);
    const auto place = std::upper_bound(favour_.begin(), favour_.end(), drawn) - favour_.begin();
    const Contact& contact = person.circle[static_cast<std::size_t>(place)];
    std::string text = words(person.dice);
    const Bond bond = eyes(who, contact.who);
    if (bond == Bond::Friends)
      acts.push_back({HabitAct::Kind::Send, who, contact.who, std::move(text)});
    else if (bond == Bond::None && contact.we_ask &&
             std::none_of(acts.begin(), acts.end(), [&](const HabitAct& a) { return a.to == contact.who; }))
      acts.push_back({HabitAct::Kind::Ask, who, contact.who, std::move(text)});
  }
}

}  // namespace session::sim
