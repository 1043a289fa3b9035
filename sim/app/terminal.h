// SPDX-License-Identifier: Apache-2.0
// What is known about the terminal that reads the output.
#pragma once

#include <cstddef>

namespace skipsim::app {

/// [characters] of a line: COLUMNS if it is set, else the width of the terminal on standard output,
/// else 100. At least 40.
std::size_t terminal_width();

}  // namespace skipsim::app
