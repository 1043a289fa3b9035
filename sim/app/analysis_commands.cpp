// SPDX-License-Identifier: Apache-2.0
// `skipsim pareto` and `skipsim sensitivity`: questions to a sweep that has been run.
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/app/terminal.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/sweep/analysis.h"
#include "sim/sweep/analysis_tables.h"
#include "sim/sweep/sweep_data.h"

#include <algorithm>
#include <ostream>

namespace skipsim::app {
namespace {

enum class Format { table, csv, json };

Format chosen_format(const Options& options) {
    const std::string name = options.value("format").value_or("table");
    if (name == "table") {
        return Format::table;
    }
    if (name == "csv") {
        return Format::csv;
    }
    if (name != "json") {
        const std::string near = base::nearest_name(name, {"table", "csv", "json"});
        options.fail("--format: expected table, csv or json, got \"" + name + "\"" +
                     (near.empty() ? "" : "; did you mean " + near + "?"));
    }
    return Format::json;
}

/// What the option names, or these. Every problem is reported, not the first one alone.
std::vector<sweep::Objective> objectives_of(const Options& options, const std::string& option,
                                            const sweep::SweepData& data) {
    std::vector<std::string> texts = options.values(option);
    if (texts.empty()) {
        texts = {"cycles", "energy_pj"};
    }
    if (std::none_of(data.points.begin(), data.points.end(), [](const sweep::SweepPoint& point) {
            return point.status == sweep::PointStatus::done;
        })) {
        throw base::InputError(data.folder + ": expected a sweep with a finished point, found " +
                               std::to_string(data.points.size()) + " points that are not");
    }
    std::vector<sweep::Objective> objectives;
    std::vector<std::string> problems;
    const std::string place = "skipsim: --" + option + ": ";
    for (const std::string& text : texts) {
        try {
            sweep::Objective objective = sweep::parse_objective(text, data);
            const bool is_repeated =
                std::any_of(objectives.begin(), objectives.end(), [&](const auto& other) {
                    return other.stage == objective.stage && other.metric == objective.metric;
                });
            if (is_repeated) {
                problems.push_back(place + "expected every metric once, got \"" + text +
                                   "\" again");
            }
            objectives.push_back(std::move(objective));
        } catch (const base::InputError& error) {
            for (const std::string& line : error.lines()) {
                problems.push_back(place + line);
            }
        }
    }
    if (!problems.empty()) {
        throw base::InputError(problems);
    }
    return objectives;
}

void print_json(const nlohmann::ordered_json& document, std::ostream& out) {
    constexpr int kIndent = 2;
    out << document.dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
        << '\n';
}

}  // namespace

int pareto_command(const Words& words, std::ostream& out) {
    Options options(
        {"pareto", "SWEEPDIR [--objective M]... [options]",
         "Lists the points of a sweep that no other point beats: none is at least as good in every "
         "objective and better\nin one. An objective is a metric of a result's totals, of the "
         "whole run (energy_pj) or of a stage (FF.cycles);\nlower is better, but higher for "
         "utilisation and speedup, and with max: in front.",
         "  skipsim pareto runs/pe-array-shape\n"
         "  skipsim pareto runs/pe-array-shape --objective cycles --objective "
         "energy --objective max:utilisation\n"
         "  skipsim pareto runs/pe-array-shape --objective FF.cycles --objective BP.cycles "
         "--format csv > front.csv\n"});
    options.add_repeated("objective", "M",
                         "[min:|max:][STAGE.]METRIC; may be repeated (default: cycles, energy_pj)");
    options.add_value("format", "NAME", "table (default), csv or json");
    options.add_positional("SWEEPDIR");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const Format format = chosen_format(options);
    const sweep::SweepData data = sweep::read_sweep(options.positional(0));
    const std::vector<sweep::Objective> objectives = objectives_of(options, "objective", data);
    const std::vector<std::size_t> front = sweep::pareto_front(data, objectives);
    const sweep::ParetoAnswer answer{data, objectives, front};
    if (format == Format::table) {
        out << printable_lines(sweep::pareto_table(answer, terminal_width()));
    } else if (format == Format::csv) {
        out << sweep::pareto_csv(answer);
    } else {
        print_json(sweep::pareto_json(answer), out);
    }
    return kDone;
}

int sensitivity_command(const Words& words, std::ostream& out) {
    Options options(
        {"sensitivity", "SWEEPDIR [--metric M]... [options]",
         "Says which axis of a sweep moves a metric most: the share of the metric's variance that "
         "the values of the axis\nexplain, and between which means it moves. "
         "sim/sweep/ANALYSIS.md says what that can and cannot show.",
         "  skipsim sensitivity runs/pe-array-shape\n"
         "  skipsim sensitivity runs/pe-array-shape --metric utilisation --metric WG.cycles\n"
         "  skipsim sensitivity runs/pe-array-shape --format json > sensitivity.json\n"});
    options.add_repeated("metric", "M",
                         "[STAGE.]METRIC; may be repeated (default: cycles, energy_pj)");
    options.add_value("format", "NAME", "table (default), csv or json");
    options.add_positional("SWEEPDIR");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const Format format = chosen_format(options);
    const sweep::SweepData data = sweep::read_sweep(options.positional(0));
    const std::vector<sweep::Objective> metrics = objectives_of(options, "metric", data);
    if (format == Format::table) {
        out << printable_lines(sweep::sensitivity_table(data, metrics, terminal_width()));
    } else if (format == Format::csv) {
        out << sweep::sensitivity_csv(data, metrics);
    } else {
        print_json(sweep::sensitivity_json(data, metrics), out);
    }
    return kDone;
}

}  // namespace skipsim::app
