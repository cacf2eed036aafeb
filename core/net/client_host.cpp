#include "core/net/client_host.h"

#include <utility>

#include "core/base/mutant.h"

namespace session::net {
namespace {

constexpr std::size_t kToldAtOnce = 64;  // events

}  // namespace

Result<std::unique_ptr<ClientHost>> ClientHost::open(asio::io_context& io, store::ClientStore& store, client::Config config,
                                                     TraceSink sink) {
  for (const std::string& seed : config.seeds)
    if (auto good = parse_seed_url(seed); !good) return fail(good);
  auto machine = client::Client::open(store, std::move(config));
  if (!machine) return fail(machine);
  std::unique_ptr<ClientHost> host(new ClientHost(store, std::move(*machine)));
  host->carrier_ = std::make_shared<Carrier>(
      io, host->machine_->name(), [self = host.get()](auto input) { std::visit([self](auto& in) { self->feed(in); }, input); },
      std::move(sink));
  const auto started = host->transact([&](client::Context context) { return host->machine_->start(context); });
  if (!started) return fail(started);
  return host;
}

std::optional<std::uint64_t> ClientHost::stamp_progress(std::uint64_t delivery) const {
  return carrier_->stamp_progress(delivery);
}

ClientHost::~ClientHost() { carrier_->stop(); }

/// Begin, step, commit, and only then out with the effects. After a failure the machine is not to be trusted any more: it is
/// dropped for good, and the next start takes up what the store has.
template <class Step>
auto ClientHost::transact(Step&& step) -> decltype(step(std::declval<client::Context>())) {
  if (failure_) return std::unexpected(*failure_);
  wire::Effects effects(carrier_->is_tracing());
  const auto give_up = [&](const Error& error) {
    store_.rollback();
    failure_ = error;
    carrier_->stop();
    if (listener_) listener_();
  };
  if (auto begun = store_.begin(); !begun) {
    give_up(begun.error());
    return std::unexpected(*failure_);
  }
  auto result = step(client::Context{system_now(), rng_, store_, effects});
  if (!result) {
    give_up(result.error());
    return result;
  }
  if (mutant::is_on(Mutant::C2)) carrier_->carry_out(effects.take());
  if (auto committed = store_.commit(); !committed) {
    give_up(committed.error());
    return std::unexpected(*failure_);
  }
  carrier_->carry_out(effects.take());
  if (listener_) listener_();
  return result;
}

Result<client::Outcome> ClientHost::command(const client::Command& command) {
  auto outcome = transact([&](client::Context context) { return machine_->command(command, context); });
  tell_events();
  return outcome;
}

void ClientHost::feed(const client::Input& input) {
  static_cast<void>(transact([&](client::Context context) { return machine_->on(input, context); }));
  tell_events();
}

void ClientHost::on_event(EventHandler handler, RefusalHandler refused) {
  handler_ = std::move(handler);
  refused_ = std::move(refused);
  tell_events();
}

/// A handler may give commands itself; what comes of them is told after it has returned.
void ClientHost::tell_events() {
  if (!handler_ || is_telling_) return;
  is_telling_ = true;
  while (tell_some()) {
  }
  is_telling_ = false;
}

/// True when there may be more. Events that nothing answers share one mark: each mark is a durable write.
bool ClientHost::tell_some() {
  bool told_any = false;
  for (const client::Event& event : machine_->take_passing())
    if (!failure_) told_any = tell(event, handler_(event), std::nullopt);
  const auto rows = store_.events(kToldAtOnce);
  if (!rows || failure_) return false;
  std::optional<std::uint64_t> unmarked;
  for (const store::EventRow& row : *rows) {
    const auto event = client::parse_event(row.text);
    if (!event) break;  // what we do not read is not ours to drop
    const std::vector<client::Command> answers = handler_(*event);
    if (failure_) return false;  // of a command that the handler gave itself
    told_any = true;
    unmarked = row.sequence;
    if (!answers.empty() && !tell(*event, answers, std::exchange(unmarked, std::nullopt))) return false;
  }
  if (unmarked && !transact([&](client::Context) { return store_.printed(*unmarked); })) return false;
  return told_any;
}

bool ClientHost::tell(const client::Event& event, const std::vector<client::Command>& answers,
                      std::optional<std::uint64_t> sequence) {
  std::vector<Error> refusals;
  const auto done = transact([&](client::Context context) -> Result<void> {
    for (const client::Command& answer : answers) {
      const auto outcome = machine_->command(answer, context);
      if (!outcome) return fail(outcome);
      if (outcome->refused) refusals.push_back(*outcome->refused);
    }
    return sequence ? store_.printed(*sequence) : Result<void>();
  });
  if (done && refused_)
    for (const Error& refusal : refusals) refused_(event, refusal);
  return done.has_value();
}

}  // namespace session::net
