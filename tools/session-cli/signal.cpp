// The Signal workbench: two people's ratchets in two files, no network. Everything is printed as JSON.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/signal/ratchet.h"
#include "tools/session-cli/program.h"

namespace session::cli {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024 * 1024;
constexpr std::uint32_t kDevice = 1;
constexpr std::uint32_t kMaxKeyId = 999'999'999;  // nine digits name a key in the file

struct BadField {
  std::string text;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::NotFound, path + ": cannot be read");
  std::stringstream text;
  text << in.rdbuf();
  if (text.str().size() > kMaxFile) return fail(ErrorCode::Malformed, path + ": too large");
  return text.str();
}

const Json& member(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name)) throw BadField{fmt::format("field '{}' is missing", name)};
  return json[name];
}
std::uint32_t number(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 0xffffffff)
    throw BadField{fmt::format("field '{}' is no number", name)};
  return value.get<std::uint32_t>();
}
Bytes bytes(const Json& value, const std::string& name) {
  if (!value.is_string()) throw BadField{fmt::format("field '{}' is no text", name)};
  auto decoded = from_base64(value.get<std::string>());
  if (!decoded) throw BadField{fmt::format("field '{}': {}", name, decoded.error().message)};
  return std::move(*decoded);
}
template <std::size_t N>
ByteArray<N> exactly(BytesView decoded, const std::string& name) {
  if (decoded.size() != N) throw BadField{fmt::format("field '{}': expected {} bytes, got {}", name, N, decoded.size())};
  return to_array<N>(decoded);
}
template <std::size_t N>
ByteArray<N> bytes(const Json& json, const char* name) {
  return exactly<N>(bytes(member(json, name), name), name);
}

/// A person's whole Signal state in one file, mode 0600, replaced as a whole.
struct Workbench {
  signal::MemoryState state;
  std::uint32_t signed_prekey = 1;
  std::uint32_t next_prekey = 1;
  wire::SignalKey signed_open{};
  ByteArray<64> signed_signature{};
  std::map<std::uint32_t, wire::SignalKey> opens;

  [[nodiscard]] Json to_json() const {
    Json json = {
        {"format", "session signal workbench 1"},
        {"registrationId", state.registration},
        {"identity", to_base64(state.own.secret.bytes())},
        {"signedPreKey",
         {{"keyId", signed_prekey}, {"publicKey", to_base64(signed_open)}, {"signature", to_base64(signed_signature)}}},
        {"nextPreKey", next_prekey},
        {"signedRecords", Json::object()},
        {"preKeys", Json::object()},
        {"openKeys", Json::object()},
        {"sessions", Json::object()},
        {"pinned", Json::object()},
        {"baseKeys", Json::array()}};
    for (const auto& [id, record] : state.signed_prekeys) json["signedRecords"][std::to_string(id)] = to_base64(record.bytes());
    for (const auto& [id, record] : state.prekeys) json["preKeys"][std::to_string(id)] = to_base64(record.bytes());
    for (const auto& [id, key] : opens) json["openKeys"][std::to_string(id)] = to_base64(key);
    for (const auto& [who, record] : state.sessions) json["sessions"][who.name] = to_base64(record.bytes());
    for (const auto& [name, key] : state.pinned) json["pinned"][name] = to_base64(key);
    for (const auto& key : state.base_keys) json["baseKeys"].push_back(to_base64(key));
    return json;
  }

  static Result<Workbench> load(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return fail(text);
    const Json json = Json::parse(*text, nullptr, false);
    try {
      return from_json(json);
    } catch (const BadField& bad) {
      return fail(ErrorCode::Malformed, fmt::format("{}: {}", file, bad.text));
    }
  }

  [[nodiscard]] Result<void> save(const std::string& file) const {
    const std::string fresh = file + ".new", text = to_json().dump(1) + "\n";
    ::unlink(fresh.c_str());  // what a stopped run left, or somebody put there with a mode of their own
    const int out = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    const bool written =
        out >= 0 && ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(out) == 0;
    if (out >= 0) ::close(out);
    if (!written || ::rename(fresh.c_str(), file.c_str()) != 0) {
      if (out >= 0) ::unlink(fresh.c_str());
      return fail(ErrorCode::Unavailable, file + ": cannot be written");
    }
    return {};
  }

 private:
  template <class Take>
  static void each(const Json& json, const char* name, Take take) {
    const Json& list = member(json, name);
    if (!list.is_object()) throw BadField{fmt::format("field '{}' is no object", name)};
    for (const auto& [key, value] : list.items()) take(key, bytes(value, fmt::format("{}.{}", name, key)));
  }
  static std::uint32_t id_of(const std::string& text) {
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != text.npos)
      throw BadField{"key number '" + text + "' is no number"};
    return static_cast<std::uint32_t>(std::stoul(text));
  }
  static Workbench from_json(const Json& json) {
    if (!json.is_object() || !json.contains("format") || json["format"] != "session signal workbench 1")
      throw BadField{"field 'format': this is no state of the signal workbench"};
    Workbench w;
    w.state.registration = number(json, "registrationId");
    w.state.own = crypto::x25519_pair(crypto::X25519Secret(bytes<32>(json, "identity")));
    const Json& key = member(json, "signedPreKey");
    w.signed_prekey = number(key, "keyId");
    w.signed_open = bytes<33>(key, "publicKey");
    w.signed_signature = bytes<64>(key, "signature");
    w.next_prekey = number(json, "nextPreKey");
    each(json, "signedRecords",
         [&](const std::string& id, const Bytes& b) { w.state.signed_prekeys.emplace(id_of(id), crypto::SecretBytes(b)); });
    each(json, "preKeys",
         [&](const std::string& id, const Bytes& b) { w.state.prekeys.emplace(id_of(id), crypto::SecretBytes(b)); });
    each(json, "openKeys",
         [&](const std::string& id, const Bytes& b) { w.opens.emplace(id_of(id), exactly<33>(b, "openKeys." + id)); });
    each(json, "sessions", [&](const std::string& name, const Bytes& b) {
      w.state.sessions.emplace(signal::Address{name, kDevice}, crypto::SecretBytes(b));
    });
    each(json, "pinned",
         [&](const std::string& name, const Bytes& b) { w.state.pinned.emplace(name, exactly<33>(b, "pinned." + name)); });
    for (const Json& base : member(json, "baseKeys"))
      w.state.base_keys.insert(exactly<32>(bytes(base, "baseKeys"), "baseKeys"));
    // A key number is given once: the next one is above all others.
    if (w.next_prekey == 0 || w.next_prekey > kMaxKeyId || (!w.opens.empty() && w.next_prekey <= w.opens.rbegin()->first))
      throw BadField{fmt::format("field 'nextPreKey': {} is not above the keys that were made", w.next_prekey)};
    return w;
  }
};

/// Names are printed and kept as JSON, which is UTF-8. Returns what is wrong, as CLI11 asks for it.
std::string not_text(const std::string& name) {
  try {
    static_cast<void>(Json(name).dump());
    return "";
  } catch (const Json::type_error&) {
    return "is not UTF-8";
  }
}

/// Prints in both forms alike: the workbench speaks JSON.
int print(const Json& line) {
  std::cout << line.dump() << std::endl;
  return 0;
}

Result<void> add_prekey(Workbench& bench, Rng& rng) {
  const auto key = signal::make_prekey(bench.next_prekey++, rng);
  if (!key) return fail(key);
  bench.state.prekeys.emplace(key->open.id, key->record);
  bench.opens.emplace(key->open.id, key->open.key);
  return {};
}

int signal_new(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return Program::complain(file + ": is there already");
  crypto::SystemRng rng;
  Workbench bench;
  bench.state.own = crypto::x25519_pair(rng);
  bench.state.registration = static_cast<std::uint32_t>(rng.between(1, 16380));
  const Instant now{
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  const auto key = signal::make_signed_prekey(bench.state.own, 1, now, rng);
  if (!key) return Program::complain(key.error());
  bench.state.signed_prekeys.emplace(key->id, key->record);
  bench.signed_open = key->open;
  bench.signed_signature = key->signature;
  if (auto saved = bench.save(file); !saved) return Program::complain(saved.error());
  return print(
      {{"identityKey", to_base64(signal::signal_key(bench.state.own.open))}, {"registrationId", bench.state.registration}});
}

/// A bundle with a one-time key that no bundle had before.
int signal_bundle(const std::string& file) {
  auto bench = Workbench::load(file);
  if (!bench) return Program::complain(bench.error());
  crypto::SystemRng rng;
  if (auto added = add_prekey(*bench, rng); !added) return Program::complain(added.error());
  if (auto saved = bench->save(file); !saved) return Program::complain(saved.error());
  const auto& [id, open] = *bench->opens.rbegin();
  return print({{"registrationId", bench->state.registration},
                {"deviceId", kDevice},
                {"identityKey", to_base64(signal::signal_key(bench->state.own.open))},
                {"signedPreKey",
                 {{"keyId", bench->signed_prekey},
                  {"publicKey", to_base64(bench->signed_open)},
                  {"signature", to_base64(bench->signed_signature)}}},
                {"preKey", {{"keyId", id}, {"publicKey", to_base64(open)}}}});
}

int signal_start(const std::string& file, const std::string& name, const std::string& bundle_file) {
  auto bench = Workbench::load(file);
  if (!bench) return Program::complain(bench.error());
  const auto text = read_file(bundle_file);
  if (!text) return Program::complain(text.error());
  signal::BundleKeys keys;
  try {
    const Json json = Json::parse(*text, nullptr, false);
    keys.registration_id = number(json, "registrationId");
    keys.identity = bytes<33>(json, "identityKey");
    const Json& signed_key = member(json, "signedPreKey");
    keys.signed_prekey_id = number(signed_key, "keyId");
    keys.signed_prekey = bytes<33>(signed_key, "publicKey");
    keys.signed_prekey_signature = bytes<64>(signed_key, "signature");
    if (json.contains("preKey"))
      keys.one_time = wire::OneTimeKey{number(json["preKey"], "keyId"), bytes<33>(json["preKey"], "publicKey")};
  } catch (const BadField& bad) {
    return Program::complain(fmt::format("{}: {}", bundle_file, bad.text));
  }
  crypto::SystemRng rng;
  if (auto started = signal::start(bench->state, {name, kDevice}, keys, rng); !started)
    return Program::complain(started.error());
  if (auto saved = bench->save(file); !saved) return Program::complain(saved.error());
  return print({{"with", name}, {"identityKey", to_base64(keys.identity)}});
}

int signal_encrypt(const std::string& file, const std::string& name, const std::string& text) {
  auto bench = Workbench::load(file);
  if (!bench) return Program::complain(bench.error());
  crypto::SystemRng rng;
  const auto message = signal::encrypt(bench->state, {name, kDevice}, bytes_of(text), rng);
  if (!message) return Program::complain(message.error());
  // The step of the ratchet is kept before its ciphertext leaves.
  if (auto saved = bench->save(file); !saved) return Program::complain(saved.error());
  return print({{"type", static_cast<std::uint32_t>(message->type)}, {"body", to_base64(message->body)}});
}

int signal_decrypt(const std::string& file, const std::string& name, std::uint32_t type, const std::string& body) {
  auto bench = Workbench::load(file);
  if (!bench) return Program::complain(bench.error());
  if (type != 1 && type != 3) return Program::complain(fmt::format("--type: {}; it is 1 (message) or 3 (first message)", type));
  const auto decoded = from_base64(body);
  if (!decoded) return Program::complain("--body: " + decoded.error().message);
  crypto::SystemRng rng;
  const auto plain = signal::decrypt(bench->state, {name, kDevice}, {static_cast<signal::MessageType>(type), *decoded}, rng);
  if (!plain) return Program::complain(plain.error());
  if (auto saved = bench->save(file); !saved) return Program::complain(saved.error());
  const Json line = {{"text", std::string(text_of(plain->bytes()))}};
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  return 0;
}

}  // namespace

void add_signal(CLI::App& app, Program& program) {
  struct Options {
    std::string state, with, bundle, text, body;
    std::uint32_t type = 1;
  };
  auto o = std::make_shared<Options>();
  auto* signal = app.add_subcommand("signal", "The ratchet by itself: two people in two files");
  signal->require_subcommand(1);
  signal->fallthrough();
  const auto add = [&](const char* name, const char* what, std::function<int()> run) {
    auto* command = signal->add_subcommand(name, what);
    command->add_option("--state", o->state, "The person's state file")->required();
    command->callback([&program, run = std::move(run)] { program.chosen = run; });
    return command;
  };
  add("new", "Makes a person", [o] { return signal_new(o->state); });
  add("bundle", "Prints a prekey bundle", [o] { return signal_bundle(o->state); });
  const CLI::Validator name(not_text, "");
  auto* start =
      add("start", "Begins a session from somebody's bundle", [o] { return signal_start(o->state, o->with, o->bundle); });
  start->add_option("--with", o->with, "What to call them here")->required()->check(name);
  start->add_option("--bundle", o->bundle, "The bundle's file")->required();
  auto* encrypt = add("encrypt", "Encrypts a text", [o] { return signal_encrypt(o->state, o->with, o->text); });
  encrypt->add_option("--with", o->with, "For whom")->required()->check(name);
  encrypt->add_option("--text", o->text, "The text")->required();
  auto* decrypt = add("decrypt", "Decrypts a message", [o] { return signal_decrypt(o->state, o->with, o->type, o->body); });
  decrypt->add_option("--with", o->with, "From whom")->required()->check(name);
  decrypt->add_option("--type", o->type, "1 or 3, as `encrypt` printed it")->required();
  decrypt->add_option("--body", o->body, "base64")->required();
}

}  // namespace session::cli
