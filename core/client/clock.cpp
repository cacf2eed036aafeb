#include "core/client/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/client/client.h"
#include "core/wire/rpc.h"

namespace session::client {
namespace {

constexpr Millis kBundleTolerated = hours(1);  // of a prekey bundle's date

Millis size_of(Millis span) { return span < Millis{} ? Millis{} - span : span; }

}  // namespace

bool Clock::sample(const NodeId& node, Instant theirs, Instant sent, Instant received) {
  const Millis half{(received - sent).count / 2};
  std::erase_if(samples_, [&](const Sample& sample) { return sample.node == node; });
  samples_.push_back({node, theirs - (sent + half)});
  while (samples_.size() > kMaxSamples) samples_.pop_front();
  if (samples_.size() < kNodes) return false;
  std::vector<Millis> offsets;
  for (const Sample& sample : samples_) offsets.push_back(sample.offset);
  // The lower of the two in the middle of an even number: a value that a node did show.
  const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>((offsets.size() - 1) / 2);
  std::nth_element(offsets.begin(), middle, offsets.end());
  if (size_of(*middle) > days(1) && samples_.size() < kFarNodes) return false;
  const Millis before = offset_;
  offset_ = size_of(*middle) < kTolerated ? Millis{} : *middle;
  // Jitter alone changes nothing that is corrected already.
  if (offset_ != Millis{} && size_of(offset_ - before) < seconds(1)) offset_ = before;
  return offset_ != before;
}

std::string Clock::words() const {
  if (!is_wrong()) return {};
  const std::int64_t s = size_of(offset_).count / 1000;
  const std::string span = s < 120       ? fmt::format("{} seconds", s)
                           : s < 7200    ? fmt::format("{} minutes", s / 60)
                           : s < 172'800 ? fmt::format("{} hours", s / 3600)
                                         : fmt::format("{} days", s / 86'400);
  return fmt::format("this device's clock is {} {}", span, offset_ < Millis{} ? "fast" : "slow");
}

void Clock::forget() {
  samples_.clear();
  offset_ = {};
}

/// Every answer tells its node's time. A person is told once when it shows that the clock is wrong.
void Client::hear_time(const Courier::Outcome& outcome, Context& context) {
  if (outcome.failure || outcome.status != 200) return;
  const auto theirs = wire::time_of_answer(outcome.body);
  if (!theirs) return;
  const bool was_wrong = clock_.is_wrong();
  const Millis before = clock_.offset();
  if (!clock_.sample(outcome.destination, Instant::from_unix_millis(*theirs), outcome.sent, context.now)) return;
  context.effects.note(trace::ClockCorrected{clock_.offset().count});
  listen_again_ = std::min(listen_again_, context.now);  // what nodes refused they may take now
  if (size_of(clock_.offset() - before) > kBundleTolerated) redate_bundle(context);
  if (clock_.is_wrong() && !was_wrong)
    tell({EventType::Clock, identity_.id, 0, context.now.unix_millis(), clock_.words() + "; it is corrected by the network's"},
         context);
}

/// A node refused our time. Others of the whole network are asked for theirs; one node's word, or one swarm's, would not do.
void Client::ask_time(Context& context) {
  if (!courier_.registry()) return;
  const bool under_way = std::any_of(purposes_.begin(), purposes_.end(),
                                     [](const auto& entry) { return std::holds_alternative<ClockCall>(entry.second); });
  if (under_way) return;
  std::vector<NodeId> nodes;
  for (const auto& node : courier_.registry()->nodes())
    if (node.active) nodes.push_back(node.id);
  for (std::size_t i = 0; i < Clock::kFarNodes && !nodes.empty(); ++i) {
    const std::size_t at = context.rng.below(nodes.size());
    auto sent = courier_.send(nodes[at], wire::to_json(wire::InfoRequest{}), "info", context);
    if (sent) purposes_.emplace(sent->call, ClockCall{});
    nodes[at] = nodes.back();
    nodes.pop_back();
  }
}

}  // namespace session::client
