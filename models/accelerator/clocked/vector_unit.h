// SPDX-License-Identifier: Apache-2.0
// The vector unit, clock edge by clock edge (models/MICROARCHITECTURE.md §16): passes cut into
// blocks that are loaded, computed and stored, each beside its neighbours; a foreground row before
// weight updates in the background, which take their turn block by block.
//
// A cycle:  begin()   first; the block that is computed counts down. Later calls do nothing
//           step()    the step `vector_unit`: the free unit takes a block
//           sample()  last; what the unit did in this cycle
// Transfers go to the DMA engine at once and come back through their `done`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <vector>

#include "models/accelerator/vector_job.h"
#include "models/memory/clocked/transfers.h"

namespace skipsim::clocked {

/// Cuts an amount into blocks that differ by 1 at most: block b gets what lies between
/// floor(b * amount / blocks) and the next such number.
class BlockCutter {
public:
    BlockCutter(std::uint64_t amount, std::uint64_t blocks) noexcept
        : blocks_(blocks), whole_(amount / blocks), rest_(amount % blocks) {}
    /// Of the next block.
    std::uint64_t next() noexcept;

private:
    std::uint64_t blocks_;
    std::uint64_t whole_;
    std::uint64_t rest_;         ///< of the amount, spread over the blocks
    std::uint64_t carried_ = 0;  ///< of it, not handed out
};

class VectorUnit {
public:
    /// `wake`: the unit asks for its step in this cycle.
    VectorUnit(DmaPort& dma, Done wake) : dma_(dma), wake_(std::move(wake)) {}

    void begin(std::uint64_t cycle);
    /// A job; its first pass begins in this cycle. `done` is called in the cycle in which its last
    /// block is computed, at once if it has no pass.
    void start(std::vector<accelerator::VectorStep> steps, bool is_background, Done done);
    void step();
    void sample() noexcept;

    /// Jobs that are not computed, or have transfers under way.
    [[nodiscard]] std::size_t pending() const noexcept { return jobs_.size(); }
    [[nodiscard]] bool is_computing() const noexcept { return running_ != nullptr; }
    [[nodiscard]] std::uint64_t cycles_left() const noexcept { return cycles_left_; }
    [[nodiscard]] std::uint64_t transfers_under_way() const noexcept { return transfers_; }
    /// [cycles] it computed a block.
    [[nodiscard]] std::uint64_t busy_cycles() const noexcept { return busy_cycles_; }
    /// [cycles] it was free, a block of the foreground row was loaded, and the stores of the last
    /// but one were under way.
    [[nodiscard]] std::uint64_t blocked_cycles() const noexcept { return blocked_cycles_; }

private:
    struct Stream {
        std::uint64_t address;  ///< of the next block
        BlockCutter cutter;
    };
    struct Job {
        std::vector<accelerator::VectorStep> steps;
        bool is_background = false;
        Done done;
        std::size_t step = 0;
        std::vector<Stream> loads;  ///< of this pass
        std::vector<Stream> stores;
        BlockCutter cycles{0, 1};
        std::uint64_t block = 0;                     ///< next to be computed
        std::uint64_t requested = 0;                 ///< blocks whose loads are requested
        std::array<std::uint64_t, 2> loads_left{};   ///< [block mod 2] under way
        std::array<std::uint64_t, 2> stores_left{};  ///< [block mod 2] under way
        std::uint64_t transfers = 0;                 ///< under way, of all passes
        bool is_computed = false;

        [[nodiscard]] std::uint64_t blocks() const { return steps[step].blocks; }
        [[nodiscard]] bool is_loaded() const { return loads_left[block % 2] == 0; }
        [[nodiscard]] bool has_room() const { return stores_left[block % 2] == 0; }
    };

    void begin_pass(Job& job);
    void request_loads(Job& job);
    void hand_over_stores(Job& job);
    void move(Job& job, Stream& stream, std::uint64_t block, bool is_write);
    void moved(Job& job, std::size_t pass, std::uint64_t block, bool is_write);
    void end_block();
    void finish(Job& job);
    void forget(const Job& job);
    [[nodiscard]] Job* foreground() noexcept;
    [[nodiscard]] Job* oldest_background() noexcept;

    DmaPort& dma_;
    Done wake_;
    std::uint64_t cycle_ = 0;
    std::list<Job> jobs_;  ///< oldest first
    Job* running_ = nullptr;
    std::uint64_t cycles_left_ = 0;  ///< of the block that is computed
    std::uint64_t transfers_ = 0;
    std::uint64_t busy_cycles_ = 0;
    std::uint64_t blocked_cycles_ = 0;
};

}  // namespace skipsim::clocked
