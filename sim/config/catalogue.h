// SPDX-License-Identifier: Apache-2.0
// The list of all configuration parameters. Order is fixed: it is the order of every listing.
#pragma once

#include "sim/config/parameter.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skipsim::config {

const std::vector<Parameter>& catalogue();

/// Position in catalogue(), or nothing for an unknown path.
std::optional<std::size_t> find_parameter(std::string_view path);

/// All paths, in catalogue order: the candidates of "did you mean".
const std::vector<std::string>& parameter_paths();

/// All sections ("accelerator", "accelerator.partition", …), in the order of first use.
const std::vector<std::string>& section_paths();

}  // namespace skipsim::config
