// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"

namespace skipsim::sweep {

std::string script_text(const std::string& folder, const std::vector<std::string>& command) {
    std::string text =
        "#!/bin/sh\n"
        "# One task of a sweep. $1 is the submission; the array's index is a line of its list.\n"
        "cd " +
        shell_quoted(folder) +
        " || exit 2\n"
        "task=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" \"tasks-$1.txt\")\n"
        "if [ -z \"$task\" ]; then\n"
        "    echo \"tasks-$1.txt has no line for index $SLURM_ARRAY_TASK_ID\" >&2\n"
        "    exit 2\n"
        "fi\n"
        "echo \"task $task on $(uname -n)\"\n"
        "cd " +
        shell_quoted(std::filesystem::current_path().string()) + " || exit 2\nexec";
    for (const std::string& word : command) {
        text += " " + shell_quoted(word);
    }
    return text + " \"$task\"\n";
}

void SlurmRun::submit_waiting() {
    while (!waiting_.empty()) {
        base::throw_if_interrupted();
        const std::size_t size = next_size();
        const std::uint64_t parallel = next_parallel();
        const bool is_full = options_.max_parallel > 0 && parallel == 0;
        if (size == 0 || is_full || !submit(size, parallel)) {
            return;
        }
    }
}

std::size_t SlurmRun::next_size() const {
    // Half of what the controller holds is left to others.
    const std::size_t most_open = std::max<std::size_t>(1, cluster_.max_job_count / 2);
    const std::size_t open = open_count();
    return open >= most_open ? 0 : std::min({waiting_.size(), most_at_once_, most_open - open});
}

/// The limit of the next array: the arrays that are open and those to come share max_parallel.
std::uint64_t SlurmRun::next_parallel() const {
    std::uint64_t used = 0;
    for (const auto& [number, open] : open_) {
        used += jobs_.submissions().at(number).parallel;
    }
    const std::uint64_t free = options_.max_parallel - std::min(options_.max_parallel, used);
    const std::uint64_t size = std::max<std::uint64_t>(1, next_size());
    const std::uint64_t arrays = (waiting_.size() + size - 1) / size;
    return (free + arrays - 1) / arrays;
}

bool SlurmRun::submit(std::size_t size, std::uint64_t parallel) {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
    const Submission& submission = jobs_.add({waiting_.begin(), end}, parallel);
    const std::uint64_t number = submission.number;
    waiting_.erase(waiting_.begin(), end);
    for (std::uint64_t index = 0; index < size; ++index) {
        open_[number][index].task = submission.tasks[index];
        ++attempts_[submission.tasks[index]];
    }
    const SlurmAnswer<std::string> answer = submit_batch(arguments_of(submission));
    if (answer.trouble) {
        return has_room_for_fewer(number, *answer.trouble);
    }
    if (answer.value.empty()) {
        throw base::MachineError(
            "sbatch printed no job id; whether it took the tasks the same "
            "command finds out when it is run again");
    }
    jobs_.set_job(number, answer.value);
    acceptance_.reset();
    most_at_once_ = std::min<std::size_t>(cluster_.max_array_size, 2 * most_at_once_);
    spdlog::info("{} submitted as Slurm job {}", counted(size, "task"), answer.value);
    return true;
}

/// After trouble: whether a smaller array is to be tried at once. If sbatch may have reached Slurm,
/// the submission stays; the next looks at the queue tell.
bool SlurmRun::has_room_for_fewer(std::uint64_t number, const SlurmTrouble& trouble) {
    const std::size_t size = open_.at(number).size();
    if (trouble.is_lasting || trouble.is_crowded) {
        take_back(number);
    }
    if (trouble.is_lasting) {
        throw base::InputError("slurm refuses the tasks: " + trouble.text);
    }
    if (trouble.is_crowded && size > 1) {
        most_at_once_ = size / 2;
        return true;
    }
    if (!trouble.is_crowded || open_.empty()) {
        acceptance_.note(trouble);
    }
    may_submit_ = false;
    return false;
}

/// Slurm did not take it.
void SlurmRun::take_back(std::uint64_t number) {
    const std::vector<std::uint64_t> tasks = jobs_.submissions().at(number).tasks;
    waiting_.insert(waiting_.begin(), tasks.begin(), tasks.end());
    for (const std::uint64_t task : tasks) {
        --attempts_[task];
    }
    open_.erase(number);
    jobs_.forget(number);
}

/// Later options win over earlier ones, so the user's win over the first and yield to the last.
std::vector<std::string> SlurmRun::arguments_of(const Submission& submission) const {
    std::vector<std::string> arguments{"--ntasks=1", "--cpus-per-task=1", "--requeue"};
    if (!options_.partition.empty()) {
        arguments.push_back("--partition=" + options_.partition);
    }
    if (!options_.time_limit.empty()) {
        arguments.push_back("--time=" + options_.time_limit);
    }
    arguments.insert(arguments.end(), options_.sbatch_arguments.begin(),
                     options_.sbatch_arguments.end());
    const std::string limit =
        submission.parallel == 0 ? "" : "%" + std::to_string(submission.parallel);
    arguments.push_back("--parsable");
    arguments.push_back("--array=0-" + std::to_string(submission.tasks.size() - 1) + limit);
    arguments.push_back("--job-name=" + jobs_.name_of(submission));
    arguments.push_back("--chdir=" + jobs_.folder());
    // Relative to that folder, whose path may hold what a pattern would replace.
    arguments.push_back("--output=" + jobs_.log_name(submission.number, "%a"));
    arguments.push_back("--open-mode=append");
    arguments.push_back(jobs_.script_path());
    arguments.push_back(std::to_string(submission.number));
    return arguments;
}

}  // namespace skipsim::sweep
