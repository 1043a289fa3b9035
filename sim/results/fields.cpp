// SPDX-License-Identifier: Apache-2.0
#include "sim/results/fields.h"

#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"
#include "sim/stats/energy.h"
#include "sim/stats/run_result.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace skipsim::results {
namespace {

Fields all(Kind kind, std::initializer_list<const char*> names) {
    Fields fields;
    for (const char* name : names) {
        fields.emplace_back(name, kind);
    }
    return fields;
}

Field optional(Field field) {
    field.is_optional = true;
    return field;
}

Field nullable(Field field) {
    field.may_be_null = true;
    return field;
}

Fields macs() {
    Fields fields = all(Kind::count, {"dense", "dense_all_samples", "effectual", "issued"});
    fields.emplace_back(
        "skipped", Kind::object,
        all(Kind::count, {"input", "weight_fine", "weight_coarse", "output", "sample"}));
    return fields;
}

Fields pe_categories() {
    Fields fields;
    for (const std::string_view name : base::kPeCategoryNames) {
        fields.emplace_back(std::string(name), Kind::count);
    }
    return fields;
}

Fields actions(const std::string& operand_format) {
    Fields fields;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        fields.emplace_back(stats::full_action_name(action.action, operand_format), Kind::count);
    }
    return fields;
}

Fields components() {
    Fields fields;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        const bool is_known = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
            return field.name == action.component;
        });
        if (!is_known) {
            fields.emplace_back(std::string(action.component), Kind::amount);
        }
    }
    return fields;
}

Fields dram_commands() {
    Fields fields;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        if (base::is_dram_command(action.action)) {
            fields.emplace_back(std::string(action.name), Kind::object,
                                all(Kind::amount, {"pj", "low", "high"}));
        }
    }
    return fields;
}

Fields totals(const std::string& operand_format) {
    Fields fields = all(Kind::count, {"rows", "cycles", "dram_bytes"});
    fields.emplace_back("dense_cycles", Kind::count_or_null);
    for (const char* name : {"time_s", "energy_pj", "energy_pj_on_chip", "energy_pj_low",
                             "energy_pj_high", "power_mw"}) {
        fields.emplace_back(name, Kind::amount);
    }
    fields.emplace_back("macs", Kind::object, macs());
    fields.emplace_back("pe_cycles", Kind::object, pe_categories());
    fields.emplace_back("actions", Kind::object, actions(operand_format));
    fields.emplace_back("energy_pj_by_component", Kind::object, components());
    return fields;
}

Fields stages(const std::string& operand_format) {
    Fields fields;
    for (const std::string_view stage : stats::kStageNames) {
        fields.emplace_back(std::string(stage), Kind::object, totals(operand_format));
    }
    return fields;
}

Fields row(const std::string& operand_format) {
    Fields fields = all(Kind::text, {"trace", "network", "layer", "kind", "skip"});
    fields.emplace_back("stage", Kind::stage);
    fields.emplace_back("patterns", Kind::texts);
    for (const char* name : {"iteration", "cycles", "dram_bytes"}) {
        fields.emplace_back(name, Kind::count);
    }
    fields.emplace_back("dense_cycles", Kind::count_or_null);
    fields.emplace_back("samples", Kind::object, all(Kind::count, {"total", "active"}));
    fields.emplace_back("macs", Kind::object, macs());
    fields.emplace_back("pe_cycles", Kind::object, pe_categories());
    fields.emplace_back("actions", Kind::object, actions(operand_format));
    fields.emplace_back("energy_pj", Kind::amount);
    fields.emplace_back("energy_pj_on_chip", Kind::amount);
    fields.push_back(optional({"choices", Kind::map, {{"", Kind::count}}}));
    fields.push_back(optional({"regret_cycles", Kind::count}));
    return fields;
}

Fields trace() {
    Fields fields = all(Kind::text, {"path", "network", "dataset"});
    fields.emplace_back("sha256", Kind::sha256);
    fields.emplace_back("iterations", Kind::counts);
    fields.emplace_back("steps_per_epoch", Kind::count);
    fields.emplace_back("planned_epochs", Kind::count);
    return fields;
}

Fields memory_file() {
    return {{"name", Kind::text},
            {"sha256", Kind::sha256},
            {"peak_bytes_per_cycle", Kind::amount},
            {"commands", Kind::object, dram_commands()}};
}

/// Only what this program reads of it.
Fields config() {
    return {{"name", Kind::text},
            {"clocks", Kind::object, {{"core_mhz", Kind::positive}}},
            {"core",
             Kind::object,
             {{"operand_format", Kind::number_format}, {"issue_width_pairs", Kind::count}}},
            {"energy", Kind::object, {{"table", Kind::text}}}};
}

/// Of an epoch or of the whole run.
Fields metrics() {
    Fields estimate = all(Kind::amount, {"value", "low", "high"});
    estimate.emplace_back("method", Kind::text);
    Fields fields;
    for (const char* metric : {"cycles", "time_s", "energy_pj", "energy_pj_on_chip"}) {
        fields.emplace_back(metric, Kind::object, estimate);
    }
    return fields;
}

Fields values() {
    Fields fields = all(Kind::count, {"rows", "elements", "compared", "exact", "left_out",
                                      "wrong_values", "missing", "not_left_out", "unbounded"});
    fields.emplace_back("largest_error", Kind::amount);
    fields.emplace_back("problems", Kind::texts);
    return fields;
}

Fields assumption() {
    Fields fields = all(Kind::text, {"key", "source", "status"});
    fields.emplace_back("value", Kind::anything);
    return fields;
}

Fields unit() {
    Fields fields = all(Kind::count, {"busy", "starved", "blocked"});
    fields.emplace_back("unit", Kind::text);
    return fields;
}

}  // namespace

Fields document_fields(const std::string& operand_format) {
    return {{"skipsim", Kind::object, all(Kind::text, {"version", "revision"})},
            {"engine", Kind::engine},
            {"config", Kind::object, config()},
            {"assumptions", Kind::list, assumption()},
            {"ideal", Kind::texts},
            {"processing_elements", Kind::count},
            {"energy_table",
             Kind::object,
             {{"name", Kind::text}, {"sha256", Kind::sha256}, {"scale_factor", Kind::amount}}},
            nullable({"memory_file", Kind::object, memory_file()}),
            {"selection",
             Kind::object,
             {{"iterations", Kind::text}, {"layers", Kind::text}, {"stages", Kind::stages}}},
            {"seed", Kind::count},
            {"trace", Kind::filled_list, trace()},
            {"warnings", Kind::texts},
            {"not_modelled", Kind::texts},
            {"totals", Kind::object, totals(operand_format)},
            {"totals_by_stage", Kind::object, stages(operand_format)},
            {"layers", Kind::filled_list, row(operand_format)},
            {"units", Kind::list, unit()},
            {"blocks", Kind::object},
            {"estimates",
             Kind::object,
             {optional({"epoch", Kind::object, metrics()}),
              optional({"run", Kind::object, metrics()})}},
            optional({"values", Kind::object, values()}),
            {"content_sha256", Kind::sha256},
            {"wall", Kind::object, {{"seconds", Kind::amount}, {"peak_rss_bytes", Kind::count}}}};
}

}  // namespace skipsim::results
