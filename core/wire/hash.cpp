#include "core/wire/hash.h"

#include "core/crypto/hash.h"

namespace session::wire {

MessageHash message_hash(const Account& account, Namespace ns, BytesView data) {
  const std::string decimal = ns == 0 ? std::string{} : std::to_string(ns);
  return {to_base64(crypto::blake2b_256({account.bytes, bytes_of(decimal), data}), Padding::Without)};
}

}  // namespace session::wire
