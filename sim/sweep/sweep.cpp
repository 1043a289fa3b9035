// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "sim/base/atomic_file.h"
#include "sim/base/errors.h"
#include "sim/base/progress.h"
#include "sim/sweep/folder_lock.h"
#include "sim/sweep/local_executor.h"
#include "sim/sweep/manifest.h"
#include "sim/sweep/outcome.h"
#include "sim/sweep/store.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/sweep/task_runner.h"
#include "sim/sweep/trace_shelf.h"
#include "sim/sweep/work.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

/// Positions of the points that share a task's simulation, finished ones included: their results
/// spare it.
std::vector<std::size_t> members_of(const Manifest& manifest, std::uint64_t task) {
    std::vector<std::size_t> members;
    for (std::size_t index = 0; index < manifest.points.size(); ++index) {
        if (manifest.points[index].simulation_key == manifest.points[task].simulation_key) {
            members.push_back(index);
        }
    }
    return members;
}

class Sweep {
public:
    explicit Sweep(const SweepOptions& options)
        : options_(options), plan_(load_plan(options.spec_path)) {
        folder_ = fs::absolute(options.folder.empty() ? "runs/" + plan_.spec.name : options.folder)
                      .lexically_normal()
                      .string();
        is_new_ = !fs::exists(folder_);
        make_folder(folder_);
    }

    SweepCount run() {
        const FolderLock lock(folder_);
        check_folder(folder_);
        if (options_.starts_over) {
            remove_sweep(folder_);
        }
        remove_leftovers(folder_);
        resolve_points();
        begin();
        Store store(folder_, manifest_);
        store_ = &store;
        take_over();
        const std::vector<std::uint64_t> tasks = make_tasks();
        try {
            execute(tasks, lock);
        } catch (const base::Interrupted&) {
            spdlog::warn("{} of {} points are finished; the same command goes on", finished(),
                         manifest_.points.size());
            throw;
        }
        return finish(store);
    }

private:
    /// A sweep that cannot begin leaves no folder behind.
    void resolve_points() {
        try {
            manifest_ = manifest_of(plan_, shelf_, options_.shows_progress);
        } catch (...) {
            if (is_new_) {
                std::error_code ignored;
                fs::remove(fs::path(folder_) / kLockFile, ignored);
                fs::remove(folder_, ignored);
            }
            throw;
        }
    }

    /// Notes what the folder is for, unless it is for something else.
    void begin() {
        const std::string path = (fs::path(folder_) / kManifestFile).string();
        if (fs::exists(path)) {
            const Manifest begun = read_manifest(path);
            const std::string differs = difference(begun, manifest_);
            if (!differs.empty() && !options_.follows_changes) {
                throw base::InputError(
                    folder_ + ": was begun with " + differs +
                    "; --update keeps what is the same and runs the rest, --force starts over, "
                    "--out chooses another folder");
            }
        }
        base::write_file_atomically(path, manifest_as_json(manifest_));
        base::write_file_atomically((fs::path(folder_) / kSpecFile).string(), plan_.spec.text);
    }

    [[nodiscard]] std::string path_of(const ManifestPoint& point) const {
        return (fs::path(folder_) / point_folder(point.key)).string();
    }

    /// What is finished already. The files say so; the database is brought to what they say.
    void take_over() {
        for (const ManifestPoint& point : manifest_.points) {
            const PointStatus known = store_->status(point.number);
            std::optional<Outcome> outcome = read_outcome(path_of(point), point.key);
            if (options_.retries_failed && outcome && !outcome->is_done) {
                std::error_code ignored;
                fs::remove(fs::path(path_of(point)) / kOutcomeFile, ignored);
                outcome.reset();
            }
            const PointStatus status = status_of(outcome);
            if (status == PointStatus::waiting && !point.problem.empty()) {
                note_problem(point, known);
                continue;
            }
            if (status == PointStatus::waiting && known != status) {
                store_->reset(point.number);  // its files are lost
            } else if (known != status) {
                store_->record(point.number, *outcome);
            }
            count_.taken_over += status != PointStatus::waiting;
            if (status == PointStatus::waiting && options_.executor == Executor::local) {
                std::error_code ignored;
                fs::remove_all(path_of(point), ignored);  // the rest of a worker that was killed
            }
            statuses_.push_back(status);
        }
    }

    /// A point that breaks a rule between keys has no files.
    void note_problem(const ManifestPoint& point, PointStatus known) {
        if (known != PointStatus::failed) {
            Outcome failure;
            failure.key = point.key;
            failure.error = point.problem;
            store_->record(point.number, failure);
        }
        count_.taken_over += known == PointStatus::failed;
        statuses_.push_back(PointStatus::failed);
    }

    static PointStatus status_of(const std::optional<Outcome>& outcome) {
        return !outcome           ? PointStatus::waiting
               : outcome->is_done ? PointStatus::done
                                  : PointStatus::failed;
    }

    [[nodiscard]] std::uint64_t finished() const {
        return static_cast<std::uint64_t>(
            std::count_if(statuses_.begin(), statuses_.end(),
                          [](PointStatus status) { return status != PointStatus::waiting; }));
    }

    /// A task is named after the first point of its simulation, finished or not, so that the name
    /// is the same however often the sweep is started.
    std::vector<std::uint64_t> make_tasks() {
        std::map<std::string, std::uint64_t> task_of_simulation;
        std::set<std::uint64_t> simulated;
        std::vector<std::uint64_t> tasks;
        for (std::size_t index = 0; index < manifest_.points.size(); ++index) {
            const std::uint64_t task =
                task_of_simulation.try_emplace(manifest_.points[index].simulation_key, index)
                    .first->second;
            if (statuses_[index] == PointStatus::done) {
                simulated.insert(task);
            }
            if (statuses_[index] != PointStatus::waiting) {
                continue;
            }
            const auto [members, is_new] = points_of_task_.try_emplace(task);
            if (is_new) {
                tasks.push_back(task);
            }
            members->second.push_back(index);
        }
        count_.simulations = static_cast<std::uint64_t>(
            std::count_if(tasks.begin(), tasks.end(),
                          [&](std::uint64_t task) { return simulated.count(task) == 0; }));
        return tasks;
    }

    void take(std::uint64_t task, base::ProgressBar& progress) {
        for (const std::size_t index : points_of_task_.at(task)) {
            const ManifestPoint& point = manifest_.points[index];
            if (statuses_[index] != PointStatus::waiting) {
                continue;
            }
            if (const auto outcome = read_outcome(path_of(point), point.key)) {
                store_->record(point.number, *outcome);
                statuses_[index] = status_of(outcome);
                progress.advance();
            }
        }
    }

    void fail(std::uint64_t task, const std::string& error) {
        for (const std::size_t index : points_of_task_.at(task)) {
            const ManifestPoint& point = manifest_.points[index];
            if (!read_outcome(path_of(point), point.key)) {
                Outcome outcome;
                outcome.key = point.key;
                outcome.error = error;
                write_outcome(path_of(point), outcome);
            }
        }
    }

    [[nodiscard]] bool is_finished(std::uint64_t task) const {
        const std::vector<std::size_t>& points = points_of_task_.at(task);
        return std::all_of(points.begin(), points.end(), [this](std::size_t index) {
            const ManifestPoint& point = manifest_.points[index];
            return read_outcome(path_of(point), point.key).has_value();
        });
    }

    Work work_for(const std::vector<std::uint64_t>& tasks, base::ProgressBar& progress) {
        Work work;
        work.folder = folder_;
        work.tasks = tasks;
        work.is_finished = [this](std::uint64_t task) { return is_finished(task); };
        work.take = [this, &progress](std::uint64_t task) { take(task, progress); };
        work.gather = [this, &progress] {
            for (const auto& [task, points] : points_of_task_) {
                take(task, progress);
            }
        };
        work.fail = [this, &progress](std::uint64_t task, const std::string& error) {
            fail(task, error);
            take(task, progress);
        };
        work.task_command = {
            options_.program, "sweep", fs::absolute(plan_.spec.path).lexically_normal().string(),
            "--out",          folder_, "--quiet",
            "--task"};
        return work;
    }

    void execute(const std::vector<std::uint64_t>& tasks, const FolderLock& lock) {
        if (tasks.empty()) {
            return;
        }
        std::size_t points = 0;
        for (const auto& [task, members] : points_of_task_) {
            points += members.size();
        }
        base::ProgressBar progress("sweeping", points, options_.shows_progress);
        const Work work = work_for(tasks, progress);
        if (options_.executor == Executor::slurm) {
            run_on_slurm(work, options_.slurm);
            return;
        }
        decode_traces(tasks);
        run_locally(work, options_.jobs, [&](std::uint64_t task) {
            lock.give_up_in_child();
            std::vector<TaskPoint> members;
            for (const std::size_t index : members_of(manifest_, task)) {
                members.push_back({&plan_.points[index], manifest_.points[index].key});
            }
            run_task(plan_, members, shelf_, folder_);
        });
    }

    void decode_traces(const std::vector<std::uint64_t>& tasks) {
        std::map<std::string, std::set<std::string>> iterations;
        for (const std::uint64_t task : tasks) {
            const PointOrder order = order_of(plan_.spec, plan_.points[task]);
            for (const std::string& trace : order.traces) {
                iterations[trace].insert(order.selection.iterations);
            }
        }
        for (const auto& [trace, wanted] : iterations) {
            shelf_.decode(trace, {wanted.begin(), wanted.end()});
        }
    }

    SweepCount finish(Store& store) {
        store.close();
        base::write_file_atomically((fs::path(folder_) / kCsvFile).string(),
                                    points_as_csv(read_sweep(folder_)));
        count_.folder = folder_;
        count_.points = manifest_.points.size();
        count_.done = static_cast<std::uint64_t>(
            std::count(statuses_.begin(), statuses_.end(), PointStatus::done));
        count_.failed = finished() - count_.done;
        count_.excluded = plan_.excluded;
        count_.repeated = plan_.repeated;
        return count_;
    }

    const SweepOptions& options_;
    Plan plan_;
    std::string folder_;
    bool is_new_ = false;  ///< made by this sweep
    TraceShelf shelf_;
    Manifest manifest_;
    Store* store_ = nullptr;
    std::vector<PointStatus> statuses_;  ///< of the manifest's points
    std::map<std::uint64_t, std::vector<std::size_t>> points_of_task_;
    SweepCount count_;
};

}  // namespace

SweepCount run_sweep(const SweepOptions& options) {
    return Sweep(options).run();
}

void run_task_of_sweep(const std::string& spec_path, const std::string& folder,
                       std::uint64_t task) {
    const Plan plan = load_plan(spec_path);
    const std::string path = (fs::path(folder) / kManifestFile).string();
    const Manifest manifest = read_manifest(path);
    const std::string changed = spec_path + ": expected the sweep that " + path +
                                " was begun with, found another one; a file that it names has "
                                "changed since";
    if (task >= manifest.points.size() || plan.points.size() != manifest.points.size()) {
        throw base::InputError(changed);
    }
    TraceShelf shelf;
    std::vector<TaskPoint> members;
    for (const std::size_t index : members_of(manifest, task)) {
        const ManifestPoint& point = manifest.points[index];
        if (resolve(plan, plan.points[index], shelf).key != point.key) {
            throw base::InputError(changed);
        }
        members.push_back({&plan.points[index], point.key});
    }
    run_task(plan, members, shelf, folder);
}

}  // namespace skipsim::sweep
