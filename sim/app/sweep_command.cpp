// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/app/terminal.h"
#include "sim/sweep/analysis_tables.h"
#include "sim/sweep/sweep.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <ostream>
#include <system_error>
#include <thread>

namespace skipsim::app {
namespace {

constexpr std::uint64_t kMaxJobs = 1024;

Options declare_options() {
    Options options(
        {"sweep", "SWEEP.yaml [options]",
         "Runs every point of a sweep: a configuration with some keys varied over lists, ranges or "
         "drawn values\n(configs/sweeps/README.md). Run again after whatever stopped it, it goes "
         "on where it was.\nResults go into a database, DIR/sweep.sqlite, a table, DIR/points.csv, "
         "and a folder for each point.",
         "  skipsim sweep configs/sweeps/cluster-count.yaml --jobs 4\n"
         "  skipsim pareto runs/cluster-count --objective cycles --objective energy_pj\n"
         "  skipsim sensitivity runs/cluster-count\n"
         "  skipsim report runs/cluster-count --out clusters.html\n"
         "  skipsim sweep big.yaml --executor slurm --slurm-partition compute\n"});
    options.add_value("out", "DIR", "folder of the sweep (default: runs/<name of the sweep>)");
    options.add_value("jobs", "N", "worker processes (default: one per processor)");
    options.add_value("executor", "NAME", "local (default) or slurm: job arrays of a cluster");
    options.add_flag("update",
                     "the sweep has changed: keep points that are the same, run the others");
    options.add_flag("force", "forget what the folder holds of an earlier sweep");
    options.add_flag("retry", "run failed points again");
    options.add_value("slurm-partition", "NAME", "partition (default: the cluster's)");
    options.add_value("slurm-time", "LIMIT", "time limit of a task, as sbatch's --time takes it");
    options.add_value("slurm-parallel", "N", "tasks that run at once (default: no limit)");
    options.add_repeated("slurm-argument", "TEXT", "further argument of sbatch; may be repeated");
    options.add_value("task", "POINT", "do one task of a sweep that has begun (jobs call this)");
    options.add_positional("SWEEP.yaml");
    return options;
}

void require_executor(const Options& options, const char* name, const char* executor) {
    if (options.has(name) && options.value("executor").value_or("local") != executor) {
        options.fail("--" + std::string(name) + ": expected --executor " + executor + " with it");
    }
}

sweep::Executor chosen_executor(const Options& options) {
    const std::string name = options.value("executor").value_or("local");
    if (name != "local" && name != "slurm") {
        options.fail("--executor: expected local or slurm, got \"" + name + "\"");
    }
    require_executor(options, "jobs", "local");
    for (const char* option :
         {"slurm-partition", "slurm-time", "slurm-parallel", "slurm-argument"}) {
        require_executor(options, option, "slurm");
    }
    return name == "slurm" ? sweep::Executor::slurm : sweep::Executor::local;
}

std::string program_path() {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? "skipsim" : path.string();
}

sweep::SweepOptions sweep_options(const Options& options) {
    sweep::SweepOptions sweep;
    sweep.spec_path = options.positional(0);
    sweep.folder = options.has("out") ? options.required("out") : "";
    sweep.executor = chosen_executor(options);
    const std::uint64_t processors = std::max(1U, std::thread::hardware_concurrency());
    sweep.jobs = static_cast<unsigned>(
        options.whole("jobs", 1, kMaxJobs).value_or(std::min(processors, kMaxJobs)));
    sweep.slurm.partition = options.value("slurm-partition").value_or("");
    sweep.slurm.time_limit = options.value("slurm-time").value_or("");
    sweep.slurm.max_parallel =
        options.whole("slurm-parallel", 1, std::numeric_limits<std::uint32_t>::max()).value_or(0);
    sweep.slurm.sbatch_arguments = options.values("slurm-argument");
    sweep.starts_over = options.has("force");
    sweep.follows_changes = options.has("update");
    sweep.retries_failed = options.has("retry");
    sweep.shows_progress = !options.is_quiet();
    sweep.program = program_path();
    return sweep;
}

/// Every point, if a person would read them all.
std::string points_of(const sweep::SweepCount& count) {
    constexpr std::uint64_t kMostLines = 40;
    if (count.done == 0) {
        return "";
    }
    if (count.done > kMostLines) {
        return "skipsim pareto " + count.folder + " shows the points that no other beats\n";
    }
    const sweep::SweepData data = sweep::read_sweep(count.folder);
    std::vector<std::size_t> done;
    for (std::size_t index = 0; index < data.points.size(); ++index) {
        if (data.points[index].status == sweep::PointStatus::done) {
            done.push_back(index);
        }
    }
    std::vector<sweep::Objective> metrics;
    for (const char* name : {"cycles", "speedup", "energy_pj", "energy_pj_on_chip"}) {
        metrics.push_back({"total", name, false, name});
    }
    return sweep::points_table({data, metrics, done}, terminal_width()) + '\n';
}

/// "core.rows=9: why it failed" of the first failed point.
std::string first_error(const std::string& folder) {
    for (const sweep::SweepPoint& point : sweep::read_sweep(folder).points) {
        if (point.status == sweep::PointStatus::failed) {
            return point.label + ": " + point.error;
        }
    }
    return "";
}

std::string summary_of(const sweep::SweepCount& count) {
    std::string text = points_of(count) + std::to_string(count.points) +
                       " points: " + std::to_string(count.done) + " done, " +
                       std::to_string(count.failed) + " failed; " +
                       std::to_string(count.taken_over) + " of them were finished before, " +
                       std::to_string(count.simulations) + " simulations were started now\n";
    if (count.excluded > 0) {
        text += std::to_string(count.excluded) + " points were left out by constraints\n";
    }
    if (count.repeated > 0) {
        text += std::to_string(count.repeated) + " drawn points were there already\n";
    }
    return text + "sweep: " + count.folder + "/sweep.sqlite, " + count.folder + "/points.csv\n";
}

}  // namespace

int sweep_command(const Words& words, std::ostream& out) {
    Options options = declare_options();
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    if (const auto task = options.whole("task", 0, sweep::kMostPoints)) {
        sweep::run_task_of_sweep(options.positional(0), options.required("out"), *task);
        return kDone;
    }
    const sweep::SweepCount count = sweep::run_sweep(sweep_options(options));
    if (!options.is_quiet()) {
        out << printable_lines(summary_of(count));
    }
    if (count.failed > 0) {
        spdlog::error("{} points failed; {}/points.csv says why, --retry runs them again",
                      count.failed, count.folder);
        spdlog::error("the first of them: {}", printable(first_error(count.folder)));
    }
    const std::uint64_t waiting = count.points - count.done - count.failed;
    if (waiting > 0) {
        spdlog::error("{} points were stopped; the same command runs them", waiting);
    }
    return count.failed + waiting > 0 ? kCheckFailed : kDone;
}

}  // namespace skipsim::app
