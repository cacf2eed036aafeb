#include "core/net/node_host.h"

#include <fmt/format.h>

#include "core/base/mutant.h"
#include "core/net/chain_file.h"
#include "core/wire/answers.h"

namespace session::net {
namespace {

constexpr std::size_t kSlice = 256;
constexpr Millis kSliceTime{5};  ///< how long one commit waits for more
constexpr auto kStartAgain = std::chrono::milliseconds(250);

}  // namespace

Result<crypto::Ed25519Pair> node_keys(const std::filesystem::path& folder) {
  crypto::SystemRng rng;
  const auto seed = store::key_file(folder / "node.key", rng);
  if (!seed) return fail(seed);
  return crypto::ed25519_pair(crypto::Ed25519Seed(seed->bytes()));
}

NodeHost::NodeHost(asio::io_context& io, node::Config config, std::unique_ptr<store::MailStore> store, TraceSink sink)
    : io_(io), config_(std::move(config)), machine_(config_), store_(std::move(store)) {
  const std::string name = machine_.id().hex().substr(0, 8);
  carrier_ = std::make_shared<Carrier>(
      io, name,
      [this](auto input) {
        std::visit(
            [this](auto& in) {
              if constexpr (!std::is_same_v<std::decay_t<decltype(in)>, wire::Stamped>) feed(std::move(in));
            },
            input);
      },
      std::move(sink));
}

Result<std::unique_ptr<NodeHost>> NodeHost::open(asio::io_context& io, node::Config config, const wire::Address& address,
                                                 const std::filesystem::path& folder, TraceSink sink,
                                                 const HostOptions& options) {
  crypto::SystemRng rng;
  const auto key = store::key_file(folder / "mail.key", rng);
  if (!key) return fail(key);
  auto store = store::SqlMailStore::open(folder / "mail.db", *key, options.file);
  if (!store) return fail(store);
  return open(io, std::move(config), address, std::unique_ptr<store::MailStore>(std::move(*store)), std::move(sink), options);
}

Result<std::unique_ptr<NodeHost>> NodeHost::open(asio::io_context& io, node::Config config, const wire::Address& address,
                                                 std::unique_ptr<store::MailStore> store, TraceSink sink,
                                                 const HostOptions& options) {
  auto facts = std::make_shared<std::map<std::string, std::uint64_t>>();
  if (options.metrics)
    sink = [facts, inner = std::move(sink)](const std::string& machine, Instant at, const trace::Fact& fact) {
      ++(*facts)[trace::name_of(fact)];
      if (inner) inner(machine, at, fact);
    };
  auto certificate = make_certificate(config.keys);
  if (!certificate) return fail(certificate);
  std::unique_ptr<NodeHost> host(new NodeHost(io, std::move(config), std::move(store), std::move(sink)));
  host->facts_ = std::move(facts);
  if (options.metrics) {
    const auto nothing = [](const wire::Caller&, const wire::Request&, const HttpServer::Responder& respond,
                            const HttpServer::Held&) {
      respond(wire::refusal(404, "only GET /metrics and GET /health are here"));
    };
    auto pages = HttpServer::open(io, *options.metrics, std::nullopt, nothing, {},
                                  [self = host.get()](std::string_view path) { return self->page(path); });
    if (!pages) return fail(pages);
    host->pages_ = std::move(*pages);
  }
  auto server = HttpServer::open(
      io, address, *certificate,
      [self = host.get()](wire::Caller from, wire::Request request, HttpServer::Responder respond, HttpServer::Held held) {
        const RequestId id = self->carrier_->keep(std::move(respond));
        if (self->is_draining_) return self->carrier_->refuse(id, wire::refusal(503, "this node is going down"));
        self->feed(wire::Requested{id, std::move(from), std::move(request)}, std::move(held));
      },
      options.server);
  if (!server) return fail(server);
  host->server_ = std::move(*server);
  host->server_->spare([self = host.get()](const std::string& from) { return self->is_listed(from); });
  wire::Effects effects(host->carrier_->is_tracing());
  const auto started = host->machine_.start({system_now(), host->rng_, *host->store_, effects});
  if (!started) return fail(started);
  host->carrier_->carry_out(effects.take());
  return host;
}

NodeHost::~NodeHost() {
  *alive_ = false;
  if (server_) server_->close();
  carrier_->stop();
}

bool NodeHost::is_listed(const std::string& address) {
  if (listed_in_ != machine_.registry()) {
    listed_in_ = machine_.registry();
    listed_.clear();
    if (listed_in_)
      for (const auto& node : listed_in_->nodes())
        if (node.has_address()) listed_.insert(node.address.host);
  }
  return listed_.contains(address);
}

bool NodeHost::drain() {
  is_draining_ = true;
  if (inbox_.empty() && machine_.listeners() > 0) end_listeners();
  return inbox_.empty() && server_->owed_answers() == 0;
}

/// They would wait for longer than the node lives.
void NodeHost::end_listeners() {
  wire::Effects effects(carrier_->is_tracing());
  auto done = store_->begin();
  if (done) machine_.end_all_listeners({system_now(), rng_, *store_, effects});
  conclude(std::move(done), effects);
}

void NodeHost::set_limits(const node::Limits& limits) {
  config_.limits = limits;
  machine_.set_limits(limits);
}

std::optional<wire::Answer> NodeHost::page(std::string_view path) const {
  if (path == "/health") {
    const bool is_well = machine_.is_ready() && !is_draining_;
    return wire::Answer{static_cast<std::uint16_t>(is_well ? 200 : 503), to_bytes(is_well ? "ok\n" : "not in a swarm\n"),
                        wire::ContentType::Text};
  }
  if (path != "/metrics") return std::nullopt;
  std::string text = "# TYPE session_facts_total counter\n";
  for (const auto& [name, count] : *facts_) text += fmt::format("session_facts_total{{fact=\"{}\"}} {}\n", name, count);
  for (const auto& [name, value] : {std::pair<const char*, std::uint64_t>{"session_ready", machine_.is_ready() ? 1 : 0},
                                    {"session_messages_kept", store_->count()},
                                    {"session_bytes_kept", store_->total_bytes()},
                                    {"session_listeners", machine_.listeners()},
                                    {"session_requests_waiting", machine_.waiting_requests()}})
    text += fmt::format("# TYPE {0} gauge\n{0} {1}\n", name, value);
  return wire::Answer{200, to_bytes(text), wire::ContentType::Text};
}

void NodeHost::feed(node::Input input, HttpServer::Held held) {
  if (const auto* requested = std::get_if<wire::Requested>(&input)) {
    const std::string caller = requested->from.name;
    inbox_.push(caller, {std::move(input), std::move(held)});
  } else {
    inbox_.push_own({std::move(input), {}});
  }
  pump_later();
}

/// Not at once: what else has arrived by then shares the commit.
void NodeHost::pump_later() {
  if (inbox_.empty() || std::exchange(pumping_, true)) return;
  asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    pumping_ = false;
    pump();
  });
}

/// A slice of what waits: one transaction, one commit, then the effects.
void NodeHost::pump() {
  if (inbox_.empty()) return;
  const Instant until = system_now() + kSliceTime;
  wire::Effects effects(carrier_->is_tracing());
  auto done = store_->begin();
  for (std::size_t taken = 0; done && !inbox_.empty() && taken < kSlice; ++taken) {
    const Instant now = system_now();
    if (taken > 0 && now >= until) break;
    const Waiting next = inbox_.pop();
    done = machine_.on(next.input, {now, rng_, *store_, effects});
  }
  conclude(std::move(done), effects);
  pump_later();
}

/// The commit, and only then what the machine wished.
void NodeHost::conclude(Result<void> done, wire::Effects& effects) {
  if (done && mutant::is_on(Mutant::C2)) carrier_->carry_out(effects.take());
  if (done) done = store_->commit();
  if (done)
    carrier_->carry_out(effects.take());
  else
    give_up(done.error());
}

/// The store failed: nothing of the slice is kept, so nothing of it is said, and the machine begins anew from what the store
/// has. It knows nothing then of requests it had not answered yet, and of calls it had made: they end here.
void NodeHost::give_up(const Error& error) {
  store_->rollback();
  inbox_.clear();
  carrier_->begin_anew(error.code == ErrorCode::Full ? wire::refusal(507, "no room left on this node")
                                                     : wire::refusal(500, "the store of this node failed"));
  start_anew();
}

void NodeHost::start_anew() {
  if (machine_.registry()) config_.known = machine_.registry();  // so that it answers at once
  node::ServiceNode anew(config_);
  anew.take_over(machine_);
  machine_ = std::move(anew);
  wire::Effects effects(carrier_->is_tracing());
  if (machine_.start({system_now(), rng_, *store_, effects})) return carrier_->carry_out(effects.take());
  // Without its timers it would never come back; it is not ready until then, and says so.
  again_.expires_after(kStartAgain);
  again_.async_wait([this, alive = alive_](const boost::system::error_code& failed) {
    if (!failed && *alive) start_anew();
  });
}

// --- the seed
// --------------------------------------------------------------------------------------------------------------------

SeedHost::SeedHost(asio::io_context& io, node::Seed seed, TraceSink sink) : machine_(std::move(seed)) {
  carrier_ = std::make_shared<Carrier>(
      io, "seed",
      [this](auto input) {
        if (const auto* woken = std::get_if<wire::Woken>(&input)) feed(*woken);
      },
      std::move(sink));
}

Result<std::unique_ptr<SeedHost>> SeedHost::open(asio::io_context& io, node::Seed seed, const wire::Address& address,
                                                 TraceSink sink, Keeping keeping) {
  std::unique_ptr<SeedHost> host(new SeedHost(io, std::move(seed), std::move(sink)));
  host->keeping_ = std::move(keeping);
  if (auto resumed = host->resume(); !resumed) return fail(resumed);
  auto server = HttpServer::open(
      io, address, std::nullopt,
      [self = host.get()](wire::Caller from, wire::Request request, HttpServer::Responder respond, const HttpServer::Held&) {
        if (self->intercept_ && self->intercept_(request, respond)) return;
        const RequestId id = self->carrier_->keep(std::move(respond));
        self->feed(wire::Requested{id, std::move(from), std::move(request)});
      });
  if (!server) return fail(server);
  host->server_ = std::move(*server);
  wire::Effects effects(host->carrier_->is_tracing());
  host->machine_.start(system_now(), effects);
  host->carrier_->carry_out(effects.take());
  return host;
}

SeedHost::~SeedHost() {
  if (server_) server_->close();
  carrier_->stop();
}

Result<void> SeedHost::resume() {
  if (keeping_.file.empty()) return {};
  auto kept = read_chain(keeping_.file);
  if (!kept && kept.error().code != ErrorCode::NotFound) return fail(kept);
  if (kept) {
    const std::string wanted = machine_.registry()->network().name, found = (*kept)->network().name;
    if (wanted != found)
      return fail(ErrorCode::Refused,
                  fmt::format("{}: is the chain of a network {}, not {}", keeping_.file.string(), found, wanted));
    machine_.chain() = swarm::Chain(std::move(*kept));
  }
  return keep();
}

/// Before anybody can hear of the block: what was told once holds after a crash.
Result<void> SeedHost::keep() {
  if (keeping_.file.empty() || kept_ == machine_.registry()) return {};
  if (auto written = write_chain(keeping_.file, *machine_.registry()); !written) {
    if (keeping_.failed) keeping_.failed(written.error());
    return written;
  }
  kept_ = machine_.registry();
  return {};
}

void SeedHost::feed(const node::Seed::Input& input) {
  wire::Effects effects(carrier_->is_tracing());
  machine_.on(input, system_now(), rng_, effects);
  static_cast<void>(keep());  // a seed whose disk is full still tells what it knows, and tries again with the next input
  carrier_->carry_out(effects.take());
}

void SeedHost::seal_block() {
  wire::Effects effects(carrier_->is_tracing());
  machine_.seal_block(effects);
  static_cast<void>(keep());
  carrier_->carry_out(effects.take());
}

}  // namespace session::net
