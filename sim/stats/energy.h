// SPDX-License-Identifier: Apache-2.0
// Counts to joules: energy = sum over actions of count * pJ, always in the order of base::Action,
// so that the same counts give the same double everywhere.
#pragma once

#include "sim/base/actions.h"
#include "sim/stats/energy_table.h"
#include "sim/stats/run_result.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skipsim::stats {

/// pJ per count of each action, scaled, for a chip whose operands have one number format.
class EnergyPrices {
public:
    /// Requires a format of mac_formats().
    EnergyPrices(const EnergyTable& table, const std::string& operand_format);

    struct Price {
        double pj = 0.0;
        double low_pj = 0.0;
        double high_pj = 0.0;
    };
    [[nodiscard]] const Price& operator[](base::Action action) const noexcept {
        return prices_[static_cast<std::size_t>(action)];
    }

private:
    std::array<Price, base::kActionCount> prices_{};
};

/// The one component that is not part of the chip.
inline constexpr std::string_view kOffChipComponent = "dram";

/// Energy of some counts. The band takes every entry at its low (high) end at once: the worst case.
struct Energy {
    double pj = 0.0;          ///< sum of by_component
    double on_chip_pj = 0.0;  ///< all components but kOffChipComponent
    double low_pj = 0.0;
    double high_pj = 0.0;
    std::vector<std::pair<std::string_view, double>> by_component;  ///< [pJ], catalogue order
};

Energy energy_of(const base::ActionCounts& counts, const EnergyPrices& prices);

/// Sets energy_pj and energy_on_chip_pj of every layer row.
void apply_energy(RunResult& result, const EnergyPrices& prices);

/// "pe.mac_fp8" for pe_mac, otherwise the name of the catalogue.
std::string full_action_name(base::Action action, const std::string& operand_format);

}  // namespace skipsim::stats
