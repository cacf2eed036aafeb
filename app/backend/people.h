// The simulated people: they accept whoever asks and write back after a while. What they do depends on the trace and the
// virtual clock alone, so a run with the same commands is the same run.
#pragma once

#include <map>

#include "sim/world.h"

namespace session::app {

class People {
 public:
  /// The newcomer, who is a person at a keyboard and answers for themselves.
  void set_me(sim::MachineIndex me) { me_ = me; }
  /// Looks what each was told, and puts what each will do into the calendar.
  void look(sim::World& world, const std::string& who);
  /// When the next of them does something.
  [[nodiscard]] std::optional<Instant> next() const;
  /// Lets those act whose time has come.
  void act(sim::World& world, sim::TraceReader* reader);

 private:
  struct Deed {
    sim::MachineIndex who;
    client::Command command;
  };
  std::optional<sim::MachineIndex> me_;
  std::multimap<Instant, Deed> calendar_;
  std::map<std::string, std::uint64_t> heard_;  ///< how many events each was told and has answered
};

}  // namespace session::app
