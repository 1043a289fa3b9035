// SPDX-License-Identifier: Apache-2.0
// One call of run_on_slurm(): submits what waits, looks at the queue, settles what has left it.
// slurm_submit.cpp holds the first part, slurm_watch.cpp the other two.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/sweep/slurm_commands.h"
#include "sim/sweep/slurm_executor.h"
#include "sim/sweep/slurm_jobs.h"

namespace skipsim::sweep {

/// A task that Slurm was given and that is neither finished nor lost.
struct OpenTask {
    std::uint64_t task = 0;
    /// Since when it is not in the queue and has no outcome.
    std::optional<std::chrono::steady_clock::time_point> missing_since;
};
using OpenTasks = std::map<std::uint64_t, OpenTask>;  // by index of the array

/// Which tasks squeue lists: {submission, index}.
using Place = std::pair<std::uint64_t, std::uint64_t>;
struct Listing {
    std::set<Place> present;
    std::set<Place> completing;  ///< the program has ended, the node is being cleared
};

/// How long something may fail.
class Patience {
public:
    explicit Patience(std::chrono::milliseconds limit) : limit_(limit) {}

    /// Warns when it begins; throws MachineError when it has lasted too long.
    void note(const SlurmTrouble& trouble);
    /// It works. Says so if it did not.
    void reset();

private:
    std::chrono::milliseconds limit_;
    std::optional<std::chrono::steady_clock::time_point> since_;
    std::chrono::steady_clock::time_point last_;  ///< note
};

/// "1 task", "2 tasks".
std::string counted(std::size_t count, const char* word);

/// The batch script; its argument is the submission's number. It runs the command, followed by the
/// task's number, in the current folder of this process.
std::string script_text(const std::string& folder, const std::vector<std::string>& command);

class SlurmRun {
public:
    SlurmRun(const Work& work, const SlurmOptions& options)
        : work_(work),
          options_(options),
          jobs_(work.folder),
          reach_(options.patience),
          acceptance_(options.patience) {}

    void run();
    /// What to know when this process ends before the jobs do; "" if there are none.
    [[nodiscard]] std::string farewell() const;

private:
    void learn_cluster();
    void resume();
    void submit_waiting();
    [[nodiscard]] std::uint64_t next_parallel() const;
    [[nodiscard]] std::size_t next_size() const;
    /// False if the rest should wait.
    bool submit(std::size_t size, std::uint64_t parallel);
    bool has_room_for_fewer(std::uint64_t number, const SlurmTrouble& trouble);
    [[nodiscard]] std::vector<std::string> arguments_of(const Submission& submission) const;
    void take_back(std::uint64_t number);

    /// Nothing if Slurm is out of reach for the moment.
    std::optional<Listing> look();
    void poll();
    [[nodiscard]] bool is_taken(std::uint64_t task) const;
    void settle_finished();
    void settle(std::uint64_t number, OpenTasks& open, const Listing& listing);
    bool is_kept_after_loss(std::uint64_t number, std::uint64_t index, std::uint64_t task);
    void close_settled();

    void note_reasons(const std::vector<QueuedTask>& queue);
    void pause(std::chrono::milliseconds time) const;
    [[nodiscard]] std::size_t open_count() const;

    const Work& work_;
    const SlurmOptions& options_;
    SlurmJobs jobs_;
    SlurmCluster cluster_;
    std::deque<std::uint64_t> waiting_;                // for a submission
    std::map<std::uint64_t, OpenTasks> open_;          // by submission
    std::map<std::uint64_t, std::uint64_t> attempts_;  // by task
    std::size_t most_at_once_ = 0;  // tasks in the next array; halved when Slurm has no room
    Patience reach_;                // of any command
    Patience acceptance_;           // of sbatch, when waiting makes no room
    bool may_submit_ = true;        // after trouble not before Slurm has answered
    std::set<std::string> told_reasons_;
};

}  // namespace skipsim::sweep
