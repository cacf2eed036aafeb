// libFuzzer's way in; SESSION_FUZZ_TARGET is one function of targets.h.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  session::fuzz::SESSION_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
