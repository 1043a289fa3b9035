// SPDX-License-Identifier: Apache-2.0
// The commands of Slurm that a sweep needs, and what they print. Written for 22.05; the options and
// formats used are those of 20.02 and later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skipsim::sweep {

/// A command of Slurm did not do what it was asked for, but may do so a moment later: the
/// controller is being restarted, the network is gone, too many jobs are queued.
struct SlurmTrouble {
    std::string text;         ///< the command and what it said
    bool is_crowded = false;  ///< a limit on the number of jobs
    bool is_lasting = false;  ///< to try again is pointless
};

/// From `scontrol show config`.
struct SlurmCluster {
    std::uint64_t max_array_size = 1001;  ///< tasks of one array
    std::uint64_t max_job_count = 10000;  ///< jobs and tasks of arrays that the controller holds
};

/// A line of squeue: one task of an array that is waiting or running.
struct QueuedTask {
    std::string job;          ///< the array's id
    std::uint64_t index = 0;  ///< in the array
    std::string state;        ///< "PENDING", "RUNNING", "COMPLETING", …
    std::string reason;       ///< why it waits
    std::string name;         ///< of the job
};

/// Either of both; `value` holds if `trouble` does not.
template <typename Value>
struct SlurmAnswer {
    Value value{};
    std::optional<SlurmTrouble> trouble;
};

/// All of these throw MachineError if the program is not on the PATH.
SlurmAnswer<SlurmCluster> ask_cluster();
/// The caller's jobs whose names begin so.
SlurmAnswer<std::vector<QueuedTask>> ask_queue(const std::string& name_prefix);
/// The id of the job. "" without trouble: sbatch was content, but printed no id. Not ended by an
/// interrupt.
SlurmAnswer<std::string> submit_batch(const std::vector<std::string>& arguments);

/// What became of a task that is not in the queue any more, if Slurm still knows.
struct TaskEnd {
    std::string state;      ///< "FAILED", "OUT_OF_MEMORY", …; "" = not known
    std::string exit_code;  ///< "status:signal"
    std::string reason;     ///< "" or "None" = none
};
/// Asks scontrol, which remembers for MinJobAge (5 minutes by default).
TaskEnd ask_controller(const std::string& job, std::uint64_t index);
/// Asks sacct, which remembers for good where accounting is switched on.
TaskEnd ask_accounting(const std::string& job, std::uint64_t index);

/// Parts of the above that need no cluster.
SlurmCluster parse_cluster(const std::string& text);
std::vector<QueuedTask> parse_queue(const std::string& text, const std::string& name_prefix);
std::string parse_job_id(const std::string& text);
TaskEnd parse_job(const std::string& text);
SlurmTrouble judge_refusal(const std::string& program, const std::string& said);

/// One word for a POSIX shell, whatever it holds.
std::string shell_quoted(const std::string& word);

}  // namespace skipsim::sweep
