// Measuring in a process of its own, so that its memory is its own.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <type_traits>

namespace session::bench {

/// Of this process, now.
inline double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// What `measure()` returns in a child process, a plain struct; nothing when the child could not be started or died.
template <class Measure>
auto in_a_child(Measure&& measure) -> std::optional<decltype(measure())> {
  using Measured = decltype(measure());
  static_assert(std::is_trivially_copyable_v<Measured>);
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]), close(ends[1]);
    return std::nullopt;
  }
  if (child == 0) {
    const Measured m = measure();
    const bool told = write(ends[1], &m, sizeof m) == static_cast<ssize_t>(sizeof m);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Measured m{};
  const bool heard = read(ends[0], &m, sizeof m) == static_cast<ssize_t>(sizeof m);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return heard && status == 0 ? std::optional(m) : std::nullopt;
}

}  // namespace session::bench
