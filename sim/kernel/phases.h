// SPDX-License-Identifier: Apache-2.0
// The order of what happens in one cycle (models/MICROARCHITECTURE.md §13). What is due at a clock
// edge happens there, with everything that follows from it at once. Whoever has to see all of that
// first asks for its phase: when nothing else is left to do at this moment, the lowest phase asked
// for comes next. What it causes comes before any other phase.
#pragma once

#include <cstddef>
#include <functional>
#include <systemc>
#include <vector>

namespace skipsim::kernel {

enum class Phase : unsigned {
    buffers,   ///< cluster buffers take requests and start bursts
    transfer,  ///< the DMA engine takes jobs and hands over bursts
    compute    ///< the vector unit takes a block
};

class Phases final : public sc_core::sc_module {
public:
    explicit Phases(const sc_core::sc_module_name& name);

    /// `act` is called when its turn comes; those of one phase in the order in which they were
    /// added. Answers the number to ask with.
    std::size_t add(Phase phase, std::function<void()> act);
    /// Once, however often it was asked for.
    void ask(std::size_t number);
    /// No phase comes until resume(): a row has ended, and the next one begins in this cycle.
    void hold() noexcept { is_held_ = true; }
    void resume() noexcept { is_held_ = false; }

private:
    struct Client {
        Phase phase;
        std::function<void()> act;
        bool has_asked = false;
    };
    void settle();

    bool is_held_ = false;
    std::vector<Client> clients_;
    sc_core::sc_event settle_event_;
};

}  // namespace skipsim::kernel
