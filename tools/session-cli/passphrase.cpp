#include "tools/session-cli/passphrase.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <iostream>

#include "core/store/descriptor.h"

namespace session::cli {
namespace {

constexpr std::size_t kLongest = 1024;

/// The terminal shows nothing while this lives.
class NoEcho {
 public:
  NoEcho() : is_on_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_on_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_on_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (is_on_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool is_on_;
};

/// A byte at a time: what stands after the line is for whoever reads next, and no buffer keeps a copy.
Result<crypto::SecretBytes> read_line(int from, const std::string& name) {
  std::array<std::byte, kLongest> line{};
  std::size_t size = 0;
  bool has_ended = false;
  for (std::byte next{}; !has_ended;) {
    const auto got = ::read(from, &next, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 && size == 0) return fail(ErrorCode::Unavailable, name + ": nothing to read");
    has_ended = got <= 0 || next == std::byte{'\n'};
    if (has_ended) break;
    if (size == kLongest) {
      crypto::wipe(line);
      return fail(ErrorCode::Malformed, fmt::format("{}: longer than {} bytes", name, kLongest));
    }
    line[size++] = next;
  }
  if (size > 0 && line[size - 1] == std::byte{'\r'}) --size;
  crypto::SecretBytes secret(to_bytes(BytesView(line).first(size)));
  crypto::wipe(line);
  if (size == 0) return fail(ErrorCode::Malformed, name + ": empty");
  return secret;
}

}  // namespace

bool is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

Result<crypto::SecretBytes> passphrase_in(const std::string& file, const std::string& option) {
  const store::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) return fail(ErrorCode::Unavailable, fmt::format("{} {}: cannot be read", option, file));
  return read_line(opened.get(), fmt::format("{} {}", option, file));
}

Result<crypto::SecretBytes> ask_passphrase(const std::string& prompt) {
  if (!is_terminal()) return read_line(STDIN_FILENO, prompt);
  std::cerr << prompt << ": " << std::flush;
  const NoEcho silent;
  auto line = read_line(STDIN_FILENO, prompt);
  std::cerr << '\n';
  return line;
}

}  // namespace session::cli
