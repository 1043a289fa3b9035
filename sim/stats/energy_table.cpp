// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/energy_table.h"

#include "sim/base/actions.h"
#include "sim/base/check.h"
#include "sim/base/sha256.h"
#include "sim/base/yaml_reader.h"

#include <algorithm>

namespace skipsim::stats {
namespace {

constexpr double kMaxPj = 1e9;
constexpr double kMaxFactor = 1e3;

EnergyEntry read_entry(base::YamlSection& actions, const std::string& action) {
    base::YamlSection section = actions.section(action);
    EnergyEntry entry;
    entry.action = action;
    entry.pj = section.real("pj", {0.0, kMaxPj, "pJ"});
    entry.source = section.text("source");
    entry.status = section.choice("status", {"P", "D", "U", "assumption"});
    base::YamlSection band = section.section("uncertainty");
    entry.low_factor = band.real("low", {0.0, 1.0, "times pj"});
    entry.high_factor = band.real("high", {1.0, kMaxFactor, "times pj"});
    return entry;
}

}  // namespace

const std::vector<std::string>& mac_formats() {
    static const std::vector<std::string> kFormats{"fp8", "fp16", "bf16", "int8", "fp32"};
    return kFormats;
}

const std::vector<std::string>& all_action_names() {
    static const std::vector<std::string> kNames = [] {
        std::vector<std::string> names;
        for (const base::ActionDescription& action : base::action_catalogue()) {
            if (base::is_dram_command(action.action)) {
                continue;
            }
            if (action.action != base::Action::pe_mac) {
                names.emplace_back(action.name);
                continue;
            }
            for (const std::string& format : mac_formats()) {
                names.push_back(std::string(action.name) + '_' + format);
            }
        }
        return names;
    }();
    return kNames;
}

const EnergyEntry& EnergyTable::entry(std::string_view action) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(),
                     [&](const EnergyEntry& candidate) { return candidate.action == action; });
    base::require(found != entries.end(), "no energy entry for action " + std::string(action));
    return *found;
}

EnergyTable energy_table_from_text(const std::string& text, const std::string& file_name) {
    base::YamlReader reader = base::YamlReader::from_text(text, file_name);
    base::YamlSection root = reader.root();
    EnergyTable table;
    root.choice("schema", {"skipsim-energy/1"});
    table.name = root.text("name");
    table.technology = root.text("technology");
    table.voltage_v = root.real("voltage_v", {0.1, 20.0, "V"});
    table.scale_factor = root.real("scale_factor", {1e-3, 1e3, ""});
    table.scale_factor_source = root.text("scale_factor_source");
    base::YamlSection actions = root.section("actions");
    for (const std::string& action : all_action_names()) {
        table.entries.push_back(read_entry(actions, action));
    }
    reader.finish();
    table.sha256 = base::sha256_hex(text);
    return table;
}

EnergyTable load_energy_table(const std::string& path) {
    return energy_table_from_text(base::read_text_file(path), path);
}

}  // namespace skipsim::stats
