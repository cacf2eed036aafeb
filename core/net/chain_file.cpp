#include "core/net/chain_file.h"

#include "core/store/whole_file.h"

namespace session::net {

Result<swarm::RegistrySnapshot> read_chain(const std::filesystem::path& file) {
  const auto bytes = store::read_whole(file, wire::kMaxRegistryBytes);
  if (!bytes) return fail(bytes);
  const auto answer = wire::parse_registry_answer(bytes->bytes());
  if (!answer) return fail(answer.error().code, file.string() + ": " + answer.error().message);
  if (!answer->network) return fail(ErrorCode::Malformed, file.string() + ": network: is missing");
  return swarm::from_wire(*answer);
}

Result<void> write_chain(const std::filesystem::path& file, const swarm::Registry& registry) {
  return store::write_whole(file, wire::to_json(swarm::to_wire(registry)));
}

}  // namespace session::net
