// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_jobs.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "sim/base/atomic_file.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/sha256.h"

namespace skipsim::sweep {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kTokenLength = 10;

/// Differs between any two sweeps whose jobs may be queued at the same time.
std::string new_name_prefix(const std::string& folder) {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const std::string seed = folder + " " + std::to_string(now) + " " + std::to_string(::getpid());
    return "skipsim-" + base::sha256_hex(seed).substr(0, kTokenLength) + "-";
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        throw base::MachineError(path + ": cannot be read: " + std::strerror(errno));
    }
    return text.str();
}

[[noreturn]] void refuse(const std::string& path, const std::string& found) {
    throw base::InputError(path + ": expected the Slurm jobs of a sweep, found " + found +
                           "; end its jobs with scancel, then remove the file");
}

std::vector<std::uint64_t> read_list(const std::string& path) {
    const std::string text = read_text(path);
    std::vector<std::uint64_t> tasks;
    for (const char *here = text.data(), *end = here + text.size(); here != end; ++here) {
        std::uint64_t task = 0;
        const auto [next, error] = std::from_chars(here, end, task);
        if (error != std::errc() || next == end || *next != '\n') {
            refuse(path, "a line that is no task's number");
        }
        tasks.push_back(task);
        here = next;
    }
    return tasks;
}

}  // namespace

SlurmJobs::SlurmJobs(const std::string& sweep_folder) : folder_(sweep_folder + "/slurm") {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) {
        throw base::MachineError(folder_ + ": cannot be created: " + error.message());
    }
    if (std::filesystem::exists(folder_ + "/jobs.json")) {
        read();
    } else {
        name_prefix_ = new_name_prefix(folder_);
    }
}

std::string SlurmJobs::name_of(const Submission& submission) const {
    return name_prefix_ + std::to_string(submission.number);
}

std::optional<std::uint64_t> SlurmJobs::number_of(const std::string& name) const {
    if (name.compare(0, name_prefix_.size(), name_prefix_) != 0) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const char* end = name.data() + name.size();
    const auto [next, error] = std::from_chars(name.data() + name_prefix_.size(), end, number);
    return error == std::errc() && next == end ? std::optional(number) : std::nullopt;
}

std::string SlurmJobs::log_name(std::uint64_t number, const std::string& index) const {
    return "log-" + std::to_string(number) + "-" + index + ".txt";
}

std::string SlurmJobs::list_path(std::uint64_t number) const {
    return folder_ + "/tasks-" + std::to_string(number) + ".txt";
}

const Submission& SlurmJobs::add(std::vector<std::uint64_t> tasks, std::uint64_t parallel) {
    Submission submission{next_++, "", parallel, std::move(tasks)};
    std::string list;
    for (const std::uint64_t task : submission.tasks) {
        list += std::to_string(task) + "\n";
    }
    base::write_file_atomically(list_path(submission.number), list);
    const Submission& added =
        submissions_.emplace(submission.number, std::move(submission)).first->second;
    write();
    return added;
}

void SlurmJobs::set_job(std::uint64_t number, const std::string& job) {
    const auto found = submissions_.find(number);
    base::require(found != submissions_.end(), "slurm jobs: no such submission");
    if (found->second.job != job) {
        found->second.job = job;
        write();
    }
}

void SlurmJobs::forget(std::uint64_t number) {
    if (submissions_.erase(number) != 0) {
        write();
    }
}

void SlurmJobs::read() {
    const std::string path = folder_ + "/jobs.json";
    try {
        const nlohmann::json json = nlohmann::json::parse(read_text(path));
        if (json.at("format").get<int>() != kFormat) {
            refuse(path, "format " + json.at("format").dump());
        }
        name_prefix_ = json.at("name_prefix").get<std::string>();
        next_ = json.at("next").get<std::uint64_t>();
        for (const nlohmann::json& entry : json.at("submissions")) {
            Submission submission;
            submission.number = entry.at("number").get<std::uint64_t>();
            submission.job = entry.at("job").get<std::string>();
            submission.parallel = entry.at("parallel").get<std::uint64_t>();
            submission.tasks = read_list(list_path(submission.number));
            submissions_[submission.number] = std::move(submission);
        }
    } catch (const nlohmann::json::exception& error) {
        refuse(path, std::string("something else (") + error.what() + ")");
    }
}

void SlurmJobs::write() const {
    nlohmann::json submissions = nlohmann::json::array();
    for (const auto& [number, submission] : submissions_) {
        submissions.push_back(
            {{"number", number}, {"job", submission.job}, {"parallel", submission.parallel}});
    }
    const nlohmann::json json{{"format", kFormat},
                              {"name_prefix", name_prefix_},
                              {"next", next_},
                              {"submissions", std::move(submissions)}};
    base::write_file_atomically(folder_ + "/jobs.json", json.dump(1) + "\n");
}

}  // namespace skipsim::sweep
