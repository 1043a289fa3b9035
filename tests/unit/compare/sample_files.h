// SPDX-License-Identifier: Apache-2.0
// Results to compare, made of the one of tests/unit/stats: cycles FF 100 + 110, BP 200 + 210,
// WG 300 + 310 in two iterations, 1230 in all, at 50 MHz.
#pragma once

#include "sim/compare/comparison.h"
#include "sim/stats/energy.h"
#include "sim/stats/result_document.h"
#include "tests/unit/stats/sample_result.h"

#include <string>

namespace skipsim::compare {

using Json = nlohmann::ordered_json;
using Files = std::vector<results::ResultFile>;

inline results::ResultFile file_of(const std::string& label, stats::RunResult result,
                                   const stats::ResultContext& context = stats::sample_context()) {
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    return {"runs/" + label + "/result.json", label, stats::result_document(result, context)};
}

inline results::ResultFile sample_file(const std::string& label) {
    return file_of(label, stats::sample_result());
}

/// The first row takes `cycles` instead of 100, with all that follows from it.
inline results::ResultFile other_file(const std::string& label, std::uint64_t cycles) {
    stats::RunResult result = stats::sample_result();
    result.layers[0] = stats::sample_row(0, "a", stats::Stage::ff, cycles);
    result.units[0].busy += cycles - 100;
    return file_of(label, result);
}

}  // namespace skipsim::compare
