// SPDX-License-Identifier: Apache-2.0
// Which command a channel issues next, and when (README.md, "Order").
#include <algorithm>

#include "models/memory/dram/channel.h"

namespace skipsim::memory {
namespace {

// Urgency of a command; the lowest wins a cycle.
constexpr std::uint32_t kRefreshFirst = 0;
constexpr std::uint32_t kColumn = 1;
constexpr std::uint32_t kRow = 2;

}  // namespace

const DramChannel::Decision& DramChannel::decision() const {
    if (is_decided_) {
        return decision_;
    }
    decision_ = ordinary();
    if (!queue_.is_empty()) {
        const std::uint64_t cap =
            queue_.entry(queue_.oldest()).arrival + params_.controller.age_cap;
        if (decision_.cycle >= cap) {
            decision_ = urgent(cap);
        }
    }
    if (decision_.cycle >= next_due_) {
        for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
            offer_refresh(decision_, rank);
        }
    }
    is_decided_ = true;
    return decision_;
}

DramChannel::Decision DramChannel::ordinary() const noexcept {
    Decision best;
    for (std::uint64_t left = queue_.waiting_banks(); left != 0; left &= left - 1) {
        const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(left));
        if (queue_.has_hits(bank)) {
            for (const bool is_write : {false, true}) {
                const std::uint16_t slot = queue_.hit(bank, is_write);
                if (slot != kNoSlot) {
                    offer_column(best, bank, slot);
                }
            }
        } else {
            offer_row(best, bank, queue_.oldest_of(bank));
        }
    }
    return best;
}

/// Past the age cap: only the oldest request has a read or write; its bank works for it alone.
DramChannel::Decision DramChannel::urgent(std::uint64_t from) const noexcept {
    Decision best;
    const std::uint16_t oldest = queue_.oldest();
    const std::uint32_t its_bank = queue_.entry(oldest).bank;
    if (queue_.open_row(its_bank) == queue_.entry(oldest).row) {
        offer_column(best, its_bank, oldest);
    } else {
        offer_row(best, its_bank, oldest);
    }
    best.cycle = std::max(best.cycle, from);
    if (best.cycle >= ranks_[timing_.rank_of(its_bank)].due) {
        best = Decision{};
    }
    for (std::uint64_t left = queue_.waiting_banks(); left != 0; left &= left - 1) {
        const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(left));
        if (bank != its_bank && !queue_.has_hits(bank)) {
            offer_row(best, bank, queue_.oldest_of(bank));
        }
    }
    return best;
}

/// An activate for the request in `slot`, or before it the precharge of another row.
void DramChannel::offer_row(Decision& best, std::uint32_t bank, std::uint16_t slot) const noexcept {
    const bool is_open = queue_.is_open(bank);
    const std::uint64_t from = is_open ? timing_.precharge_from(bank) : timing_.activate_from(bank);
    const std::uint64_t cycle = std::max({from, row_free_, undecided_});
    if (cycle < ranks_[timing_.rank_of(bank)].due) {
        offer(best, {cycle, kRow, is_open ? DramCommandKind::precharge : DramCommandKind::activate,
                     slot, queue_.entry(slot).order, bank});
    }
}

void DramChannel::offer_column(Decision& best, std::uint32_t bank,
                               std::uint16_t slot) const noexcept {
    const bool is_write = queue_.entry(slot).is_write;
    const std::uint64_t from = is_write ? timing_.write_from(bank) : timing_.read_from(bank);
    const std::uint64_t cycle = std::max({from, column_free_, undecided_});
    if (cycle < ranks_[timing_.rank_of(bank)].due) {
        offer(best, {cycle, kColumn, is_write ? DramCommandKind::write : DramCommandKind::read,
                     slot, queue_.entry(slot).order, bank});
    }
}

/// Once a rank's refresh is due nothing but it, and the precharges before it, goes to the rank.
void DramChannel::offer_refresh(Decision& best, std::uint32_t rank) const noexcept {
    const std::uint64_t earliest = std::max({ranks_[rank].due, row_free_, undecided_});
    const std::uint32_t first = rank * banks_per_rank_;
    if (ranks_[rank].open_banks == 0) {
        offer(best, {std::max(earliest, timing_.refresh_from(rank)), kRefreshFirst,
                     DramCommandKind::refresh, kNoSlot, first, rank});
        return;
    }
    for (std::uint32_t bank = first; bank < first + banks_per_rank_; ++bank) {
        if (queue_.is_open(bank)) {
            offer(best, {std::max(earliest, timing_.precharge_from(bank)), kRefreshFirst,
                         DramCommandKind::precharge, kNoSlot, bank, bank});
        }
    }
}

void DramChannel::offer(Decision& best, const Decision& candidate) const noexcept {
    if (candidate.cycle != best.cycle) {
        if (candidate.cycle < best.cycle) {
            best = candidate;
        }
    } else if (candidate.urgency != best.urgency ? candidate.urgency < best.urgency
                                                 : candidate.order < best.order) {
        best = candidate;
    }
}

}  // namespace skipsim::memory
