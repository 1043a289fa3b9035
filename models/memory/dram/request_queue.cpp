// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/request_queue.h"

#include <algorithm>

namespace skipsim::memory {

RequestQueue::RequestQueue(std::uint64_t entries, std::size_t banks)
    : slots_(entries), banks_(banks) {
    reset();
}

void RequestQueue::reset() {
    std::fill(banks_.begin(), banks_.end(), Bank{});
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        slots_[slot] = Slot{};
        slots_[slot].newer =
            slot + 1 < slots_.size() ? static_cast<std::uint16_t>(slot + 1) : kNoSlot;
    }
    free_ = 0;
    oldest_ = kNoSlot;
    newest_ = kNoSlot;
    waiting_ = 0;
}

bool RequestQueue::push(const Entry& entry) {
    const std::uint16_t slot = free_;
    Slot& added = slots_[slot];
    Bank& bank = banks_[entry.bank];
    free_ = added.newer;
    added = {entry, newest_, kNoSlot, bank.newest, kNoSlot};
    (newest_ == kNoSlot ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
    const bool is_first = bank.newest == kNoSlot;
    (is_first ? bank.oldest : slots_[bank.newest].newer_in_bank) = slot;
    bank.newest = slot;
    waiting_ |= std::uint64_t{1} << entry.bank;
    if (bank.open_row == entry.row && bank.hits[entry.is_write ? 1 : 0]++ == 0) {
        find_candidates(bank);
        return true;
    }
    return is_first;
}

void RequestQueue::remove(std::uint16_t slot) {
    const Entry& entry = slots_[slot].entry;
    Bank& bank = banks_[entry.bank];
    unlink(slot);
    if (bank.oldest == kNoSlot) {
        waiting_ &= ~(std::uint64_t{1} << entry.bank);
    }
    if (bank.open_row == entry.row) {
        --bank.hits[entry.is_write ? 1 : 0];
        find_candidates(bank);
    }
    slots_[slot].newer = free_;
    free_ = slot;
}

void RequestQueue::unlink(std::uint16_t slot) noexcept {
    const Slot& gone = slots_[slot];
    Bank& bank = banks_[gone.entry.bank];
    (gone.older == kNoSlot ? oldest_ : slots_[gone.older].newer) = gone.newer;
    (gone.newer == kNoSlot ? newest_ : slots_[gone.newer].older) = gone.older;
    (gone.older_in_bank == kNoSlot ? bank.oldest : slots_[gone.older_in_bank].newer_in_bank) =
        gone.newer_in_bank;
    (gone.newer_in_bank == kNoSlot ? bank.newest : slots_[gone.newer_in_bank].older_in_bank) =
        gone.older_in_bank;
}

void RequestQueue::open(std::size_t index, std::uint32_t row) {
    Bank& bank = banks_[index];
    bank.open_row = row;
    for (std::uint16_t slot = bank.oldest; slot != kNoSlot; slot = slots_[slot].newer_in_bank) {
        const Entry& waiting = slots_[slot].entry;
        if (waiting.row == row) {
            ++bank.hits[waiting.is_write ? 1 : 0];
        }
    }
    find_candidates(bank);
}

void RequestQueue::close(std::size_t index) {
    Bank& bank = banks_[index];
    bank.open_row = kNoRow;
    for (const std::size_t kind : {0U, 1U}) {
        bank.hits[kind] = 0;
        bank.candidate[kind] = kNoSlot;
    }
}

void RequestQueue::find_candidates(Bank& bank) noexcept {
    const std::uint16_t read = first_hit(bank, false);
    const std::uint16_t write = first_hit(bank, true);
    bank.candidate[0] = read;
    bank.candidate[1] = write;
    if (read != kNoSlot && write != kNoSlot) {
        const bool is_write_younger = slots_[write].entry.order > slots_[read].entry.order;
        if (must_wait(bank, is_write_younger ? write : read)) {
            bank.candidate[is_write_younger ? 1 : 0] = kNoSlot;
        }
    }
}

std::uint16_t RequestQueue::first_hit(const Bank& bank, bool is_write) const noexcept {
    if (bank.hits[is_write ? 1 : 0] == 0) {
        return kNoSlot;
    }
    std::uint16_t slot = bank.oldest;
    while (slots_[slot].entry.row != bank.open_row || slots_[slot].entry.is_write != is_write) {
        slot = slots_[slot].newer_in_bank;
    }
    return slot;
}

/// Whether an older request goes to the same address. Those of the same kind are no candidates.
bool RequestQueue::must_wait(const Bank& bank, std::uint16_t slot) const noexcept {
    const Entry& entry = slots_[slot].entry;
    for (std::uint16_t older = bank.oldest; older != slot; older = slots_[older].newer_in_bank) {
        if (slots_[older].entry.row == entry.row && slots_[older].entry.column == entry.column) {
            return true;
        }
    }
    return false;
}

}  // namespace skipsim::memory
