// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/energy.h"

#include <algorithm>

namespace skipsim::stats {

std::string full_action_name(base::Action action, const std::string& operand_format) {
    const std::string name(base::action_catalogue()[static_cast<std::size_t>(action)].name);
    return action == base::Action::pe_mac ? name + '_' + operand_format : name;
}

EnergyPrices::EnergyPrices(const EnergyTable& table, const std::string& operand_format) {
    for (const base::ActionDescription& action : base::action_catalogue()) {
        const EnergyEntry& entry = table.entry(full_action_name(action.action, operand_format));
        const double scale = action.component == kOffChipComponent ? 1.0 : table.scale_factor;
        const double pj = entry.pj * scale;
        prices_[static_cast<std::size_t>(action.action)] = {pj, pj * entry.low_factor,
                                                            pj * entry.high_factor};
    }
}

Energy energy_of(const base::ActionCounts& counts, const EnergyPrices& prices) {
    Energy energy;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        const auto count = static_cast<double>(counts[action.action]);
        const EnergyPrices::Price& price = prices[action.action];
        auto component = std::find_if(
            energy.by_component.begin(), energy.by_component.end(),
            [&](const auto& candidate) { return candidate.first == action.component; });
        if (component == energy.by_component.end()) {
            component = energy.by_component.insert(component, {action.component, 0.0});
        }
        component->second += count * price.pj;
        energy.low_pj += count * price.low_pj;
        energy.high_pj += count * price.high_pj;
    }
    for (const auto& [component, pj] : energy.by_component) {
        energy.pj += pj;
        energy.on_chip_pj += component == kOffChipComponent ? 0.0 : pj;
    }
    return energy;
}

void apply_energy(RunResult& result, const EnergyPrices& prices) {
    for (LayerRow& row : result.layers) {
        const Energy energy = energy_of(row.actions, prices);
        row.energy_pj = energy.pj;
        row.energy_on_chip_pj = energy.on_chip_pj;
    }
}

}  // namespace skipsim::stats
