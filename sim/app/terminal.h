// SPDX-License-Identifier: Apache-2.0
// How wide the text on standard output may be.
#pragma once

#include <cstddef>

namespace skipsim::app {

/// [characters] COLUMNS if it is set to a number, else the width of the terminal that standard
/// output is, else `usual`.
std::size_t output_width(std::size_t usual);

}  // namespace skipsim::app
