// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/base/atomic_file.h"
#include "sim/base/errors.h"
#include "sim/compare/comparison.h"
#include "sim/report/point_labels.h"
#include "sim/report/report.h"
#include "sim/results/result_file.h"
#include "sim/sweep/sweep_data.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <system_error>

namespace skipsim::app {
namespace {

namespace fs = std::filesystem;

Options declare_options() {
    Options options(
        {"report", "RESULT... --out REPORT.html [options]",
         "Writes one HTML page with charts and tables of results and sweeps, which opens in a "
         "browser without a network.\nA RESULT is a result file, its folder, or the folder of a "
         "sweep. Two or more results are compared with the first, too.",
         "  skipsim report runs/first --out first.html\n"
         "  skipsim report runs/first runs/dense --out both.html --force\n"
         "  skipsim report runs/cluster-count --out clusters.html    (a sweep)\n"});
    options.add_value("out", "FILE", "the page");
    options.add_flag("force", "replace a file that is there already");
    options.add_flag("allow-different", "compare results of different networks, too");
    options.add_positionals("RESULT", 1);
    return options;
}

/// Whether the folder is there and the file would be below it.
bool lies_in(const fs::path& folder, const fs::path& file) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        return false;
    }
    const fs::path whole = fs::weakly_canonical(file, error);
    const fs::path above = fs::weakly_canonical(folder, error);
    return std::mismatch(above.begin(), above.end(), whole.begin(), whole.end()).first ==
           above.end();
}

/// Nothing is lost without --force; the folder of the page is made if it is missing.
void check_target(const Options& options, const std::string& path) {
    std::error_code error;
    if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
        throw base::InputError(path + ": expected a file or nothing, found a folder or a device");
    }
    for (const std::string& input : options.positionals()) {
        bool is_input = fs::equivalent(input, path, error);
        for (const char* file : {"result.json", "layers.csv", "sweep.sqlite", "points.csv",
                                 "manifest.json", "sweep.yaml"}) {
            is_input = is_input || fs::equivalent(fs::path(input) / file, path, error);
        }
        is_input = is_input || lies_in(fs::path(input) / "points", path);
        if (is_input) {
            options.fail("--out: " + path + " is a RESULT of this report, or a file of one");
        }
    }
    if (fs::exists(path, error) && !options.has("force")) {
        throw base::InputError(path +
                               ": a file is there already; --force replaces it, --out chooses "
                               "another one");
    }
}

/// What cannot be compared is shown apart, with the reason.
void add_comparison(report::ReportInput& input, bool allow_different) {
    if (input.results.size() < 2) {
        return;
    }
    try {
        input.comparison = compare::compare(input.results, 0, compare::By::stage, allow_different);
    } catch (const base::InputError& error) {
        for (const std::string& line : error.lines()) {
            input.notices.push_back("the results are not compared: " + line);
            spdlog::warn("report: {}", input.notices.back());
        }
    }
}

report::ReportInput read_input(const Options& options) {
    const std::vector<std::string> paths = options.positionals();
    report::ReportInput input;
    std::vector<std::string> result_paths;
    for (const std::string& path : paths) {
        if (sweep::is_sweep_folder(path)) {
            input.sweeps.push_back(sweep::read_sweep(path));
        } else {
            result_paths.push_back(path);
        }
    }
    if (!result_paths.empty()) {
        input.results = results::read_results(result_paths);
        report::label_points(input.results, input.sweeps);
    }
    add_comparison(input, options.has("allow-different"));
    return input;
}

void make_folder_of(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    std::error_code error;
    if (!folder.empty() && !fs::create_directories(folder, error) && error) {
        throw base::MachineError(folder.string() + ": cannot make the folder: " + error.message());
    }
}

}  // namespace

int report_command(const Words& words, std::ostream& out) {
    Options options = declare_options();
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const std::string path = options.required("out");
    check_target(options, path);
    const std::string page = report::report_page(read_input(options));
    make_folder_of(path);
    base::write_file_atomically(path, page);
    if (!options.is_quiet()) {
        out << printable("report: " + path) << '\n';
    }
    return kDone;
}

}  // namespace skipsim::app
