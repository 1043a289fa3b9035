// SPDX-License-Identifier: Apache-2.0
// The state of a PE array between chunks, shared by the bookkeeping (pe_array.cpp) and the
// vectorised inner loop (chunk_kernel.cpp). PEs are stored row by row, `lanes` a row.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/core/params.h"
#include "models/core/pe_array.h"

namespace skipsim::core {

/// Sums over PEs and chunks that the inner loop adds to.
struct ChunkSums {
    std::uint64_t issued = 0;
    std::uint64_t effectual = 0;
    std::uint64_t mac_cycles = 0;
    std::uint64_t issue_cycles = 0;
    std::uint64_t cost_cycles = 0;
    std::uint64_t wait_memory = 0;
    std::uint64_t wait_weight = 0;
    std::uint64_t idle = 0;
    std::uint64_t wait_sibling = 0;
    std::uint64_t wait_operand = 0;
    std::uint64_t wait_drain = 0;
    std::uint64_t feed_values = 0;  ///< [operands] delivered by the private feed
    std::uint64_t feed_words = 0;   ///< [64-bit words] read for it
    std::uint64_t feed_chunks = 0;  ///< [chunks] delivered by it
};

struct UnevenState;

struct ArrayState {
    explicit ArrayState(const CoreParams& core_params);
    ~ArrayState();
    ArrayState(ArrayState&&) noexcept;
    ArrayState& operator=(ArrayState&&) noexcept;

    CoreParams params;
    std::uint32_t lanes;
    std::uint32_t slot = 0;            ///< FIFO slot of the next chunk
    std::uint64_t segment_chunks = 0;  ///< chunks since the occupied part of the array changed
    std::uint32_t rows_active = 0;
    std::uint32_t columns_active = 0;

    std::vector<std::uint64_t> pe_free;         ///< [PE] f_p
    std::vector<std::uint64_t> slot_free;       ///< [slot][PE] s_p + 1 of the chunk in that slot
    std::vector<std::uint64_t> row_slot_free;   ///< [slot][row] maximum over the active columns
    std::vector<std::uint64_t> lane_slot_free;  ///< [slot][lane] maximum over the active rows
    std::vector<std::uint64_t> row_bus_free;    ///< [row] h
    std::vector<std::uint64_t> lane_bus_free;   ///< [lane] h
    std::vector<std::uint64_t> drained;         ///< [PE] d + 1 of the previous result
    std::vector<std::uint64_t> drained_before;  ///< [PE] d + 1 of the result before that one
    std::vector<std::uint64_t> drain_free;      ///< [lane] d + 1 of the last drain
    std::vector<std::uint64_t> lane_mask;       ///< [lane] all ones in active columns
    std::vector<std::uint64_t> all_needed;      ///< [lane] all ones
    std::vector<std::uint64_t> lane_payload;    ///< [chunk][lane] of the current column operands
    std::vector<std::uint64_t> row_payload;     ///< [row][chunk] of the current result
    std::vector<std::uint64_t> lane_send;       ///< [lane] u of the chunk under way
    std::vector<std::uint64_t> lane_arrive;     ///< [lane] b + 1 of the chunk under way
    ChunkSums sums;
    std::unique_ptr<UnevenState> uneven;  ///< made for the first uneven tile of a row
};

/// One result (or slice) as the inner loop sees it.
struct ResultView {
    const std::uint64_t* row_issue;       ///< [row][chunk][word]
    const std::uint64_t* row_nonzero;     ///< nullptr = same as row_issue
    const std::uint64_t* column_issue;    ///< [chunk][word][lane]
    const std::uint64_t* column_nonzero;  ///< as row_nonzero; both or none
    const std::uint64_t* needed;          ///< [row][lane], or nullptr
    std::uint32_t chunks;
    bool starts_result;
    std::uint64_t input_ready;  ///< 0 unless the result is the first of its tile
    std::uint64_t weight_ready;
};

/// Moves the FIFO history of PEs that took no part to the common slot counter.
void align_bystanders(ArrayState& state);

/// Advances the array over all chunks of a result. The fastest instruction set is chosen at run
/// time (Google Highway).
void run_result(ArrayState& state, const ResultView& result);

/// Ones in `words` consecutive words, for `count` groups of words; answers go to `ones`.
void count_groups(const std::uint64_t* words, std::size_t count, std::uint32_t words_per_group,
                  std::uint64_t* ones);

}  // namespace skipsim::core
