// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/address_map.h"

#include <algorithm>
#include <vector>

#include "sim/base/check.h"

namespace skipsim::memory {
namespace {

const std::vector<std::string>& field_names() {
    static const std::vector<std::string> kNames{"row",       "rank",   "bank",
                                                 "bankgroup", "column", "channel"};
    return kNames;
}

std::vector<std::string> split(const std::string& order) {
    std::vector<std::string> words(1);
    for (const char letter : order) {
        if (letter == '-') {
            words.emplace_back();
        } else {
            words.back() += letter;
        }
    }
    return words;
}

/// Requires a power of two.
unsigned bits_of(std::uint64_t values) {
    unsigned bits = 0;
    while ((values >> bits) > 1) {
        ++bits;
    }
    return bits;
}

}  // namespace

std::string address_order_problem(const std::string& order) {
    const std::vector<std::string> words = split(order);
    for (const std::string& word : words) {
        const auto& names = field_names();
        if (std::find(names.begin(), names.end(), word) == names.end()) {
            return "address_order " + order + ": \"" + word +
                   "\" is not one of row, rank, bank, bankgroup, column, channel";
        }
    }
    for (const std::string& name : field_names()) {
        const auto count = std::count(words.begin(), words.end(), name);
        if (count != 1) {
            return "address_order " + order + ": " + name + " stands " + std::to_string(count) +
                   " times, expected once";
        }
    }
    return {};
}

unsigned address_bits(const DramOrganisation& o) {
    return bits_of(o.channels) + bits_of(o.ranks) + bits_of(o.bank_groups) +
           bits_of(o.banks_per_group) + bits_of(o.rows) + bits_of(o.columns) +
           bits_of(o.bus_bits / 8);
}

AddressMap::AddressMap(const DramParams& params) {
    const DramOrganisation& o = params.organisation;
    base::require(address_order_problem(params.controller.address_order).empty(),
                  "an address map needs every field once");
    std::vector<std::string> words = split(params.controller.address_order);
    std::reverse(words.begin(), words.end());
    unsigned shift = bits_of(params.burst_bytes());
    const auto take = [&shift](std::uint64_t values) {
        const Field field{shift, static_cast<std::uint32_t>(values - 1)};
        shift += bits_of(values);
        return field;
    };
    for (const std::string& word : words) {
        if (word == "row") {
            row_ = take(o.rows);
        } else if (word == "rank") {
            rank_ = take(o.ranks);
        } else if (word == "bank") {
            bank_ = take(o.banks_per_group);
        } else if (word == "bankgroup") {
            bank_group_ = take(o.bank_groups);
        } else if (word == "column") {
            column_ = take(o.columns / o.burst_length);
        } else {
            channel_ = take(o.channels);
        }
    }
}

std::uint64_t AddressMap::address(const DramPlace& place) const noexcept {
    const auto at = [](std::uint32_t value, const Field& field) {
        return std::uint64_t{value & field.mask} << field.shift;
    };
    return at(place.channel, channel_) | at(place.rank, rank_) | at(place.bank_group, bank_group_) |
           at(place.bank, bank_) | at(place.row, row_) | at(place.column, column_);
}

}  // namespace skipsim::memory
