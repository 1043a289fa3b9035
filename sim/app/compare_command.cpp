// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/app/terminal.h"
#include "sim/base/atomic_file.h"
#include "sim/base/errors.h"
#include "sim/compare/comparison.h"
#include "sim/compare/limits.h"
#include "sim/compare/tables.h"
#include "sim/report/report.h"
#include "sim/results/reprice.h"
#include "sim/results/result_file.h"
#include "sim/stats/energy_table.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <system_error>
#include <utility>

namespace skipsim::app {
namespace {

namespace fs = std::filesystem;

Options declare_options() {
    Options options(
        {"compare", "RESULT RESULT... [options]",
         "Puts results beside each other. RESULT is a result.json or the folder that holds it. "
         "Says first what, besides\nthe chip, makes the results differ. Exit status 1 if a result "
         "is worse than --fail-above allows.",
         "  skipsim compare runs/dense runs/pnpu\n"
         "  skipsim compare runs/a runs/b runs/c --baseline runs/b --by stage\n"
         "  skipsim compare runs/a runs/b --by layer --format csv --out layers.csv\n"
         "  skipsim compare runs/a runs/b --energy configs/energy/65nm-0.78v.yaml --by component\n"
         "  skipsim compare main.json mine.json --fail-above energy=2 --fail-above FF.cycles=0\n"});
    options.add_value("baseline", "RESULT", "compare with this one (default: the first)");
    options.add_value("by", "WHAT", "total (default), component, stage or layer");
    options.add_value("format", "NAME", "table (default), csv, json or html");
    options.add_value("energy", "TABLE.yaml",
                      "price the counts of all results with this table; nothing is run again");
    options.add_repeated("fail-above", "METRIC=PERCENT",
                         "exit status 1 if METRIC is more than PERCENT above the baseline's: "
                         "cycles, energy, dram, time, power or any number of totals in "
                         "result.json, of a stage with FF., BP., WG. or WU. before it; may be "
                         "repeated");
    options.add_value("out", "FILE", "write to this file instead of standard output");
    options.add_flag("force", "replace a file that is there already");
    options.add_flag("allow-different", "compare results of other networks all the same");
    options.add_positionals("RESULT", 1);
    return options;
}

/// The file of a result, the same for all names of it.
std::string identity(const std::string& path) {
    std::error_code error;
    const fs::path file =
        fs::is_directory(path, error) ? fs::path(path) / "result.json" : fs::path(path);
    const fs::path canonical = fs::canonical(file, error);
    return error ? fs::absolute(file).lexically_normal().string() : canonical.string();
}

/// What is compared with what.
struct Chosen {
    std::vector<std::string> paths;
    std::size_t baseline = 0;
};

Chosen chosen_results(const Options& options) {
    Chosen chosen;
    std::vector<std::string> known;
    for (const std::string& path : options.positionals()) {
        const std::string here = identity(path);
        const auto before = std::find(known.begin(), known.end(), here);
        if (before != known.end()) {
            const std::string& first =
                chosen.paths[static_cast<std::size_t>(before - known.begin())];
            options.fail(path + ": expected results that differ, found " +
                         (first == path ? "it twice" : "the same file as " + first));
        }
        known.push_back(here);
        chosen.paths.push_back(path);
    }
    if (options.has("baseline")) {
        const std::string path = options.required("baseline");
        const auto found = std::find(known.begin(), known.end(), identity(path));
        chosen.baseline = static_cast<std::size_t>(found - known.begin());
        if (found == known.end()) {
            chosen.paths.insert(chosen.paths.begin(), path);
            chosen.baseline = 0;
        }
    }
    if (chosen.paths.size() < 2) {
        options.fail("missing RESULT: expected at least two results to compare, found one");
    }
    return chosen;
}

compare::By chosen_by(const Options& options) {
    const std::string name =
        options.choice("by", {"total", "component", "stage", "layer"}, "total");
    return name == "component" ? compare::By::component
           : name == "stage"   ? compare::By::stage
           : name == "layer"   ? compare::By::layer
                               : compare::By::total;
}

std::string chosen_format(const Options& options) {
    return options.choice("format", {"table", "csv", "json", "html"}, "table");
}

/// Before anything is read: nothing is lost without --force, and with it no result that is read.
void check_target(const Options& options, const std::vector<std::string>& paths) {
    if (!options.has("out")) {
        return;
    }
    const std::string path = options.required("out");
    std::error_code error;
    if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
        throw base::InputError(path + ": expected a file or nothing, found a folder or a device");
    }
    for (const std::string& result : paths) {
        if (identity(path) == identity(result)) {
            options.fail("--out: " + path + " is one of the results");
        }
    }
    if (fs::exists(path, error) && !options.has("force")) {
        throw base::InputError(path + ": a file is there already; --force replaces it, --out " +
                               "chooses another one");
    }
}

std::vector<results::ResultFile> read(const Options& options,
                                      const std::vector<std::string>& paths) {
    std::vector<results::ResultFile> files = results::read_results(paths);
    if (options.has("energy")) {
        const std::string path = options.required("energy");
        const stats::EnergyTable table = stats::load_energy_table(path);
        for (results::ResultFile& file : files) {
            file.document = results::repriced(file.document, table, path);
        }
    }
    return files;
}

/// What the numbers are, when they are not those of the files.
void name_the_prices(const Options& options, compare::Comparison& comparison) {
    if (options.has("energy")) {
        comparison.warnings.insert(comparison.warnings.begin(),
                                   "energies of all results are priced with " +
                                       options.required("energy") + ", not as in their files");
    }
}

std::string text_of(const Options& options, const compare::Comparison& comparison,
                    const std::vector<results::ResultFile>& files) {
    const std::string format = chosen_format(options);
    if (format == "html") {
        return report::report_page({files, comparison, {}, {}});
    }
    if (format == "json") {
        using Json = nlohmann::ordered_json;
        return compare::json_of(comparison).dump(1, ' ', false, Json::error_handler_t::replace) +
               '\n';
    }
    if (format == "csv") {
        for (const std::string& warning : comparison.warnings) {
            spdlog::warn("{}", warning);
        }
        return compare::csv_of(comparison);
    }
    return printable_lines(compare::table_of(
        comparison, options.has("out") ? compare::kUsualWidth : terminal_width()));
}

/// True if no result is worse than allowed.
bool is_within_limits(const Options& options, const std::vector<results::ResultFile>& files,
                      std::size_t baseline) {
    std::vector<compare::Limit> limits;
    std::vector<std::string> problems;
    for (const std::string& text : options.values("fail-above")) {
        try {
            limits.push_back(compare::parse_limit(text, files[baseline].document));
        } catch (const base::InputError& error) {
            problems.insert(problems.end(), error.lines().begin(), error.lines().end());
        }
    }
    if (!problems.empty()) {
        for (std::string& problem : problems) {
            problem.insert(0, "skipsim compare: ");
        }
        throw base::InputError(std::move(problems));
    }
    const std::vector<std::string> sentences = compare::exceeded(files, baseline, limits);
    for (const std::string& sentence : sentences) {
        spdlog::error("{}", sentence);
    }
    return sentences.empty();
}

}  // namespace

int compare_command(const Words& words, std::ostream& out) {
    Options options = declare_options();
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const compare::By by = chosen_by(options);
    chosen_format(options);
    const Chosen chosen = chosen_results(options);
    check_target(options, chosen.paths);
    const std::vector<results::ResultFile> files = read(options, chosen.paths);
    compare::Comparison comparison =
        compare::compare(files, chosen.baseline, by, options.has("allow-different"));
    name_the_prices(options, comparison);
    const std::string text = text_of(options, comparison, files);
    const bool is_good = is_within_limits(options, files, chosen.baseline);
    if (options.has("out")) {
        base::write_file_atomically(options.required("out"), text);
    } else if (!options.is_quiet()) {
        out << text;
    }
    return is_good ? kDone : kCheckFailed;
}

}  // namespace skipsim::app
