// SPDX-License-Identifier: Apache-2.0
// A convolution core at transaction level: exact at tile boundaries. Tiles are loaded through two
// TLM-2.0 sockets (input, weight), double buffered; results leave through a third.
//
// Edges of tile t:  cycle 0 (t < 2) or release(t - 2): its loads are requested
//                   both loads answered, results of t - 2 gone if there is an output buffer,
//                   release(t - 1) past: the plain core computes the tile with the cycles of the
//                   answers, which may lie before release(t - 1)
//                   release(t): the loads of t + 2 are requested
//                   drained(t): its results are stored
// The kernel waits for the (possibly parallel) computation of a tile only when simulated time has
// reached the earliest possible release.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/core/convolution_core.h"
#include "sim/base/task_pool.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/timeline.h"

namespace skipsim::core {

/// [core cycles] of a row, from its start to the core's end.
struct CoreOccupation {
    std::uint64_t busy = 0;     ///< works on a tile, or drains
    std::uint64_t starved = 0;  ///< the next tile's operands are not there
    std::uint64_t blocked = 0;  ///< earlier results have not left
};

class ConvolutionCoreModule final : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket_tagged<ConvolutionCoreModule> input_socket{"input_socket"};
    tlm_utils::simple_initiator_socket_tagged<ConvolutionCoreModule> weight_socket{"weight_socket"};
    tlm_utils::simple_initiator_socket_tagged<ConvolutionCoreModule> output_socket{"output_socket"};

    /// `waits_for_stores`: a tile starts only when the results of the last but one have left.
    ConvolutionCoreModule(const sc_core::sc_module_name& name, const CoreParams& params,
                          const kernel::Clock& clock, bool waits_for_stores, base::TaskPool& pool);

    /// Cold start; cycle 0 is `delay_cycles` from now. Operands are prepared in the background
    /// until then. `done` is called in the cycle in which the core ends.
    void start_row(const CoreWork& work, std::uint64_t delay_cycles, std::function<void()> done);
    /// Requires that the core is done, or that the kernel has run out of events.
    /// Throws what a tile's computation threw.
    [[nodiscard]] CoreReport report() const;
    [[nodiscard]] const CoreOccupation& occupation() const noexcept { return occupation_; }
    /// `group` names the cluster; `row_name` of start_row() names the slices.
    void set_timeline(kernel::Timeline* timeline, const std::string& group);
    void set_row_name(const std::string& row_name) { row_name_ = row_name; }

private:
    struct Transfer {
        tlm::tlm_generic_payload payload;
        bool pending = false;
        std::uint64_t ready_cycle = 0;
    };
    /// Results of a tile on their way out; outlives its row if the memory is slow.
    struct Store {
        enum class State { free, planned, sent };
        tlm::tlm_generic_payload payload;
        State state = State::free;
        std::uint64_t row = 0;
        std::uint64_t tile = 0;
        std::uint64_t cycle = 0;  ///< in which it is handed over
    };
    /// Whether the results of the last but one tile have left.
    struct Left {
        bool pending = false;
        std::uint64_t cycle = 0;
    };

    void begin();
    void request_loads(std::uint64_t tile);
    void request(std::size_t port, std::uint64_t tile, std::uint64_t address, std::uint64_t bytes);
    void send(std::size_t port, tlm::tlm_generic_payload& payload);
    tlm::tlm_sync_enum answer(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    tlm::tlm_sync_enum stored(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    void start_tile_if_ready();
    void collect();
    std::uint64_t take_result();
    void release();
    void plan_store();
    void hand_over_stores();
    void finish();
    [[nodiscard]] std::uint64_t cycle_now() const { return clock_.now() - start_cycle_; }
    [[nodiscard]] sc_core::sc_time until(std::uint64_t cycle) const {
        return clock_.until(start_cycle_ + cycle);
    }

    kernel::Clock clock_;
    bool waits_for_stores_;
    ConvolutionCore core_;
    base::TaskPool& pool_;
    std::uint64_t start_cycle_ = 0;
    sc_core::sc_event begin_event_;
    sc_core::sc_event collect_event_;
    sc_core::sc_event release_event_;
    sc_core::sc_event store_event_;
    sc_core::sc_event finish_event_;
    std::array<std::array<Transfer, 2>, 2> transfers_;  // [input, weight][tile mod 2]
    std::vector<std::unique_ptr<Store>> stores_;
    std::array<Left, 2> left_;  // [tile mod 2]
    std::uint64_t row_ = 0;     // rows started
    std::uint64_t tile_ = 0;    // next tile to run
    bool begun_ = false;        // the plain core belongs to the kernel's thread
    bool running_ = false;
    std::uint64_t tile_start_ = 0;
    std::uint64_t release_cycle_ = 0;
    std::uint64_t stored_results_ = 0;
    CoreOccupation occupation_;
    std::function<void()> done_;
    std::future<std::uint64_t> result_;
    std::exception_ptr failure_;  // kept, since the kernel would swallow its type
    kernel::Timeline* timeline_ = nullptr;
    std::uint32_t track_ = 0;
    std::string row_name_;
};

}  // namespace skipsim::core
