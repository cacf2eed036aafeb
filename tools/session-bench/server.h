// A network of service nodes for a benchmark: in a child process on the first core, so that the load on the last one does not
// count as its own.
#pragma once

#include <nlohmann/json.hpp>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/base/encoding.h"
#include "core/base/temp_folder.h"
#include "core/crypto/keys.h"
#include "core/net/devnet.h"

namespace session::bench {

/// This process, from now on.
inline void stay_on(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  static_cast<void>(::sched_setaffinity(0, sizeof set, &set));
}

/// A network of so many nodes in a child process; ends with this object.
class Server {
 public:
  explicit Server(std::size_t nodes) {
    child_ = ::fork();
    if (child_ == 0) serve(nodes);
    for (int tries = 0; tries < 300 && !std::filesystem::exists(folder_ / "devnet.json"); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::ifstream file(folder_ / "devnet.json");
    const nlohmann::json list = nlohmann::json::parse(file, nullptr, false);
    if (!list.is_object()) return;
    seed_url_ = list.at("seed_url").get<std::string>();
    for (const nlohmann::json& each : list.at("nodes")) {
      const auto id = NodeId::parse(each.at("ed25519").get<std::string>()).value();
      peers_.push_back({id, {"127.0.0.1", each.at("port").get<std::uint16_t>()}});
      x25519_.push_back({to_array<32>(from_hex(each.at("x25519").get<std::string>()).value())});
    }
  }
  ~Server() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const std::vector<wire::NodePeer>& peers() const { return peers_; }
  [[nodiscard]] const std::vector<crypto::X25519Public>& x25519() const { return x25519_; }
  [[nodiscard]] const std::string& seed_url() const { return seed_url_; }
  /// Pages that are the server's own, in bytes.
  [[nodiscard]] double own_memory() const {
    std::ifstream file("/proc/" + std::to_string(child_) + "/smaps_rollup");
    double sum = 0;
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"))
        sum += std::strtod(line.c_str() + line.find(':') + 1, nullptr) * 1024;
    return sum;
  }

 private:
  [[noreturn]] void serve(std::size_t nodes) const {
    stay_on(0);
    net::asio::io_context io;
    auto devnet =
        net::Devnet::open(io, {.nodes = nodes, .base_port = 0, .folder = folder_.path(), .network = *pow::preset("today")}, {});
    if (!devnet) std::_Exit(1);
    while (!(*devnet)->is_ready()) io.run_one();
    static_cast<void>((*devnet)->announce());
    io.run();
    std::_Exit(0);
  }

  TempFolder folder_;
  pid_t child_ = -1;
  std::string seed_url_;
  std::vector<wire::NodePeer> peers_;
  std::vector<crypto::X25519Public> x25519_;
};

}  // namespace session::bench
