// SPDX-License-Identifier: Apache-2.0
// Worker processes: what becomes of their tasks however they end. A task of these tests leaves a
// file named after it.
#include "sim/sweep/local_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "sim/base/errors.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

class LocalExecutor : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("skipsim-workers-" + std::to_string(getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    Work work(std::uint64_t tasks) {
        Work work;
        for (std::uint64_t task = 0; task < tasks; ++task) {
            work.tasks.push_back(task);
        }
        work.is_finished = [this](std::uint64_t task) { return fs::exists(file(task)); };
        work.take = [this](std::uint64_t task) { taken_.insert(task); };
        work.gather = [] {};
        work.fail = [this](std::uint64_t task, const std::string& error) { failed_[task] = error; };
        return work;
    }
    [[nodiscard]] fs::path file(std::uint64_t task) const { return folder_ / std::to_string(task); }
    void leave(std::uint64_t task) const { std::ofstream(file(task)) << getpid(); }

    fs::path folder_;
    std::multiset<std::uint64_t> taken_;
    std::map<std::uint64_t, std::string> failed_;
};

TEST_F(LocalExecutor, EachTaskRunsOnceInAProcessOfItsOwn) {
    run_locally(work(5), 2, [this](std::uint64_t task) { leave(task); });
    EXPECT_THAT(taken_, testing::ElementsAre(0, 1, 2, 3, 4));
    EXPECT_TRUE(failed_.empty());
    std::set<std::string> processes;
    for (std::uint64_t task = 0; task < 5; ++task) {
        std::string process;
        std::ifstream(file(task)) >> process;
        processes.insert(process);
    }
    EXPECT_EQ(processes.size(), 5U);
    EXPECT_EQ(processes.count(std::to_string(getpid())), 0U);
}

TEST_F(LocalExecutor, NeverRunsMoreThanItMay) {
    // Each task marks itself, looks how many marks there are, and takes its mark away.
    run_locally(work(8), 3, [this](std::uint64_t task) {
        const fs::path mark = folder_ / ("mark" + std::to_string(task));
        std::ofstream(mark) << "";
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        std::size_t marks = 0;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
            marks += entry.path().filename().string().rfind("mark", 0) == 0;
        }
        fs::remove(mark);
        if (marks > 3) {
            throw std::runtime_error(std::to_string(marks) + " at once");
        }
        leave(task);
    });
    EXPECT_TRUE(failed_.empty()) << failed_.begin()->second;
}

TEST_F(LocalExecutor, AWorkerThatDiesIsAFailedTaskAndTheRestGoesOn) {
    run_locally(work(4), 2, [this](std::uint64_t task) {
        if (task == 1) {
            raise(SIGKILL);
        }
        if (task == 2) {
            throw std::runtime_error("two is wrong");
        }
        leave(task);
    });
    ASSERT_EQ(failed_.size(), 2U);
    EXPECT_THAT(failed_[1], testing::HasSubstr("killed by signal 9"));
    EXPECT_EQ(failed_[2], "two is wrong");
    EXPECT_THAT(taken_, testing::ElementsAre(0, 1, 2, 3));
}

TEST_F(LocalExecutor, AWorkerWithoutAnOutcomeIsAFailedTask) {
    run_locally(work(1), 1, [](std::uint64_t) {});
    EXPECT_EQ(failed_[0], "its process ended without an outcome");
}

TEST_F(LocalExecutor, WhatTheMachineRefusesStopsTheSweepAndItsWorkers) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(run_locally(work(20), 2,
                             [](std::uint64_t task) {
                                 if (task == 1) {
                                     throw base::MachineError("disk full");
                                 }
                                 std::this_thread::sleep_for(std::chrono::minutes(5));
                             }),
                 base::MachineError);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
    EXPECT_TRUE(failed_.empty());
}

TEST_F(LocalExecutor, AFileThatHasChangedEndsTheRunAndFailsNoPoint) {
    try {
        run_locally(work(3), 1, [this](std::uint64_t task) {
            if (task == 1) {
                throw base::InputError("chip.yaml: has changed");
            }
            leave(task);
        });
        ADD_FAILURE() << "expected InputError";
    } catch (const base::InputError& error) {
        EXPECT_THAT(error.lines(), testing::ElementsAre("chip.yaml: has changed"));
    }
    EXPECT_THAT(taken_, testing::ElementsAre(0));
    EXPECT_TRUE(failed_.empty());
}

}  // namespace
}  // namespace skipsim::sweep
