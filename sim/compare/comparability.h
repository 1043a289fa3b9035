// SPDX-License-Identifier: Apache-2.0
// What keeps results from being compared as they stand, and where their configurations differ.
#pragma once

#include "sim/compare/comparison.h"

#include <string>
#include <vector>

namespace skipsim::compare {

/// Name of a row's layer across results: the layer of the network that trains, or
/// "network:layer" of another one.
std::string layer_name(const nlohmann::ordered_json& row, const std::string& trained_network);

/// The network that trains, of the first trace.
std::string trained_network(const nlohmann::ordered_json& document);

/// Why the results share nothing that could be compared; empty if they do.
std::vector<std::string> obstacles(const std::vector<results::ResultFile>& files);

/// A sentence for each circumstance besides the chip in which the results differ.
std::vector<std::string> differing_circumstances(const std::vector<results::ResultFile>& files);

/// In the order in which the keys stand.
std::vector<ConfigDifference> config_differences(const std::vector<results::ResultFile>& files);

}  // namespace skipsim::compare
