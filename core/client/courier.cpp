#include "core/client/courier.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/base/text.h"
#include "core/wire/answers.h"
#include "core/wire/registry.h"
#include "core/wire/rpc.h"

namespace session::client {
namespace {

constexpr Millis kRegistryLifetime = hours(1);
constexpr Millis kBetweenRenewals = minutes(1);
constexpr Millis kBetweenDoubts = minutes(1);           // that change nothing: a liar must not have us read lists over and over
constexpr Millis kLongestPause = seconds(64);           // between two failures
constexpr std::string_view kRenewed = "paths_renewed";  // setting
/// After this many failures through paths the next try goes to a seed.
constexpr std::size_t kFailuresBeforeSeed = 2;
/// Of this many nodes that were heard two must say the same, else a seed is asked.
constexpr std::size_t kMostOpinions = 4;

/// A relay that cannot reach the next hop names it at the end of its answer (service-node.md 6.4).
std::optional<NodeId> named_culprit(std::string_view text) {
  for (const std::string_view prefix : {"Next node not found: ", "Next node unreachable: ", "Snode not ready: "}) {
    if (!text.starts_with(prefix)) continue;
    if (auto node = NodeId::parse(text.substr(prefix.size()))) return *node;
  }
  return std::nullopt;
}

wire::RegistryQuery active_nodes() {
  wire::RegistryQuery query;
  query.active_only = true;
  return query;
}

std::uint32_t size_of(BytesView bytes) { return static_cast<std::uint32_t>(bytes.size()); }

}  // namespace

Courier::Courier(std::vector<std::string> seeds, Millis call_timeout) : call_timeout_(call_timeout) {
  std::vector<std::string> known;
  for (std::string& seed : seeds) {
    std::string origin = seed.substr(0, seed.find('#'));
    std::ranges::transform(origin, origin.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    while (origin.ends_with('/')) origin.pop_back();
    if (std::ranges::find(known, origin) != known.end()) continue;
    known.push_back(std::move(origin));
    seeds_.push_back(std::move(seed));
  }
}

void Courier::load(Context& context) {
  std::vector<onion::Guard> guards;
  for (const store::GuardRow& row : must(context.store.guards()))
    guards.push_back({row.node, row.chosen_at, row.retired_at, row.uses, row.successes});
  paths_.load(std::move(guards));
  if (const auto row = must(context.store.registry())) {
    if (auto kept = swarm::read_registry(row->snapshot); kept && !(*kept)->nodes().empty())
      adopt(std::move(*kept), row->at, context);
  }
}

bool Courier::wants_refresh(Instant now) const {
  if (refresh_again(now) > now) return false;
  const bool may_doubt = doubt_again_ <= now || doubt_again_ > now + kBetweenDoubts;  // the clock was set back
  const Millis age = now - registry_at_;  // far below nothing when the clock was set back
  return !registry_ || (doubted_ && may_doubt) || age > kRegistryLifetime || age < Millis{} - kRegistryLifetime;
}

Instant Courier::refresh_again(Instant now) const { return refresh_again_ > now + kLongestPause ? now : refresh_again_; }

void Courier::refresh(Context& context) {
  if (refresh_call_) return;
  if (seeds_.empty()) {
    if (!registry_) trouble_ = "no seed is known to ask for the list of service nodes";
    return;
  }
  if (registry_ && node_failures_ < kFailuresBeforeSeed &&
      (witnesses_.are_called(context.now) ? ask_witness(context) || end_witnesses(context) : ask_node(context)))
    return;
  ask_seed(context);
}

/// Through a path. False: there is none.
bool Courier::ask_list(const NodeId& node, Context& context) {
  auto sent = send(node, wire::to_json(wire::OxendRequest{active_nodes()}), "get_service_nodes", context);
  if (sent) refresh_call_ = sent->call;
  return sent.has_value();
}

bool Courier::ask_witness(Context& context) {
  while (const auto node = witnesses_.next(*registry_, context.rng)) {
    if (!ask_list(*node, context)) continue;
    asks_witness_ = true;
    return true;
  }
  return false;
}

/// True: they are believed.
bool Courier::end_witnesses(Context& context) {
  auto believed = witnesses_.end_round();
  if (believed) believe({believed->node, {}, std::move(believed->registry), std::move(believed->body)}, context);
  return believed.has_value();
}

/// Through a path, one that was not heard yet. False: there is none, or no path to it.
bool Courier::ask_node(Context& context) {
  if (!opinions_.empty() && !opinions_.front().seed.empty()) opinions_.clear();
  std::vector<NodeId> candidates;
  for (const auto& node : registry_->nodes())
    if (std::ranges::find(opinions_, node.id, &Opinion::node) == opinions_.end()) candidates.push_back(node.id);
  if (candidates.empty()) return false;
  return ask_list(candidates[context.rng.below(candidates.size())], context);
}

void Courier::ask_seed(Context& context) {
  if (!opinions_.empty() && opinions_.front().seed.empty()) opinions_.clear();
  if (asked_seeds_.size() >= seeds_.size()) {  // a new round, in which nobody may bear himself out
    asked_seeds_.clear();
    opinions_.clear();
  }
  std::vector<std::string> candidates;
  for (const std::string& seed : seeds_)
    if (std::ranges::find(asked_seeds_, seed) == asked_seeds_.end()) candidates.push_back(seed);
  asked_seeds_.push_back(candidates[context.rng.below(candidates.size())]);
  const CallId id{next_call_++};
  context.effects.call(
      {id, wire::SeedPeer{asked_seeds_.back()}, {wire::Route::SeedRpc, wire::to_json(active_nodes()), {}}, call_timeout_});
  refresh_call_ = id;
}

Result<Courier::Sent> Courier::send(const NodeId& destination, BytesView rpc, std::string_view method, Context& context,
                                    const Options& options) {
  if (!registry_) return fail(ErrorCode::Unavailable, "no list of service nodes yet");
  if (site::fires(Site::ListDoubted)) doubt();
  if (site::fires(Site::PathsAnew)) paths_.drop_paths();
  const auto* target = registry_->find(destination);
  if (target == nullptr) return fail(ErrorCode::Unavailable, "service node " + destination.hex() + " is not in the registry");
  auto path = paths_.choose(destination, context.now, context.rng, options.spare);
  save_guards(context);
  if (!path) return fail(path);
  std::vector<onion::Hop> hops;
  for (const onion::Relay& relay : path->relays) hops.push_back({relay.id, relay.x25519});
  hops.push_back({target->id, target->x25519});
  if (mutant::is_on(Mutant::O1)) hops.erase(hops.begin(), hops.end() - 1);
  if (mutant::is_on(Mutant::O7)) hops.erase(hops.begin());
  auto wrapped = onion::wrap(hops, rpc, onion::EncType::XChaCha20, context.rng);
  if (!wrapped) return fail(wrapped);

  const CallId id{next_call_++};
  const onion::Relay& guard = path->relays[0];
  if (context.effects.tracing())
    context.effects.note(trace::OnionSent{id, guard.id, path->relays[1].id, path->relays[2].id, destination,
                                          size_of(wrapped->body), std::string(method)});
  const std::size_t bytes = wrapped->body.size();
  context.effects.call({id,
                        wire::NodePeer{hops[0].id, registry_->find(hops[0].id)->address},
                        {wire::Route::Onion, std::move(wrapped->body), {}},
                        options.timeout.value_or(call_timeout_)});
  calls_.emplace(id, Row{*path, destination, std::move(wrapped->keys), wrapped->enc, context.now});
  return Sent{id, std::move(*path), bytes};
}

std::optional<Courier::Outcome> Courier::on(const wire::Answered& input, Context& context) {
  const auto found = calls_.find(input.id);
  if (found == calls_.end()) {
    if (refresh_call_ != input.id) {
      ++unknown_answers_;
      return std::nullopt;
    }
    Outcome direct{.call = input.id, .status = input.answer.status, .body = input.answer.body};
    return finish_refresh(std::move(direct), context);
  }
  const Row row = std::move(found->second);
  calls_.erase(found);
  auto reply = input.answer.status == 200 ? onion::open_reply(row.keys, row.enc, input.answer.body)
                                          : Result<onion::Reply>({input.answer.status, input.answer.body, std::nullopt});
  context.effects.note(trace::OnionAnswered{input.id, reply ? reply->status : std::uint16_t{0}, size_of(input.answer.body)});
  if (!reply) return finish(broken(input.id, row, "the answer does not open: " + reply.error().message, {}, context), context);
  if (input.answer.status != 200 || reply->refused_behind) return finish(refused(input.id, row, *reply, context), context);
  paths_.succeeded(row.path);
  save_guards(context);
  return finish({input.id, row.destination, reply->status, std::move(reply->body), {}, {}, row.path.relays[0].id, row.sent},
                context);
}

std::optional<Courier::Outcome> Courier::on(const wire::CallFailed& input, Context& context) {
  const auto found = calls_.find(input.id);
  if (found == calls_.end()) {
    if (refresh_call_ != input.id) {
      ++unknown_answers_;
      return std::nullopt;
    }
    Outcome direct{.call = input.id};
    direct.failure = Error{ErrorCode::Unavailable, fmt::format("the seed does not answer ({})", wire::name_of(input.why))};
    return finish_refresh(std::move(direct), context);
  }
  const Row row = std::move(found->second);
  calls_.erase(found);
  // A guard that cannot be reached or shows a wrong certificate is the culprit itself; a late answer may be anyone's fault.
  std::optional<NodeId> culprit;
  if (input.why != wire::CallFailure::Timeout) culprit = row.path.relays[0].id;
  return finish(broken(input.id, row, wire::name_of(input.why), culprit, context), context);
}

/// A relay says that the request came no further. One whose seal shows who says so can blame nobody but the hop behind it.
Courier::Outcome Courier::refused(CallId id, const Row& row, const onion::Reply& refusal, Context& context) {
  const std::string_view text = text_of(refusal.body).substr(0, 200);
  auto culprit = named_culprit(text);
  if (refusal.refused_behind) {
    const std::size_t behind = *refusal.refused_behind + 1;
    if (culprit != (behind < row.path.relays.size() ? row.path.relays[behind].id : row.destination)) culprit.reset();
  }
  return broken(id, row, fmt::format("{} {}", refusal.status, printable(text)), culprit, context);
}

/// A request that did not get through. The destination's failure is not the path's (profile.md 6).
Courier::Outcome Courier::broken(CallId id, const Row& row, std::string reason, std::optional<NodeId> culprit,
                                 Context& context) {
  if (culprit == row.destination) {
    paths_.destination_failed(row.path);
  } else {
    paths_.failed(row.path, culprit, context.now);
    context.effects.note(trace::PathFailed{row.path.relays[0].id, culprit.value_or(NodeId{}), reason});
  }
  save_guards(context);
  return {id,      row.destination,       0,       {}, Error{ErrorCode::Unavailable, std::move(reason)},
          culprit, row.path.relays[0].id, row.sent};
}

std::optional<Courier::Outcome> Courier::finish(Outcome outcome, Context& context) {
  if (refresh_call_ == outcome.call) return finish_refresh(std::move(outcome), context);
  return outcome;
}

/// The list in an answer. Through a path anybody may have answered, so that it is held against what is known, unless many are
/// asked; a seed may begin its chain anew. Errors: what is wrong with it.
Courier::Heard Courier::read_list(const Outcome& outcome, Instant now) const {
  if (outcome.failure) return {std::unexpected(*outcome.failure)};
  if (outcome.status != 200)
    return {fail(ErrorCode::Refused, fmt::format("status {} for the list of service nodes", outcome.status))};
  bool is_other = false;
  const auto doubt = [&](const swarm::Registry& heard) -> Result<void> {
    if (heard.nodes().empty()) return fail(ErrorCode::Refused, "the list of service nodes is empty");
    if (outcome.destination == NodeId{} || !registry_) return {};
    if (heard.height() < registry_->height())
      return fail(ErrorCode::Refused, "an older list of service nodes than the one known");
    // Nobody but a seed may make us work for nothing (reliability.md W2), or for too little.
    if (heard.network() != registry_->network())
      return fail(ErrorCode::Unauthentic, "a node tells of another price of work than the one known; the seed is asked");
    if (asks_witness_) return {};
    const bool has_changed = is_another_network(*registry_, heard);
    is_other = has_changed || is_too_far_ahead(*registry_, heard, now - registry_at_);
    if (!is_other) return {};
    return fail(ErrorCode::Unauthentic, has_changed
                                            ? "a node shows quite another network than the one known; the seed is asked"
                                            : "a node tells of more blocks than there can be by now; the seed is asked");
  };
  auto list = swarm::read_registry(outcome.body, registry_.get(), doubt);
  return {std::move(list), is_other};
}

/// What is to be believed now that this was heard too, if anything: of those who say the same, the one of the lesser height.
std::optional<Courier::Opinion> Courier::weigh(Opinion opinion, Context& context) {
  if (!opinion.seed.empty()) {
    if (seeds_.size() == 1) return opinion;
  } else if (!doubted_ && registry_ && says_the_same(*opinion.registry, *registry_)) {
    // Nothing new. One node's word does not push the height ahead, which would make the others' lists older ones.
    if (auto row = must(context.store.registry())) return Opinion{opinion.node, {}, registry_, std::move(row->snapshot)};
  }
  for (Opinion& other : opinions_) {
    if (!says_the_same(*other.registry, *opinion.registry)) continue;
    return other.registry->height() < opinion.registry->height() ? std::move(other) : std::move(opinion);
  }
  opinions_.push_back(std::move(opinion));
  return std::nullopt;
}

/// What one seed says while the others are silent: what is known already, or what nobody contradicts for long.
std::optional<Courier::Opinion> Courier::weigh_alone(Context& context) {
  Opinion& alone = opinions_.front();
  if (registry_ && says_the_same(*alone.registry, *registry_)) {
    if (auto row = must(context.store.registry()))
      return Opinion{{}, std::move(alone.seed), registry_, std::move(row->snapshot)};
  }
  // Nodes come and go meanwhile.
  const auto goes_on = [&] {
    return lone_ && lone_->network() == alone.registry->network() && !is_another_network(*lone_, *alone.registry);
  };
  if (!goes_on()) lone_spell_ = {};
  lone_ = alone.registry;
  lone_spell_.count(context.now);
  if (!lone_spell_.is_long(context.now)) return std::nullopt;
  return std::move(alone);
}

/// The courier's own call came to an end.
std::optional<Courier::Outcome> Courier::finish_refresh(Outcome outcome, Context& context) {
  refresh_call_.reset();
  if (asks_witness_) {
    hear_witness(std::move(outcome), context);
    return std::nullopt;
  }
  const bool is_from_seed = outcome.destination == NodeId{};
  auto [heard, is_other] = read_list(outcome, context.now);
  if (!heard && heard.error().code == ErrorCode::Unauthentic)
    context.effects.note(trace::Disbelieved{outcome.destination, heard.error().message});
  std::optional<Opinion> believed;
  if (heard) {
    believed = weigh({outcome.destination, is_from_seed ? asked_seeds_.back() : std::string{}, *heard, std::move(outcome.body)},
                     context);
  } else if (heard.error().code == ErrorCode::Unauthentic) {
    node_failures_ = kFailuresBeforeSeed;
    if (is_other) witnesses_.network_has_changed();
  }
  const bool all_asked = is_from_seed && asked_seeds_.size() == seeds_.size();
  if (!believed && all_asked) {
    witnesses_.seeds_were_useless(context.now);
    if (opinions_.size() == 1) believed = weigh_alone(context);
    if (opinions_.size() > 1) lone_.reset();
  }
  if (believed) {
    believe(std::move(*believed), context);
  } else if (!heard && !(is_from_seed && !opinions_.empty())) {
    // When all seeds were silent or of no use, nodes are asked again: whoever cannot reach a seed must not grow old with one
    // list.
    if (!is_from_seed)
      ++node_failures_;
    else if (all_asked)
      node_failures_ = 0;
    refresh_failed(std::move(heard.error().message), context);
  } else if (is_from_seed ? all_asked : opinions_.size() >= kMostOpinions) {
    node_failures_ = is_from_seed ? 0 : kFailuresBeforeSeed;
    const bool is_alone = is_from_seed && opinions_.size() == 1;
    refresh_failed(is_alone ? "one seed alone answers; what it says is believed when the others are silent for ten minutes"
                   : is_from_seed ? "the seeds contradict each other about the service nodes"
                                  : "no two of the nodes that were asked tell the same of the network; the seed is asked",
                   context);
  } else {
    refresh(context);
  }
  return std::nullopt;
}

/// A round is short, so that the network does not change in it: an answer is followed by the next question, and failures by
/// pauses of their own. Those between rounds grow.
void Courier::hear_witness(Outcome outcome, Context& context) {
  auto heard = read_list(outcome, context.now).list;
  asks_witness_ = false;
  if (heard) {
    witnesses_.hear({outcome.destination, std::move(*heard), std::move(outcome.body)});
    silent_witnesses_ = 0;
  } else if (witnesses_.has_more()) {
    return pause(std::move(heard.error().message), silent_witnesses_++, context);
  }
  if (ask_witness(context) || end_witnesses(context)) return;
  node_failures_ = kFailuresBeforeSeed;  // the seeds first, then another round
  refresh_failed("the nodes that were asked do not tell the same of the network, and no seed is of any use", context);
}

void Courier::believe(Opinion opinion, Context& context) {
  const bool is_old_news = registry_ && says_the_same(*registry_, *opinion.registry);
  if (is_old_news && doubted_) doubt_again_ = context.now + kBetweenDoubts;
  if (!is_old_news) ++lists_;
  if (!is_old_news || !opinion.seed.empty()) witnesses_.forget();
  adopt(std::move(opinion.registry), context.now, context);
  opinions_.clear();
  asked_seeds_.clear();
  refresh_failures_ = node_failures_ = silent_witnesses_ = 0;
  lone_.reset();
  refresh_again_ = {};
  doubted_ = false;
  trouble_.clear();
  must(context.store.put_registry({std::move(opinion.body), context.now}));
}

void Courier::refresh_failed(std::string why, Context& context) { pause(std::move(why), refresh_failures_++, context); }

void Courier::pause(std::string why, std::size_t failures, Context& context) {
  refresh_again_ = context.now + seconds(std::int64_t{1} << std::min<std::size_t>(failures, 6));
  trouble_ = std::move(why);
}

Result<void> Courier::renew_paths(Context& context) {
  const auto kept = must(context.store.setting(kRenewed));
  const Instant before{kept && kept->size() == 8 ? load_little<std::int64_t>(kept->data()) : 0};
  if (before != Instant{} && before <= context.now && context.now - before < kBetweenRenewals)
    return fail(ErrorCode::Refused, "new paths were made less than a minute ago; each shows two more nodes that you are there");
  must(context.store.put_setting(kRenewed, little(static_cast<std::uint64_t>(context.now.micros))));
  paths_.drop_paths();
  return {};
}

void Courier::forget(Context& context) {
  registry_.reset();
  registry_at_ = {};
  opinions_.clear();
  asked_seeds_.clear();
  refresh_failures_ = node_failures_ = silent_witnesses_ = 0;
  witnesses_.forget();
  asks_witness_ = false;
  lone_.reset();
  refresh_again_ = {};
  doubted_ = false;
  doubt_again_ = {};
  trouble_.clear();
  paths_.drop_paths();
  paths_.forgive();
  must(context.store.put_registry({{}, {}}));
}

void Courier::adopt(swarm::RegistrySnapshot heard, Instant at, Context& context) {
  registry_ = std::move(heard);
  registry_at_ = at;
  paths_.update(onion::relays_of(registry_), context.now, context.rng);
  save_guards(context);
}

void Courier::save_guards(Context& context) {
  if (!paths_.guards_changed()) return;
  for (const onion::Guard& guard : paths_.guards())
    must(context.store.put_guard({guard.node, guard.chosen_at, guard.retired_at, guard.uses, guard.successes}));
  paths_.guards_saved();
}

}  // namespace session::client
