// SPDX-License-Identifier: Apache-2.0
// Which bits of an address choose the channel, rank, bank group, bank, row and column. The order is
// a word such as "row-rank-bank-bankgroup-column-channel", from the highest bits to the lowest;
// below the lowest field lie the bytes of a burst. "column" counts bursts of a row.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "models/memory/dram/params.h"

namespace skipsim::memory {

constexpr unsigned kMaxAddressBits = 60;

/// Empty if every field stands once in `order`, else one line.
std::string address_order_problem(const std::string& order);
/// Bits of a byte address. Every field is a power of two.
unsigned address_bits(const DramOrganisation& organisation);

struct DramPlace {
    std::uint32_t channel = 0;
    std::uint32_t rank = 0;
    std::uint32_t bank_group = 0;
    std::uint32_t bank = 0;  ///< within the bank group
    std::uint32_t row = 0;
    std::uint32_t column = 0;  ///< [bursts]
};

class AddressMap {
public:
    /// Requires params without problems.
    explicit AddressMap(const DramParams& params);

    [[nodiscard]] std::uint32_t channel(std::uint64_t address) const noexcept {
        return channel_.of(address);
    }
    [[nodiscard]] DramPlace place(std::uint64_t address) const noexcept {
        return {channel_.of(address), rank_.of(address), bank_group_.of(address),
                bank_.of(address),    row_.of(address),  column_.of(address)};
    }
    /// The first byte of a burst; the inverse of place().
    [[nodiscard]] std::uint64_t address(const DramPlace& place) const noexcept;

private:
    struct Field {
        unsigned shift = 0;
        std::uint32_t mask = 0;
        [[nodiscard]] std::uint32_t of(std::uint64_t address) const noexcept {
            return static_cast<std::uint32_t>(address >> shift) & mask;
        }
    };

    Field channel_;
    Field rank_;
    Field bank_group_;
    Field bank_;
    Field row_;
    Field column_;
};

}  // namespace skipsim::memory
