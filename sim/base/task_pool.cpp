// SPDX-License-Identifier: Apache-2.0
#include "sim/base/task_pool.h"

#include <system_error>
#include <utility>

namespace skipsim::base {

TaskPool::TaskPool(unsigned threads) {
    if (threads < 2) {
        return;
    }
    threads_.reserve(threads);
    try {
        for (unsigned index = 0; index < threads; ++index) {
            threads_.emplace_back([this] { work(); });
        }
    } catch (const std::system_error&) {
        // The machine gives no more threads: those there are do the work.
    }
}

TaskPool::~TaskPool() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

std::future<std::uint64_t> TaskPool::submit(std::function<std::uint64_t()> task) {
    std::packaged_task<std::uint64_t()> packaged(std::move(task));
    std::future<std::uint64_t> result = packaged.get_future();
    if (threads_.empty()) {
        packaged();
        return result;
    }
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tasks_.push_back(std::move(packaged));
    }
    wake_.notify_one();
    return result;
}

void TaskPool::work() {
    for (;;) {
        std::packaged_task<std::uint64_t()> task;
        {
            std::unique_lock<std::mutex> lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (tasks_.empty()) {
                return;
            }
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

}  // namespace skipsim::base
