// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/sweep/child_process.h"

namespace skipsim::sweep {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return "";
    }
    return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

std::vector<std::string> split(const std::string& line, char mark, std::size_t most) {
    std::vector<std::string> fields;
    std::size_t begin = 0;
    while (fields.size() + 1 < most) {
        const std::size_t end = line.find(mark, begin);
        if (end == std::string::npos) {
            break;
        }
        fields.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    fields.push_back(line.substr(begin));
    return fields;
}

/// The value of "Key=value" in a line of such words.
std::string field(const std::string& text, const std::string& key) {
    const std::string wanted = " " + key + "=";
    const std::string searched = " " + text;
    const std::size_t found = searched.find(wanted);
    if (found == std::string::npos) {
        return "";
    }
    const std::size_t begin = found + wanted.size();
    return searched.substr(begin, searched.find_first_of(kBlanks, begin) - begin);
}

bool holds_any(const std::string& text, const std::vector<std::string_view>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&text](std::string_view part) {
        return text.find(part) != std::string::npos;
    });
}

ChildOutcome call(const std::vector<std::string>& argv, const ChildLimits& limits = {}) {
    ChildOutcome outcome = run_child(argv, limits);
    if (!outcome.is_found) {
        throw base::MachineError(argv[0] +
                                 " cannot be run: it is not on the PATH; --executor slurm needs "
                                 "the commands of Slurm (sbatch, squeue, scontrol)");
    }
    return outcome;
}

std::optional<SlurmTrouble> trouble_of(const std::string& program, const ChildOutcome& outcome) {
    if (outcome.is_success()) {
        return std::nullopt;
    }
    if (outcome.is_timed_out) {
        return SlurmTrouble{program + " did not answer", false, false};
    }
    if (outcome.signal != 0) {
        return SlurmTrouble{program + " was killed by signal " + std::to_string(outcome.signal),
                            false, false};
    }
    const std::string said = trimmed(outcome.err.empty() ? outcome.out : outcome.err);
    return judge_refusal(
        program, said.empty() ? "exit status " + std::to_string(outcome.exit_status) : said);
}

std::string element(const std::string& job, std::uint64_t index) {
    return job + "_" + std::to_string(index);
}

std::string in_one_line(const std::string& text) {
    std::string line;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part);) {
        line += (line.empty() || part.empty() ? "" : "; ") + part;
    }
    return line;
}

}  // namespace

SlurmTrouble judge_refusal(const std::string& program, const std::string& said) {
    static const std::vector<std::string_view> kCrowded{"SubmitJobsLimit",
                                                        "SubmitJobLimit",
                                                        "SubmitJobPerUserLimit",
                                                        "job submit limit",
                                                        "temporarily unable to accept job",
                                                        "Job limit reached"};
    static const std::vector<std::string_view> kPassing{"Unable to contact slurm controller",
                                                        "connect failure",
                                                        "Connection refused",
                                                        "Connection timed out",
                                                        "timed out",
                                                        "Zero Bytes",
                                                        "standby mode",
                                                        "Transport endpoint",
                                                        "Unexpected message",
                                                        "not responding",
                                                        "unavailable"};
    const bool is_crowded = holds_any(said, kCrowded);
    const bool names_itself = said.compare(0, program.size(), program) == 0;
    return {(names_itself ? "" : program + ": ") + in_one_line(said), is_crowded,
            !is_crowded && !holds_any(said, kPassing)};
}

SlurmCluster parse_cluster(const std::string& text) {
    SlurmCluster cluster;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> sides = split(line, '=', 2);
        const std::optional<std::uint64_t> number =
            sides.size() == 2 ? base::parse_number<std::uint64_t>(trimmed(sides[1])) : std::nullopt;
        if (!number) {
            continue;
        }
        if (trimmed(sides[0]) == "MaxArraySize") {
            cluster.max_array_size = *number;
        } else if (trimmed(sides[0]) == "MaxJobCount") {
            cluster.max_job_count = *number;
        }
    }
    return cluster;
}

std::vector<QueuedTask> parse_queue(const std::string& text, const std::string& name_prefix) {
    constexpr std::size_t kFields = 5;
    std::vector<QueuedTask> tasks;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> fields = split(line, '|', kFields);
        if (fields.size() != kFields) {
            continue;
        }
        const std::optional<std::uint64_t> index = base::parse_number<std::uint64_t>(fields[1]);
        const std::string name = trimmed(fields[4]);
        if (index && name.compare(0, name_prefix.size(), name_prefix) == 0) {
            tasks.push_back({fields[0], *index, fields[2], fields[3], name});
        }
    }
    return tasks;
}

std::string parse_job_id(const std::string& text) {
    std::string id;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::string word = trimmed(split(line, ';', 2)[0]);
        id = base::parse_number<std::uint64_t>(word) ? word : id;
    }
    return id;
}

TaskEnd parse_job(const std::string& text) {
    return {field(text, "JobState"), field(text, "ExitCode"), field(text, "Reason")};
}

SlurmAnswer<SlurmCluster> ask_cluster() {
    const ChildOutcome outcome = call({"scontrol", "show", "config"});
    return {parse_cluster(outcome.out), trouble_of("scontrol", outcome)};
}

SlurmAnswer<std::vector<QueuedTask>> ask_queue(const std::string& name_prefix) {
    // The controller sends the jobs of this user only; by name it would send all and have squeue
    // choose. Variables such as SQUEUE_STATES hide jobs, which would count as lost.
    ChildLimits limits;
    limits.hidden_prefix = "SQUEUE_";
    const ChildOutcome outcome =
        call({"squeue", "--noheader", "--array", "--user=" + std::to_string(::geteuid()),
              "--format=%F|%K|%T|%r|%j"},
             limits);
    return {parse_queue(outcome.out, name_prefix), trouble_of("squeue", outcome)};
}

SlurmAnswer<std::string> submit_batch(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{"sbatch"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    ChildLimits limits;
    limits.stops_on_interrupt = false;
    limits.hidden_prefix = "SBATCH_WAIT";  // it would return when the jobs have ended
    const ChildOutcome outcome = call(argv, limits);
    return {parse_job_id(outcome.out), trouble_of("sbatch", outcome)};
}

TaskEnd ask_controller(const std::string& job, std::uint64_t index) {
    const ChildOutcome outcome =
        call({"scontrol", "show", "job", element(job, index), "--oneliner"});
    return outcome.is_success() ? parse_job(outcome.out) : TaskEnd{};
}

TaskEnd ask_accounting(const std::string& job, std::uint64_t index) {
    const ChildOutcome outcome =
        run_child({"sacct", "--allocations", "--noheader", "--parsable2",
                   "--jobs=" + element(job, index), "--format=State,ExitCode"});
    const std::vector<std::string> fields = split(trimmed(outcome.out), '|', 2);
    if (!outcome.is_success() || fields.size() != 2) {
        return {};
    }
    return {fields[0], trimmed(split(fields[1], '\n', 2)[0]), ""};
}

std::string shell_quoted(const std::string& word) {
    std::string quoted = "'";
    for (const char letter : word) {
        quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return quoted + "'";
}

}  // namespace skipsim::sweep
