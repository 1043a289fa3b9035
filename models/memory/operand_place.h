// SPDX-License-Identifier: Apache-2.0
// Where a row finds one of its operands (models/MICROARCHITECTURE.md §14).
#pragma once

#include <cstdint>

namespace skipsim::memory {

struct OperandPlace {
    bool is_streamed = true;    ///< false: the whole tensor is in the global buffer
    std::uint64_t address = 0;  ///< of the tensor in DRAM
};

}  // namespace skipsim::memory
