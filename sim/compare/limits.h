// SPDX-License-Identifier: Apache-2.0
// How much worse than the baseline a result may be, for machines that watch over results.
#pragma once

#include "sim/results/result_file.h"

#include <string>
#include <vector>

namespace skipsim::compare {

struct Limit {
    std::string stage;   ///< "FF", …; "" = total
    std::string metric;  ///< as in the totals of result.json
    double percent = 0.0;
};

/// "METRIC=PERCENT": "energy=2", "FF.cycles=0.5", "macs.issued=0". Short names: energy, dram, time,
/// power. Throws InputError, for an unknown metric with the nearest name.
Limit parse_limit(const std::string& text, const nlohmann::ordered_json& document);

/// A sentence for each result and limit that it exceeds. Throws InputError if a result has no such
/// number.
std::vector<std::string> exceeded(const std::vector<results::ResultFile>& files,
                                  std::size_t baseline, const std::vector<Limit>& limits);

}  // namespace skipsim::compare
