// SPDX-License-Identifier: Apache-2.0
// The global buffer's contents: whole tensors, placed and evicted at the start of rows
// (models/MICROARCHITECTURE.md §14). Decides what is there and what has to move; when it moves is
// the DMA's business.
#pragma once

#include <cstdint>
#include <vector>

namespace skipsim::memory {

using TensorId = std::uint32_t;

/// A tensor as a row meets it.
struct TensorUse {
    TensorId id = 0;
    std::uint64_t bytes = 0;  ///< in the form in which it travels
    bool is_read = false;     ///< what earlier rows left in it
    bool is_written = false;
    bool outlives_row = true;         ///< a later row of the iteration reads it
    bool outlives_iteration = false;  ///< parameters and the optimizer's state
    bool may_be_placed = true;        ///< false: used where it is, streamed otherwise
};

/// One transfer between DRAM and the global buffer that a decision makes necessary.
struct TensorMove {
    enum class Kind { fill, prefetch, write_back };
    Kind kind = Kind::fill;
    TensorId id = 0;
    std::uint64_t bytes = 0;
};

class TensorCache {
public:
    explicit TensorCache(std::uint64_t capacity_bytes) noexcept : capacity_(capacity_bytes) {}

    /// Steps 1 to 3 of the page. `row` and `next` list operands in their order, each tensor once;
    /// `next` is empty at the end of an iteration. Answers the moves in the order in which they
    /// are handed to the DMA.
    std::vector<TensorMove> begin_row(const std::vector<TensorUse>& row,
                                      const std::vector<TensorUse>& next);
    /// Writes back what outlives the iteration; then the buffer is empty.
    std::vector<TensorMove> end_iteration();

    /// A tensor that is written outside a row's own operands (a weight update in the background).
    void mark_dirty(TensorId id) noexcept;

    [[nodiscard]] bool holds(TensorId id) const noexcept { return find(id) != nullptr; }
    [[nodiscard]] std::uint64_t used_bytes() const noexcept { return used_; }

private:
    struct Entry {
        TensorUse tensor;
        bool dirty = false;
        std::uint64_t stamp = 0;
    };
    [[nodiscard]] const Entry* find(TensorId id) const noexcept;
    [[nodiscard]] Entry* find(TensorId id) noexcept;
    /// Bytes that may be evicted when the tensors of both lists have to stay.
    [[nodiscard]] std::uint64_t evictable(const std::vector<TensorUse>& row,
                                          const std::vector<TensorUse>& next) const;
    void make_room(std::uint64_t bytes, const std::vector<TensorUse>& row,
                   const std::vector<TensorUse>& next, std::vector<TensorMove>& moves);
    void place(const TensorUse& tensor, TensorMove::Kind kind, std::vector<TensorMove>& moves);

    std::uint64_t capacity_;
    std::uint64_t used_ = 0;
    std::uint64_t row_ = 0;
    std::vector<Entry> entries_;  // in the order in which they were placed
};

}  // namespace skipsim::memory
