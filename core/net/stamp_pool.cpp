#include "core/net/stamp_pool.h"

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "core/net/asio.h"
#include "core/pow/search.h"

namespace session::net {

/// One search at a time on all threads: the one that was asked for first is found first.
struct StampPool::Impl {
  struct Job {
    std::uint64_t id = 0;
    pow::Puzzle puzzle;
    std::function<void(wire::Stamped)> callback;
    std::stop_source stop;
    std::atomic<std::uint64_t> trials{0};
  };
  explicit Impl(asio::io_context& io_, unsigned n) : io(io_), threads(n) {}

  void work(const std::stop_token& end) {
    for (;;) {
      std::shared_ptr<Job> job;
      {
        std::unique_lock held(mutex);
        wanted.wait(held, end, [&] { return !queue.empty(); });
        if (queue.empty()) return;
        job = queue.front();
        queue.pop_front();
        running = job;
      }
      const auto started = std::chrono::steady_clock::now();
      const pow::SearchResult found = pow::search_parallel(job->puzzle, threads, job->stop.get_token(), &job->trials);
      const auto micros =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count();
      {
        const std::lock_guard held(mutex);
        running.reset();
      }
      answer(job->callback, {job->id, found.nonce, found.trials, micros});
    }
  }
  void answer(const std::function<void(wire::Stamped)>& callback, wire::Stamped stamped) {
    asio::post(io, [callback, stamped, guard = asio::make_work_guard(io)] { callback(stamped); });
  }

  asio::io_context& io;
  unsigned threads;
  std::mutex mutex;
  std::condition_variable_any wanted;
  std::deque<std::shared_ptr<Job>> queue;
  std::shared_ptr<Job> running;
  std::jthread worker;
};

StampPool::StampPool(asio::io_context& io, unsigned threads)
    : impl_(std::make_shared<Impl>(io, threads > 0 ? threads : std::max(2u, std::thread::hardware_concurrency()) - 1)) {
  impl_->worker = std::jthread([impl = impl_.get()](const std::stop_token& end) { impl->work(end); });
}

StampPool::~StampPool() {
  {
    const std::lock_guard held(impl_->mutex);
    impl_->queue.clear();
    if (impl_->running) impl_->running->stop.request_stop();
  }
  impl_->worker.request_stop();
  impl_->wanted.notify_all();
  impl_->worker.join();
}

void StampPool::find(std::uint64_t id, const pow::Puzzle& puzzle, std::function<void(wire::Stamped)> callback) {
  auto job = std::make_shared<Impl::Job>();
  job->id = id;
  job->puzzle = puzzle;
  job->callback = std::move(callback);
  {
    const std::lock_guard held(impl_->mutex);
    impl_->queue.push_back(std::move(job));
  }
  impl_->wanted.notify_one();
}

void StampPool::cancel(std::uint64_t id) {
  std::shared_ptr<Impl::Job> waiting;
  {
    const std::lock_guard held(impl_->mutex);
    if (impl_->running && impl_->running->id == id) impl_->running->stop.request_stop();
    const auto found = std::find_if(impl_->queue.begin(), impl_->queue.end(), [id](const auto& job) { return job->id == id; });
    if (found != impl_->queue.end()) {
      waiting = *found;
      impl_->queue.erase(found);
    }
  }
  if (waiting) impl_->answer(waiting->callback, {id, std::nullopt, 0, 0});
}

std::optional<std::uint64_t> StampPool::progress(std::uint64_t id) const {
  const std::lock_guard held(impl_->mutex);
  if (impl_->running && impl_->running->id == id) return impl_->running->trials.load(std::memory_order_relaxed);
  const bool waits = std::any_of(impl_->queue.begin(), impl_->queue.end(), [id](const auto& job) { return job->id == id; });
  return waits ? std::optional<std::uint64_t>(0) : std::nullopt;
}

}  // namespace session::net
