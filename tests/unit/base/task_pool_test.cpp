// SPDX-License-Identifier: Apache-2.0
#include "sim/base/task_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace skipsim::base {
namespace {

TEST(TaskPool, GivesEveryTaskItsOwnAnswerForAnyNumberOfThreads) {
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        TaskPool pool(threads);
        std::vector<std::future<std::uint64_t>> answers;
        for (std::uint64_t i = 0; i < 200; ++i) {
            answers.push_back(pool.submit([i] { return i * i; }));
        }
        for (std::uint64_t i = 0; i < 200; ++i) {
            ASSERT_EQ(answers[i].get(), i * i) << threads << " threads";
        }
    }
}

TEST(TaskPool, HandsAnExceptionToTheOneWhoAsks) {
    for (const unsigned threads : {1U, 2U}) {
        TaskPool pool(threads);
        auto failing = pool.submit([]() -> std::uint64_t { throw std::runtime_error("task"); });
        auto working = pool.submit([] { return std::uint64_t{5}; });
        EXPECT_THROW(failing.get(), std::runtime_error);
        EXPECT_EQ(working.get(), 5U);
    }
}

TEST(TaskPool, OneThreadMeansTheCallersThread) {
    TaskPool pool(1);
    std::thread::id where;
    pool.submit([&where] {
        where = std::this_thread::get_id();
        return std::uint64_t{0};
    });
    EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(TaskPool, DestructorWaitsForTasksThatNobodyAskedAbout) {
    std::atomic<int> done{0};
    {
        TaskPool pool(2);
        for (int i = 0; i < 50; ++i) {
            pool.submit([&done] { return static_cast<std::uint64_t>(++done); });
        }
    }
    EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace skipsim::base
