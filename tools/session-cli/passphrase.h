// Passphrases come from a file, a terminal without echo, or standard input; never from the command line.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/crypto/secret.h"

namespace session::cli {

/// The first line of a file. Errors: Unavailable, Malformed (empty, more than 1024 bytes), naming `option`.
[[nodiscard]] Result<crypto::SecretBytes> passphrase_in(const std::string& file, const std::string& option);
/// One line of standard input; on a terminal after `prompt`, and nothing of it is shown. Errors: Malformed (empty, too long),
/// Unavailable (the input has ended).
[[nodiscard]] Result<crypto::SecretBytes> ask_passphrase(const std::string& prompt);
[[nodiscard]] bool is_terminal();

}  // namespace session::cli
