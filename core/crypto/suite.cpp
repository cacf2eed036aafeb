#include "core/crypto/suite.h"

namespace session::crypto {

Work& Work::operator+=(const Work& other) {
  signatures += other.signatures;
  verifications += other.verifications;
  agreements += other.agreements;
  seals += other.seals;
  sealed_bytes += other.sealed_bytes;
  opens += other.opens;
  opened_bytes += other.opened_bytes;
  return *this;
}

Work Work::operator-(const Work& before) const {
  return {signatures - before.signatures,     verifications - before.verifications,
          agreements - before.agreements,     seals - before.seals,
          sealed_bytes - before.sealed_bytes, opens - before.opens,
          opened_bytes - before.opened_bytes};
}

Work& work() {
  static constinit thread_local Work done;
  return done;
}

}  // namespace session::crypto
