// SPDX-License-Identifier: Apache-2.0
// The vector unit on the clock (models/MICROARCHITECTURE.md §16).
//
//   due          the block that is computed counts down; what its end causes
//   complete     (called by the DMA engine) loads and stores that are complete
//   vector_unit  the free unit takes a block; one of 0 cycles ends at once
//   array        what the unit did in this cycle is counted
// A block that ends in a cycle does so before a job that starts in the same cycle asks for its
// loads, whichever module comes to its due step first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <systemc>
#include <vector>

#include "models/accelerator/clocked/vector_unit.h"
#include "sim/kernel/phased_clock.h"

namespace skipsim::clocked {

class VectorUnitModule final : public sc_core::sc_module, public kernel::Reporting {
public:
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;

    VectorUnitModule(const sc_core::sc_module_name& name, DmaPort& dma, kernel::PhasedClock& clock);

    /// `done` is called in the cycle in which the last block is computed; at once without a pass.
    void start(std::vector<accelerator::VectorStep> steps, bool is_background, Done done);

    /// Jobs that are not computed, or have transfers under way.
    [[nodiscard]] std::size_t pending() const noexcept { return unit_.pending(); }
    /// [core cycles] before this one in which a block was computed.
    [[nodiscard]] std::uint64_t busy_cycles() const noexcept { return unit_.busy_cycles(); }
    /// [core cycles] before this one in which a loaded block of the row waited for stores alone.
    [[nodiscard]] std::uint64_t blocked_cycles() const noexcept { return unit_.blocked_cycles(); }

    [[nodiscard]] std::string state() const override;
    void watch(const Watch& watch) const;

private:
    void due();
    void step();
    void sample();
    void wake();

    kernel::PhasedClock& clock_;
    VectorUnit unit_;
    std::uint32_t shown_computing_ = 0;
    std::uint32_t shown_transfers_ = 0;
};

}  // namespace skipsim::clocked
