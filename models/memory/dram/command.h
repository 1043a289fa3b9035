// SPDX-License-Identifier: Apache-2.0
// What goes into a DRAM (requests), over its command buses (commands) and comes out (completions,
// counts).
#pragma once

#include <cstdint>

#include "models/memory/dram/address_map.h"

namespace skipsim::memory {

constexpr std::uint64_t kNever = ~std::uint64_t{0};

struct DramRequest {
    std::uint64_t id = 0;
    std::uint64_t address = 0;  ///< any byte of the burst
    bool is_write = false;
};

struct DramCompletion {
    std::uint64_t id = 0;
    std::uint64_t cycle = 0;  ///< the one after its last beat was on the data bus
};

enum class DramCommandKind : std::uint8_t {
    activate,
    precharge,
    read,
    write,
    read_precharge,   ///< the bank precharges itself afterwards
    write_precharge,  ///< the bank precharges itself afterwards
    refresh,          ///< all banks of the rank
};

struct DramCommand {
    std::uint64_t cycle = 0;
    DramCommandKind kind = DramCommandKind::activate;
    DramPlace place;       ///< row and column where the command has them, else 0
    std::uint64_t id = 0;  ///< of the request that a read or write serves, else 0
};

/// Sums over channels and ranks.
struct DramCounts {
    std::uint64_t activates = 0;
    std::uint64_t precharges = 0;       ///< commands
    std::uint64_t auto_precharges = 0;  ///< by a read or write that precharges
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t refreshes = 0;
    std::uint64_t active_standby = 0;     ///< [rank-cycles] with a bank open
    std::uint64_t precharge_standby = 0;  ///< [rank-cycles] with none open, refresh included
};

}  // namespace skipsim::memory
