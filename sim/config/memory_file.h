// SPDX-License-Identifier: Apache-2.0
// An external memory as configs/memory/*.yaml describes it: organisation, command timings in cycles
// of the rated clock, controller, picojoules per command. configs/memory/README.md explains the
// file. Field names are those of models/memory/dram/params.h, which says what each means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::config {

struct MemoryOrganisation {
    std::uint64_t channels = 0;
    std::uint64_t ranks = 0;
    std::uint64_t bank_groups = 0;
    std::uint64_t banks_per_group = 0;
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
    std::uint64_t bus_bits = 0;
    std::uint64_t burst_length = 0;  ///< [beats]
};

/// [cycles of the rated clock]
struct MemoryTimings {
    std::uint64_t t_rcd_read = 0;
    std::uint64_t t_rcd_write = 0;
    std::uint64_t t_rp = 0;
    std::uint64_t t_ras = 0;
    std::uint64_t t_rc = 0;
    std::uint64_t cl = 0;
    std::uint64_t cwl = 0;
    std::uint64_t t_ccd_s = 0;
    std::uint64_t t_ccd_l = 0;
    std::uint64_t t_rrd_s = 0;
    std::uint64_t t_rrd_l = 0;
    std::uint64_t t_faw = 0;
    std::uint64_t t_wr = 0;
    std::uint64_t t_wtr_s = 0;
    std::uint64_t t_wtr_l = 0;
    std::uint64_t t_rtp = 0;
    std::uint64_t t_rtw = 0;
    std::uint64_t t_rtrs = 0;
    std::uint64_t t_refi = 0;
    std::uint64_t t_rfc = 0;
};

struct MemoryController {
    std::uint64_t queue_entries = 0;
    std::uint64_t age_cap = 0;  ///< [cycles]
    bool is_closed_page = false;
    bool split_command_bus = false;
    std::string address_order;  ///< every field once, checked
};

/// Where a number of the file comes from.
struct MemorySource {
    std::string key;  ///< "timings.t_rp"
    std::string source;
    std::string status;  ///< P printed, D derived, U widely quoted, assumption
};

struct MemoryEnergy {
    std::string action;  ///< of memory_energy_actions()
    double pj = 0.0;     ///< [pJ per count]
    std::string source;
    std::string status;
    double low_factor = 1.0;   ///< the true value lies between pj * low_factor …
    double high_factor = 1.0;  ///< … and pj * high_factor
};

struct MemoryFile {
    std::string name;
    std::uint64_t clock_mhz = 0;  ///< rated; two beats a cycle
    MemoryOrganisation organisation;
    MemoryTimings timings;
    MemoryController controller;
    std::vector<MemorySource> sources;  ///< in file order of the reader, energy left out
    std::vector<MemoryEnergy> energy;   ///< in the order of memory_energy_actions()
    std::string sha256;                 ///< of the file's bytes

    /// [ps] the whole number nearest to the rated clock's period.
    [[nodiscard]] std::uint64_t clock_period_ps() const noexcept {
        return (1'000'000 + clock_mhz / 2) / clock_mhz;
    }
};

/// activate_precharge, read_burst, write_burst, io_read_burst, io_write_burst, refresh,
/// active_standby, precharge_standby
const std::vector<std::string>& memory_energy_actions();

/// Throws InputError with one line for each problem.
MemoryFile load_memory_file(const std::string& path);
MemoryFile memory_file_from_text(const std::string& text, const std::string& file_name);

}  // namespace skipsim::config
