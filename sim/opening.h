// Opening what travels with keys that somebody holds: the arithmetic of sim/knowledge.h. It knows no machine and no world, so
// what it says follows from bytes and keys alone.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/onion/layer.h"
#include "core/wire/transport.h"

namespace session::sim {

using Print = ByteArray<16>;  ///< of bytes: equal prints, equal bytes

/// What a request names, once it lies open.
struct NamedRequest {
  Account account;
  std::string method;                 ///< "store", "retrieve" ...; of a batch its first that names an account
  std::vector<MessageHash> messages;  ///< that it stores, deletes, or asks for what came after
  friend bool operator==(const NamedRequest&, const NamedRequest&) = default;
};
/// Nothing for what is no request, or names no account.
[[nodiscard]] std::optional<NamedRequest> named_in(BytesView rpc);

/// A layer that was opened, and every 32 bytes beside or inside it that may be a key: its own, and what its header spells out.
struct OpenedLayer {
  onion::Peeled peeled;
  std::vector<ByteArray<32>> found;
};
/// By a node's own key. Nothing when it does not open, or holds nothing that can be read.
[[nodiscard]] std::optional<OpenedLayer> open_with(const crypto::X25519Pair& own, const onion::Outer& layer);
/// By a key that was found: as the layer's own, or as the secret half of its ephemeral key, towards whom it is for.
[[nodiscard]] std::optional<OpenedLayer> open_with(const ByteArray<32>& found, const onion::Outer& layer,
                                                   const std::optional<crypto::X25519Public>& addressee);

[[nodiscard]] Print print_of(BytesView bytes);
/// Of an answer that was sealed: nobody else's is equal to it, and every hop hands it on as it is. Nothing for a refusal in
/// clear, which may be equal to another.
[[nodiscard]] std::optional<Print> print_of_sealed(BytesView answer);

/// Which class of padding a layer of so many bytes is of: what the layers around it add is less than lies between two classes.
/// 0 for less than the smallest.
[[nodiscard]] std::size_t size_class_of(std::size_t layer_size);

}  // namespace session::sim
