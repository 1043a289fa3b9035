// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/comparison.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/compare/comparability.h"
#include "sim/results/metrics.h"
#include "sim/stats/run_result.h"

#include <algorithm>
#include <map>
#include <utility>

namespace skipsim::compare {
namespace {

using Json = nlohmann::ordered_json;
using Files = std::vector<results::ResultFile>;
using Values = std::vector<std::optional<double>>;

Cell cell(const std::optional<double>& value, const std::optional<double>& baseline) {
    Cell cell;
    cell.value = value;
    if (value && baseline) {
        cell.difference = *value - *baseline;
        if (*baseline != 0.0) {
            constexpr double kPercent = 100.0;
            cell.percent = kPercent * *cell.difference / *baseline;
            cell.ratio = *value / *baseline;
        }
    }
    return cell;
}

class Lines {
public:
    Lines(const Files& files, std::size_t baseline) : files_(files), baseline_(baseline) {}

    void add(const std::string& item, const std::string& metric, const Values& values) {
        Line line{item, metric, results::unit_of(metric), {}};
        for (const std::optional<double>& value : values) {
            line.cells.push_back(cell(value, values[baseline_]));
        }
        lines_.push_back(std::move(line));
    }

    /// `part`: the totals object in each document.
    template <typename Part>
    void add_metric(const std::string& item, const std::string& metric, const Part& part) {
        Values values;
        for (const results::ResultFile& file : files_) {
            values.push_back(results::metric_of(part(file.document), metric));
        }
        add(item, metric, values);
    }

    [[nodiscard]] std::vector<Line> take() { return std::move(lines_); }

private:
    const Files& files_;
    std::size_t baseline_;
    std::vector<Line> lines_;
};

const Json& totals_of(const Json& document) {
    return document.at("totals");
}

/// What follows from other numbers stands beside them; actions and components are left to others.
std::vector<std::string> total_metrics(const Files& files) {
    std::vector<std::string> metrics;
    for (const std::string& name : results::metric_names(files.front().document.at("totals"))) {
        const bool is_elsewhere = name == "rows" || name == "speedup" || name == "utilisation" ||
                                  name == "energy_delay_pj_s" || name.rfind("actions.", 0) == 0 ||
                                  name.rfind("energy_pj_by_component.", 0) == 0;
        if (is_elsewhere) {
            continue;
        }
        if (name == "macs.dense") {
            metrics.emplace_back("energy_delay_pj_s");
        }
        if (name == "pe_cycles.mac") {
            metrics.emplace_back("utilisation");
        }
        metrics.push_back(name);
        if (name == "dense_cycles") {
            metrics.emplace_back("speedup");
        }
    }
    return metrics;
}

void add_totals(Lines& lines, const Files& files) {
    for (const std::string& metric : total_metrics(files)) {
        lines.add_metric("total", metric, totals_of);
    }
}

void add_components(Lines& lines, const Files& files) {
    for (const auto& [component, pj] :
         files.front().document.at("totals").at("energy_pj_by_component").items()) {
        Values values;
        for (const results::ResultFile& file : files) {
            values.push_back(
                results::metric_of(totals_of(file.document), "energy_pj_by_component." + component));
        }
        lines.add(component, "energy_pj", values);
    }
    lines.add_metric("total", "energy_pj", totals_of);
}

void add_stages(Lines& lines) {
    for (const char* metric :
         {"cycles", "dense_cycles", "speedup", "time_s", "energy_pj", "energy_pj_on_chip",
          "dram_bytes", "macs.issued", "macs.effectual", "utilisation"}) {
        for (const std::string_view stage : stats::kStageNames) {
            lines.add_metric(std::string(stage), metric, [&](const Json& document) -> const Json& {
                return document.at("totals_by_stage").at(std::string(stage));
            });
        }
        lines.add_metric("total", metric, totals_of);
    }
}

constexpr const char* kLayerMetrics[]{"cycles", "energy_pj", "dram_bytes", "macs.issued"};

/// One layer in one stage, summed over iterations and traces.
using LayerSums = std::map<std::string, double>;

struct Layers {
    std::vector<std::string> items;  ///< "conv1 FF", as they appear
    std::vector<std::map<std::string, LayerSums>> of_file;
};

Layers layers_of(const Files& files, std::size_t baseline) {
    Layers layers;
    layers.of_file.resize(files.size());
    const auto read = [&](std::size_t index) {
        const Json& document = files[index].document;
        const std::string network = trained_network(document);
        for (const Json& row : document.at("layers")) {
            const std::string item =
                layer_name(row, network) + ' ' + row.at("stage").get<std::string>();
            const bool is_known =
                std::any_of(layers.of_file.begin(), layers.of_file.end(),
                            [&](const auto& known) { return known.count(item) != 0; });
            if (!is_known) {
                layers.items.push_back(item);
            }
            LayerSums& sums = layers.of_file[index][item];
            for (const char* metric : kLayerMetrics) {
                sums[metric] += results::metric_of(row, metric).value();
            }
        }
    };
    read(baseline);
    for (std::size_t index = 0; index < files.size(); ++index) {
        if (index != baseline) {
            read(index);
        }
    }
    return layers;
}

void add_layers(Lines& lines, const Files& files, std::size_t baseline) {
    const Layers layers = layers_of(files, baseline);
    for (const std::string& item : layers.items) {
        for (const char* metric : kLayerMetrics) {
            Values values;
            for (const auto& of_file : layers.of_file) {
                const auto found = of_file.find(item);
                values.push_back(found == of_file.end() ? std::nullopt
                                                        : std::optional(found->second.at(metric)));
            }
            lines.add(item, metric, values);
        }
    }
}

}  // namespace

Comparison compare(const Files& files, std::size_t baseline, By by, bool allow_different) {
    base::require(files.size() >= 2, "compare: fewer than two results");
    base::require(baseline < files.size(), "compare: the baseline is no result");
    if (std::vector<std::string> lines = obstacles(files); !lines.empty() && !allow_different) {
        lines.back() += " (--allow-different compares them all the same)";
        throw base::InputError(std::move(lines));
    }
    Comparison comparison;
    for (const results::ResultFile& file : files) {
        comparison.labels.push_back(file.label);
        comparison.paths.push_back(file.path);
    }
    comparison.baseline = baseline;
    comparison.by = by;
    comparison.config_differences = config_differences(files);
    comparison.warnings = differing_circumstances(files);
    Lines lines(files, baseline);
    switch (by) {
        case By::total:
            add_totals(lines, files);
            break;
        case By::component:
            add_components(lines, files);
            break;
        case By::stage:
            add_stages(lines);
            break;
        case By::layer:
            add_layers(lines, files, baseline);
            break;
    }
    comparison.lines = lines.take();
    return comparison;
}

}  // namespace skipsim::compare
