// SPDX-License-Identifier: Apache-2.0
// A core's private port to memory, clock edge by clock edge (models/MICROARCHITECTURE.md §5): what
// is at the port is transferred in order, some bytes a cycle, and then passes a pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "models/memory/clocked/delay_line.h"
#include "models/memory/load_port.h"

namespace skipsim::clocked {

class Port {
public:
    explicit Port(const memory::LoadPortParams& params) noexcept : params_(params) {}

    /// A cycle begins. Answers how many loads can be used from it on. Later calls in the same cycle
    /// do nothing. Loads come out in the order in which they came.
    std::size_t begin(std::uint64_t cycle);
    /// A load is at the port in the cycle that has begun. Answers how many can be used at once.
    std::size_t arrive(std::uint64_t bytes);

    [[nodiscard]] bool is_idle() const noexcept { return loads_.empty() && pipeline_.is_empty(); }
    /// At the port, not transferred.
    [[nodiscard]] std::size_t waiting() const noexcept { return loads_.size(); }
    /// Transferred, not usable yet.
    [[nodiscard]] std::size_t in_pipeline() const noexcept { return pipeline_.size(); }

private:
    struct Nothing {};
    void transfer();
    std::size_t pass();

    memory::LoadPortParams params_;
    std::uint64_t cycle_ = 0;
    std::deque<std::uint64_t> loads_;  ///< [bytes] left
    DelayLine<Nothing> pipeline_;
};

}  // namespace skipsim::clocked
