// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_executor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "sim/base/atomic_file.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/sweep/slurm_run.h"

namespace skipsim::sweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{1'000};
constexpr int kGatherShare = 20;  // a large sweep on a slow disk spends a 20th of the time on it
constexpr std::chrono::milliseconds kLook{50};  // between two looks at interrupts

}  // namespace

std::string counted(std::size_t count, const char* word) {
    return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

void Patience::note(const SlurmTrouble& trouble) {
    const Clock::time_point now = Clock::now();
    if (!since_ || now - last_ > limit_) {  // after a gap it is trouble of another kind
        since_ = now;
        spdlog::warn("slurm does not do what it is asked; trying again: {}", trouble.text);
    }
    last_ = now;
    if (now - *since_ >= limit_) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - *since_);
        throw base::MachineError("slurm has not done what it is asked for " +
                                 std::to_string(seconds.count()) + " s: " + trouble.text);
    }
}

void Patience::reset() {
    if (since_) {
        spdlog::info("slurm works again");
        since_.reset();
    }
}

void SlurmRun::run() {
    learn_cluster();
    base::write_file_atomically(jobs_.script_path(),
                                script_text(jobs_.folder(), work_.task_command));
    resume();
    Clock::time_point next_poll = Clock::now();
    Clock::time_point next_gather = next_poll;
    for (;;) {
        if (may_submit_) {
            submit_waiting();
        }
        const Clock::time_point start = Clock::now();
        if (start >= next_gather) {
            work_.gather();
            next_gather = start + kGatherShare * (Clock::now() - start);
        }
        if (waiting_.empty() && open_.empty()) {
            return;
        }
        pause(std::min(kTick, options_.poll));
        if (Clock::now() >= next_poll) {
            poll();
            next_poll = Clock::now() + options_.poll;
        }
    }
}

std::string SlurmRun::farewell() const {
    std::string ids;
    for (const auto& [number, submission] : jobs_.submissions()) {
        ids += submission.job.empty() ? "" : " " + submission.job;
    }
    return ids.empty() ? ""
                       : "jobs go on in Slurm; to wait for them, run the same command again; to "
                         "end them: scancel" +
                             ids;
}

/// Requires that Slurm can be reached, after some patience.
void SlurmRun::learn_cluster() {
    for (;;) {
        const SlurmAnswer<SlurmCluster> answer = ask_cluster();
        if (!answer.trouble) {
            cluster_ = answer.value;
            break;
        }
        if (answer.trouble->is_lasting) {
            throw base::MachineError("slurm cannot be used: " + answer.trouble->text);
        }
        reach_.note(*answer.trouble);
        pause(options_.poll);
    }
    reach_.reset();
    if (cluster_.max_array_size == 0) {
        throw base::MachineError(
            "slurm cannot be used: this cluster has no job arrays (MaxArraySize = 0)");
    }
    most_at_once_ = cluster_.max_array_size;
}

/// Tasks that an earlier process submitted and that are still queued are open; the rest waits.
void SlurmRun::resume() {
    std::optional<Listing> listing = Listing{};
    if (!jobs_.submissions().empty()) {
        while (!(listing = look())) {
            pause(options_.poll);
        }
    }
    const std::set<std::uint64_t> wanted(work_.tasks.begin(), work_.tasks.end());
    std::set<std::uint64_t> queued;
    for (const auto& [number, submission] : jobs_.submissions()) {
        OpenTasks& open = open_[number];
        for (std::uint64_t index = 0; index < submission.tasks.size(); ++index) {
            const std::uint64_t task = submission.tasks[index];
            if (listing->present.count({number, index}) != 0 && wanted.count(task) != 0 &&
                queued.insert(task).second) {
                open[index].task = task;
                attempts_[task] = 1;
            }
        }
    }
    close_settled();
    for (const std::uint64_t task : work_.tasks) {
        if (queued.count(task) == 0) {
            waiting_.push_back(task);
        }
    }
    if (!queued.empty()) {
        spdlog::info("still in Slurm's queue from an earlier run: {}",
                     counted(queued.size(), "task"));
    }
}

void SlurmRun::pause(std::chrono::milliseconds time) const {
    const Clock::time_point end = Clock::now() + time;
    while (Clock::now() < end) {
        base::throw_if_interrupted();
        std::this_thread::sleep_for(std::min(kLook, time));
    }
    base::throw_if_interrupted();
}

std::size_t SlurmRun::open_count() const {
    std::size_t count = 0;
    for (const auto& [number, open] : open_) {
        count += open.size();
    }
    return count;
}

void run_on_slurm(const Work& work, const SlurmOptions& options) {
    base::require(options.attempts > 0, "run_on_slurm: at least one attempt is needed");
    for (const std::string& argument : options.sbatch_arguments) {
        if (argument.empty() || argument[0] != '-') {
            throw base::InputError("sbatch argument \"" + argument +
                                   "\": expected an option with its value in one word, like "
                                   "--account=name");
        }
    }
    SlurmRun run(work, options);
    try {
        run.run();
    } catch (...) {
        if (const std::string text = run.farewell(); !text.empty()) {
            spdlog::warn(text);
        }
        throw;
    }
}

}  // namespace skipsim::sweep
