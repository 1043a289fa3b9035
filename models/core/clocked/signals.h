// SPDX-License-Identifier: Apache-2.0
// What can be seen of an array in a waveform: numbers that are kept up to date once somebody
// watches.
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/clocked/array.h"

namespace skipsim::clocked {

class Signals {
public:
    struct Pe {
        std::uint32_t state = 0;         ///< PeStage
        std::uint32_t row_level = 0;     ///< [chunks] in its row FIFO
        std::uint32_t column_level = 0;  ///< [chunks] in its column FIFO
        std::uint32_t chunks_started = 0;
        std::uint32_t accumulators = 0;  ///< taken
    };
    struct Wire {
        std::uint32_t is_sending = 0;
        std::uint32_t chunks_begun = 0;
    };

    void build(std::uint32_t rows, std::uint32_t columns);
    /// Names all of them; from then on they are watched.
    void name(const Array::Watch& watch);
    [[nodiscard]] bool are_watched() const noexcept { return are_watched_; }

    std::vector<Pe> pes;
    std::vector<Wire> row_buses;
    std::vector<Wire> column_buses;
    Wire feed;
    std::vector<std::uint32_t> drains;  ///< 1: a sum drained in this cycle

private:
    std::uint32_t columns_ = 1;
    bool are_watched_ = false;
};

}  // namespace skipsim::clocked
