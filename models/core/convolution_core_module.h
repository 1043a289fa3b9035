// SPDX-License-Identifier: Apache-2.0
// A convolution core at transaction level: exact at tile boundaries. Tiles are loaded through two
// TLM-2.0 sockets (input, weight), double buffered.
//
// Edges of tile t:  cycle 0 (t < 2) or release(t - 2): its loads are requested
//                   both loads answered, release(t - 1) past: the plain core computes the tile with
//                   the cycles of the answers, which may lie before release(t - 1)
//                   release(t): the loads of t + 2 are requested
// The kernel waits for the (possibly parallel) computation of a tile only when simulated time has
// reached the earliest possible release.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <cstdint>
#include <exception>
#include <future>
#include <systemc>
#include <tlm>

#include "models/core/convolution_core.h"
#include "sim/base/task_pool.h"

namespace skipsim::core {

class ConvolutionCoreModule final : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket_tagged<ConvolutionCoreModule> input_socket{"input_socket"};
    tlm_utils::simple_initiator_socket_tagged<ConvolutionCoreModule> weight_socket{"weight_socket"};

    ConvolutionCoreModule(const sc_core::sc_module_name& name, const CoreParams& params,
                          base::TaskPool& pool);

    /// Cold start; cycle 0 is now. Operands are prepared in the background until the kernel runs.
    void start_row(const CoreWork& work);
    /// Requires that the kernel has run out of events.
    /// Throws what a tile's computation threw.
    [[nodiscard]] CoreReport report() const;

private:
    struct Load {
        tlm::tlm_generic_payload payload;
        bool pending = false;
        std::uint64_t ready_cycle = 0;
    };

    void begin();
    void request_loads(std::uint64_t tile);
    void request(std::size_t port, std::uint64_t tile, std::uint64_t bytes);
    tlm::tlm_sync_enum answer(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    void start_tile_if_ready();
    void collect();
    std::uint64_t take_result();
    void release();
    [[nodiscard]] std::uint64_t cycle_now() const;
    [[nodiscard]] sc_core::sc_time until(std::uint64_t cycle) const;

    ConvolutionCore core_;
    base::TaskPool& pool_;
    sc_core::sc_time row_start_;
    sc_core::sc_event begin_event_;
    sc_core::sc_event collect_event_;
    sc_core::sc_event release_event_;
    std::array<std::array<Load, 2>, 2> loads_;  // [input, weight][tile mod 2]
    std::uint64_t tile_ = 0;                    // next tile to run
    bool running_ = false;
    std::uint64_t release_cycle_ = 0;
    std::future<std::uint64_t> result_;
    std::exception_ptr failure_;  // kept, since the kernel would swallow its type
};

}  // namespace skipsim::core
