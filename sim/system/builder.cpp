// SPDX-License-Identifier: Apache-2.0
#include "sim/system/builder.h"

#include <map>

#include "sim/base/check.h"

namespace skipsim::system {

std::uint32_t format_width_bits(const std::string& format) {
    static const std::map<std::string, std::uint32_t> kWidths{
        {"fp8", 8}, {"int8", 8}, {"fp16", 16}, {"bf16", 16}, {"fp32", 32}, {"int32", 32}};
    const auto found = kWidths.find(format);
    base::require(found != kWidths.end(), "builder: a number format without a width");
    return found->second;
}

accelerator::ChipParams chip_params(const config::Config& config) {
    const auto small = [&config](const char* path) {
        return static_cast<std::uint32_t>(config.whole(path));
    };
    const auto part = [&config](const char* path) {
        return static_cast<std::int64_t>(config.whole(path));
    };
    accelerator::ChipParams chip;
    chip.core.rows = small("core.rows");
    chip.core.columns = small("core.columns");
    chip.core.chunk_operands = small("core.chunk_operands");
    chip.core.fifo_depth_chunks = small("core.fifo_depth_chunks");
    chip.core.bus_values = small("core.bus_values");
    chip.core.bus_bits = small("core.bus_bits");
    chip.core.issue_width_pairs = small("core.issue_width_pairs");
    chip.core.scan_bits = small("core.scan_bits");
    chip.core.tile_chunks = small("core.tile_chunks");
    chip.core.input_ports = small("core.input_ports");
    chip.core.private_groups = config.text("core.group_columns") == "private";
    chip.core.packed_output = config.text("skip.output_mode") == "packed";
    chip.core.coarse_runs = config.flag("skip.coarse_runs");
    chip.core.operand_width_bits = format_width_bits(config.text("core.operand_format"));
    chip.accumulator_width_bits = format_width_bits(config.text("core.accumulator_format"));
    chip.zero_skipping = config.flag("core.zero_skipping");
    chip.zero_insertion = config.flag("core.zero_insertion");
    chip.partition.cluster_m = part("accelerator.partition.cluster_m");
    chip.partition.cluster_n = part("accelerator.partition.cluster_n");
    chip.partition.core_m = part("accelerator.partition.core_m");
    chip.partition.core_n = part("accelerator.partition.core_n");
    const std::uint64_t latency = config.whole("memory.latency_cycles");
    chip.input_port = {config.whole("memory.input_bytes_per_cycle"), latency};
    chip.weight_port = {config.whole("memory.weight_bytes_per_cycle"), latency};
    chip.transposer_values_per_cycle = config.whole("transposer.values_per_cycle");
    return chip;
}

}  // namespace skipsim::system
