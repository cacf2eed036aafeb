// Figures of a service node under load over loopback TLS.
#pragma once

#include <functional>
#include <string>

namespace session::bench {

using Report = std::function<void(const std::string& name, double value, const char* unit)>;

/// Requests a second with 64 calls under way, their waits, and what a held connection costs. Takes about half a minute.
void node_figures(const Report& report);

}  // namespace session::bench
