// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/timing_state.h"

namespace skipsim::memory {
namespace {

void raise(std::uint64_t& earliest, std::uint64_t cycle) noexcept {
    earliest = std::max(earliest, cycle);
}

/// The earliest command whose data, `latency` later, starts at `start` or after it.
std::uint64_t command_for(std::uint64_t start, std::uint64_t latency) noexcept {
    return start > latency ? start - latency : 0;
}

}  // namespace

TimingState::TimingState(const DramParams& params)
    : t_(params.timings), burst_(params.burst_cycles()) {
    const DramOrganisation& o = params.organisation;
    ranks_.resize(o.ranks);
    groups_.resize(o.ranks * o.bank_groups);
    banks_.resize(groups_.size() * o.banks_per_group);
    for (std::size_t bank = 0; bank < banks_.size(); ++bank) {
        const std::size_t group = bank / o.banks_per_group;
        banks_[bank].group = static_cast<std::uint32_t>(group);
        banks_[bank].rank = static_cast<std::uint32_t>(group / o.bank_groups);
    }
}

void TimingState::activate(std::size_t bank, std::uint64_t cycle) noexcept {
    Bank& b = banks_[bank];
    Rank& rank = ranks_[b.rank];
    raise(b.activate, cycle + t_.t_rc);
    raise(b.precharge, cycle + t_.t_ras);
    raise(b.read, cycle + t_.t_rcd_read);
    raise(b.write, cycle + t_.t_rcd_write);
    raise(groups_[b.group].activate, cycle + t_.t_rrd_l);
    raise(rank.activate, cycle + t_.t_rrd_s);
    raise(rank.refresh, cycle + t_.t_rc);
    rank.last_activates[rank.oldest_activate] = cycle + t_.t_faw;
    rank.oldest_activate = (rank.oldest_activate + 1) % 4;
    raise(rank.activate, rank.last_activates[rank.oldest_activate]);
}

void TimingState::precharge(std::size_t bank, std::uint64_t cycle) noexcept {
    Bank& b = banks_[bank];
    raise(b.activate, cycle + t_.t_rp);
    raise(ranks_[b.rank].refresh, cycle + t_.t_rp);
}

void TimingState::read(std::size_t bank, std::uint64_t cycle) noexcept {
    Bank& b = banks_[bank];
    column(b, cycle);
    raise(b.precharge, cycle + t_.t_rtp);
    occupy_bus(b.rank, cycle + t_.cl + burst_, false);
}

void TimingState::write(std::size_t bank, std::uint64_t cycle) noexcept {
    Bank& b = banks_[bank];
    const std::uint64_t end = cycle + t_.cwl + burst_;
    column(b, cycle);
    raise(b.precharge, end + t_.t_wr);
    raise(groups_[b.group].read, end + t_.t_wtr_l);
    raise(ranks_[b.rank].read, end + t_.t_wtr_s);
    occupy_bus(b.rank, end, true);
}

void TimingState::column(Bank& bank, std::uint64_t cycle) noexcept {
    Group& group = groups_[bank.group];
    Rank& rank = ranks_[bank.rank];
    raise(group.read, cycle + t_.t_ccd_l);
    raise(group.write, cycle + t_.t_ccd_l);
    raise(rank.read, cycle + t_.t_ccd_s);
    raise(rank.write, cycle + t_.t_ccd_s);
}

void TimingState::occupy_bus(std::uint32_t rank, std::uint64_t end, bool is_write) noexcept {
    const std::uint64_t to_write = is_write ? 0 : t_.t_rtw;
    bus_rank_ = rank;
    bus_read_same_ = command_for(end, t_.cl);
    bus_read_other_ = command_for(end + t_.t_rtrs, t_.cl);
    bus_write_same_ = command_for(end + to_write, t_.cwl);
    bus_write_other_ = command_for(end + std::max(to_write, t_.t_rtrs), t_.cwl);
}

void TimingState::refresh(std::size_t rank, std::uint64_t cycle) noexcept {
    raise(ranks_[rank].activate, cycle + t_.t_rfc);
    raise(ranks_[rank].refresh, cycle + t_.t_rfc);
}

}  // namespace skipsim::memory
