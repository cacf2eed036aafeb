#include "core/wire/effects.h"

namespace session::wire {

const char* name_of(CallFailure failure) {
  switch (failure) {
    case CallFailure::Timeout: return "Timeout";
    case CallFailure::Unreachable: return "Unreachable";
    case CallFailure::BadCertificate: return "BadCertificate";
    case CallFailure::TooLarge: return "TooLarge";
    case CallFailure::Cancelled: return "Cancelled";
  }
  return "unknown";
}

}  // namespace session::wire
