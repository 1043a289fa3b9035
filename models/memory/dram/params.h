// SPDX-License-Identifier: Apache-2.0
// What a DRAM is made of and how fast its commands may follow each other. Times are whole cycles
// of the memory clock; README.md states every rule. Data moves on both clock edges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::memory {

constexpr std::uint64_t kMaxDramBanks = 64;         ///< of one channel, all ranks together
constexpr std::uint64_t kMaxDramQueue = 1024;       ///< [requests/channel]
constexpr std::uint64_t kMaxDramTiming = 1 << 20;   ///< [cycles]
constexpr std::uint64_t kMaxDramField = 1U << 20U;  ///< values of one address field

/// Every number is a power of two.
struct DramOrganisation {
    std::uint64_t channels = 0;
    std::uint64_t ranks = 0;            ///< per channel
    std::uint64_t bank_groups = 0;      ///< per rank
    std::uint64_t banks_per_group = 0;  ///< per bank group
    std::uint64_t rows = 0;             ///< per bank
    std::uint64_t columns = 0;          ///< per row, one bus width each
    std::uint64_t bus_bits = 0;         ///< data bus of a channel [bit]
    std::uint64_t burst_length = 0;     ///< columns of a burst [beats], two beats a cycle
};

/// [memory clock cycles]
struct DramTimings {
    std::uint64_t t_rcd_read = 0;   ///< activate to read, same bank
    std::uint64_t t_rcd_write = 0;  ///< activate to write, same bank
    std::uint64_t t_rp = 0;         ///< precharge to activate or refresh
    std::uint64_t t_ras = 0;        ///< activate to precharge, same bank
    std::uint64_t t_rc = 0;         ///< activate to activate (same bank) or refresh
    std::uint64_t cl = 0;           ///< read to its first beat
    std::uint64_t cwl = 0;          ///< write to its first beat
    std::uint64_t t_ccd_s = 0;      ///< column to column command, same rank
    std::uint64_t t_ccd_l = 0;      ///< ... same bank group
    std::uint64_t t_rrd_s = 0;      ///< activate to activate, same rank
    std::uint64_t t_rrd_l = 0;      ///< ... same bank group
    std::uint64_t t_faw = 0;        ///< window of a rank with at most four activates
    std::uint64_t t_wr = 0;         ///< last beat written to precharge, same bank
    std::uint64_t t_wtr_s = 0;      ///< last beat written to read, same rank
    std::uint64_t t_wtr_l = 0;      ///< ... same bank group
    std::uint64_t t_rtp = 0;        ///< read to precharge, same bank
    std::uint64_t t_rtw = 0;        ///< idle data bus between read data and write data
    std::uint64_t t_rtrs = 0;       ///< idle data bus between data of two ranks
    std::uint64_t t_refi = 0;       ///< between the due times of a rank's refreshes
    std::uint64_t t_rfc = 0;        ///< refresh to activate or refresh, same rank
};

enum class PagePolicy : std::uint8_t {
    open,    ///< a row stays open until another row or a refresh needs the bank
    closed,  ///< every read and write precharges its bank afterwards
};

struct DramController {
    std::uint64_t queue_entries = 0;  ///< [requests/channel], reads and writes together
    std::uint64_t age_cap = 0;        ///< [cycles] from here the oldest request goes first
    PagePolicy page_policy = PagePolicy::open;
    bool split_command_bus = false;  ///< row and column commands have a bus each
    /// Every field once, from the highest address bits to the lowest.
    std::string address_order = "row-rank-bank-bankgroup-column-channel";
};

struct DramParams {
    DramOrganisation organisation;
    DramTimings timings;
    DramController controller;

    [[nodiscard]] std::uint64_t burst_bytes() const noexcept;
    /// [cycles] of the data bus
    [[nodiscard]] std::uint64_t burst_cycles() const noexcept;
    /// [byte]
    [[nodiscard]] std::uint64_t capacity() const noexcept;
    /// One line for each broken rule; empty if a Dram can be made of it.
    [[nodiscard]] std::vector<std::string> problems() const;
};

}  // namespace skipsim::memory
