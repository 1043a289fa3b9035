// SPDX-License-Identifier: Apache-2.0
// The PE array of a core, clock edge by clock edge: row and column buses or the private feed,
// FIFOs, skip schedulers, accumulators, drains (models/MICROARCHITECTURE.md §6, §6.1, §7). It
// decides in every cycle from what it sees in that cycle; it knows no recurrence.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "models/core/clocked/sum_store.h"
#include "models/core/params.h"
#include "models/reduction/clocked/tile_work.h"
#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"

namespace skipsim::clocked {

/// What an array did in a row.
struct ArrayCounts {
    base::PeCycles pe_cycles;  ///< of every cycle of every PE, up to now
    base::ActionCounts actions;
    std::uint64_t issued = 0;               ///< [multiplies]
    std::uint64_t effectual = 0;            ///< [multiplies]
    std::uint64_t skipped_input = 0;        ///< [multiplies] A not sent
    std::uint64_t skipped_weight_fine = 0;  ///< [multiplies] A sent, B not
};

class Array {
public:
    explicit Array(const core::CoreParams& params);
    ~Array();
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;

    /// Cold start. `input_role`, `weight_role`: these bitmaps travel. `sums` may be null (no
    /// values).
    void start_row(bool input_role, bool weight_role, SumStore* sums);
    /// Tiles come in order, before their operands are there.
    void add_tile(TileWork tile);
    /// No tile comes any more.
    void end_of_list();
    /// From this cycle's step on the operand of that tile can be sent.
    void input_is_there(std::uint64_t tile);
    void weight_is_there(std::uint64_t tile);

    /// One clock edge. Answers whether anything changed or counts down.
    bool step();

    // As seen at an edge, before its step:
    /// Every chunk of that tile and of those before has been worked through by every PE.
    [[nodiscard]] bool is_through(std::uint64_t tile) const;
    /// Results whose last chunk is in that tile, or in one before it, have drained.
    [[nodiscard]] bool has_drained(std::uint64_t tile) const;
    /// [results] that have drained for good (`completes`) once has_drained(), of that tile and
    /// those before it. Known from add_tile() on.
    [[nodiscard]] std::uint64_t results_left(std::uint64_t tile) const;

    /// Every PE is through with everything and every result has drained. Requires end_of_list().
    [[nodiscard]] bool is_empty() const;
    /// Counts of the cycles stepped so far; PE cycles that nothing followed are idle.
    [[nodiscard]] ArrayCounts counts() const;
    /// [results] that left the array for good, of a phase.
    [[nodiscard]] std::uint64_t results_of_phase(std::uint32_t phase) const;
    /// One line: what every bus, PE and drain waits for; for the report of a deadlock.
    [[nodiscard]] std::string state() const;

    /// A value that can be watched in a waveform.
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;
    /// Names every signal, "pe_0_1.fifo_level" …; the values live as long as the array.
    void watch(const Watch& signal) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skipsim::clocked
