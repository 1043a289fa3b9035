// SPDX-License-Identifier: Apache-2.0
// What is issued and what follows from it; channel_choice.cpp decides.
#include "models/memory/dram/channel.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::memory {

DramChannel::DramChannel(const DramParams& params, std::uint32_t index)
    : params_(params),
      index_(index),
      min_latency_(std::min(params.timings.cl, params.timings.cwl) + params.burst_cycles()),
      banks_per_rank_(static_cast<std::uint32_t>(params.organisation.bank_groups *
                                                 params.organisation.banks_per_group)),
      timing_(params),
      queue_(params.controller.queue_entries, params.organisation.ranks * banks_per_rank_),
      ranks_(params.organisation.ranks) {
    reset();
}

void DramChannel::reset() {
    timing_ = TimingState(params_);
    queue_.reset();
    completions_.clear();
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
        ranks_[rank] = Rank{};
        ranks_[rank].due = params_.timings.t_refi * (rank + 1) / ranks_.size();
    }
    find_next_due();
    undecided_ = 0;
    row_free_ = 0;
    column_free_ = 0;
    next_order_ = 0;
    counts_ = DramCounts{};
    is_decided_ = false;
}

void DramChannel::catch_up(std::uint64_t cycle) {
    if (cycle < undecided_) {
        return;
    }
    while (true) {
        if (queue_.is_empty() && next_due_ <= cycle && trace_ == nullptr) {
            skip_idle_refreshes(cycle);
        }
        if (decision().cycle > cycle) {
            break;
        }
        issue(decision_);
        is_decided_ = false;
    }
    undecided_ = cycle + 1;
}

void DramChannel::push(std::uint64_t cycle, const DramRequest& request, const DramPlace& place) {
    base::require(cycle + 1 == undecided_, "a request is pushed into a cycle that is over");
    base::require(!queue_.is_full(), "a request is pushed into a full DRAM queue");
    const auto group = static_cast<std::uint32_t>(place.rank * params_.organisation.bank_groups +
                                                  place.bank_group);
    const auto bank =
        static_cast<std::uint32_t>(group * params_.organisation.banks_per_group + place.bank);
    if (queue_.push(
            {request.id, cycle, next_order_++, place.row, place.column, bank, request.is_write})) {
        is_decided_ = false;
    }
}

std::uint64_t DramChannel::next_event_cycle() const {
    const std::uint64_t done = completions_.is_empty() ? kNever : completions_.front().cycle;
    if (queue_.is_empty()) {
        return done;
    }
    const std::uint64_t command = decision().cycle;
    return std::min(done, queue_.is_full() ? command : command + min_latency_);
}

void DramChannel::issue(const Decision& chosen) {
    const bool is_column =
        chosen.kind == DramCommandKind::read || chosen.kind == DramCommandKind::write;
    if (is_column || !params_.controller.split_command_bus) {
        column_free_ = chosen.cycle + 1;
    }
    if (!is_column || !params_.controller.split_command_bus) {
        row_free_ = chosen.cycle + 1;
    }
    if (is_column) {
        issue_column(chosen);
    } else if (chosen.kind == DramCommandKind::activate) {
        issue_activate(chosen);
    } else if (chosen.kind == DramCommandKind::precharge) {
        issue_precharge(chosen);
    } else {
        issue_refresh(chosen);
    }
}

void DramChannel::issue_activate(const Decision& chosen) {
    const RequestQueue::Entry& entry = queue_.entry(chosen.slot);
    record(chosen, entry);
    Rank& rank = ranks_[timing_.rank_of(chosen.bank)];
    timing_.activate(chosen.bank, chosen.cycle);
    queue_.open(chosen.bank, entry.row);
    if (rank.open_banks++ == 0 && chosen.cycle > rank.active_end) {
        rank.active_cycles += rank.active_end - rank.active_start;
        rank.active_start = chosen.cycle;
    }
    ++counts_.activates;
}

void DramChannel::issue_precharge(const Decision& chosen) {
    record(chosen, {});
    timing_.precharge(chosen.bank, chosen.cycle);
    queue_.close(chosen.bank);
    note_closed(timing_.rank_of(chosen.bank), chosen.cycle);
    ++counts_.precharges;
}

void DramChannel::issue_column(const Decision& chosen) {
    const RequestQueue::Entry entry = queue_.entry(chosen.slot);
    const bool closes = params_.controller.page_policy == PagePolicy::closed;
    Decision command = chosen;
    if (closes) {
        command.kind =
            entry.is_write ? DramCommandKind::write_precharge : DramCommandKind::read_precharge;
    }
    record(command, entry);
    if (entry.is_write) {
        timing_.write(chosen.bank, chosen.cycle);
        ++counts_.writes;
    } else {
        timing_.read(chosen.bank, chosen.cycle);
        ++counts_.reads;
    }
    if (closes) {
        const std::uint64_t precharge = timing_.precharge_from(chosen.bank);
        timing_.precharge(chosen.bank, precharge);
        queue_.close(chosen.bank);
        note_closed(timing_.rank_of(chosen.bank), precharge);
        ++counts_.auto_precharges;
    }
    queue_.remove(chosen.slot);
    const std::uint64_t latency = entry.is_write ? params_.timings.cwl : params_.timings.cl;
    completions_.push({entry.id, chosen.cycle + latency + params_.burst_cycles()});
}

void DramChannel::issue_refresh(const Decision& chosen) {
    record(chosen, {});
    timing_.refresh(chosen.bank, chosen.cycle);
    ranks_[chosen.bank].due += params_.timings.t_refi;
    find_next_due();
    ++counts_.refreshes;
}

/// A bank of the rank is closed from `cycle` on, which may lie ahead.
void DramChannel::note_closed(std::uint32_t rank, std::uint64_t cycle) noexcept {
    ranks_[rank].active_end = std::max(ranks_[rank].active_end, cycle);
    --ranks_[rank].open_banks;
}

void DramChannel::find_next_due() noexcept {
    next_due_ = kNever;
    for (const Rank& rank : ranks_) {
        next_due_ = std::min(next_due_, rank.due);
    }
}

/// Refreshes up to `cycle` at once. With all banks closed for long, each comes in the cycle in
/// which it is due; ranks are due in different cycles. The next command comes after `cycle`, so the
/// command bus is free for it.
void DramChannel::skip_idle_refreshes(std::uint64_t cycle) {
    for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
        if (ranks_[rank].open_banks != 0 || timing_.refresh_from(rank) > ranks_[rank].due ||
            std::max(row_free_, undecided_) > ranks_[rank].due) {
            return;
        }
    }
    const std::uint64_t interval = params_.timings.t_refi;
    for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
        if (ranks_[rank].due > cycle) {
            continue;
        }
        const std::uint64_t more = (cycle - ranks_[rank].due) / interval;
        const std::uint64_t last = ranks_[rank].due + more * interval;
        timing_.refresh(rank, last);
        ranks_[rank].due = last + interval;
        counts_.refreshes += more + 1;
    }
    find_next_due();
    is_decided_ = false;
}

void DramChannel::add_counts(std::uint64_t cycle, DramCounts& counts) const noexcept {
    counts.activates += counts_.activates;
    counts.precharges += counts_.precharges;
    counts.auto_precharges += counts_.auto_precharges;
    counts.reads += counts_.reads;
    counts.writes += counts_.writes;
    counts.refreshes += counts_.refreshes;
    const std::uint64_t end = cycle + 1;
    for (const Rank& rank : ranks_) {
        const std::uint64_t until = rank.open_banks != 0 ? end : std::min(end, rank.active_end);
        const std::uint64_t active = rank.active_cycles + until - rank.active_start;
        counts.active_standby += active;
        counts.precharge_standby += end - active;
    }
}

void DramChannel::record(const Decision& chosen, const RequestQueue::Entry& entry) {
    if (trace_ == nullptr) {
        return;
    }
    DramCommand command{chosen.cycle, chosen.kind, {}, 0};
    const bool is_refresh = chosen.kind == DramCommandKind::refresh;
    command.place = place_of_bank(is_refresh ? chosen.bank * banks_per_rank_ : chosen.bank);
    command.place.row = entry.row;
    if (chosen.kind != DramCommandKind::activate) {
        command.place.column = entry.column;
        command.id = entry.id;
    }
    trace_->push_back(command);
}

DramPlace DramChannel::place_of_bank(std::uint32_t bank) const noexcept {
    const auto per_group = static_cast<std::uint32_t>(params_.organisation.banks_per_group);
    DramPlace place;
    place.channel = index_;
    place.rank = bank / banks_per_rank_;
    place.bank_group = bank % banks_per_rank_ / per_group;
    place.bank = bank % per_group;
    return place;
}

}  // namespace skipsim::memory
