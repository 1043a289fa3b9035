// SPDX-License-Identifier: Apache-2.0
// A made-up result that obeys every law of totals.h, and an energy table with round numbers.
#pragma once

#include "sim/stats/energy_table.h"
#include "sim/stats/result_document.h"
#include "sim/stats/run_result.h"

#include <string>

namespace skipsim::stats {

inline constexpr std::uint64_t kSampleProcessingElements = 8;

/// One row of `cycles` cycles: half of the dense multiplies issued, all of those effectual.
inline LayerRow sample_row(std::uint64_t iteration, const std::string& layer, Stage stage,
                           std::uint64_t cycles) {
    LayerRow row;
    row.trace = "t.h5";
    row.network = "net";
    row.iteration = iteration;
    row.layer = layer;
    row.kind = "conv2d";
    row.stage = stage;
    row.skip = "input+weight";
    row.patterns = {"x", "mask_w"};
    row.cycles = cycles;
    row.dense_cycles = 2 * cycles;
    row.samples_total = 4;
    row.samples_active = 4;
    row.macs.dense = 2 * cycles;
    row.macs.dense_all_samples = 2 * cycles;
    row.macs.effectual = cycles;
    row.macs.issued = cycles;
    row.macs.skipped.input = cycles - cycles / 4;
    row.macs.skipped.weight_fine = cycles / 4;
    row.pe_cycles[base::PeCategory::mac] = cycles;
    row.pe_cycles[base::PeCategory::idle] = (kSampleProcessingElements - 1) * cycles;
    row.dram_bytes = 16;
    row.actions[base::Action::pe_mac] = cycles;
    row.actions[base::Action::dram_read_byte] = 16;
    row.actions[base::Action::clock_pe_cycle] = kSampleProcessingElements * cycles;
    return row;
}

/// Two iterations of two layers; cycles 100 + 200 + 300 and 110 + 210 + 310.
inline RunResult sample_result() {
    RunResult result;
    result.processing_elements = kSampleProcessingElements;
    result.core_mhz = 50.0;
    result.traces.push_back({"t.h5", std::string(64, 'a'), "net", "digits", {0, 1}, 10, 3});
    for (const std::uint64_t iteration : {0, 1}) {
        const std::uint64_t more = 10 * iteration;
        result.layers.push_back(sample_row(iteration, "a", Stage::ff, 100 + more));
        result.layers.push_back(sample_row(iteration, "b", Stage::bp, 200 + more));
        result.layers.push_back(sample_row(iteration, "b", Stage::wg, 300 + more));
    }
    result.units.push_back({"cluster0.core0", 1000, 200, 30});
    return result;
}

/// Every action 1 pJ, uncertain by 50 % down and 100 % up.
inline EnergyTable sample_table() {
    EnergyTable table;
    table.name = "sample";
    table.scale_factor = 2.0;
    table.sha256 = std::string(64, 'b');
    for (const std::string& action : all_action_names()) {
        table.entries.push_back({action, 1.0, "made up", "assumption", 0.5, 2.0});
    }
    return table;
}

inline ResultContext sample_context() {
    ResultContext context;
    context.config = nlohmann::ordered_json::parse(
        R"({"name": "sample", "clocks": {"core_mhz": 50.0},
            "accelerator": {"clusters": 1, "cores_per_cluster": 2},
            "core": {"rows": 2, "columns": 2, "issue_width_pairs": 1, "operand_format": "fp8"},
            "energy": {"table": "sample.yaml"}})");
    context.assumptions = nlohmann::ordered_json::array();
    context.chip_name = "sample";
    context.operand_format = "fp8";
    context.energy_table = sample_table();
    return context;
}

/// The same with a DRAM whose commands cost 1/3, 2/3, … pJ.
inline ResultContext sample_context_with_dram() {
    ResultContext context = sample_context();
    context.memory_name = "ddr";
    context.memory_sha256 = std::string(64, 'c');
    context.memory_peak_bytes = 12.8;
    double pj = 0.0;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        if (base::is_dram_command(action.action)) {
            pj += 1.0 / 3.0;
            context.energy_table.dram_commands.push_back(
                {std::string(action.name), pj, "made up", "assumption", 0.7, 1.1});
        }
    }
    return context;
}

}  // namespace skipsim::stats
