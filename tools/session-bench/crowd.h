// The crowd's figures: how fast and how large it is at a thousand to a million people.
#pragma once

#include <functional>
#include <string>

namespace session::bench {

using Figure = std::function<void(const std::string& name, double value, const char* unit)>;
void crowd_figures(const Figure& figure);

}  // namespace session::bench
