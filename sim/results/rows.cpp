// SPDX-License-Identifier: Apache-2.0
#include "sim/results/rows.h"

#include "sim/results/reprice.h"
#include "sim/stats/energy.h"

#include <algorithm>
#include <string>
#include <vector>

namespace skipsim::results {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

std::uint64_t count(const Json& object, const char* key) {
    return object.at(key).get<std::uint64_t>();
}

std::string text(const Json& object, const char* key) {
    return object.at(key).get<std::string>();
}

stats::Macs macs_of(const Json& json) {
    const Json& skipped = json.at("skipped");
    stats::Macs macs;
    macs.dense = count(json, "dense");
    macs.dense_all_samples = count(json, "dense_all_samples");
    macs.effectual = count(json, "effectual");
    macs.issued = count(json, "issued");
    macs.skipped.input = count(skipped, "input");
    macs.skipped.weight_fine = count(skipped, "weight_fine");
    macs.skipped.weight_coarse = count(skipped, "weight_coarse");
    macs.skipped.output = count(skipped, "output");
    macs.skipped.sample = count(skipped, "sample");
    return macs;
}

base::PeCycles pe_cycles_of(const Json& json) {
    base::PeCycles cycles;
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        cycles[static_cast<base::PeCategory>(index)] =
            json.at(std::string(base::kPeCategoryNames[index])).get<std::uint64_t>();
    }
    return cycles;
}

/// `names`: in the order of base::Action.
base::ActionCounts actions_of(const Json& json, const Texts& names) {
    base::ActionCounts counts;
    for (std::size_t index = 0; index < base::kActionCount; ++index) {
        counts[static_cast<base::Action>(index)] = json.at(names[index]).get<std::uint64_t>();
    }
    return counts;
}

stats::Stage stage_of(const std::string& name) {
    const auto found = std::find(stats::kStageNames.begin(), stats::kStageNames.end(), name);
    return static_cast<stats::Stage>(found - stats::kStageNames.begin());
}

stats::LayerRow row_of(const Json& json, const Texts& action_names) {
    stats::LayerRow row;
    row.trace = text(json, "trace");
    row.network = text(json, "network");
    row.iteration = count(json, "iteration");
    row.layer = text(json, "layer");
    row.kind = text(json, "kind");
    row.stage = stage_of(text(json, "stage"));
    row.skip = text(json, "skip");
    row.patterns = json.at("patterns").get<Texts>();
    row.cycles = count(json, "cycles");
    if (!json.at("dense_cycles").is_null()) {
        row.dense_cycles = count(json, "dense_cycles");
    }
    row.samples_total = count(json.at("samples"), "total");
    row.samples_active = count(json.at("samples"), "active");
    row.macs = macs_of(json.at("macs"));
    row.pe_cycles = pe_cycles_of(json.at("pe_cycles"));
    row.dram_bytes = count(json, "dram_bytes");
    row.actions = actions_of(json.at("actions"), action_names);
    row.energy_pj = json.at("energy_pj").get<double>();
    row.energy_on_chip_pj = json.at("energy_pj_on_chip").get<double>();
    if (json.contains("regret_cycles")) {
        row.regret_cycles = count(json, "regret_cycles");
    }
    if (json.contains("choices")) {
        for (const auto& [skip, cycles] : json.at("choices").items()) {
            row.choices.emplace_back(skip, cycles.get<std::uint64_t>());
        }
    }
    return row;
}

stats::ValuesChecked values_of(const Json& json) {
    stats::ValuesChecked values;
    values.rows = count(json, "rows");
    values.elements = count(json, "elements");
    values.compared = count(json, "compared");
    values.exact = count(json, "exact");
    values.left_out = count(json, "left_out");
    values.wrong_values = count(json, "wrong_values");
    values.missing = count(json, "missing");
    values.not_left_out = count(json, "not_left_out");
    values.unbounded = count(json, "unbounded");
    values.largest_error = json.at("largest_error").get<double>();
    values.problems = json.at("problems").get<Texts>();
    return values;
}

std::vector<stats::TraceUse> traces_of(const Json& list) {
    std::vector<stats::TraceUse> traces;
    for (const Json& trace : list) {
        traces.push_back({text(trace, "path"), text(trace, "sha256"), text(trace, "network"),
                          text(trace, "dataset"),
                          trace.at("iterations").get<std::vector<std::uint64_t>>(),
                          count(trace, "steps_per_epoch"), count(trace, "planned_epochs")});
    }
    return traces;
}

void add_memory(stats::ResultContext& context, const Json& memory) {
    if (memory.is_null()) {
        return;
    }
    context.memory_name = text(memory, "name");
    context.memory_sha256 = text(memory, "sha256");
    context.memory_peak_bytes = memory.at("peak_bytes_per_cycle").get<double>();
    for (const auto& [action, price] : memory.at("commands").items()) {
        stats::EnergyEntry entry;
        entry.action = action;
        entry.pj = price.at("pj").get<double>();
        entry.low_factor = price.at("low").get<double>();
        entry.high_factor = price.at("high").get<double>();
        context.energy_table.dram_commands.push_back(entry);
    }
}

}  // namespace

stats::ResultContext context_of(const Json& document) {
    stats::ResultContext context;
    const Json& core = document.at("config").at("core");
    context.config = document.at("config");
    context.assumptions = document.at("assumptions");
    context.chip_name = text(document.at("config"), "name");
    context.operand_format = text(core, "operand_format");
    context.issue_width_pairs = count(core, "issue_width_pairs");
    context.unlimited_keys = document.at("ideal").get<Texts>();
    const Json& table = document.at("energy_table");
    context.energy_table.name = text(table, "name");
    context.energy_table.sha256 = text(table, "sha256");
    context.energy_table.scale_factor = table.at("scale_factor").get<double>();
    add_memory(context, document.at("memory_file"));
    const Json& selection = document.at("selection");
    context.selection = {text(selection, "iterations"), text(selection, "layers"),
                         selection.at("stages").get<Texts>()};
    context.seed = count(document, "seed");
    context.wall_seconds = document.at("wall").at("seconds").get<double>();
    context.peak_rss_bytes = count(document.at("wall"), "peak_rss_bytes");
    return context;
}

stats::RunResult run_result_of(const Json& document) {
    stats::RunResult result;
    result.engine = text(document, "engine");
    result.processing_elements = count(document, "processing_elements");
    result.core_mhz = document.at("config").at("clocks").at("core_mhz").get<double>();
    result.traces = traces_of(document.at("trace"));
    result.warnings = document.at("warnings").get<Texts>();
    if (document.at("estimates").empty() && !result.warnings.empty()) {
        result.warnings.pop_back();  // the reason, which the document's maker added
    }
    result.not_modelled = document.at("not_modelled").get<Texts>();
    const std::string format = text(document.at("config").at("core"), "operand_format");
    Texts names;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        names.push_back(stats::full_action_name(action.action, format));
    }
    for (const Json& row : document.at("layers")) {
        result.layers.push_back(row_of(row, names));
    }
    for (const Json& unit : document.at("units")) {
        result.units.push_back({text(unit, "unit"), count(unit, "busy"), count(unit, "starved"),
                                count(unit, "blocked")});
    }
    if (document.contains("values")) {
        result.values = values_of(document.at("values"));
    }
    return result;
}

}  // namespace skipsim::results
