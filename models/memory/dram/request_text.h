// SPDX-License-Identifier: Apache-2.0
// One request as a line of text, so that other simulators can be given the same stream. No file is
// opened here.
#pragma once

#include <cstdint>
#include <string>

#include "models/memory/dram/command.h"

namespace skipsim::memory {

/// DRAMsim3's trace format: "0x1a40 READ 120", the cycle that of the memory clock.
std::string dramsim3_line(const DramRequest& request, std::uint64_t cycle);

/// The load and store trace of Ramulator 2: "LD 0x1a40", "ST 0x1a40". It has no times.
std::string ramulator2_line(const DramRequest& request);

}  // namespace skipsim::memory
