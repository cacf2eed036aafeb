#include "core/base/result.h"

namespace session {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Malformed: return "Malformed";
    case ErrorCode::Unauthentic: return "Unauthentic";
    case ErrorCode::Duplicate: return "Duplicate";
    case ErrorCode::NotFound: return "NotFound";
    case ErrorCode::Refused: return "Refused";
    case ErrorCode::Expired: return "Expired";
    case ErrorCode::Unavailable: return "Unavailable";
    case ErrorCode::Full: return "Full";
    case ErrorCode::Damaged: return "Damaged";
    case ErrorCode::Cancelled: return "Cancelled";
    case ErrorCode::Internal: return "Internal";
  }
  return "?";
}

}  // namespace session
