// SPDX-License-Identifier: Apache-2.0
// Rules between parameters: each value is fine alone, together they make no chip.
#pragma once

#include "sim/config/parameter.h"

#include <string>
#include <vector>

namespace skipsim::config {

/// A broken rule: the parameter to point at, and a sentence that names the keys and their values.
struct BrokenRule {
    std::string path;
    std::string message;
};

/// `values` in catalogue order, each valid by itself.
std::vector<BrokenRule> broken_rules(const std::vector<Value>& values);

}  // namespace skipsim::config
