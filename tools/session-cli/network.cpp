// Deliveries, their journeys and their price; the paths they take.
#include "core/pow/search.h"
#include "tools/session-cli/messenger.h"

namespace session::cli {
namespace {

struct Options {
  std::uint64_t number = 0;
  std::string text;
  std::optional<std::uint32_t> bytes;
  std::int64_t ttl = 0;
};
void nothing(CLI::App&, Options&) {}
void with_number(CLI::App& command, Options& o) {
  command.add_option("number", o.number, "The delivery's number, as `send` gave it")->required()->check(kNumber);
}

int outbox(const Program& program, const Options&) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto rows = messenger.store().outbox();
  if (!rows) return Program::complain(rows.error());
  for (const store::OutboxRow& row : *rows) {
    const auto state = static_cast<client::State>(row.state);
    if (client::is_settled(state) && state != client::State::Failed) continue;
    const char* kind = client::name_of(static_cast<client::Kind>(row.kind));
    program.say({{"id", row.id},
                 {"message", row.message},
                 {"to", row.to.hex()},
                 {"kind", kind},
                 {"state", client::name_of(state)},
                 {"attempts", row.attempts},
                 {"created", row.created.unix_millis()},
                 {"next_attempt", time_or_null(row.next_attempt)},
                 {"error", row.last_error}},
                fmt::format("#{} {} to {}: {}{}", row.id, kind, shown_name(messenger.store(), row.to), client::name_of(state),
                            row.last_error.empty() ? "" : " (" + row.last_error + ")"));
  }
  return 0;
}

int journey(const Program& program, const Options& o) {
  Messenger messenger(program);
  if (auto opened = messenger.open_store(); !opened) return Program::complain(opened.error());
  const auto steps = messenger.store().journey(o.number);
  if (!steps) return Program::complain(steps.error());
  if (steps->empty()) return Program::complain(fmt::format("number: there is no delivery {}", o.number));
  for (const store::JourneyRow& step : *steps) {
    Json hops = Json::array();
    for (const NodeId& node : step.hops) hops.push_back(node.hex());
    program.say({{"id", o.number},
                 {"step", client::name_of(static_cast<client::Step>(step.step))},
                 {"at", step.at.unix_millis()},
                 {"hops", hops},
                 {"bytes", step.bytes},
                 {"trials", step.trials},
                 {"micros", step.micros},
                 {"text", step.text}},
                fmt::format("{:>7} ms  {}", (step.at - steps->front().at).count, step.text));
  }
  return 0;
}

int retry(const Program& program, const Options& o) {
  Messenger messenger(program);
  messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (auto begun = messenger.command(client::TryAgain{o.number}); !begun) return Program::complain(begun.error());
  return report_delivery(messenger, o.number);
}

int price(const Program& program, const Options& o) {
  if (o.text.empty() == !o.bytes.has_value()) throw CLI::ValidationError("price", "expected a text or --bytes, one of them");
  Messenger messenger(program);
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  const auto& machine = messenger.host().machine();
  if (!machine.courier().registry()) {
    messenger.require_seed();
    if (auto fetched = messenger.fetch(); !fetched) return Program::complain(fetched.error());
  }
  const Millis lifetime = o.ttl == 0 ? client::Config{}.lifetime : seconds(o.ttl);
  const auto cost = machine.price_of(o.bytes ? std::string(*o.bytes, 'x') : o.text, lifetime);
  const std::uint64_t rate = cost.is_due ? pow::trials_per_second() : 0;
  const std::uint64_t ms = rate == 0 ? 0 : cost.trials * 1000 / rate;
  program.say({{"bytes", cost.bytes}, {"due", cost.is_due}, {"trials", cost.trials}, {"expected_ms", ms}},
              cost.is_due ? fmt::format("about {} bytes on the network; a stamp of {} trials, about {} ms here", cost.bytes,
                                        cost.trials, ms)
                          : fmt::format("about {} bytes on the network; free", cost.bytes));
  return 0;
}

/// The first three numbers of an address: who shares them shares a network.
std::string neighbourhood(const wire::Address& address) {
  const auto end = address.host.rfind('.');
  return end == std::string::npos ? address.host : address.host.substr(0, end) + ".0/24";
}

int show_paths(Messenger& messenger, const Json& also) {
  const auto& paths = messenger.host().machine().courier().paths();
  if (paths.empty()) return Program::complain("there is no path yet; the first request builds one");
  for (const onion::Path& path : paths) {
    Json hops = Json::array();
    std::string text = "you";
    for (const onion::Relay& relay : path.relays) {
      hops.push_back({{"node", relay.id.hex()}, {"network", neighbourhood(relay.address)}});
      text += fmt::format(" > {} ({})", relay.id.hex().substr(0, 8), neighbourhood(relay.address));
    }
    Json line = {{"guard", path.relays[0].id.hex()}, {"hops", hops}};
    line.update(also);
    messenger.program().say(line, text);
  }
  return 0;
}

/// Paths are built by what travels over them: one look into the mailbox.
int path(const Program& program, bool is_new) {
  Messenger messenger(program);
  messenger.require_seed();
  if (auto opened = messenger.open(); !opened) return Program::complain(opened.error());
  if (is_new)
    if (auto renewed = messenger.command(client::NewPath{}); !renewed) return Program::complain(renewed.error());
  if (auto fetched = messenger.fetch(); !fetched) return Program::complain(fetched.error());
  if (!is_new) return show_paths(messenger, Json::object());
  const std::string cost =
      "other middle and last hops see your requests from now on; the guards stay, for each new one is a chance for those who "
      "wait for you";
  if (!program.json) program.say({}, cost);
  return show_paths(messenger, {{"cost", cost}});
}

int reset(const Program& program, const Options&) {
  return change(program, client::ResetNetwork{}, {{"reset", true}},
                "the list of nodes, the paths and the clock's offset are forgotten; people, messages and guards stay");
}

}  // namespace

void add_network(CLI::App& app, Program& program) {
  add_command<Options>(app, program, "outbox", "Lists what is under way", nothing, outbox);
  add_command<Options>(app, program, "journey", "Shows every step of a delivery", with_number, journey);
  add_command<Options>(app, program, "retry", "Tries a delivery again at once", with_number, retry);
  add_command<Options>(app, program, "cancel", "Gives up a delivery that nobody keeps yet", with_number,
                       [](const Program& p, const Options& o) {
                         return change(p, client::Cancel{o.number}, {{"id", o.number}, {"state", "cancelled"}}, "given up");
                       });
  add_command<Options>(
      app, program, "price", "What a message would cost",
      [](CLI::App& command, Options& o) {
        auto* text = command.add_option("text", o.text, "The message");
        command.add_option("--bytes", o.bytes, "Or its size alone")->excludes(text)->check(CLI::Range(1, 76'800));
        command.add_option("--ttl", o.ttl, "Seconds that the swarm keeps it")->check(CLI::Range(10, 1'209'600));
      },
      price);
  add_command<Options>(app, program, "path", "Shows the paths that requests take", nothing,
                       [](const Program& p, const Options&) { return path(p, false); });
  add_command<Options>(app, program, "new-path", "Takes other paths behind the same guards, and says what that costs", nothing,
                       [](const Program& p, const Options&) { return path(p, true); });
  add_command<Options>(app, program, "reset-network", "Forgets what was learnt of the network; not of people", nothing, reset);
}

}  // namespace session::cli
