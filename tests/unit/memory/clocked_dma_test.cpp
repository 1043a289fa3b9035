// SPDX-License-Identifier: Apache-2.0
// The DMA engine edge by edge: by hand, and against the fast engine's with the same random jobs
// before the same made-up DRAM.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "models/memory/clocked/dma_engine.h"
#include "models/memory/dma.h"
#include "sim/base/random.h"

namespace skipsim::clocked {
namespace {

using memory::DmaParams;
using Completion = std::pair<std::uint64_t, std::uint64_t>;  // cycle, job

struct Job {
    std::uint64_t cycle = 0;
    DmaTransfer transfer;
    bool is_background = false;
    std::uint64_t client = 0;
    std::uint64_t promoted = ~std::uint64_t{0};  ///< [cycle]
};

/// Answers are late by a time that the burst's address decides; every third burst waits for room.
struct MadeUpDram {
    static std::uint64_t wait(std::uint64_t address) { return address / 8 % 3 == 0 ? 4 : 0; }
    static std::uint64_t latency(std::uint64_t) { return 11; }
};

struct Outcome {
    std::vector<Completion> jobs;
    std::vector<Completion> bursts;  // handed over: cycle, address
    bool operator==(const Outcome& other) const {
        return jobs == other.jobs && bursts == other.bursts;
    }
};

constexpr std::uint64_t kEnd = 4000;  // [cycle] everything is over

/// The engine before the made-up DRAM, or an ideal memory.
class ClockedRun {
public:
    ClockedRun(const DmaParams& params, std::uint64_t crossing) : engine_(params, crossing) {}

    Outcome of(const std::vector<Job>& jobs) {
        for (std::uint64_t cycle = 0; cycle < kEnd; ++cycle) {
            engine_.begin(cycle);
            answer(cycle);
            for (std::size_t at = 0; at < jobs.size(); ++at) {
                if (jobs[at].promoted == cycle && at < numbers_.size()) {
                    engine_.promote(numbers_[at]);
                }
            }
            for (std::size_t at = numbers_.size(); at < jobs.size(); ++at) {
                if (jobs[at].cycle != cycle) {
                    break;
                }
                numbers_.push_back(
                    engine_.submit(jobs[at].client, jobs[at].transfer, jobs[at].is_background));
            }
            note(cycle);
            step(cycle);
            note(cycle);
        }
        return outcome_;
    }

private:
    void answer(std::uint64_t cycle) {
        if (engine_.is_waiting() && room_ == cycle) {
            engine_.entered(Edge::this_one);
            outcome_.bursts.emplace_back(cycle, offered_.address);
            data_.emplace(cycle + MadeUpDram::latency(offered_.address), offered_.job);
        }
        for (; !data_.empty() && data_.begin()->first == cycle; data_.erase(data_.begin())) {
            engine_.data_complete(data_.begin()->second, Edge::this_one);
        }
    }
    void step(std::uint64_t cycle) {
        std::vector<std::uint64_t> empty;
        engine_.step(empty);
        for (const std::uint64_t job : empty) {
            outcome_.jobs.emplace_back(cycle, job);
        }
        while (engine_.has_burst()) {
            offered_ = engine_.next_burst();
            if (MadeUpDram::wait(offered_.address) > 0) {
                room_ = cycle + MadeUpDram::wait(offered_.address);
                engine_.waits();
                return;
            }
            engine_.taken();
            outcome_.bursts.emplace_back(cycle, offered_.address);
            data_.emplace(cycle + MadeUpDram::latency(offered_.address), offered_.job);
        }
    }
    void note(std::uint64_t cycle) {
        std::vector<std::uint64_t> complete;
        engine_.take_complete(complete);
        for (const std::uint64_t job : complete) {
            outcome_.jobs.emplace_back(cycle, job);
        }
    }

    DmaEngine engine_;
    std::vector<std::uint64_t> numbers_;
    DmaOffer offered_;
    std::uint64_t room_ = 0;
    std::multimap<std::uint64_t, std::uint64_t> data_;  // by cycle: jobs
    Outcome outcome_;
};

/// The same with the fast engine's bookkeeping.
class FastRun {
public:
    FastRun(const DmaParams& params, std::uint64_t crossing)
        : params_(params), crossing_(crossing), dma_(params) {}

    Outcome of(const std::vector<Job>& jobs) {
        std::size_t next = 0;
        for (std::uint64_t cycle = 0; cycle < kEnd; ++cycle) {
            answer(cycle);
            for (std::size_t at = 0; at < next; ++at) {
                if (jobs[at].promoted == cycle && !(is_waiting_ && offered_.job == at + 1)) {
                    dma_.promote(at + 1);
                }
            }
            std::vector<std::size_t> arrivals;
            for (; next < jobs.size() && jobs[next].cycle == cycle; ++next) {
                arrivals.push_back(next);
            }
            std::stable_sort(arrivals.begin(), arrivals.end(), [&jobs](auto left, auto right) {
                return jobs[left].client < jobs[right].client;
            });
            for (const std::size_t at : arrivals) {
                const DmaTransfer& transfer = jobs[at].transfer;
                dma_.submit({at + 1, transfer.address, transfer.bytes, transfer.is_write},
                            jobs[at].is_background);
            }
            step(cycle);
        }
        return outcome_;
    }

private:
    void take(std::uint64_t cycle) {
        dma_.issued(offered_, cycle);
        outcome_.bursts.emplace_back(cycle, offered_.address);
        data_.emplace(cycle + MadeUpDram::latency(offered_.address) + crossing_, offered_);
    }
    void answer(std::uint64_t cycle) {
        if (is_waiting_ && room_ == cycle) {
            is_waiting_ = false;
            take(cycle);
        }
        for (; !data_.empty() && data_.begin()->first == cycle; data_.erase(data_.begin())) {
            if (const auto job = dma_.completed(data_.begin()->second)) {
                outcome_.jobs.emplace_back(cycle, *job);
            }
        }
        for (; !ideal_.empty() && ideal_.begin()->first == cycle; ideal_.erase(ideal_.begin())) {
            outcome_.jobs.push_back(*ideal_.begin());
        }
    }
    void step(std::uint64_t cycle) {
        if (params_.ideal) {
            while (const auto job = dma_.next_ideal_job(cycle)) {
                if (job->complete_cycle == cycle) {
                    outcome_.jobs.emplace_back(cycle, job->id);
                } else {
                    ideal_.emplace(job->complete_cycle, job->id);
                }
            }
            return;
        }
        while (!is_waiting_) {
            const auto burst = dma_.next_burst(cycle);
            if (!burst) {
                return;
            }
            offered_ = *burst;
            if (MadeUpDram::wait(offered_.address) > 0) {
                room_ = cycle + MadeUpDram::wait(offered_.address);
                is_waiting_ = true;
            } else {
                take(cycle);
            }
        }
    }

    DmaParams params_;
    std::uint64_t crossing_;
    memory::Dma dma_;
    bool is_waiting_ = false;
    memory::DmaBurst offered_;
    std::uint64_t room_ = 0;
    std::multimap<std::uint64_t, memory::DmaBurst> data_;
    std::multimap<std::uint64_t, std::uint64_t> ideal_;
    Outcome outcome_;
};

DmaParams bursts_of_8(std::uint64_t rate, std::uint64_t outstanding) {
    DmaParams params;
    params.ideal = false;
    params.burst_bytes = 8;
    params.bytes_per_cycle = rate;
    params.outstanding_bursts = outstanding;
    return params;
}

DmaParams ideal(std::uint64_t rate, std::uint64_t latency) {
    DmaParams params;
    params.ideal_bytes_per_cycle = rate;
    params.ideal_latency_cycles = latency;
    return params;
}

using List = std::vector<Completion>;

// 3 bytes, 1 a cycle, latency 2: taken 0-3, 3-6, complete at 5 and 8.
TEST(ClockedDma, AnIdealMemoryTakesJobsWholeOneAfterTheOther) {
    const std::vector<Job> jobs{{0, {0, 3, false}}, {0, {64, 3, false}}};
    EXPECT_EQ(ClockedRun(ideal(1, 2), 0).of(jobs).jobs, (List{{5, 1}, {8, 2}}));
    EXPECT_EQ(ClockedRun(ideal(0, 0), 0).of(jobs).jobs, (List{{0, 1}, {0, 2}}));
    EXPECT_EQ(ClockedRun(ideal(0, 4), 0).of(jobs).jobs, (List{{4, 1}, {4, 2}}));
}

// All submitted in cycle 0: client 1 before client 2, the foreground before the background; a job
// of 0 bytes is complete when it enters, whoever waits.
TEST(ClockedDma, JobsOfACycleEnterInTheOrderOfClients) {
    const std::vector<Job> jobs{{0, {0, 2, false}, true, 0},
                                {0, {0, 2, false}, false, 2},
                                {0, {0, 2, false}, false, 1},
                                {0, {0, 0, false}, true, 3},
                                {0, {0, 2, false}, false, 1}};
    EXPECT_EQ(ClockedRun(ideal(1, 0), 0).of(jobs).jobs,
              (List{{0, 4}, {2, 3}, {4, 5}, {6, 2}, {8, 1}}));
}

// Bytes 7 to 16 touch the bursts at 0, 8 and 16. One waits (address 0), so all are one behind the
// other: 4, 4, and 16 in the same cycle, unlimited. 3 bytes a cycle: 3 cycles a burst: 4, 7, 10.
// 17 bytes a cycle: two bursts a cycle. Data counts 11 + 2 later.
TEST(ClockedDma, AJobIsCutIntoBurstsAtTheirBoundaries) {
    const std::vector<Job> jobs{{0, {7, 10, false}}};
    const Outcome fast = ClockedRun(bursts_of_8(0, 9), 2).of(jobs);
    EXPECT_EQ(fast.bursts, (List{{4, 0}, {4, 8}, {4, 16}}));
    EXPECT_EQ(fast.jobs, (List{{17, 1}}));
    EXPECT_EQ(ClockedRun(bursts_of_8(3, 9), 2).of(jobs).bursts, (List{{4, 0}, {7, 8}, {10, 16}}));
    EXPECT_EQ(ClockedRun(bursts_of_8(17, 9), 2).of(jobs).bursts, (List{{4, 0}, {4, 8}, {5, 16}}));
}

// One burst may be under way: the second is handed over when the data of the first counts.
TEST(ClockedDma, ABurstIsUnderWayUntilItsDataCounts) {
    const std::vector<Job> jobs{{0, {8, 16, false}}};
    const Outcome outcome = ClockedRun(bursts_of_8(0, 1), 2).of(jobs);
    EXPECT_EQ(outcome.bursts, (List{{0, 8}, {13, 16}}));
    EXPECT_EQ(outcome.jobs, (List{{26, 1}}));
}

// A burst that found room between two edges occupies the engine from the next edge on, and its data
// that came between two edges counts from the next one, plus the crossing.
TEST(ClockedDma, WhatTheDramAnswersBetweenEdgesCountsAtTheNext) {
    DmaEngine engine(bursts_of_8(4, 9), 1);
    std::vector<std::uint64_t> jobs;
    engine.submit(0, {0, 16, false}, false);
    engine.step(jobs);
    engine.waits();
    engine.sample();
    engine.begin(1);
    engine.sample();
    engine.entered(Edge::next_one);
    EXPECT_FALSE(engine.has_burst());
    engine.begin(2);  // handed over now: occupied in 2 and 3
    EXPECT_FALSE(engine.has_burst());
    engine.begin(3);
    engine.sample();
    EXPECT_FALSE(engine.has_burst());
    engine.begin(4);
    ASSERT_TRUE(engine.has_burst());
    engine.taken();
    engine.data_complete(1, Edge::next_one);  // after edge 4: counts at 5 + 1
    engine.data_complete(1, Edge::next_one);
    engine.begin(5);
    EXPECT_FALSE(engine.has_complete());
    engine.begin(6);
    EXPECT_TRUE(engine.has_complete());
    EXPECT_EQ(engine.blocked_cycles(), 2U);
    EXPECT_EQ(engine.busy_cycles(), 1U);
}

// The background job's first burst waits for room: it stays where it is. Another one moves.
TEST(ClockedDma, APromotedJobMovesBehindTheForegroundUnlessItsBurstWaits) {
    std::vector<Job> jobs{{0, {24, 16, false}, true},  // 24 waits until 4
                          {0, {104, 8, false}, true},
                          {1, {8, 8, false}, false},
                          {1, {32, 8, false}, false}};
    jobs[0].promoted = 2;
    EXPECT_EQ(ClockedRun(bursts_of_8(8, 9), 0).of(jobs).bursts,
              (List{{4, 24}, {5, 8}, {6, 32}, {7, 32}, {8, 104}}));
    jobs[1].promoted = 2;
    EXPECT_EQ(ClockedRun(bursts_of_8(8, 9), 0).of(jobs).bursts,
              (List{{4, 24}, {5, 8}, {6, 32}, {7, 104}, {8, 32}}));
}

std::vector<Job> random_jobs(base::Random& random) {
    std::vector<Job> jobs;
    std::uint64_t cycle = 0;
    for (std::uint64_t left = 1 + random.below(20); left > 0; --left) {
        cycle += random.below(3) == 0 ? random.below(40) : 0;
        Job job;
        job.cycle = cycle;
        job.transfer = {random.below(512), 1 + random.below(60), random.below(2) == 0};
        job.is_background = random.below(2) == 0;
        job.client = random.below(4);
        if (random.below(4) == 0) {
            job.promoted = cycle + 1 + random.below(30);
        }
        jobs.push_back(job);
    }
    return jobs;
}

TEST(ClockedDma, CountsAsTheFastEngineDoes) {
    base::Random random(17);
    for (int round = 0; round < 600; ++round) {
        DmaParams params = bursts_of_8(random.below(40), 1 + random.below(6));
        if (round % 3 == 0) {
            params = ideal(random.below(5), random.below(4));
        }
        const std::uint64_t crossing = random.below(4);
        const std::vector<Job> jobs = random_jobs(random);
        const Outcome fast = FastRun(params, crossing).of(jobs);
        const Outcome clocked = ClockedRun(params, crossing).of(jobs);
        ASSERT_EQ(clocked.jobs.size(), jobs.size()) << "round " << round;
        ASSERT_EQ(clocked.bursts, fast.bursts) << "round " << round;
        ASSERT_EQ(clocked.jobs, fast.jobs) << "round " << round;
    }
}

}  // namespace
}  // namespace skipsim::clocked
