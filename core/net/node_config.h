// The configuration of a service node's process, one JSON file; `docs/session-node.md` has the table.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/net/node_host.h"

namespace session::net {

enum class LogFormat { None, Plain, Json };

struct NodeSettings {
  std::string folder, seed_url, admission_key;
  wire::Address address{"127.0.0.1", 0};
  std::optional<std::uint16_t> metrics_port;  ///< on loopback
  LogFormat log = LogFormat::None;
  std::uint64_t store_bytes = 3584ULL * 1024 * 1024;
  node::Limits limits;
  ServerLimits server;
  node::Exits exits = node::Exits::None;

  [[nodiscard]] HostOptions host_options() const;
};

/// Comments are allowed. Errors: Malformed, naming the field; a field that is not known is one.
[[nodiscard]] Result<NodeSettings> parse_node_settings(std::string_view json);
/// Errors: those, with the file before them; NotFound.
[[nodiscard]] Result<NodeSettings> load_node_settings(const std::filesystem::path& file);
/// A fact as a log line: plain text, or one JSON object.
[[nodiscard]] std::string log_line(LogFormat format, const std::string& machine, Instant at, const trace::Fact& fact);

}  // namespace session::net
