// SPDX-License-Identifier: Apache-2.0
// Commands that look like Slurm's, in a folder at the front of the PATH. sbatch does the tasks
// before it returns, or with hold() leaves them in the queue; squeue lists that queue. Files in the
// folder say what else happens; calls are noted there.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/sweep/work.h"

namespace skipsim::test {

inline constexpr const char* kFakeSbatch = R"sh(#!/bin/sh
cd "${0%/*}"
for word in "$@"; do
    printf '%s\n' "$word" >>calls.txt
    case $word in
        --array=*) range=${word#--array=0-}; last=${range%%%*} ;;
        --job-name=*) name=${word#--job-name=} ;;
    esac
    script=$number
    number=$word
done
echo >>calls.txt
[ -f refuse.txt ] && { cat refuse.txt >&2; exit 1; }
[ -f most.txt ] && [ $((last + 1)) -gt "$(cat most.txt)" ] && {
    echo "sbatch: error: AssocMaxSubmitJobLimit" >&2; exit 1; }
id=$(($(cat id.txt) + 1))
echo $id >id.txt
for index in $(seq 0 "$last"); do
    if [ -f hold.txt ]; then
        echo "$id|$index|PENDING|Resources|$name" >>queue.txt
    else
        SLURM_ARRAY_TASK_ID=$index sh "$script" "$number" >>log.txt 2>&1
    fi
done
[ -f mute.txt ] && { rm mute.txt; echo "Socket timed out on send/recv operation" >&2; exit 1; }
echo "$id;cluster"
)sh";
inline constexpr const char* kFakeSqueue = R"sh(#!/bin/sh
cd "${0%/*}"
left=$(cat down.txt)
[ "$left" -gt 0 ] && {
    echo $((left - 1)) >down.txt
    echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2
    exit 1; }
[ -z "$SQUEUE_STATES" ] && cat queue.txt
)sh";
inline constexpr const char* kFakeScontrol = R"sh(#!/bin/sh
cd "${0%/*}"
[ "$2" = config ] && exec cat config.txt
exec cat job.txt
)sh";
inline constexpr const char* kFakeSacct = R"sh(#!/bin/sh
cd "${0%/*}"
exec cat accounting.txt
)sh";
/// A task: its arguments become the outcome, unless it is told to fail this often before.
inline constexpr const char* kFakeTask = R"sh(#!/bin/sh
for task in "$@"; do :; done
folder=${0%/*}
echo "$task" >>"$folder/starts.txt"
left=$(cat "$folder/fails-$task.txt" 2>/dev/null || echo 0)
[ "$left" -gt 0 ] && { echo $((left - 1)) >"$folder/fails-$task.txt"; exit 1; }
printf '%s\n' "$@" >"$folder/outcome-$task.txt"
)sh";

class FakeSlurm {
public:
    explicit FakeSlurm(const std::string& name) {
        std::string pattern = "/tmp/skipsim-fake-XXXXXX";
        base_ = mkdtemp(pattern.data());
        folder_ = base_ + "/" + name;
        std::filesystem::create_directories(folder_);
        std::filesystem::create_directories(base_ + "/bin");
        write_program("bin/sbatch", kFakeSbatch);
        write_program("bin/squeue", kFakeSqueue);
        write_program("bin/scontrol", kFakeScontrol);
        write_program("bin/sacct", kFakeSacct);
        write_program(name + "/task.sh", kFakeTask);
        set("queue", "");
        set("id", "100\n");
        set("down", "0\n");
        set("config", "MaxArraySize            = 1001\nMaxJobCount             = 10000\n");
        path_before_ = std::getenv("PATH");
        ::setenv("PATH", (base_ + "/bin:" + path_before_).c_str(), 1);
    }
    FakeSlurm(const FakeSlurm&) = delete;
    FakeSlurm& operator=(const FakeSlurm&) = delete;
    ~FakeSlurm() {
        ::setenv("PATH", path_before_.c_str(), 1);
        std::error_code ignored;
        std::filesystem::remove_all(base_, ignored);
    }

    /// The sweep's folder.
    [[nodiscard]] const std::string& folder() const { return folder_; }
    void set(const std::string& what, const std::string& text) const {
        std::ofstream(base_ + "/bin/" + what + ".txt") << text;
    }
    [[nodiscard]] std::string get(const std::string& what) const {
        return read(base_ + "/bin/" + what + ".txt");
    }
    void unset(const std::string& what) const {
        std::filesystem::remove(base_ + "/bin/" + what + ".txt");
    }
    void fail_first(std::uint64_t task, int times) const {
        std::ofstream(folder_ + "/fails-" + std::to_string(task) + ".txt") << times;
    }
    [[nodiscard]] std::string outcome_path(std::uint64_t task) const {
        return folder_ + "/outcome-" + std::to_string(task) + ".txt";
    }
    /// The tasks that were started, in order, one a line.
    [[nodiscard]] std::string starts() const { return read(folder_ + "/starts.txt"); }
    /// What follows such an option in each call of sbatch.
    [[nodiscard]] std::vector<std::string> options(const std::string& option) const {
        std::vector<std::string> values;
        std::ifstream calls(base_ + "/bin/calls.txt");
        for (std::string line; std::getline(calls, line);) {
            if (line.compare(0, option.size(), option) == 0) {
                values.push_back(line.substr(option.size()));
            }
        }
        return values;
    }
    static std::string read(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    void write_program(const std::string& name, const char* text) const {
        const std::string path = base_ + "/" + name;
        std::ofstream(path) << text;
        ::chmod(path.c_str(), 0755);
    }

    std::string base_;
    std::string folder_;
    std::string path_before_;
};

}  // namespace skipsim::test
