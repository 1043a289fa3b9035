// SPDX-License-Identifier: Apache-2.0
// The one place that turns configuration values into parameters of the models.
#pragma once

#include "models/accelerator/chip_params.h"
#include "sim/config/config.h"

namespace skipsim::system {

accelerator::ChipParams chip_params(const config::Config& config);

/// [bits] of a number format of the catalogue: "fp8" -> 8.
std::uint32_t format_width_bits(const std::string& format);

}  // namespace skipsim::system
