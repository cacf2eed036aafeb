// What machines were sent and did send, kept for whoever asks afterwards who could know what (sim/knowledge.h). Only a run that
// somebody wants to ask has one. It is a value beside the world: a copy of both goes on alike.
#pragma once

#include <deque>
#include <memory>

#include "sim/world.h"

namespace session::sim {

/// A packet as its two ends saw it.
struct SeenPacket {
  std::uint64_t number = 0;
  std::uint64_t exchange = 0;
  MachineIndex from, to;
  Instant sent;
  std::optional<Instant> arrived;  ///< nothing while it is on its way, and for what never arrived or came too late to be read
  wire::Route route = wire::Route::StorageRpc;
  bool is_answer = false;
  bool is_copy = false;
  std::shared_ptr<const Bytes> body;
};

class Recorder final : public TraceReader {
 public:
  static constexpr std::size_t kMostBytes = 256 * 1024 * 1024;

  /// Keeps the newest packets that have room in `most_bytes`.
  explicit Recorder(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}
  void on(const trace::Record& record) override;
  void on_link(const PacketOnLink& packet) override;

  /// By number.
  [[nodiscard]] const std::deque<SeenPacket>& packets() const { return packets_; }
  /// How many had to make room, the oldest first.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] SeenPacket* find(std::uint64_t number);

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;
  Instant now_;
  std::deque<SeenPacket> packets_;
};

}  // namespace session::sim
