// Parts of the protocol by themselves, without a network.
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/crypto/identity.h"
#include "core/crypto/phrase.h"
#include "core/pow/search.h"
#include "core/swarm/assignment.h"
#include "core/swarm/registry.h"
#include "core/swarm/ring.h"
#include "tools/session-cli/program.h"

namespace session::cli {
namespace {

/// The swarm that keeps an account's messages, among nodes from a file: an answer of get_service_nodes, or a devnet.json whose
/// nodes then form a network of their own.
int swarm_of(const Program& program, const std::string& id, const std::string& file) {
  const auto account = Account::parse(id);
  if (!account) return Program::complain(account.error());
  std::ifstream in(file, std::ios::binary);
  if (!in) return Program::complain(fmt::format("--nodes {}: cannot be read", file));
  std::stringstream text;
  text << in.rdbuf();
  const std::string json = text.str();
  const auto answer = wire::parse_registry_answer(bytes_of(json));
  if (!answer) return Program::complain(fmt::format("--nodes {}: {}", file, answer.error().message));
  const auto registry = swarm::from_wire(*answer);
  if (!registry) return Program::complain(fmt::format("--nodes {}: {}", file, registry.error().message));
  const SwarmId swarm = (*registry)->swarm_of(*account);
  if (!swarm.is_assigned()) return Program::complain(fmt::format("--nodes {}: no node in it belongs to a swarm", file));
  Json members = Json::array();
  std::string list;
  for (const NodeId& node : (*registry)->members(swarm)) {
    members.push_back(node.hex());
    list += "\n  " + node.hex();
  }
  const std::uint64_t point = swarm::ring_point(*account);
  program.say({{"account", account->hex()},
               {"point", fmt::format("{:016x}", point)},
               {"swarm", fmt::format("{:016x}", swarm.value)},
               {"members", members}},
              fmt::format("point {:016x}, swarm {:016x}, {} members:{}", point, swarm.value, members.size(), list));
  return 0;
}

struct StampOptions {
  pow::Payload payload;
  std::uint64_t difficulty = 10;
  std::string nonce;
};

Result<pow::Puzzle> puzzle_of(const StampOptions& options) {
  if (auto account = Account::parse(options.payload.account); !account) return fail(account);
  if (auto data = from_base64(options.payload.data); !data)
    return fail(ErrorCode::Malformed, "--data: " + data.error().message);
  if (options.payload.timestamp.empty() || options.payload.timestamp.find_first_not_of("0123456789") != std::string::npos)
    return fail(ErrorCode::Malformed, "--timestamp: not a plain decimal number");
  return pow::puzzle_for(options.payload, options.difficulty);
}

int stamp_find(const Program& program, const StampOptions& options) {
  const auto puzzle = puzzle_of(options);
  if (!puzzle) return Program::complain(puzzle.error());
  const auto started = std::chrono::steady_clock::now();
  const auto found = pow::search_parallel(*puzzle, std::max(1u, std::thread::hardware_concurrency()));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  if (!found.nonce) return Program::complain("no stamp can be found: the work asked for is beyond reach");
  const std::string nonce = to_base64(*found.nonce);
  program.say({{"nonce", nonce}, {"target", fmt::format("{:016x}", puzzle->target)}, {"trials", found.trials}, {"ms", ms}},
              fmt::format("{} after {} trials in {} ms", nonce, found.trials, ms));
  return 0;
}

int stamp_check(const Program& program, const StampOptions& options) {
  const auto puzzle = puzzle_of(options);
  if (!puzzle) return Program::complain(puzzle.error());
  const auto nonce = from_base64(options.nonce);
  if (!nonce || nonce->size() != 8) return Program::complain("--nonce: expected 8 bytes in base64");
  const std::uint64_t trial = pow::trial(*puzzle, to_array<8>(*nonce));
  const bool good = trial < puzzle->target;
  program.say({{"valid", good}, {"trial", fmt::format("{:016x}", trial)}, {"target", fmt::format("{:016x}", puzzle->target)}},
              fmt::format("{}: trial {:016x}, target {:016x}", good ? "good" : "too weak", trial, puzzle->target));
  return good ? 0
              : Program::complain(fmt::format("the stamp is too weak: {:016x} is not below {:016x}", trial, puzzle->target));
}

/// What accounts a phrase stands for, or a new phrase.
int phrase(const Program& program, std::string words) {
  crypto::SecretBytes seed;
  if (words.empty()) {
    crypto::SystemRng rng;
    seed = crypto::SecretBytes(to_bytes(rng.bytes<16>()));
    words = text_of(crypto::phrase_of(seed.bytes()).bytes());
  } else {
    auto read = crypto::seed_of_phrase(words);
    if (!read) return Program::complain(read.error());
    seed = std::move(*read);
    words = text_of(crypto::phrase_of(seed.bytes()).bytes());
  }
  Json line = {{"phrase", words}, {"session_id", crypto::identity_of(seed.bytes(), crypto::Era::C).id.hex()}};
  line["older"] = {{"A", crypto::identity_of(seed.bytes(), crypto::Era::A).id.hex()},
                   {"B", crypto::identity_of(seed.bytes(), crypto::Era::B).id.hex()}};
  program.say(line, fmt::format("{}\n{}\nuntil v1.0.3: {}\nuntil v1.4.0: {}", words, line["session_id"].get<std::string>(),
                                line["older"]["A"].get<std::string>(), line["older"]["B"].get<std::string>()));
  return 0;
}

void add_stamp_options(CLI::App& command, const std::shared_ptr<StampOptions>& options) {
  command.add_option("--account", options->payload.account, "66 hex digits")->required();
  command.add_option("--data", options->payload.data, "base64, as it is sent")->required();
  command.add_option("--timestamp", options->payload.timestamp, "Unix milliseconds")->required();
  command.add_option("--ttl", options->payload.ttl, "Milliseconds")->required();
  command.add_option("--difficulty", options->difficulty, "Of the network")->check(kNumber)->capture_default_str();
}

}  // namespace

void add_workbench(CLI::App& app, Program& program) {
  auto id = std::make_shared<std::string>(), file = std::make_shared<std::string>(), words = std::make_shared<std::string>();
  auto* swarm = app.add_subcommand("swarm-of", "Which swarm keeps an account's messages");
  swarm->add_option("id", *id, "Account, 66 hex digits")->required();
  swarm->add_option("--nodes", *file, "An answer of get_service_nodes (JSON)")->required();
  swarm->callback([&program, id, file] { program.chosen = [&program, id, file] { return swarm_of(program, *id, *file); }; });

  auto* stamp = app.add_subcommand("stamp", "Finds or checks a proof of work");
  stamp->require_subcommand(1);
  stamp->fallthrough();
  auto options = std::make_shared<StampOptions>();
  auto* find = stamp->add_subcommand("find", "Searches the smallest nonce");
  add_stamp_options(*find, options);
  find->callback([&program, options] { program.chosen = [&program, options] { return stamp_find(program, *options); }; });
  auto* check = stamp->add_subcommand("check", "Checks a nonce; exit 1 when it is too weak");
  add_stamp_options(*check, options);
  check->add_option("--nonce", options->nonce, "8 bytes, base64")->required();
  check->callback([&program, options] { program.chosen = [&program, options] { return stamp_check(program, *options); }; });

  auto* phrased = app.add_subcommand("phrase", "The accounts of a recovery phrase; without words, a new one");
  phrased->add_option("words", *words, "The words, as one argument");
  phrased->callback([&program, words] { program.chosen = [&program, words] { return phrase(program, *words); }; });
}

}  // namespace session::cli
