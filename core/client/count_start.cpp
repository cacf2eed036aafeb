#include "core/client/count_start.h"

#include "core/client/client.h"

namespace session::client {

Result<bool> count_start(store::ClientStore& store, store::EpochCounter& counter, Instant now, Rng& rng) {
  const auto is_old = store::is_old_copy(store, counter);
  if (!is_old) return fail(is_old);
  if (*is_old) {
    auto transaction = store::Transaction::begin(store);
    if (!transaction) return fail(transaction);
    if (auto anew = Client::become_new_device(store, now, rng); !anew) return fail(anew);
    if (auto done = transaction->commit(); !done) return fail(done);
  }
  // Without room nothing is sealed either, and what is in the store can be read.
  if (auto counted = store::advance_epoch(store, counter); !counted && (*is_old || counted.error().code != ErrorCode::Full))
    return fail(counted);
  return *is_old;
}

}  // namespace session::client
