#include "sim/recorder.h"

#include <algorithm>

namespace session::sim {
namespace {

std::size_t weight(const SeenPacket& packet) { return sizeof(SeenPacket) + packet.body->size(); }

}  // namespace

void Recorder::on(const trace::Record& record) {
  now_ = record.at;
  if (const auto* delivered = std::get_if<trace::PacketDelivered>(&record.fact))
    if (SeenPacket* packet = find(delivered->packet)) packet->arrived = record.at;
}

void Recorder::on_link(const PacketOnLink& packet) {
  // It is told right after its PacketSent, whose time is that of its sending.
  packets_.push_back({packet.packet, packet.exchange, packet.from, packet.to, now_, std::nullopt, packet.route,
                      packet.is_answer, packet.is_copy, std::make_shared<const Bytes>(to_bytes(packet.body))});
  bytes_ += weight(packets_.back());
  while (bytes_ > most_bytes_ && !packets_.empty()) {
    bytes_ -= weight(packets_.front());
    packets_.pop_front();
    ++forgotten_;
  }
}

SeenPacket* Recorder::find(std::uint64_t number) {
  const auto found = std::ranges::lower_bound(packets_, number, {}, &SeenPacket::number);
  return found != packets_.end() && found->number == number ? &*found : nullptr;
}

}  // namespace session::sim
