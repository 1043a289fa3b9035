// SPDX-License-Identifier: Apache-2.0
// A technology's picojoules per action, read strictly from YAML (configs/energy/README.md describes
// the file). A table prices counts that exist already: a new table needs no new simulation.
//
//     pj charged for one count = entry.pj * scale_factor      (dram.*: entry.pj alone)
//
// One factor for everything on the chip keeps the ratios of the sources as they were published.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skipsim::stats {

/// Number formats a multiplier can have; pe.mac has an entry for each.
const std::vector<std::string>& mac_formats();

struct EnergyEntry {
    std::string action;  ///< full name: "pe.mac_fp8", "fifo.bit_write"
    double pj = 0.0;     ///< [pJ per count] before scaling
    std::string source;
    std::string status;        ///< P printed, D derived, U widely quoted, assumption
    double low_factor = 1.0;   ///< the true value lies between pj * low_factor …
    double high_factor = 1.0;  ///< … and pj * high_factor
};

struct EnergyTable {
    std::string name;
    std::string technology;
    double voltage_v = 0.0;
    double scale_factor = 1.0;
    std::string scale_factor_source;
    std::vector<EnergyEntry> entries;  ///< in action order, one pe.mac_<format> per format first
    std::string sha256;                ///< of the file's bytes
    /// Commands of the DRAM, from its own file; empty with an ideal memory, whose bytes have the
    /// flat prices of dram.read_byte and dram.write_byte.
    std::vector<EnergyEntry> dram_commands;

    /// Requires the name of an action that all_action_names() lists.
    [[nodiscard]] const EnergyEntry& entry(std::string_view action) const;
};

/// Every full action name, in the order of the catalogue of actions.
const std::vector<std::string>& all_action_names();

/// Throws InputError with every problem; a missing action is one, named.
EnergyTable load_energy_table(const std::string& path);
EnergyTable energy_table_from_text(const std::string& text, const std::string& file_name);

}  // namespace skipsim::stats
