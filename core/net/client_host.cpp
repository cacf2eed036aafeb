#include "core/net/client_host.h"

#include <chrono>
#include <utility>

namespace session::net {
namespace {

constexpr std::size_t kToldAtOnce = 64;  // events

}  // namespace

Result<std::unique_ptr<ClientHost>> ClientHost::open(asio::io_context& io, store::ClientStore& store, client::Config config,
                                                     TraceSink sink, store::EpochCounter* counter) {
  for (const std::string& seed : config.seeds)
    if (auto good = parse_seed_url(seed); !good) return fail(good);
  auto runner = client::Runner::open(store, config);
  if (!runner) return fail(runner);
  std::unique_ptr<ClientHost> host(new ClientHost(io, store, std::move(*runner), counter));
  host->carrier_ = std::make_shared<Carrier>(
      io, host->machine().name(), [self = host.get()](auto input) { std::visit([self](auto& in) { self->feed(in); }, input); },
      std::move(sink));
  host->runner_.start(*host);
  return host;
}

std::optional<std::uint64_t> ClientHost::stamp_progress(std::uint64_t delivery) const {
  return carrier_->stamp_progress(delivery);
}

ClientHost::~ClientHost() {
  *alive_ = false;
  carrier_->stop();
}

// --- what the runner is lent
// -------------------------------------------------------------------------------------------------------------------

Instant ClientHost::now() const { return system_now(); }
bool ClientHost::is_tracing() const { return carrier_->is_tracing(); }
void ClientHost::carry_out(std::vector<wire::Effect> effects) { carrier_->carry_out(std::move(effects)); }

void ClientHost::give_up(Millis pause) {
  carrier_->begin_anew({});
  again_.expires_after(std::chrono::milliseconds(pause.count));
  again_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    runner_.begin_anew(*this);
    has_changed();
  });
}

void ClientHost::has_changed() {
  if (listener_) listener_();
  tell_events();
}

template <class Step>
auto ClientHost::transact(Step&& step) -> std::invoke_result_t<Step, client::Client&, client::Context> {
  auto result = runner_.transact(std::forward<Step>(step), *this);
  if (listener_) listener_();
  return result;
}

Result<client::Outcome> ClientHost::command(const client::Command& command) {
  auto outcome = runner_.command(command, *this);
  has_changed();
  return outcome;
}

void ClientHost::feed(const client::Input& input) {
  runner_.on(input, *this);
  has_changed();
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
  for (const client::Event& event : take_passing())
    if (!failure()) told_any = tell(event, handler_(event), std::nullopt);
  const auto rows = store_.events(kToldAtOnce);
  if (!rows || failure()) return false;
  std::optional<std::uint64_t> unmarked;
  for (const store::EventRow& row : *rows) {
    const auto event = client::parse_event(row.text);
    if (!event) break;  // what we do not read is not ours to drop
    const std::vector<client::Command> answers = handler_(*event);
    if (failure()) return false;  // of a command that the handler gave itself
    told_any = true;
    unmarked = row.sequence;
    if (!answers.empty() && !tell(*event, answers, std::exchange(unmarked, std::nullopt))) return false;
  }
  if (unmarked && !transact([&](client::Client&, client::Context) { return store_.printed(*unmarked); })) return false;
  return told_any;
}

bool ClientHost::tell(const client::Event& event, const std::vector<client::Command>& answers,
                      std::optional<std::uint64_t> sequence) {
  std::vector<Error> refusals;
  const auto done = transact([&](client::Client& machine, client::Context context) -> Result<void> {
    for (const client::Command& answer : answers) {
      const auto outcome = machine.command(answer, context);
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
