// SPDX-License-Identifier: Apache-2.0
// Completions in the order of the data bus, taken from the front. Grows to what was ever waiting at
// once and then allocates no more.
#pragma once

#include <cstddef>
#include <vector>

#include "models/memory/dram/command.h"

namespace skipsim::memory {

class CompletionRing {
public:
    [[nodiscard]] bool is_empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const DramCompletion& front() const noexcept { return items_[first_]; }
    void pop() noexcept {
        first_ = (first_ + 1) & (items_.size() - 1);
        --size_;
    }
    void push(const DramCompletion& item) {
        if (size_ == items_.size()) {
            grow();
        }
        items_[(first_ + size_) & (items_.size() - 1)] = item;
        ++size_;
    }
    void clear() noexcept { size_ = 0; }

private:
    void grow() {
        std::vector<DramCompletion> larger(items_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i) {
            larger[i] = items_[(first_ + i) & (items_.size() - 1)];
        }
        items_.swap(larger);
        first_ = 0;
    }

    std::vector<DramCompletion> items_ = std::vector<DramCompletion>(64);  ///< a power of two
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace skipsim::memory
