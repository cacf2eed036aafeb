// What people do by themselves: they come online and go by the hour of their day, sleep, take a day off, know a circle of
// others and write to some of them more than to others. All of it is drawn from a stream of each person's own, so that one more
// person changes nobody else's day.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/base/time.h"

namespace session::sim {

/// The reference load unless said otherwise: a quarter of the people online at any time, 40 messages a day each.
struct HabitsConfig {
  std::vector<std::string> people;  ///< whose habits
  std::size_t generated = 0;        ///< so many of them, the last, are counted by the file instead of named
  std::uint32_t online_percent = 25;
  std::uint32_t messages_a_day = 40;
  std::uint32_t contacts = 6;
  Millis clock{};  ///< the time of the day in UTC when the run begins
  Millis until{};  ///< from then on they do nothing by themselves; 0: they never stop
  friend bool operator==(const HabitsConfig&, const HabitsConfig&) = default;
};

/// "person-0001" for 0: the name of one whom nobody named.
[[nodiscard]] std::string person_name(std::size_t i);

/// One thing that somebody does.
struct HabitAct {
  enum class Kind { Online, Offline, Ask, Accept, Send } kind = Kind::Online;
  std::size_t who = 0, to = 0;  ///< places in `HabitsConfig::people`; `to` of Ask, Accept and Send
  std::string text;             ///< of Ask and Send
};

/// How one person stands to another.
enum class Bond {
  None,
  Waiting,  ///< asked them, and waits
  IsAsked,  ///< by them
  Friends
};

/// A value: a copy lives on alike.
class Habits {
 public:
  /// `minutes_east` of UTC each of the people lives. Requires at least two people.
  Habits(const HabitsConfig& config, const std::vector<std::int32_t>& minutes_east, std::uint64_t seed);

  /// When the next person has a minute, since the beginning; nothing when they have stopped.
  [[nodiscard]] std::optional<Millis> next() const {
    const Millis at = minutes(minute_) + people_[order_[place_]].phase;
    return config_.until != Millis{} && at >= config_.until ? std::nullopt : std::optional(at);
  }
  /// How `who` stands to `other` at that time; only asked of who is online.
  using Eyes = std::function<Bond(std::size_t who, std::size_t other)>;
  /// What is done in that minute, mostly nothing, and on to the next.
  [[nodiscard]] std::vector<HabitAct> live(const Eyes& eyes);

  [[nodiscard]] bool is_online(std::size_t who) const { return people_[who].minutes_left > 0; }
  struct Contact {
    std::size_t who = 0;
    bool we_ask = false;  ///< else they do
  };
  /// The favourite first.
  [[nodiscard]] const std::vector<Contact>& circle(std::size_t who) const { return people_[who].circle; }

 private:
  struct Person {
    SeededRng dice;
    std::int32_t minutes_east = 0;
    Millis phase;  ///< into each minute, so that not all act at once
    std::int64_t day = -1;
    bool day_off = false;
    std::int64_t minutes_left = 0;  ///< of being online
    std::vector<Contact> circle;
  };
  void make_circles(std::uint64_t seed);
  void talk(std::size_t who, const Eyes& eyes, std::vector<HabitAct>& acts);
  [[nodiscard]] std::uint32_t online_per_mille(std::int64_t local_minute) const;

  HabitsConfig config_;
  std::vector<Person> people_;
  std::vector<std::size_t> order_;     ///< by phase
  std::vector<std::uint64_t> favour_;  ///< of the first so many contacts together: the k-th has 1/k of the first's
  std::int64_t minute_ = 0;
  std::size_t place_ = 0;
};

}  // namespace session::sim
