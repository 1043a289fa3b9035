// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/result_document.h"

#include "sim/base/check.h"
#include "sim/base/sha256.h"
#include "sim/base/version.h"
#include "sim/stats/totals.h"

#include <cmath>
#include <utility>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kPicosecondsPerSecond = 1e12;
constexpr double kHertzPerMegahertz = 1e6;

Json dense_cycles_as_json(const std::optional<std::uint64_t>& dense_cycles) {
    return dense_cycles ? Json(*dense_cycles) : Json(nullptr);
}

Json values_as_json(const ValuesChecked& values) {
    return {{"rows", values.rows},           {"elements", values.elements},
            {"compared", values.compared},   {"exact", values.exact},
            {"left_out", values.left_out},   {"wrong_values", values.wrong_values},
            {"missing", values.missing},     {"not_left_out", values.not_left_out},
            {"unbounded", values.unbounded}, {"largest_error", values.largest_error},
            {"problems", values.problems}};
}

Json macs_as_json(const Macs& macs) {
    return {{"dense", macs.dense},
            {"dense_all_samples", macs.dense_all_samples},
            {"effectual", macs.effectual},
            {"issued", macs.issued},
            {"skipped",
             {{"input", macs.skipped.input},
              {"weight_fine", macs.skipped.weight_fine},
              {"weight_coarse", macs.skipped.weight_coarse},
              {"output", macs.skipped.output},
              {"sample", macs.skipped.sample}}}};
}

Json pe_cycles_as_json(const base::PeCycles& cycles) {
    Json json = Json::object();
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        json[std::string(base::kPeCategoryNames[index])] =
            cycles[static_cast<base::PeCategory>(index)];
    }
    return json;
}

Json actions_as_json(const base::ActionCounts& counts, const std::string& operand_format) {
    Json json = Json::object();
    for (const base::ActionDescription& action : base::action_catalogue()) {
        json[full_action_name(action.action, operand_format)] = counts[action.action];
    }
    return json;
}

void add_choices(Json& json, const LayerRow& row) {
    if (row.regret_cycles) {
        for (const auto& [choice, cycles] : row.choices) {
            json["choices"][choice] = cycles;
        }
        json["regret_cycles"] = *row.regret_cycles;
    }
}

Json row_as_json(const LayerRow& row, const std::string& operand_format) {
    Json json = {{"trace", row.trace},
                 {"network", row.network},
                 {"iteration", row.iteration},
                 {"layer", row.layer},
                 {"kind", row.kind},
                 {"stage", kStageNames[static_cast<std::size_t>(row.stage)]},
                 {"skip", row.skip},
                 {"patterns", row.patterns},
                 {"cycles", row.cycles},
                 {"dense_cycles", dense_cycles_as_json(row.dense_cycles)},
                 {"samples", {{"total", row.samples_total}, {"active", row.samples_active}}},
                 {"macs", macs_as_json(row.macs)},
                 {"pe_cycles", pe_cycles_as_json(row.pe_cycles)},
                 {"dram_bytes", row.dram_bytes},
                 {"actions", actions_as_json(row.actions, operand_format)},
                 {"energy_pj", row.energy_pj},
                 {"energy_pj_on_chip", row.energy_on_chip_pj}};
    add_choices(json, row);
    return json;
}

Json trace_as_json(const TraceUse& trace) {
    return {{"path", trace.path},
            {"sha256", trace.sha256},
            {"network", trace.network},
            {"dataset", trace.dataset},
            {"iterations", trace.iterations},
            {"steps_per_epoch", trace.steps_per_epoch},
            {"planned_epochs", trace.planned_epochs}};
}

Json estimate_as_json(const Estimate& estimate, double factor, const std::string& method) {
    return {{"value", estimate.value * factor},
            {"low", estimate.low * factor},
            {"high", estimate.high * factor},
            {"method", method}};
}

class DocumentBuilder {
public:
    DocumentBuilder(const RunResult& result, const ResultContext& context)
        : result_(result),
          context_(context),
          prices_(context.energy_table, context.operand_format) {}

    [[nodiscard]] Json build() const {
        const EstimatesOrReason estimates =
            estimate(result_, context_.selection.is_whole_training_step());
        Json json = head();
        json["warnings"] = result_.warnings;
        if (!estimates.reason.empty()) {
            json["warnings"].push_back(estimates.reason);
        }
        json["not_modelled"] = result_.not_modelled;
        json["totals"] = totals_as_json(totals_of(result_));
        for (std::size_t stage = 0; stage < kStageCount; ++stage) {
            json["totals_by_stage"][std::string(kStageNames[stage])] =
                totals_as_json(totals_of(result_, static_cast<Stage>(stage)));
        }
        json["layers"] = Json::array();
        for (const LayerRow& row : result_.layers) {
            json["layers"].push_back(row_as_json(row, context_.operand_format));
        }
        json["units"] = Json::array();
        for (const UnitCycles& unit : result_.units) {
            json["units"].push_back({{"unit", unit.unit},
                                     {"busy", unit.busy},
                                     {"starved", unit.starved},
                                     {"blocked", unit.blocked}});
        }
        json["blocks"] = Json::object();
        json["estimates"] = estimates_as_json(estimates);
        if (result_.values) {
            json["values"] = values_as_json(*result_.values);
        }
        return json;
    }

private:
    [[nodiscard]] Json head() const {
        Json json = {{"schema", kResultSchema},
                     {"skipsim", {{"version", base::version()}, {"revision", base::revision()}}},
                     {"engine", result_.engine},
                     {"config", context_.config},
                     {"assumptions", context_.assumptions},
                     {"ideal", context_.unlimited_keys},
                     {"processing_elements", result_.processing_elements},
                     {"energy_table",
                      {{"name", context_.energy_table.name},
                       {"sha256", context_.energy_table.sha256},
                       {"scale_factor", context_.energy_table.scale_factor}}},
                     {"memory_file", memory_file()},
                     {"selection",
                      {{"iterations", context_.selection.iterations},
                       {"layers", context_.selection.layers},
                       {"stages", context_.selection.stages}}},
                     {"seed", context_.seed},
                     {"trace", Json::array()}};
        for (const TraceUse& trace : result_.traces) {
            json["trace"].push_back(trace_as_json(trace));
        }
        return json;
    }

    /// Null with an ideal memory.
    [[nodiscard]] Json memory_file() const {
        if (context_.memory_name.empty()) {
            return nullptr;
        }
        Json commands = Json::object();
        for (const EnergyEntry& entry : context_.energy_table.dram_commands) {
            commands[entry.action] = {
                {"pj", entry.pj}, {"low", entry.low_factor}, {"high", entry.high_factor}};
        }
        return {{"name", context_.memory_name},
                {"sha256", context_.memory_sha256},
                {"peak_bytes_per_cycle", context_.memory_peak_bytes},
                {"commands", commands}};
    }

    [[nodiscard]] double seconds(double cycles) const {
        return cycles / (result_.core_mhz * kHertzPerMegahertz);
    }

    [[nodiscard]] Json totals_as_json(const Totals& totals) const {
        const Energy energy = energy_of(totals.actions, prices_);
        const double time_s = seconds(static_cast<double>(totals.cycles));
        const double power_mw =
            totals.cycles == 0 ? 0.0 : energy.pj / kPicosecondsPerSecond / time_s * 1e3;
        Json components = Json::object();
        for (const auto& [component, pj] : energy.by_component) {
            components[std::string(component)] = pj;
        }
        return {{"rows", totals.rows},
                {"cycles", totals.cycles},
                {"dense_cycles", dense_cycles_as_json(totals.dense_cycles)},
                {"time_s", time_s},
                {"energy_pj", energy.pj},
                {"energy_pj_on_chip", energy.on_chip_pj},
                {"energy_pj_low", energy.low_pj},
                {"energy_pj_high", energy.high_pj},
                {"power_mw", power_mw},
                {"macs", macs_as_json(totals.macs)},
                {"pe_cycles", pe_cycles_as_json(totals.pe_cycles)},
                {"dram_bytes", totals.dram_bytes},
                {"actions", actions_as_json(totals.actions, context_.operand_format)},
                {"energy_pj_by_component", components}};
    }

    [[nodiscard]] Json metrics(const Estimates& estimates, double iterations) const {
        const double seconds_each = iterations * seconds(1.0);
        return {
            {"cycles", estimate_as_json(estimates.iteration_cycles, iterations, estimates.method)},
            {"time_s",
             estimate_as_json(estimates.iteration_cycles, seconds_each, estimates.method)},
            {"energy_pj",
             estimate_as_json(estimates.iteration_energy_pj, iterations, estimates.method)},
            {"energy_pj_on_chip", estimate_as_json(estimates.iteration_energy_on_chip_pj,
                                                   iterations, estimates.method)}};
    }

    [[nodiscard]] Json estimates_as_json(const EstimatesOrReason& found) const {
        Json json = Json::object();
        if (!found.estimates) {
            return json;
        }
        const auto steps = static_cast<double>(found.estimates->steps_per_epoch);
        json["epoch"] = metrics(*found.estimates, steps);
        if (found.estimates->planned_epochs > 0) {
            const auto epochs = static_cast<double>(found.estimates->planned_epochs);
            json["run"] = metrics(*found.estimates, steps * epochs);
        }
        return json;
    }

    const RunResult& result_;
    const ResultContext& context_;
    EnergyPrices prices_;
};

/// The rows' energies and the total come from different sums of the same counts.
void check_energy_sum(const RunResult& result, const Json& document) {
    double sum = 0.0;
    for (const LayerRow& row : result.layers) {
        sum += row.energy_pj;
    }
    const double total = document["totals"]["energy_pj"].get<double>();
    constexpr double kTolerance = 1e-9;
    base::require(std::abs(sum - total) <= kTolerance * total,
                  "the energies of the rows do not sum to the total");
}

}  // namespace

Json result_document(const RunResult& result, const ResultContext& context) {
    check_identities(result, context.issue_width_pairs);
    base::require(result.core_mhz > 0.0, "a result without a clock");
    Json document = DocumentBuilder(result, context).build();
    check_energy_sum(result, document);
    document["content_sha256"] = content_sha256_of(document);
    document["wall"] = {{"seconds", context.wall_seconds},
                        {"peak_rss_bytes", context.peak_rss_bytes}};
    return document;
}

std::string content_sha256_of(Json document) {
    document.erase("wall");
    document.erase("content_sha256");
    return base::sha256_hex(document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace skipsim::stats
