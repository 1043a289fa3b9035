// SPDX-License-Identifier: Apache-2.0
// What the PE array keeps beside ArrayState for tiles in which not every place takes every chunk:
// private blocks, and broadcast blocks whose columns jump chunks (models/MICROARCHITECTURE.md §6).
// Masks are all ones or zero. PEs are stored row by row, `lanes` a row.
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/pe_array_state.h"

namespace skipsim::core {

/// What a chunk of a row costs, packed into one word so that the inner loop gathers it once.
struct RowEntry {
    static constexpr unsigned kValuesShift = 16;
    static constexpr unsigned kWordsShift = 32;
    static constexpr std::uint64_t kFieldMask = 0xFFFF;

    /// payload [cycles], values [operands], words [64-bit words]: each below 2^16.
    static std::uint64_t pack(std::uint64_t payload, std::uint64_t values,
                              std::uint64_t words) noexcept {
        return payload | values << kValuesShift | words << kWordsShift;
    }
    static std::uint64_t payload(std::uint64_t entry) noexcept { return entry & kFieldMask; }
    static std::uint64_t values(std::uint64_t entry) noexcept {
        return entry >> kValuesShift & kFieldMask;
    }
    static std::uint64_t words(std::uint64_t entry) noexcept { return entry >> kWordsShift; }
};

struct UnevenState {
    UnevenState(const CoreParams& params, std::uint32_t lanes);

    /// True while every PE's FIFO history has a place of its own in the ring (ring_at), false
    /// while ArrayState::slot is everybody's.
    bool owns_history = false;
    std::vector<std::uint64_t> ring_at;  ///< [PE] index into slot_free of its oldest entry
    std::vector<std::uint64_t> oldest;   ///< [PE] that entry: s + 1 of the depth-th last chunk

    // The result under way.
    std::vector<std::uint64_t> place;      ///< [PE] mask: has a place
    std::vector<std::uint64_t> row_base;   ///< [PE] its row of the operands, times chunks
    std::vector<std::uint64_t> word_base;  ///< [PE] the same in words
    std::vector<std::uint64_t> open;       ///< [PE] mask: has started a chunk of it
    std::vector<std::uint64_t> lane_sent;  ///< [lane] mask: the column bus has sent a chunk of it
    std::vector<std::uint64_t> row_sent;   ///< [row] not 0: the row bus has sent a chunk of it
    bool feed_sent = false;                ///< the feed has sent a chunk of it

    std::uint64_t feed_free = 0;  ///< h of the feed
    // [PE] mask: place in the result that the feed, its row bus served last. A column bus needs
    // none: its PEs jump the same chunks, so those with a place took the last one it sent.
    std::vector<std::uint64_t> feed_place;
    std::vector<std::uint64_t> row_place;

    // Receivers of the chunk under way; kept while neither places nor jumps change.
    bool receivers_known = false;
    std::vector<std::uint64_t> jumps;          ///< [lane] for which they were found
    std::vector<std::uint64_t> receives;       ///< [PE] mask
    std::vector<std::uint64_t> lane_receives;  ///< [lane] mask: some PE of the column receives
    std::vector<std::uint64_t> row_receives;   ///< [row] not 0: some PE of the row receives
    std::vector<std::uint64_t> feed_slot;      ///< [PE] number of its slot, from 1
    std::uint64_t feed_slots = 0;              ///< S; 0 = nobody receives

    // The chunk under way.
    std::vector<std::uint64_t> lane_latest;  ///< [lane] latest s + 1 that a receiver waits for
    std::vector<std::uint64_t> lane_idle;    ///< [lane] h, or 0 if the bus serves this result
    std::vector<std::uint64_t> row_latest;   ///< [row] as lane_latest

    // The tile under way.
    std::vector<std::uint64_t> row_entries;  ///< [row of the operands][chunk]
    std::vector<std::uint64_t> row_values;   ///< scratch: ones of the same
    std::vector<std::uint64_t> lane_values;  ///< [lane] values of the chunks it does not jump
    std::vector<std::uint64_t> lane_words;   ///< [lane] 64-bit words of the same
    std::vector<std::uint64_t> lane_chunks;  ///< [lane] chunks it does not jump
};

/// One result (or slice) of an uneven tile as the inner loop sees it.
struct UnevenView {
    const std::uint64_t* row_issue;       ///< [row of the operands][chunk][word]
    const std::uint64_t* row_nonzero;     ///< nullptr = same as row_issue
    const std::uint64_t* row_entries;     ///< [row of the operands][chunk]
    const std::uint64_t* column_issue;    ///< [chunk][word][lane]
    const std::uint64_t* column_nonzero;  ///< as row_nonzero; both or none
    const std::uint64_t* needed;          ///< [row][lane], or nullptr
    const std::uint64_t* jumped;          ///< [chunk][lane], or nullptr
    std::uint32_t chunks;
    std::uint32_t rows;
    std::uint32_t columns;
    bool is_private;
    std::uint64_t ready;  ///< the later of the two below
    std::uint64_t input_ready;
    std::uint64_t weight_ready;
};

/// [cycles] a bus is busy with a chunk.
std::uint64_t payload_cycles(std::uint64_t values, std::uint64_t bits, const CoreParams& params);

/// Change between a FIFO slot counter of all PEs and one of each PE.
void enter_uneven(ArrayState& state);
void leave_uneven(ArrayState& state);

/// After a result of an even tile. Its PEs took the last chunk of their buses, so that h can no
/// longer make them wait and no mask is needed to say that they had a place.
void forget_places(UnevenState& uneven, std::uint32_t lanes, std::size_t rows);

/// Finds who receives a chunk that the columns with a mask in `jumps` (or nullptr) jump.
void find_receivers(const ArrayState& state, UnevenState& uneven, const std::uint64_t* jumps,
                    std::uint32_t rows, std::uint32_t columns);

/// Advances the array over all chunks of a result of an uneven tile.
void run_uneven_result(ArrayState& state, const UnevenView& result);

}  // namespace skipsim::core
