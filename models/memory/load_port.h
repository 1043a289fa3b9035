// SPDX-License-Identifier: Apache-2.0
// A core's private port to memory: loads are served in order, one after the other, at a fixed
// bandwidth; what was loaded can be used `latency` cycles after its last byte was transferred.
// Deliberately simple: no banks, no row buffers, no sharing between cores.
//
// Cost of a load of b bytes at w bytes a cycle: ceil(b / w) cycles of the port.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/bits.h"

namespace skipsim::memory {

struct LoadPortParams {
    std::uint64_t bytes_per_cycle = 0;  ///< [bytes/core cycle] 0 = unlimited
    std::uint64_t latency_cycles = 0;   ///< [core cycles]
};

class LoadPort {
public:
    explicit LoadPort(const LoadPortParams& params) noexcept : params_(params) {}

    void start_row() noexcept { free_cycle_ = 0; }

    /// Returns the first cycle in which the loaded bytes can be used.
    std::uint64_t request(std::uint64_t cycle, std::uint64_t bytes) noexcept {
        const std::uint64_t transfer =
            params_.bytes_per_cycle == 0 ? 0 : base::ceil_divide(bytes, params_.bytes_per_cycle);
        free_cycle_ = std::max(free_cycle_, cycle) + transfer;
        return free_cycle_ + params_.latency_cycles;
    }

private:
    LoadPortParams params_;
    std::uint64_t free_cycle_ = 0;
};

}  // namespace skipsim::memory
