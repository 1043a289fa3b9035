// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_run.h"

#include <spdlog/spdlog.h>

#include "sim/base/interrupt.h"

namespace skipsim::sweep {
namespace {

using Clock = std::chrono::steady_clock;

/// Why a job waits, if somebody should know: not for want of room or because of its own limit.
bool is_unusual(const QueuedTask& task) {
    static const std::set<std::string> usual{"None",      "Priority",          "Resources",
                                             "BeginTime", "JobArrayTaskLimit", "Cleaning"};
    return task.state == "PENDING" && usual.count(task.reason) == 0;
}

std::string end_text(const TaskEnd& end) {
    if (end.state.empty()) {
        return "left the queue";
    }
    std::string text = "ended as " + end.state;
    std::string more = end.exit_code.empty() ? "" : "exit code " + end.exit_code;
    if (!end.reason.empty() && end.reason != "None") {
        more += (more.empty() ? "" : ", ") + end.reason;
    }
    return more.empty() ? text : text + " (" + more + ")";
}

}  // namespace

std::optional<Listing> SlurmRun::look() {
    const SlurmAnswer<std::vector<QueuedTask>> answer = ask_queue(jobs_.name_prefix());
    if (answer.trouble) {
        reach_.note(*answer.trouble);
        return std::nullopt;
    }
    reach_.reset();
    may_submit_ = true;
    Listing listing;
    for (const QueuedTask& task : answer.value) {
        const std::optional<std::uint64_t> number = jobs_.number_of(task.name);
        if (!number) {
            continue;
        }
        listing.present.insert({*number, task.index});
        if (task.state == "COMPLETING") {
            listing.completing.insert({*number, task.index});
        }
        if (jobs_.submissions().count(*number) != 0) {
            jobs_.set_job(*number, task.job);
        }
    }
    note_reasons(answer.value);
    return listing;
}

void SlurmRun::poll() {
    const std::optional<Listing> listing = look();
    if (listing) {
        for (auto& [number, open] : open_) {
            settle(number, open, *listing);
        }
    } else {
        settle_finished();
    }
    close_settled();
}

/// Finished, and known to whom it may concern.
bool SlurmRun::is_taken(std::uint64_t task) const {
    const bool is_finished = work_.is_finished(task);
    if (is_finished) {
        work_.take(task);
    }
    return is_finished;
}

/// Without the queue only those with an outcome are settled.
void SlurmRun::settle_finished() {
    for (auto& [number, open] : open_) {
        for (auto here = open.begin(); here != open.end();) {
            here = is_taken(here->second.task) ? open.erase(here) : std::next(here);
        }
    }
}

void SlurmRun::settle(std::uint64_t number, OpenTasks& open, const Listing& listing) {
    for (auto here = open.begin(); here != open.end();) {
        const Place place{number, here->first};
        OpenTask& task = here->second;
        const bool is_present = listing.present.count(place) != 0;
        const bool may_be_finished = !is_present || listing.completing.count(place) != 0;
        const Clock::time_point now = Clock::now();
        task.missing_since =
            is_present ? std::nullopt : std::optional(task.missing_since.value_or(now));
        bool is_settled = may_be_finished && is_taken(task.task);
        if (!is_settled && task.missing_since && now - *task.missing_since >= options_.grace) {
            is_settled = !is_kept_after_loss(number, here->first, task.task);
        }
        here = is_settled ? open.erase(here) : std::next(here);
    }
}

/// A task has left the queue without an outcome: it waits for another submission or is failed.
/// True if Slurm holds it after all.
bool SlurmRun::is_kept_after_loss(std::uint64_t number, std::uint64_t index, std::uint64_t task) {
    static const std::set<std::string> alive{"PENDING",   "RUNNING",  "CONFIGURING", "COMPLETING",
                                             "SUSPENDED", "REQUEUED", "RESIZING",    "STOPPED",
                                             "SIGNALING", "STAGE_OUT"};
    base::throw_if_interrupted();
    const std::string job = jobs_.submissions().at(number).job;
    if (job.empty()) {  // Slurm never had it
        --attempts_[task];
        waiting_.push_back(task);
        return false;
    }
    TaskEnd end = ask_controller(job, index);
    if (alive.count(end.state) != 0) {
        return true;
    }
    if (end.state.empty()) {
        end = ask_accounting(job, index);
    }
    const std::string what = "its Slurm job " + job + "_" + std::to_string(index) + " " +
                             end_text(end) + " without an outcome";
    const bool is_cancelled = end.state.compare(0, 9, "CANCELLED") == 0;
    if (!is_cancelled && attempts_[task] < options_.attempts) {
        spdlog::warn("task {}: {}; submitted again (attempt {} of {})", task, what,
                     attempts_[task] + 1, options_.attempts);
        waiting_.push_back(task);
        return false;
    }
    const std::string log = jobs_.folder() + "/" + jobs_.log_name(number, std::to_string(index));
    work_.fail(task, what + (is_cancelled ? "" : " (" + counted(attempts_[task], "attempt") + ")") +
                         "; log: " + log);
    return false;
}

void SlurmRun::close_settled() {
    for (auto here = open_.begin(); here != open_.end();) {
        if (here->second.empty()) {
            jobs_.forget(here->first);
            here = open_.erase(here);
        } else {
            ++here;
        }
    }
}

void SlurmRun::note_reasons(const std::vector<QueuedTask>& queue) {
    for (const QueuedTask& task : queue) {
        if (is_unusual(task) && told_reasons_.insert(task.reason).second) {
            spdlog::warn("Slurm job {}_{} waits: {}", task.job, task.index, task.reason);
        }
    }
}

}  // namespace skipsim::sweep
