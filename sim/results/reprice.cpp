// SPDX-License-Identifier: Apache-2.0
#include "sim/results/reprice.h"

#include "sim/results/rows.h"
#include "sim/stats/energy.h"
#include "sim/stats/result_document.h"

#include <utility>
#include <vector>

namespace skipsim::results {

using Json = nlohmann::ordered_json;

Json repriced(const Json& document, const stats::EnergyTable& table,
              const std::string& table_path) {
    stats::ResultContext context = context_of(document);
    std::vector<stats::EnergyEntry> commands = std::move(context.energy_table.dram_commands);
    context.energy_table = table;
    context.energy_table.dram_commands = std::move(commands);
    context.config["energy"]["table"] = table_path;
    for (Json& assumption : context.assumptions) {
        if (assumption["key"] == "energy.table") {
            assumption["value"] = table_path;
        }
    }
    stats::RunResult result = run_result_of(document);
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    Json priced = stats::result_document(result, context);
    priced["skipsim"] = document.at("skipsim");  // of the program that counted
    priced["content_sha256"] = stats::content_sha256_of(priced);
    return priced;
}

}  // namespace skipsim::results
