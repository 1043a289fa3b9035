// SPDX-License-Identifier: Apache-2.0
// The requests that wait in one channel, in order of arrival, over all banks and bank by bank, and
// which of them hit the open row of their bank. Knows no times but that of arrival.
//
// Two hits of a bank are candidates: its oldest read and its oldest write. The younger of the two
// is none while an older hit of the other kind has the same column: requests to one address are
// served in order of arrival.
#pragma once

#include <cstdint>
#include <vector>

namespace skipsim::memory {

constexpr std::uint16_t kNoSlot = 0xFFFF;
constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

class RequestQueue {
public:
    struct Entry {
        std::uint64_t id = 0;
        std::uint64_t arrival = 0;  ///< [cycles]
        std::uint64_t order = 0;    ///< of arrival, no two alike
        std::uint32_t row = 0;
        std::uint32_t column = 0;
        std::uint32_t bank = 0;  ///< within the channel
        bool is_write = false;
    };

    RequestQueue(std::uint64_t entries, std::size_t banks);
    /// Empty, all banks closed.
    void reset();

    [[nodiscard]] bool is_empty() const noexcept { return oldest_ == kNoSlot; }
    [[nodiscard]] bool is_full() const noexcept { return free_ == kNoSlot; }
    [[nodiscard]] const Entry& entry(std::uint16_t slot) const noexcept {
        return slots_[slot].entry;
    }
    [[nodiscard]] std::uint16_t oldest() const noexcept { return oldest_; }
    /// Bit b: a request waits for bank b.
    [[nodiscard]] std::uint64_t waiting_banks() const noexcept { return waiting_; }
    [[nodiscard]] std::uint16_t oldest_of(std::size_t bank) const noexcept {
        return banks_[bank].oldest;
    }
    [[nodiscard]] bool is_open(std::size_t bank) const noexcept {
        return banks_[bank].open_row != kNoRow;
    }
    [[nodiscard]] std::uint32_t open_row(std::size_t bank) const noexcept {
        return banks_[bank].open_row;
    }
    [[nodiscard]] bool has_hits(std::size_t bank) const noexcept {
        return banks_[bank].hits[0] + banks_[bank].hits[1] != 0;
    }
    /// The candidate or kNoSlot.
    [[nodiscard]] std::uint16_t hit(std::size_t bank, bool is_write) const noexcept {
        return banks_[bank].candidate[is_write ? 1 : 0];
    }

    /// Requires a free entry. True if the oldest request or a candidate of the bank changed.
    bool push(const Entry& entry);
    void remove(std::uint16_t slot);
    void open(std::size_t bank, std::uint32_t row);
    void close(std::size_t bank);

private:
    struct Slot {
        Entry entry;
        std::uint16_t older = kNoSlot;  ///< over all banks
        std::uint16_t newer = kNoSlot;
        std::uint16_t older_in_bank = kNoSlot;
        std::uint16_t newer_in_bank = kNoSlot;
    };
    struct Bank {
        std::uint32_t open_row = kNoRow;
        std::uint16_t oldest = kNoSlot;
        std::uint16_t newest = kNoSlot;
        std::uint16_t hits[2] = {0, 0};  ///< waiting reads, writes to the open row
        std::uint16_t candidate[2] = {kNoSlot, kNoSlot};
    };

    void unlink(std::uint16_t slot) noexcept;
    void find_candidates(Bank& bank) noexcept;
    [[nodiscard]] std::uint16_t first_hit(const Bank& bank, bool is_write) const noexcept;
    [[nodiscard]] bool must_wait(const Bank& bank, std::uint16_t slot) const noexcept;

    std::vector<Slot> slots_;
    std::vector<Bank> banks_;
    std::uint64_t waiting_ = 0;
    std::uint16_t oldest_ = kNoSlot;
    std::uint16_t newest_ = kNoSlot;
    std::uint16_t free_ = kNoSlot;  ///< list through `newer`
};

}  // namespace skipsim::memory
