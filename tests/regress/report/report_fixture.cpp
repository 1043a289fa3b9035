// SPDX-License-Identifier: Apache-2.0
// Prints the page of a made-up report, for the tests that look at pages in a browser.
// Usage: report_fixture small|hostile|bare|changes|large|comparison|sweep
#include <iostream>
#include <string>

#include "sim/report/report.h"
#include "tests/support/report_samples.h"

namespace {

using namespace skipsim;

constexpr const char* kHostile =
    "</script </script><img src=x onerror=\"document.title='harmed'\"><!--<script>&amp;";

report::ReportInput hostile() {
    report::ReportInput input;
    results::ResultFile file = report_samples::result(kHostile, {kHostile, "__proto__", "conv"});
    file.path = kHostile;
    file.document["warnings"] = {kHostile};
    file.document["not_modelled"] = {kHostile};
    file.document["config"]["__proto__"] = kHostile;
    file.document["config"]["name"] = kHostile;
    file.document["assumptions"][0]["source"] = kHostile;
    input.results = {file};
    sweep::SweepData sweep = report_samples::sweep(20);
    sweep.name = kHostile;
    sweep.axis_keys.emplace_back(kHostile);
    sweep.points[0].settings.push_back({kHostile, kHostile});
    sweep.points.back().error = kHostile;
    sweep.points[0].metrics["total"][kHostile] = 1.0;
    sweep.points[0].metrics["total"]["__proto__"] = 2.0;
    input.sweeps = {sweep};
    return input;
}

/// As many metrics as a real point has.
sweep::SweepData with_more_metrics(sweep::SweepData sweep) {
    for (sweep::SweepPoint& point : sweep.points) {
        for (auto& [stage, metrics] : point.metrics) {
            for (int number = 0; number < 40; ++number) {
                metrics["pe_cycles.made_up_" + std::to_string(number)] =
                    metrics["energy_pj"] / (number + 3);
            }
        }
    }
    return sweep;
}

/// Changes of all sizes, the last ones smaller than what 0.01 % shows.
report::ReportInput changes() {
    report::ReportInput input;
    input.results = {report_samples::result("first", {"conv"}, 1),
                     report_samples::result("second", {"conv"}, 2)};
    input.comparison = report_samples::comparison(input.results);
    std::size_t line = 0;
    for (const double percent : {12.345, 0.0047123, -0.0047123, -0.0, -1e-9}) {
        input.comparison->lines.at(line++).cells[1].percent = percent;
    }
    return input;
}

/// A result whose operators do not multiply and a sweep without a finished point.
report::ReportInput bare() {
    report::ReportInput input;
    results::ResultFile file = report_samples::result("bare", {"relu"});
    const report_samples::Json nothing = report_samples::zeroed(file.document["totals"]["macs"]);
    file.document["totals"]["macs"] = nothing;
    for (auto& row : file.document["layers"]) {
        row["macs"] = nothing;
        row["dense_cycles"] = nullptr;
    }
    file.document["totals"]["dense_cycles"] = nullptr;
    input.results = {file};
    sweep::SweepData sweep = report_samples::sweep(3);
    for (sweep::SweepPoint& point : sweep.points) {
        point.metrics.clear();
        if (point.status == sweep::PointStatus::done) {
            point.status = sweep::PointStatus::waiting;
        }
    }
    input.sweeps = {sweep};
    input.notices = {"a notice"};
    return input;
}

report::ReportInput input_of(const std::string& kind) {
    report::ReportInput input;
    if (kind == "hostile") {
        return hostile();
    }
    if (kind == "bare") {
        return bare();
    }
    if (kind == "changes") {
        return changes();
    }
    if (kind == "small") {
        input.results = {report_samples::result("small", report_samples::layer_names(4))};
    } else if (kind == "large") {
        input.results = {report_samples::result("large", report_samples::layer_names(100))};
    } else if (kind == "comparison") {
        input.results = {report_samples::result("first", report_samples::layer_names(6), 1),
                         report_samples::result("second", report_samples::layer_names(6), 2)};
        input.comparison = report_samples::comparison(input.results);
    } else if (kind == "sweep") {
        input.sweeps = {with_more_metrics(report_samples::sweep(2000))};
    }
    return input;
}

}  // namespace

// The SystemC library names an entry point of its own.
extern "C" int sc_main(int /*count*/, char** /*words*/) {
    return 0;
}

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: report_fixture small|hostile|bare|changes|large|comparison|sweep\n";
        return 2;
    }
    std::cout << report::report_page(input_of(words[1]));
    return 0;
}
