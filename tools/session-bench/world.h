// The figures of sim::World: how fast the real machines run under real and under modelled cryptography, and how large they are.
#pragma once

#include <functional>
#include <string>

#include "sim/world.h"

namespace session::bench {

using Figure = std::function<void(const std::string& name, double value, const char* unit)>;
/// From ten to ten thousand people who are online and wait, which is what people mostly do.
void fidelity_figures(const Figure& figure, sim::Fidelity fidelity);
/// What one operation takes.
void crypto_figures(const Figure& figure);

}  // namespace session::bench
