#include "core/net/carrier.h"

#include <chrono>

namespace session::net {

Instant system_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

RequestId Carrier::keep(HttpServer::Responder responder) {
  const RequestId id{next_request_++};
  requests_.emplace(id, std::move(responder));
  return id;
}

void Carrier::refuse(RequestId request, const wire::Answer& answer) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  const auto responder = std::move(found->second);
  requests_.erase(found);
  responder(answer);
}

void Carrier::begin_anew(const wire::Answer& answer) {
  ++life_;
  timers_.clear();
  pool_.reset();
  for (const auto& [id, responder] : std::exchange(requests_, {})) responder(answer);
}

void Carrier::carry_out(std::vector<wire::Effect> effects) {
  for (wire::Effect& effect : effects) {
    if (auto* called = std::get_if<wire::Call>(&effect)) {
      call(std::move(*called));
    } else if (const auto* replied = std::get_if<wire::Reply>(&effect)) {
      refuse(replied->id, replied->answer);
    } else if (const auto* wanted = std::get_if<wire::Wake>(&effect)) {
      wake(*wanted);
    } else if (const auto* wished = std::get_if<wire::Stamp>(&effect)) {
      stamp(*wished);
    } else if (const auto* cancelled = std::get_if<wire::CancelStamp>(&effect)) {
      if (pool_) pool_->cancel(cancelled->id);
    } else if (sink_) {
      sink_(name_, system_now(), std::get<trace::Fact>(effect));
    }
  }
}

void Carrier::call(wire::Call call) {
  client_.call(call.to, std::move(call.request), call.timeout,
               [weak = weak_from_this(), id = call.id, life = life_](HttpClient::Outcome outcome) {
                 const auto self = weak.lock();
                 if (!self || !self->feed_ || self->life_ != life) return;
                 if (outcome)
                   self->feed_(wire::Answered{id, std::move(*outcome)});
                 else
                   self->feed_(wire::CallFailed{id, outcome.error()});
               });
}

void Carrier::wake(const wire::Wake& wake) {
  auto& [timer, setting] = timers_[wake.timer];
  timer = std::make_unique<asio::steady_timer>(io_);
  setting = next_setting_++;
  timer->expires_after(std::chrono::microseconds(std::max<std::int64_t>(0, wake.at.micros - system_now().micros)));
  timer->async_wait([weak = weak_from_this(), number = wake.timer, mine = setting](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || !self->feed_) return;
    const auto found = self->timers_.find(number);  // it may have been replaced while its end was on the way here
    if (found != self->timers_.end() && found->second.setting == mine) self->feed_(wire::Woken{number});
  });
}

void Carrier::stamp(const wire::Stamp& stamp) {
  if (!pool_) pool_ = std::make_unique<StampPool>(io_);
  pool_->find(stamp.id, stamp.puzzle, [weak = weak_from_this(), life = life_](const wire::Stamped& found) {
    const auto self = weak.lock();
    if (self && self->feed_ && self->life_ == life) self->feed_(found);
  });
}

void Carrier::stop() {
  feed_ = nullptr;
  timers_.clear();
  requests_.clear();
  pool_.reset();
  client_.close();
}

}  // namespace session::net
