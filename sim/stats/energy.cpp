// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/energy.h"

#include <algorithm>

namespace skipsim::stats {

std::string full_action_name(base::Action action, const std::string& operand_format) {
    const std::string name(base::action_catalogue()[static_cast<std::size_t>(action)].name);
    return action == base::Action::pe_mac ? name + '_' + operand_format : name;
}

namespace {

/// Of a modelled DRAM; its bytes are paid for by its bursts.
EnergyPrices::Price command_price(const EnergyTable& table, std::string_view action) {
    for (const EnergyEntry& entry : table.dram_commands) {
        if (entry.action == action) {
            return {entry.pj, entry.pj * entry.low_factor, entry.pj * entry.high_factor};
        }
    }
    return {};
}

}  // namespace

EnergyPrices::EnergyPrices(const EnergyTable& table, const std::string& operand_format) {
    for (const base::ActionDescription& action : base::action_catalogue()) {
        Price& price = prices_[static_cast<std::size_t>(action.action)];
        if (action.component == kOffChipComponent && !table.dram_commands.empty()) {
            price = command_price(table, action.name);
            continue;
        }
        if (base::is_dram_command(action.action)) {
            continue;  // an ideal memory has no commands
        }
        const EnergyEntry& entry = table.entry(full_action_name(action.action, operand_format));
        const double scale = action.component == kOffChipComponent ? 1.0 : table.scale_factor;
        const double pj = entry.pj * scale;
        price = {pj, pj * entry.low_factor, pj * entry.high_factor};
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
