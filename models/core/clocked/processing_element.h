// SPDX-License-Identifier: Apache-2.0
// A processing element: takes a chunk pair from its two FIFOs, works through it with its
// leading-one detector, and keeps two accumulators, so that one result can drain while the next is
// at work (models/MICROARCHITECTURE.md §6). It knows of every cycle where it went (§7): of a
// waiting cycle when it passes, of a working one when the chunk is done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/core/clocked/deliveries.h"
#include "models/core/clocked/detector.h"
#include "models/core/clocked/sum_store.h"
#include "sim/base/pe_cycles.h"

namespace skipsim::clocked {

/// What the processing elements of a core have in common in a row.
struct PeRules {
    std::uint32_t issue_width_pairs = 1;
    std::uint32_t scan_bits = 0;  ///< 0 = unlimited
    std::uint32_t chunk_bits = 0;
    std::uint32_t columns = 1;
    std::uint64_t operand_bits = 0;
    std::uint64_t row_bitmap_bits = 0;
    std::uint64_t column_bitmap_bits = 0;
    SumStore* sums = nullptr;
};

/// What they did in it.
struct PeCounts {
    std::uint64_t issued = 0;
    std::uint64_t effectual = 0;
    std::uint64_t skipped_input = 0;
    std::uint64_t skipped_weight = 0;
    std::uint64_t pairs = 0;           ///< chunk pairs taken
    std::uint64_t partials_taken = 0;  ///< sums of an earlier slice
};

/// A finished sum on its way to the drain.
struct FinishedSum {
    const ResultWork* result = nullptr;
    Tile* tile = nullptr;
    float value = 0.0F;
};

/// What a PE waits for, in the order of §7, or that it works.
enum class PeStage : std::uint8_t { no_chunk, memory, weight, idle, sibling, operand, drain, work };
inline constexpr std::size_t kWaitingStages = 7;

class ProcessingElement {
public:
    struct Sources {
        Fifo* row_fifo;
        Fifo* column_fifo;
        const Progress* row_bus;
        const Progress* column_bus;
        const Progress* feed;
    };
    ProcessingElement(std::uint32_t number, const PeRules& rules, PeCounts& counts,
                      const Sources& sources)
        : sources_(sources), rules_(rules), counts_(counts), number_(number) {}

    void reset();
    void add(const PeWork& work) {
        list_.add(work);
        ++planned_;
    }
    /// Chunk pairs planned so far: the number of the next one.
    [[nodiscard]] std::uint64_t planned() const noexcept { return planned_; }

    /// One cycle, after the buses' step; whether it works.
    bool step(std::uint64_t cycle) {
        if (stage_ != PeStage::work) {
            if (!may_start(cycle)) {
                ++waited_[static_cast<std::size_t>(stage_)];
                return false;
            }
            start(cycle);
        }
        work(cycle);
        return true;
    }
    /// Cycles in which nothing changed, each like the one before.
    void wait(std::uint64_t cycles) { waited_[static_cast<std::size_t>(stage_)] += cycles; }

    /// Its oldest sum is seen to be finished.
    [[nodiscard]] bool has_sum(std::uint64_t cycle) const noexcept {
        const Accumulator& oldest = accumulators_[oldest_];
        return oldest.state == AccumulatorState::finished && oldest.cycle != cycle;
    }
    /// Requires has_sum().
    FinishedSum take_sum(std::uint64_t cycle) noexcept;

    void add_to(base::PeCycles& cycles) const noexcept;
    [[nodiscard]] PeStage stage() const noexcept { return stage_; }
    /// The chunk pair it waits for or works on; null if none has been planned.
    [[nodiscard]] const PeWork* next() const noexcept {
        return list_.empty() ? nullptr : &list_.front();
    }
    [[nodiscard]] std::uint64_t chunks_started() const noexcept {
        return sources_.row_fifo->taken();
    }
    [[nodiscard]] std::uint32_t accumulators_taken() const noexcept;

private:
    enum class AccumulatorState : std::uint8_t { free, open, finished };
    struct Accumulator {
        FinishedSum sum;
        AccumulatorState state = AccumulatorState::free;
        std::uint64_t cycle = kNoCycle;  ///< in which it was finished or became free
    };

    bool may_start(std::uint64_t cycle);
    [[nodiscard]] bool has_passed(PeStage stage, std::uint64_t cycle) const;
    void start(std::uint64_t cycle);
    void open_accumulator(const PeWork& work);
    [[nodiscard]] float partial(const ResultWork& result) const;
    void count_pairs(const PeWork& work);
    void rank_values();
    void work(std::uint64_t cycle);
    void multiply(std::uint32_t position) noexcept;
    void retire(std::uint64_t cycle);

    Sources sources_;
    const PeRules& rules_;
    PeCounts& counts_;
    std::uint32_t number_;
    PeStage stage_ = PeStage::no_chunk;
    std::uint8_t current_ = 1;  ///< accumulator of the result at work
    std::uint8_t oldest_ = 0;   ///< accumulator that drains next
    bool has_values_ = false;
    List<PeWork> list_;
    std::uint64_t planned_ = 0;
    const OperandChunk* row_ = nullptr;
    const OperandChunk* column_ = nullptr;
    Detector detector_;
    std::uint64_t worked_ = 0;     ///< [cycles] on the chunk at work
    std::uint64_t issued_ = 0;     ///< of the chunk at work
    std::uint64_t effectual_ = 0;  ///< of the chunk at work
    std::array<Accumulator, 2> accumulators_;
    std::array<std::uint64_t, kWaitingStages> waited_{};
    std::uint64_t mac_ = 0;
    std::uint64_t ineffectual_ = 0;
    std::uint64_t empty_chunk_ = 0;
    std::array<std::uint32_t, Detector::kMostWords> row_rank_{};     ///< values before each word
    std::array<std::uint32_t, Detector::kMostWords> column_rank_{};  ///< values before each word
};

}  // namespace skipsim::clocked
