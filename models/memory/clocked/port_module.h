// SPDX-License-Identifier: Apache-2.0
// The ports of a core on the clock (models/MICROARCHITECTURE.md §5, §15.1): the way of an operand
// between a core and the global buffer, or through the DMA engine if the operand is streamed.
//
//   due       transfers and latencies count down; loads that can be used from this cycle on
//   complete  (called by the DMA engine) a streamed load is at the port
// What can be used at once is reported from within the call that brought it: request(),
// fill_complete(). A port counts down before it does anything else in a cycle, so that the order in
// which modules come to their due steps does not matter.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <systemc>

#include "models/memory/clocked/port.h"
#include "models/memory/clocked/transfers.h"
#include "models/memory/operand_place.h"
#include "sim/kernel/phased_clock.h"

namespace skipsim::clocked {

/// Of the input or the weight operand.
class LoadPortModule final : public sc_core::sc_module, public LoadWay, public kernel::Reporting {
public:
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;

    /// `client`: the port's number among the DMA engine's (ClientOrder).
    LoadPortModule(const sc_core::sc_module_name& name, const memory::LoadPortParams& params,
                   DmaPort& dma, std::uint64_t client, kernel::PhasedClock& clock);

    /// The next row starts in this cycle. `is_filled`: the operand, if it is not streamed, is in
    /// the global buffer as a whole.
    void start_row(const memory::OperandPlace& place, bool is_filled);
    /// The operand's fill is complete: loads that waited for it are at the port.
    void fill_complete();
    void request(std::uint32_t core, const TileLoad& load) override;

    [[nodiscard]] std::string state() const override;
    void watch(const Watch& watch) const;

private:
    struct Load {
        std::uint64_t bytes;
        Done ready;
    };
    void due();
    void begin_cycle();
    void at_port(std::uint64_t bytes, Done ready);
    void report(std::size_t usable);

    kernel::PhasedClock& clock_;
    DmaPort& dma_;
    std::uint64_t client_;
    Port port_;
    memory::OperandPlace place_;
    bool is_filled_ = true;
    std::deque<Load> waits_for_fill_;
    std::uint64_t in_dma_ = 0;  ///< loads that the engine has
    std::deque<Done> at_port_;  ///< in the port or its pipeline
    std::uint32_t shown_waiting_ = 0;
    std::uint32_t shown_pipeline_ = 0;
};

/// Of a core's results.
class StorePortModule final : public sc_core::sc_module, public StoreWay, public kernel::Reporting {
public:
    StorePortModule(const sc_core::sc_module_name& name, DmaPort& dma, std::uint64_t client,
                    kernel::PhasedClock& clock);

    void start_row(const memory::OperandPlace& place) { place_ = place; }
    void store(std::uint64_t first_byte, std::uint64_t bytes, Done done) override;

    [[nodiscard]] std::string state() const override;

private:
    kernel::PhasedClock& clock_;
    DmaPort& dma_;
    std::uint64_t client_;
    memory::OperandPlace place_;
    std::uint64_t in_dma_ = 0;
};

}  // namespace skipsim::clocked
