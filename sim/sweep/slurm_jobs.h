// SPDX-License-Identifier: Apache-2.0
// The memory of a sweep's Slurm jobs, below <sweep>/slurm/, so that a later process finds the jobs
// of one that was killed:
//   jobs.json      the submissions that are not over yet; replaced whole, never half-written
//   tasks-N.txt    the tasks of submission N; line i is index i of its job array
//   run-task.sh    the batch script; log-N-I.txt what index I of submission N printed
// A submission is noted before sbatch is called and its job's id afterwards. In between its name,
// which nobody else uses, tells whether Slurm took it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace skipsim::sweep {

struct Submission {
    std::uint64_t number = 0;
    std::string job;                   ///< id of the array; "" = not known
    std::uint64_t parallel = 0;        ///< most tasks of it that run at once; 0 = no limit
    std::vector<std::uint64_t> tasks;  ///< by index of the array
};

class SlurmJobs {
public:
    /// Makes <sweep>/slurm/ if need be and reads what an earlier process left there. Throws
    /// InputError if that cannot be understood, MachineError if it cannot be read or written.
    explicit SlurmJobs(const std::string& sweep_folder);

    /// Of all jobs of this sweep. A job's name is the prefix and the submission's number.
    [[nodiscard]] const std::string& name_prefix() const noexcept { return name_prefix_; }
    [[nodiscard]] std::string name_of(const Submission& submission) const;
    /// The submission's number, if the name is one of this sweep's.
    [[nodiscard]] std::optional<std::uint64_t> number_of(const std::string& name) const;

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    [[nodiscard]] std::string script_path() const { return folder_ + "/run-task.sh"; }
    [[nodiscard]] std::string log_name(std::uint64_t number, const std::string& index) const;

    [[nodiscard]] const std::map<std::uint64_t, Submission>& submissions() const noexcept {
        return submissions_;
    }
    const Submission& add(std::vector<std::uint64_t> tasks, std::uint64_t parallel);
    void set_job(std::uint64_t number, const std::string& job);
    /// None of its tasks is waiting or running any more.
    void forget(std::uint64_t number);

private:
    [[nodiscard]] std::string list_path(std::uint64_t number) const;
    void read();
    void write() const;

    std::string folder_;
    std::string name_prefix_;
    std::uint64_t next_ = 0;
    std::map<std::uint64_t, Submission> submissions_;
};

}  // namespace skipsim::sweep
