// Has a node listed by the seed of its network, with the admission key: once at the start, and again whenever the list lacks
// it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/crypto/keys.h"
#include "core/net/asio.h"
#include "core/net/http_client.h"
#include "core/wire/registry.h"

namespace session::net {

class Registrar {
 public:
  struct Entry {
    std::string seed_url;
    crypto::Ed25519Pair node, admission;
    wire::Address address;  ///< where others find the node
  };
  Registrar(asio::io_context& io, Entry entry);
  ~Registrar();
  /// Asks the seed once. Errors: Unavailable when it does not answer, Refused with its words.
  void enter(std::function<void(Result<void>)> done);
  /// Asks again whenever the node is found missing; that is looked at `every` so often. What goes wrong is told to `failed`.
  void watch(Millis every, std::function<bool()> is_missing, std::function<void(const Error&)> failed);

 private:
  struct Watch {
    Millis every;
    std::function<bool()> is_missing;
    std::function<void(const Error&)> failed;
  };
  void look_later();

  Entry entry_;
  HttpClient client_;
  asio::steady_timer timer_;
  Watch watch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace session::net
