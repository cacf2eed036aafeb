// Requests that hold others: a batch runs its parts at once, a sequence one after another, a choice one of two.
// Source: service-node.md 3B.3.
#include <algorithm>

#include "core/node/service_node.h"

namespace session::node {
namespace {

template <class Version>
bool is_before(const Version& own, const std::vector<std::uint16_t>& bound) {
  for (std::size_t i = 0; i < std::size(own); ++i) {
    const std::uint16_t other = i < bound.size() ? bound[i] : 0;
    if (own[i] != other) return own[i] < other;
  }
  return false;
}

bool holds(const wire::Condition& c, const wire::IfElseAnswer& own) {
  const std::array<std::uint16_t, 2> hf{own.head.hf.major, own.head.hf.minor};
  if (!c.hf_at_least.empty() && is_before(hf, c.hf_at_least)) return false;
  if (!c.hf_before.empty() && !is_before(hf, c.hf_before)) return false;
  if (!c.v_at_least.empty() && is_before(own.version, c.v_at_least)) return false;
  if (!c.v_before.empty() && !is_before(own.version, c.v_before)) return false;
  if (c.height_at_least && own.height < *c.height_at_least) return false;
  return !c.height_before || own.height < *c.height_before;
}

wire::RpcRequest whole(const wire::Subrequest& part) {
  return std::visit([](const auto& typed) -> wire::RpcRequest { return typed; }, part);
}

}  // namespace

void ServiceNode::start_batch(const wire::BatchRequest& request, To to, Context& context) {
  const std::uint64_t number = next_row_++;
  Compound compound{
      .kind = Compound::Kind::Batch, .to = std::move(to), .open = request.requests.size(), .left = config_.answer_bytes};
  compound.parts.resize(request.requests.size());
  compounds_.emplace(number, std::move(compound));
  for (std::size_t i = 0; i < request.requests.size(); ++i)
    start_request(whole(request.requests[i]), PartOf{number, i}, context);
}

void ServiceNode::start_sequence(const wire::SequenceRequest& request, To to, Context& context) {
  const std::uint64_t number = next_row_++;
  Compound compound{
      .kind = Compound::Kind::Sequence, .to = std::move(to), .rest = request.requests, .left = config_.answer_bytes};
  std::reverse(compound.rest.begin(), compound.rest.end());
  compounds_.emplace(number, std::move(compound));
  next_of_sequence(number, context);
}

void ServiceNode::next_of_sequence(std::uint64_t number, Context& context) {
  Compound& compound = compounds_.at(number);
  const wire::RpcRequest next = whole(compound.rest.back());
  compound.rest.pop_back();
  compound.parts.emplace_back();
  compound.open = 1;
  start_request(next, PartOf{number, compound.parts.size() - 1}, context);
}

void ServiceNode::start_if_else(const wire::IfElseRequest& request, To to, Context& context) {
  wire::IfElseAnswer outcome{.height = registry_->height(), .head = head(context.now)};
  outcome.condition = holds(request.condition, outcome);
  const auto& taken = outcome.condition ? request.then_part : request.else_part;
  if (taken.empty()) return finish(to, wire::ok(outcome), context);
  const std::uint64_t number = next_row_++;
  Compound compound{
      .kind = Compound::Kind::IfElse, .to = std::move(to), .open = 1, .outcome = outcome, .left = config_.answer_bytes};
  compound.parts.resize(1);
  compounds_.emplace(number, std::move(compound));
  start_request(taken[0].request, PartOf{number, 0}, context);
}

/// One part is answered; with the last of them the whole is.
void ServiceNode::finish_part(const PartOf& part, wire::Answer part_answer, Context& context) {
  const auto found = compounds_.find(part.compound);
  if (found == compounds_.end()) return;
  Compound& compound = found->second;
  if (part_answer.status != 200) refuse(part_answer, context);
  const bool is_good = part_answer.status >= 200 && part_answer.status < 300;
  compound.parts[part.part] = std::move(part_answer);
  if (--compound.open > 0) return;
  if (compound.kind == Compound::Kind::Sequence && is_good && !compound.rest.empty())
    return next_of_sequence(part.compound, context);
  Compound done = std::move(compound);
  compounds_.erase(found);
  if (done.kind == Compound::Kind::IfElse) {
    done.outcome.result = std::move(done.parts[0]);
    done.outcome.head = head(context.now);
    return finish(done.to, wire::ok(done.outcome), context);
  }
  wire::BatchAnswer batch{.results = {}, .head = head(context.now)};
  for (auto& result : done.parts) batch.results.push_back(std::move(*result));
  finish(done.to, wire::ok(batch), context);
}

}  // namespace session::node
