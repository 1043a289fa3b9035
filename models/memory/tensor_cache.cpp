// SPDX-License-Identifier: Apache-2.0
#include "models/memory/tensor_cache.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::memory {
namespace {

bool contains(const std::vector<TensorUse>& uses, TensorId id) {
    return std::any_of(uses.begin(), uses.end(),
                       [id](const TensorUse& use) { return use.id == id; });
}

bool writes(const std::vector<TensorUse>& uses, TensorId id) {
    return std::any_of(uses.begin(), uses.end(),
                       [id](const TensorUse& use) { return use.id == id && use.is_written; });
}

}  // namespace

const TensorCache::Entry* TensorCache::find(TensorId id) const noexcept {
    for (const Entry& entry : entries_) {
        if (entry.tensor.id == id) {
            return &entry;
        }
    }
    return nullptr;
}

TensorCache::Entry* TensorCache::find(TensorId id) noexcept {
    return const_cast<Entry*>(static_cast<const TensorCache*>(this)->find(id));
}

std::vector<TensorMove> TensorCache::begin_row(const std::vector<TensorUse>& row,
                                               const std::vector<TensorUse>& next) {
    ++row_;
    std::vector<TensorMove> moves;
    std::uint64_t pinned = 0;
    for (const TensorUse& use : row) {
        if (Entry* entry = find(use.id)) {
            entry->stamp = row_;
            entry->dirty |= use.is_written;
            entry->tensor.outlives_row = use.outlives_row;
            pinned += entry->tensor.bytes;
        }
    }
    for (const TensorUse& use : row) {
        if (holds(use.id) || !use.may_be_placed || use.bytes > capacity_ - pinned) {
            continue;
        }
        make_room(use.bytes, row, {}, moves);
        place(use, TensorMove::Kind::fill, moves);
        pinned += use.bytes;
    }
    for (const TensorUse& use : next) {
        const bool is_there = holds(use.id) || !use.is_read || writes(row, use.id);
        if (!is_there && use.may_be_placed &&
            use.bytes <= capacity_ - used_ + evictable(row, next)) {
            make_room(use.bytes, row, next, moves);
            place(use, TensorMove::Kind::prefetch, moves);
        }
    }
    return moves;
}

void TensorCache::mark_dirty(TensorId id) noexcept {
    if (Entry* entry = find(id)) {
        entry->dirty = true;
    }
}

std::vector<TensorMove> TensorCache::end_iteration() {
    std::vector<TensorMove> moves;
    for (const Entry& entry : entries_) {
        if (entry.dirty && entry.tensor.outlives_iteration) {
            moves.push_back({TensorMove::Kind::write_back, entry.tensor.id, entry.tensor.bytes});
        }
    }
    entries_.clear();
    used_ = 0;
    return moves;
}

std::uint64_t TensorCache::evictable(const std::vector<TensorUse>& row,
                                     const std::vector<TensorUse>& next) const {
    std::uint64_t bytes = 0;
    for (const Entry& entry : entries_) {
        if (!contains(row, entry.tensor.id) && !contains(next, entry.tensor.id)) {
            bytes += entry.tensor.bytes;
        }
    }
    return bytes;
}

void TensorCache::make_room(std::uint64_t bytes, const std::vector<TensorUse>& row,
                            const std::vector<TensorUse>& next, std::vector<TensorMove>& moves) {
    while (capacity_ - used_ < bytes) {
        auto victim = entries_.end();
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
            if (!contains(row, entry->tensor.id) && !contains(next, entry->tensor.id) &&
                (victim == entries_.end() || entry->stamp < victim->stamp)) {
                victim = entry;
            }
        }
        base::require(victim != entries_.end(), "tensor_cache: nothing left to evict");
        const TensorUse& tensor = victim->tensor;
        if (victim->dirty && (tensor.outlives_row || tensor.outlives_iteration)) {
            moves.push_back({TensorMove::Kind::write_back, tensor.id, tensor.bytes});
        }
        used_ -= tensor.bytes;
        entries_.erase(victim);
    }
}

void TensorCache::place(const TensorUse& tensor, TensorMove::Kind kind,
                        std::vector<TensorMove>& moves) {
    const bool is_dirty = tensor.is_written && kind == TensorMove::Kind::fill;
    entries_.push_back({tensor, is_dirty, row_});
    used_ += tensor.bytes;
    if (tensor.is_read) {
        moves.push_back({kind, tensor.id, tensor.bytes});
    }
}

}  // namespace skipsim::memory
