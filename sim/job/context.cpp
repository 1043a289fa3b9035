// SPDX-License-Identifier: Apache-2.0
#include "sim/config/document.h"
#include "sim/config/memory_file.h"
#include "sim/job/job.h"

#include <algorithm>
#include <utility>

namespace skipsim::job {
namespace {

/// Keys that let operands, tiles or partial sums arrive in no time; every report names them.
std::vector<std::string> unlimited_keys(const config::Config& config) {
    std::vector<std::string> keys;
    for (const char* key :
         {"core.bus_values", "core.bus_bits", "memory.input_bytes_per_cycle",
          "memory.weight_bytes_per_cycle", "vector_unit.lanes", "vector_unit.bytes_per_cycle"}) {
        if (config.whole(key) == 0) {
            keys.emplace_back(key);
        }
    }
    if (config.memory_file_path().empty() && config.whole("memory.ideal_bytes_per_cycle") == 0) {
        keys.emplace_back("memory.ideal_bytes_per_cycle");
    }
    const bool splits_k = config.flag("accelerator.partition.wg_m_is_k") ||
                          config.whole("accelerator.partition.cluster_k") > 1 ||
                          config.whole("accelerator.partition.core_k") > 1;
    for (const char* key : {"aggregation.adds_per_cycle", "aggregation.bytes_per_cycle"}) {
        if (splits_k && config.whole(key) == 0) {
            keys.emplace_back(key);
        }
    }
    return keys;
}

nlohmann::ordered_json assumptions_as_json(const config::Config& config) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    const nlohmann::ordered_json values = config::as_json(config);
    for (const config::Assumption& note : config.assumptions()) {
        std::string pointer = '/' + note.path;
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        list.push_back({{"key", note.path},
                        {"value", values.at(nlohmann::ordered_json::json_pointer(pointer))},
                        {"source", note.source},
                        {"status", note.status}});
    }
    return list;
}

/// Prices of the DRAM's commands; a burst pays for the core of the DRAM and for its pins.
std::vector<stats::EnergyEntry> dram_commands(const config::MemoryFile& file) {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> kParts{
        {"dram.activate", {"activate_precharge"}},
        {"dram.read_burst", {"read_burst", "io_read_burst"}},
        {"dram.write_burst", {"write_burst", "io_write_burst"}},
        {"dram.refresh", {"refresh"}},
        {"dram.active_standby", {"active_standby"}},
        {"dram.precharge_standby", {"precharge_standby"}}};
    std::vector<stats::EnergyEntry> entries;
    for (const auto& [action, parts] : kParts) {
        stats::EnergyEntry entry;
        entry.action = action;
        double low = 0.0;
        double high = 0.0;
        for (const config::MemoryEnergy& energy : file.energy) {
            if (std::find(parts.begin(), parts.end(), energy.action) != parts.end()) {
                entry.pj += energy.pj;
                low += energy.pj * energy.low_factor;
                high += energy.pj * energy.high_factor;
                entry.source += (entry.source.empty() ? "" : "; ") + energy.source;
                entry.status = energy.status;
            }
        }
        entry.low_factor = entry.pj == 0.0 ? 1.0 : low / entry.pj;
        entry.high_factor = entry.pj == 0.0 ? 1.0 : high / entry.pj;
        entries.push_back(entry);
    }
    return entries;
}

/// [bytes per core cycle] of all channels of a DRAM: two beats in each of its cycles.
double peak_bytes_per_cycle(const config::MemoryFile& file, const config::Config& config) {
    constexpr double kBitsPerByte = 8.0;
    const double bits_per_cycle =
        2.0 * static_cast<double>(file.organisation.channels * file.organisation.bus_bits);
    return bits_per_cycle / kBitsPerByte * static_cast<double>(config.whole("clocks.memory_mhz")) /
           config.real("clocks.core_mhz");
}

}  // namespace

stats::ResultContext context_of(const config::Config& config, const stats::Selection& selection,
                                std::uint64_t seed) {
    stats::ResultContext context;
    context.config = config::as_json(config);
    context.assumptions = assumptions_as_json(config);
    context.chip_name = config.text("name");
    context.operand_format = config.text("core.operand_format");
    context.issue_width_pairs = config.whole("core.issue_width_pairs");
    context.unlimited_keys = unlimited_keys(config);
    context.energy_table = stats::load_energy_table(config.energy_table_path());
    if (const std::string memory = config.memory_file_path(); !memory.empty()) {
        const config::MemoryFile file = config::load_memory_file(memory);
        context.energy_table.dram_commands = dram_commands(file);
        context.memory_name = file.name;
        context.memory_sha256 = file.sha256;
        context.memory_peak_bytes = peak_bytes_per_cycle(file, config);
    }
    context.selection = selection;
    context.seed = seed;
    return context;
}

}  // namespace skipsim::job
