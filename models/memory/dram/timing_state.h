// SPDX-License-Identifier: Apache-2.0
// The earliest cycle of every command of one channel, as the commands issued so far leave it, for
// the rules of README.md. Knows no requests and no policy. A rule "a then b at least n cycles
// later" is applied when a is issued: the earliest cycle of b moves to a + n.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/memory/dram/params.h"

namespace skipsim::memory {

class TimingState {
public:
    explicit TimingState(const DramParams& params);

    /// Earliest cycles as to all banks, ranks and the data bus; command buses are not looked at.
    [[nodiscard]] std::uint64_t activate_from(std::size_t bank) const noexcept {
        const Bank& b = banks_[bank];
        return std::max({b.activate, groups_[b.group].activate, ranks_[b.rank].activate});
    }
    [[nodiscard]] std::uint64_t precharge_from(std::size_t bank) const noexcept {
        return banks_[bank].precharge;
    }
    [[nodiscard]] std::uint64_t read_from(std::size_t bank) const noexcept {
        const Bank& b = banks_[bank];
        return std::max({b.read, groups_[b.group].read, ranks_[b.rank].read,
                         b.rank == bus_rank_ ? bus_read_same_ : bus_read_other_});
    }
    [[nodiscard]] std::uint64_t write_from(std::size_t bank) const noexcept {
        const Bank& b = banks_[bank];
        return std::max({b.write, groups_[b.group].write, ranks_[b.rank].write,
                         b.rank == bus_rank_ ? bus_write_same_ : bus_write_other_});
    }
    [[nodiscard]] std::uint64_t refresh_from(std::size_t rank) const noexcept {
        return ranks_[rank].refresh;
    }
    [[nodiscard]] std::uint32_t rank_of(std::size_t bank) const noexcept {
        return banks_[bank].rank;
    }

    void activate(std::size_t bank, std::uint64_t cycle) noexcept;
    void precharge(std::size_t bank, std::uint64_t cycle) noexcept;
    void read(std::size_t bank, std::uint64_t cycle) noexcept;
    void write(std::size_t bank, std::uint64_t cycle) noexcept;
    void refresh(std::size_t rank, std::uint64_t cycle) noexcept;

private:
    struct Bank {
        std::uint64_t activate = 0;
        std::uint64_t precharge = 0;
        std::uint64_t read = 0;
        std::uint64_t write = 0;
        std::uint32_t group = 0;  ///< within the channel
        std::uint32_t rank = 0;
    };
    struct Group {
        std::uint64_t activate = 0;
        std::uint64_t read = 0;
        std::uint64_t write = 0;
    };
    struct Rank {
        std::uint64_t activate = 0;
        std::uint64_t read = 0;
        std::uint64_t write = 0;
        std::uint64_t refresh = 0;
        std::array<std::uint64_t, 4> last_activates{};  ///< plus t_faw; a ring
        std::uint32_t oldest_activate = 0;
    };

    void column(Bank& bank, std::uint64_t cycle) noexcept;
    void occupy_bus(std::uint32_t rank, std::uint64_t end, bool is_write) noexcept;

    DramTimings t_;
    std::uint64_t burst_;
    std::vector<Bank> banks_;
    std::vector<Group> groups_;
    std::vector<Rank> ranks_;
    // The data bus: its last user, and from when which command may put a burst behind that one.
    std::uint32_t bus_rank_ = 0;
    std::uint64_t bus_read_same_ = 0;
    std::uint64_t bus_read_other_ = 0;
    std::uint64_t bus_write_same_ = 0;
    std::uint64_t bus_write_other_ = 0;
};

}  // namespace skipsim::memory
