// SPDX-License-Identifier: Apache-2.0
#include "sim/system/builder.h"

#include <cmath>
#include <map>

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/config/memory_file.h"

namespace skipsim::system {

std::uint32_t format_width_bits(const std::string& format) {
    static const std::map<std::string, std::uint32_t> kWidths{
        {"fp8", 8}, {"int8", 8}, {"fp16", 16}, {"bf16", 16}, {"fp32", 32}, {"int32", 32}};
    const auto found = kWidths.find(format);
    base::require(found != kWidths.end(), "builder: a number format without a width");
    return found->second;
}

namespace {

memory::DramParams dram_params(const config::MemoryFile& file) {
    const config::MemoryOrganisation& from = file.organisation;
    const config::MemoryTimings& t = file.timings;
    memory::DramParams dram;
    dram.organisation = {from.channels, from.ranks,   from.bank_groups, from.banks_per_group,
                         from.rows,     from.columns, from.bus_bits,    from.burst_length};
    dram.timings = {t.t_rcd_read, t.t_rcd_write, t.t_rp,    t.t_ras,   t.t_rc,   t.cl,   t.cwl,
                    t.t_ccd_s,    t.t_ccd_l,     t.t_rrd_s, t.t_rrd_l, t.t_faw,  t.t_wr, t.t_wtr_s,
                    t.t_wtr_l,    t.t_rtp,       t.t_rtw,   t.t_rtrs,  t.t_refi, t.t_rfc};
    dram.controller.queue_entries = file.controller.queue_entries;
    dram.controller.age_cap = file.controller.age_cap;
    dram.controller.page_policy =
        file.controller.is_closed_page ? memory::PagePolicy::closed : memory::PagePolicy::open;
    dram.controller.split_command_bus = file.controller.split_command_bus;
    dram.controller.address_order = file.controller.address_order;
    return dram;
}

std::uint64_t period_ps(double mhz) {
    return static_cast<std::uint64_t>(std::llround(1e6 / mhz));
}

void add_dram(accelerator::MemorySystemParams& memory, const config::Config& config) {
    const std::string path = config.memory_file_path();
    if (path.empty()) {
        return;
    }
    const config::MemoryFile file = config::load_memory_file(path);
    const std::uint64_t mhz = config.whole("clocks.memory_mhz");
    if (mhz > file.clock_mhz) {
        throw base::InputError("clocks.memory_mhz: expected at most the rated clock of " + path +
                               ", " + std::to_string(file.clock_mhz) + " MHz, got " +
                               std::to_string(mhz));
    }
    memory.dram = dram_params(file);
    memory.memory_period_ps = period_ps(static_cast<double>(mhz));
    memory.dma.ideal = false;
    memory.dma.burst_bytes = memory.dram->burst_bytes();
}

accelerator::MemorySystemParams memory_system(const config::Config& config) {
    accelerator::MemorySystemParams memory;
    memory.core_period_ps = period_ps(config.real("clocks.core_mhz"));
    memory.crossing_cycles = config.whole("clocks.crossing_cycles");
    memory.global_buffer_bytes = config.whole("global_buffer.capacity_bytes");
    memory.stores_hold_tiles = config.whole("core.output_buffer_bytes") != 0;
    memory.vector_block_bytes = config.whole("vector_unit.block_bytes");
    memory.overlaps_updates = config.flag("update.overlap");
    memory.dma.bytes_per_cycle = config.whole("dma.bytes_per_cycle");
    memory.dma.outstanding_bursts = config.whole("dma.outstanding_bursts");
    memory.dma.ideal_bytes_per_cycle = config.whole("memory.ideal_bytes_per_cycle");
    memory.dma.ideal_latency_cycles = config.whole("memory.ideal_latency_cycles");
    memory.cluster.capacity_bytes = config.whole("cluster.weight_buffer_bytes");
    memory.cluster.banks = static_cast<std::uint32_t>(config.whole("cluster.weight_buffer_banks"));
    memory.cluster.ports = static_cast<std::uint32_t>(config.whole("cluster.weight_buffer_ports"));
    memory.cluster.burst_bytes = config.whole("cluster.burst_bytes");
    memory.cluster.port_bytes_per_cycle = config.whole("memory.weight_bytes_per_cycle");
    memory.cluster.fill_bytes_per_cycle = config.whole("cluster.fill_bytes_per_cycle");
    add_dram(memory, config);
    return memory;
}

}  // namespace

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
    chip.core.psum_spill = config.flag("core.psum_spill");
    chip.core.input_ports = small("core.input_ports");
    chip.core.private_groups = config.text("core.group_columns") == "private";
    chip.core.coarse_runs = config.flag("skip.coarse_runs");
    chip.core.operand_width_bits = format_width_bits(config.text("core.operand_format"));
    chip.accumulator_width_bits = format_width_bits(config.text("core.accumulator_format"));
    chip.zero_skipping = config.flag("core.zero_skipping");
    chip.zero_insertion = config.flag("core.zero_insertion");
    chip.partition.cluster_m = part("accelerator.partition.cluster_m");
    chip.partition.cluster_n = part("accelerator.partition.cluster_n");
    chip.partition.core_m = part("accelerator.partition.core_m");
    chip.partition.core_n = part("accelerator.partition.core_n");
    chip.partition.cluster_k = part("accelerator.partition.cluster_k");
    chip.partition.core_k = part("accelerator.partition.core_k");
    chip.partition.wg_m_is_k = config.flag("accelerator.partition.wg_m_is_k");
    chip.aggregation = {config.whole("aggregation.adds_per_cycle"),
                        config.whole("aggregation.bytes_per_cycle"),
                        config.whole("aggregation.buffer_bytes")};
    chip.balancer = {config.flag("balancer.enabled"), config.whole("balancer.bits_per_cycle"),
                     config.whole("balancer.compares_per_cycle")};
    const std::uint64_t latency = config.whole("memory.latency_cycles");
    chip.input_port = {config.whole("memory.input_bytes_per_cycle"), latency};
    chip.weight_port = {config.whole("memory.weight_bytes_per_cycle"), latency};
    chip.transposer_values_per_cycle = config.whole("transposer.values_per_cycle");
    chip.vector_unit = {
        config.whole("vector_unit.lanes"), config.whole("vector_unit.special_cycles"),
        config.whole("vector_unit.bytes_per_cycle"), config.whole("vector_unit.latency_cycles")};
    chip.compressed_transport = config.flag("transport.compressed");
    chip.memory = memory_system(config);
    return chip;
}

}  // namespace skipsim::system
