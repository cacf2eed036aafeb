// A report with few round numbers, for tests of what is made of it.
#pragma once

#include "sim/report.h"

namespace session::sim {

[[nodiscard]] inline RunReport sample_report() {
  RunReport r{.name = "A test", .description = "It is small.", .seed = 9, .commit = "abc"};
  r.swarms = 1;
  r.simulated = seconds(60);
  r.wall_micros = 2'000'000;
  r.events = 1'000;
  r.facts = 2'000;
  r.digest = "d1ce";
  r.model = model_of({});
  Measures& m = r.measures;
  m.begin = Instant::from_unix_millis(1'000'000);
  m.end = m.begin + seconds(60);
  m.width = seconds(30);
  m.buckets.resize(2);
  m.buckets[1].lost = 7;
  m.buckets[1].traffic[1] = {3, 3'000};
  m.traffic[1] = {3, 3'000};
  m.packets_lost = 7;
  m.losses = {{"lost on the link", 4}, {"x", 3}};
  m.messages.asked = 3;
  m.messages.kept = 2;
  m.messages.waiting = 1;
  m.spam.sent = 9;
  m.spam.taken = 4;
  m.spam.refused[432] = 5;
  m.spam.trials = 1'234'567;
  r.sybil.push_back(
      {.nodes = 6, .stake = 90, .fraction = 0.5, .sees_both_ends = 0.7, .has_swarm_member = 0.9, .has_swarm_majority = 0.25});
  m.kept_after.add(500'000);
  m.kept_after.add(1'000'000);
  m.nodes["node-00"].requests = 2;
  m.nodes["node-01"].requests = 90;
  m.nodes["node-01"].kept_messages = 5;
  for (int i = 0; i <= 2; ++i) {
    Sample sample;
    sample.at = m.begin + seconds(30) * i;
    sample.people = 2;
    sample.online = 1;
    sample.nodes = 2;
    sample.down = i == 1 ? 1 : 0;
    sample.kept_messages = static_cast<std::uint64_t>(i);
    m.samples.push_back(sample);
  }
  return r;
}

}  // namespace session::sim
