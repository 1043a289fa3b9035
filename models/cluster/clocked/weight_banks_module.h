// SPDX-License-Identifier: Apache-2.0
// The weight buffer of a cluster on the clock (models/MICROARCHITECTURE.md §15.2): every core of
// the cluster asks it for weight tiles; it is a client of the DMA engine for a streamed operand.
//
//   due       fill bus, ports, banks and latencies count down; tiles that can be used from now on
//   complete  (called by the DMA engine) a tile's bytes are at the fill bus
//   buffers   requests of the cycle in the order of cores, then bursts start
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <systemc>
#include <unordered_map>
#include <vector>

#include "models/cluster/clocked/weight_banks.h"
#include "models/memory/clocked/transfers.h"
#include "models/memory/operand_place.h"
#include "sim/kernel/phased_clock.h"

namespace skipsim::clocked {

class WeightBanksModule final : public sc_core::sc_module,
                                public LoadWay,
                                public kernel::Reporting {
public:
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;

    /// `client`: the buffer's number among the DMA engine's (ClientOrder).
    WeightBanksModule(const sc_core::sc_module_name& name,
                      const cluster::WeightBufferParams& params, std::uint64_t latency_cycles,
                      DmaPort& dma, std::uint64_t client, kernel::PhasedClock& clock);

    /// The next row starts in this cycle. `is_filled`: the operand, if it is not streamed, is in
    /// the global buffer as a whole.
    void start_row(const memory::OperandPlace& place, bool is_filled);
    /// The operand's fill is complete.
    void fill_complete();
    void request(std::uint32_t core, const TileLoad& load) override;

    /// Its counters are of the whole run.
    [[nodiscard]] const WeightBanks& banks() const noexcept { return banks_; }
    [[nodiscard]] std::string state() const override;
    void watch(const Watch& watch) const;

private:
    void due();
    void buffers();
    void begin_cycle();
    void show();
    void fetch(const WeightBanks::Absent& tile);
    void at_bus(const WeightTileKey& key);

    kernel::PhasedClock& clock_;
    DmaPort& dma_;
    std::uint64_t client_;
    WeightBanks banks_;
    memory::OperandPlace place_;
    bool is_filled_ = true;
    std::vector<WeightTileKey> waits_for_fill_;
    std::uint64_t in_dma_ = 0;  ///< tiles that the engine has
    std::uint64_t next_ticket_ = 0;
    std::unordered_map<std::uint64_t, Done> ready_;  ///< by ticket
    std::uint32_t shown_queued_ = 0;
    std::uint32_t shown_ports_ = 0;
    std::uint32_t shown_bus_ = 0;
};

}  // namespace skipsim::clocked
