// Two people with stores of their own, who seal and open without a network: for tests of sessions.
#pragma once

#include <gtest/gtest.h>

#include "core/client/sealing.h"
#include "core/store/client_tables.h"

namespace session::client {

inline const Instant kThen = Instant::from_unix_millis(1'700'000'000'000);

struct Someone {
  crypto::Identity identity;
  store::MemoryClientStore store;
  Sealer sealer;
  Someone(Rng& rng, std::uint32_t device, crypto::Era era = crypto::Era::C)
      : identity(crypto::identity_of(BytesView(rng.bytes<16>()), era)), sealer{identity, device, 1234} {}
  Someone(const Someone&) = delete;
  Someone& operator=(const Someone&) = delete;
  [[nodiscard]] const SessionId& id() const { return identity.id; }
};

inline wire::Content words(std::string text) {
  wire::Content content;
  content.data = wire::DataMessage{.body = std::move(text)};
  return content;
}
inline wire::Content end_of_session() {
  wire::Content content;
  content.data = wire::DataMessage{.body = "TERMINATE", .flags = wire::flags::kEndSession};
  return content;
}

class TwoPeople : public testing::Test {
 protected:
  SeededRng rng{5};
  Someone alice{rng, 11}, bob{rng, 22};
  Instant now = kThen;
  std::int64_t clock = kThen.unix_millis();

  wire::PrekeyBundle bundle_of(Someone& person) {
    const Bytes bytes = make_bundle(person.store, person.sealer, 0, now, rng).value();
    return wire::decode_signed_bundle(bytes, person.id()).value();
  }
  void begin(Someone& from, Someone& to) { ASSERT_TRUE(start_session(from.store, from.sealer, bundle_of(to), now, rng)); }
  Bytes say(Someone& from, const Someone& to, const wire::Content& content) {
    return seal(from.store, from.sealer, to.id(), to.sealer.device, content, ++clock, now, rng).value();
  }
  Bytes say(Someone& from, const Someone& to, const char* text) { return say(from, to, words(text)); }
  std::expected<OpenedEnvelope, OpenFailure> hear(Someone& to, BytesView datum) {
    return open(to.store, to.sealer, datum, now, rng);
  }
  std::string text(Someone& to, BytesView datum) {
    const auto opened = hear(to, datum);
    return opened ? opened->content.data->body : "error: " + opened.error().error.message;
  }
  void reset(Someone& from, Someone& to, std::vector<Bytes>& out) {
    begin(from, to);
    out.push_back(say(from, to, end_of_session()));
  }
};

}  // namespace session::client
