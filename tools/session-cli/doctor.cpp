// What works and what to do: a line for each check. Says nothing secret, so that its lines may be shown to who helps.
#include <filesystem>

#include "core/net/http_client.h"
#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

class Report {
 public:
  explicit Report(const Program& program) : program_(program) {}
  void add(const char* check, bool ok, const std::string& text, const std::string& advice = "") {
    all_well_ = all_well_ && ok;
    program_.say(
        {{"check", check}, {"ok", ok}, {"text", text}, {"advice", ok ? "" : advice}},
        fmt::format("{} {:<8} {}{}", ok ? "ok     " : "WRONG  ", check, text, ok || advice.empty() ? "" : "; " + advice));
  }
  [[nodiscard]] bool all_well() const { return all_well_; }

 private:
  const Program& program_;
  bool all_well_ = true;
};

std::string age(Instant from, Instant now) {
  const std::int64_t s = (now - from).count / 1000;
  return s < 120 ? fmt::format("{} s", s) : s < 7200 ? fmt::format("{} minutes", s / 60) : fmt::format("{} hours", s / 3600);
}

constexpr std::uintmax_t kLeastDisk = std::uintmax_t{100} << 20;

void check_store(Report& report, Messenger& messenger) {
  const auto folder = account_folder(messenger.program());
  std::error_code failed;
  const auto size = std::filesystem::file_size(store::ProfileFiles(folder).store, failed);
  const auto disk = std::filesystem::space(folder, failed);
  const std::string text = fmt::format("{} KiB, {} MiB free on the disk", size >> 10, disk.available >> 20);
  if (auto sound = messenger.store().check_integrity(); !sound)
    return report.add("store", false, sound.error().message, "put a backup back, or restore the account from its phrase");
  std::string copy = "no copy from an earlier day";
  if (const auto since = messenger.store().setting("new_device_since"); since && *since && (*since)->size() == 8)
    copy = fmt::format("found to be an older copy {} ago, and since then a device of its own",
                       age(Instant{load_little<std::int64_t>((*since)->data())}, net::system_now()));
  report.add("store", !failed && disk.available >= kLeastDisk, fmt::format("sound, of this version, {}; {}", copy, text),
             "make room on the disk");
}

/// Whether each seed answers, asked directly as a client does that knows no node yet.
void check_seeds(Report& report, Messenger& messenger) {
  if (messenger.program().seeds.empty()) return report.add("seed", false, "none is named", "name one with --seed-url");
  net::HttpClient http(messenger.io());
  for (const std::string& seed : messenger.program().seeds) {
    std::optional<net::HttpClient::Outcome> outcome;
    wire::RegistryQuery query;
    query.active_only = true;
    http.call(wire::SeedPeer{seed}, {wire::Route::SeedRpc, wire::to_json(query), {}},
              std::min(messenger.timeout(), seconds(10)),
              [&](net::HttpClient::Outcome result) { outcome = std::move(result); });
    static_cast<void>(messenger.run_until([&] { return outcome.has_value(); }, seconds(15)));
    const bool answers = outcome && outcome->has_value() && (*outcome)->status == 200;
    report.add("seed", answers, fmt::format("{} {}", seed, answers ? "answers" : "does not answer"),
               "look at the connection, or name another seed");
  }
}

void check_network(Report& report, Messenger& messenger) {
  const auto fetched = messenger.program().seeds.empty() && !messenger.host().machine().courier().registry()
                           ? fail(ErrorCode::Unavailable, "no node is known")
                           : messenger.fetch(client::GoOnline{});
  const auto& machine = messenger.host().machine();
  const auto* registry = machine.courier().registry();
  const std::string trouble = machine.courier().trouble();
  if (registry) {
    report.add("network", trouble.empty(),
               fmt::format("{} nodes, heard {} ago{}", registry->nodes().size(),
                           age(machine.courier().registry_at(), net::system_now()), trouble.empty() ? "" : "; " + trouble),
               "`reset-network` forgets the list and asks anew");
  } else {
    report.add("network", false, trouble.empty() ? "no list of nodes was heard" : trouble,
               "look at the connection and the seed");
  }
  static_cast<void>(messenger.run_until([&] { return machine.listening() > 0; }, fetched ? seconds(3) : Millis{}));
  report.add("mailbox", fetched.has_value(),
             fetched ? "the own swarm answers" : "the own swarm does not answer: " + fetched.error().message,
             "try again in a minute; then `new-path`");
  report.add("listen", machine.listening() > 0,
             machine.listening() > 0 ? fmt::format("{} nodes hand over what comes", machine.listening()) : "no node does",
             "messages come all the same, by looking into the mailbox");
}

void check_bundle(Report& report, Messenger& messenger) {
  if (const auto account = messenger.store().account(); account && *account && (*account)->era != std::uint8_t(crypto::Era::C))
    return report.add("bundle", true, "none: an account of this era has no key that could sign one, and gets boxes");
  const auto kept = messenger.store().setting("bundle_kept");
  const bool is_there = kept && *kept && (*kept)->size() == 8;
  report.add("bundle", is_there,
             is_there
                 ? fmt::format("published {} ago", age(Instant{load_little<std::int64_t>((*kept)->data())}, net::system_now()))
                 : "no prekey bundle is published, so nobody can write to this account with forward secrecy",
             "`receive` publishes it");
}

void check_clock(Report& report, Messenger& messenger) {
  const auto& clock = messenger.host().machine().clock();
  const std::string told = fmt::format("by {} nodes", clock.samples());
  report.add("clock", !clock.is_wrong(),
             clock.words().empty() ? fmt::format("right, {}; offset {} ms", told, clock.offset().count)
                                   : fmt::format("{}, {}; corrected", clock.words(), told),
             "set this machine's clock");
}

void check_paths(Report& report, Messenger& messenger) {
  const auto& courier = messenger.host().machine().courier();
  std::size_t in_use = 0;
  std::string text;
  for (const onion::Guard& guard : courier.guards()) {
    if (guard.is_retired()) continue;
    ++in_use;
    text += fmt::format("; guard {}: {} of {} requests came back", guard.node.hex().substr(0, 8), guard.successes, guard.uses);
  }
  report.add("paths", in_use > 0 && !courier.paths().empty(), fmt::format("{} paths{}", courier.paths().size(), text),
             "`new-path`, or look at the connection");
}

void check_outbox(Report& report, Messenger& messenger) {
  constexpr std::uint32_t kMany = 3;
  const auto rows = messenger.store().outbox();
  if (!rows) return report.add("outbox", false, rows.error().message, "look at the store");
  std::size_t under_way = 0, stuck = 0;
  std::string why;
  for (const store::OutboxRow& row : *rows) {
    const auto state = static_cast<client::State>(row.state);
    if (!client::is_settled(state)) ++under_way;
    if (state != client::State::Failed && (client::is_settled(state) || row.attempts < kMany)) continue;
    ++stuck;
    why = fmt::format("; #{} is {}: {}", row.id, client::name_of(state), row.last_error);
  }
  report.add("outbox", stuck == 0, fmt::format("{} under way, {} stuck{}", under_way, stuck, why),
             "`journey NUMBER` says where; then `retry NUMBER` or `cancel NUMBER`");
}

int doctor(const Program& program, const int&) {
  Report report(program);
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) {
    report.add("store", false, opened.error().message, "nothing else can be looked at until it opens");
    return 1;
  }
  check_store(report, messenger);
  check_seeds(report, messenger);
  check_network(report, messenger);
  check_bundle(report, messenger);
  check_clock(report, messenger);
  check_paths(report, messenger);
  check_outbox(report, messenger);
  return report.all_well() ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  add_command<int>(
      app, program, "doctor", "Says what works and what to do: store, network, clock, paths, mailbox, outbox",
      [](CLI::App&, int&) {}, doctor);
}

}  // namespace session::cli
