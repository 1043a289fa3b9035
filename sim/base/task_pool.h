// SPDX-License-Identifier: Apache-2.0
// Runs tasks on a fixed number of threads. What a task computes must not depend on when it runs;
// then results are the same for any number of threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace skipsim::base {

class TaskPool {
public:
    /// With fewer than two threads tasks run at once, in the caller's thread. Takes fewer if the
    /// machine gives no more. The destructor waits for every submitted task.
    explicit TaskPool(unsigned threads);
    ~TaskPool();
    TaskPool(const TaskPool&) = delete;
    TaskPool& operator=(const TaskPool&) = delete;

    /// An exception of the task comes out of the future's get().
    std::future<std::uint64_t> submit(std::function<std::uint64_t()> task);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::packaged_task<std::uint64_t()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace skipsim::base
