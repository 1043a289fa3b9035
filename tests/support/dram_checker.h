// SPDX-License-Identifier: Apache-2.0
// Says of every command of a DRAM trace which timing rules it breaks. Written from the definitions
// in models/memory/dram/README.md: each command is held against every earlier one of its channel
// within reach, pair by pair. Shares the structs of numbers with the model and no code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/memory/dram/command.h"
#include "models/memory/dram/params.h"

namespace skipsim::test {

class DramChecker {
public:
    explicit DramChecker(const memory::DramParams& params)
        : p_(params), t_(params.timings), burst_(params.organisation.burst_length / 2) {
        const std::uint64_t longest[] = {
            t_.t_rc,
            t_.t_faw,
            t_.t_rfc,
            t_.t_ras,
            t_.t_rp,
            t_.t_rcd_read,
            t_.t_rcd_write,
            t_.t_ccd_l,
            t_.t_rrd_l,
            t_.t_rtp,
            t_.cl + t_.cwl + burst_ + t_.t_wr + t_.t_wtr_l + t_.t_rtw + t_.t_rtrs};
        reach_ = *std::max_element(std::begin(longest), std::end(longest));
        const memory::DramOrganisation& o = params.organisation;
        late_ = t_.t_rc + std::max(t_.t_rtp, t_.cwl + burst_ + t_.t_wr) + t_.t_rp +
                o.ranks * o.bank_groups * o.banks_per_group;
    }

    /// Names of the rules that the command breaks. Commands come in order of cycles.
    std::set<std::string> check(const memory::DramCommand& command) {
        broken_.clear();
        Channel& channel = channels_[command.place.channel];
        forget(channel, command.cycle);
        check_state(channel, command);
        for (const Event& earlier : channel.events) {
            check_pair(earlier, command);
        }
        check_window(channel, command);
        check_refresh(channel, command);
        note(channel, command);
        return broken_;
    }

    /// Every rank of every channel was refreshed as often as it was due before `cycle`.
    bool refreshed_until(std::uint64_t cycle) {
        for (std::uint32_t c = 0; c < p_.organisation.channels; ++c) {
            for (std::uint32_t rank = 0; rank < p_.organisation.ranks; ++rank) {
                if (due(channels_[c], rank) + late_ < cycle) {
                    return false;
                }
            }
        }
        return true;
    }

private:
    using Kind = memory::DramCommandKind;
    using BankKey = std::pair<std::uint32_t, std::uint32_t>;  // rank, bank in the rank
    struct Event {
        memory::DramCommand command;
        bool is_internal = false;  ///< the precharge a read or write brings along
    };
    struct Bank {
        bool is_open = false;
        std::uint32_t row = 0;
        std::uint64_t activated = 0;
    };
    struct Channel {
        std::deque<Event> events;
        std::map<BankKey, Bank> banks;
        std::map<std::uint32_t, std::uint64_t> refreshes;  // of a rank
    };

    static bool is_read(Kind k) { return k == Kind::read || k == Kind::read_precharge; }
    static bool is_write(Kind k) { return k == Kind::write || k == Kind::write_precharge; }
    static bool is_column(Kind k) { return is_read(k) || is_write(k); }

    BankKey key(const memory::DramPlace& place) const {
        const auto per_group = static_cast<std::uint32_t>(p_.organisation.banks_per_group);
        return {place.rank, place.bank_group * per_group + place.bank};
    }

    void need(bool holds, const char* rule) {
        if (!holds) {
            broken_.insert(rule);
        }
    }
    void apart(std::uint64_t from, std::uint64_t cycles, std::uint64_t to, const char* rule) {
        need(to >= from + cycles, rule);
    }

    void forget(Channel& channel, std::uint64_t cycle) const {
        while (!channel.events.empty() &&
               channel.events.front().command.cycle + 2 * reach_ < cycle) {
            channel.events.pop_front();
        }
    }

    void check_state(Channel& channel, const memory::DramCommand& c) {
        const Bank& bank = channel.banks[key(c.place)];
        if (c.kind == Kind::refresh) {
            for (const auto& item : channel.banks) {
                need(item.first.first != c.place.rank || !item.second.is_open, "closed to refresh");
            }
        } else if (c.kind == Kind::activate) {
            need(!bank.is_open, "closed to activate");
        } else {
            need(bank.is_open, "open");
        }
        if (is_column(c.kind)) {
            need(bank.row == c.place.row, "row");
            const bool closes = c.kind == Kind::read_precharge || c.kind == Kind::write_precharge;
            need(closes == (p_.controller.page_policy == memory::PagePolicy::closed), "policy");
        }
    }

    void check_pair(const Event& event, const memory::DramCommand& b) {
        const memory::DramCommand& a = event.command;
        if (!event.is_internal) {
            const bool same_bus =
                !p_.controller.split_command_bus || is_column(a.kind) == is_column(b.kind);
            need(!same_bus || a.cycle != b.cycle, "command bus");
            check_data(a, b);
        }
        if (a.place.rank != b.place.rank) {
            return;
        }
        check_rank(a, b);
        if (key(a.place) == key(b.place)) {
            check_bank(a, b);
        }
    }

    void check_bank(const memory::DramCommand& a, const memory::DramCommand& b) {
        if (a.kind == Kind::activate) {
            if (is_read(b.kind)) apart(a.cycle, t_.t_rcd_read, b.cycle, "t_rcd_read");
            if (is_write(b.kind)) apart(a.cycle, t_.t_rcd_write, b.cycle, "t_rcd_write");
            if (b.kind == Kind::precharge) apart(a.cycle, t_.t_ras, b.cycle, "t_ras");
            if (b.kind == Kind::activate) apart(a.cycle, t_.t_rc, b.cycle, "t_rc");
        }
        if (a.kind == Kind::precharge && b.kind == Kind::activate) {
            apart(a.cycle, t_.t_rp, b.cycle, "t_rp");
        }
        if (b.kind == Kind::precharge) {
            if (is_read(a.kind)) apart(a.cycle, t_.t_rtp, b.cycle, "t_rtp");
            if (is_write(a.kind)) apart(a.cycle, t_.cwl + burst_ + t_.t_wr, b.cycle, "t_wr");
        }
    }

    void check_rank(const memory::DramCommand& a, const memory::DramCommand& b) {
        const bool same_group = a.place.bank_group == b.place.bank_group;
        if (b.kind == Kind::refresh) {
            if (a.kind == Kind::precharge) apart(a.cycle, t_.t_rp, b.cycle, "t_rp");
            if (a.kind == Kind::activate) apart(a.cycle, t_.t_rc, b.cycle, "t_rc");
            if (a.kind == Kind::refresh) apart(a.cycle, t_.t_rfc, b.cycle, "t_rfc");
        }
        if (b.kind == Kind::activate) {
            if (a.kind == Kind::refresh) apart(a.cycle, t_.t_rfc, b.cycle, "t_rfc");
            if (a.kind == Kind::activate) {
                apart(a.cycle, t_.t_rrd_s, b.cycle, "t_rrd_s");
                if (same_group) apart(a.cycle, t_.t_rrd_l, b.cycle, "t_rrd_l");
            }
        }
        if (is_column(a.kind) && is_column(b.kind)) {
            apart(a.cycle, t_.t_ccd_s, b.cycle, "t_ccd_s");
            if (same_group) apart(a.cycle, t_.t_ccd_l, b.cycle, "t_ccd_l");
        }
        if (is_write(a.kind) && is_read(b.kind)) {
            const std::uint64_t end = a.cycle + t_.cwl + burst_;
            apart(end, t_.t_wtr_s, b.cycle, "t_wtr_s");
            if (same_group) apart(end, t_.t_wtr_l, b.cycle, "t_wtr_l");
        }
    }

    /// Bursts on the data bus follow in the order of their commands and keep their distances.
    void check_data(const memory::DramCommand& a, const memory::DramCommand& b) {
        if (!is_column(a.kind) || !is_column(b.kind)) {
            return;
        }
        const std::uint64_t end = a.cycle + (is_read(a.kind) ? t_.cl : t_.cwl) + burst_;
        const std::uint64_t start = b.cycle + (is_read(b.kind) ? t_.cl : t_.cwl);
        apart(end, 0, start, "data bus");
        if (is_read(a.kind) && is_write(b.kind)) apart(end, t_.t_rtw, start, "t_rtw");
        if (a.place.rank != b.place.rank) apart(end, t_.t_rtrs, start, "t_rtrs");
    }

    /// Four activates of the rank in the t_faw cycles before this one leave no room for it.
    void check_window(const Channel& channel, const memory::DramCommand& c) {
        if (c.kind != Kind::activate) {
            return;
        }
        const auto inside =
            std::count_if(channel.events.begin(), channel.events.end(), [&](const Event& event) {
                return event.command.kind == Kind::activate &&
                       event.command.place.rank == c.place.rank &&
                       event.command.cycle + t_.t_faw > c.cycle;
            });
        need(inside < 4, "t_faw");
    }

    std::uint64_t due(Channel& channel, std::uint32_t rank) const {
        return t_.t_refi * (rank + 1) / p_.organisation.ranks + channel.refreshes[rank] * t_.t_refi;
    }

    void check_refresh(Channel& channel, const memory::DramCommand& c) {
        const std::uint64_t when = due(channel, c.place.rank);
        if (c.kind == Kind::refresh) {
            need(c.cycle >= when && c.cycle <= when + late_, "refresh on time");
        } else if (c.kind != Kind::precharge) {
            need(c.cycle < when, "refresh first");
        }
    }

    void note(Channel& channel, const memory::DramCommand& c) {
        Bank& bank = channel.banks[key(c.place)];
        channel.events.push_back({c, false});
        if (c.kind == Kind::activate) {
            bank = {true, c.place.row, c.cycle};
        } else if (c.kind == Kind::precharge) {
            bank.is_open = false;
        } else if (c.kind == Kind::refresh) {
            ++channel.refreshes[c.place.rank];
        } else if (c.kind == Kind::read_precharge || c.kind == Kind::write_precharge) {
            const std::uint64_t after = is_read(c.kind) ? t_.t_rtp : t_.cwl + burst_ + t_.t_wr;
            memory::DramCommand closing = c;
            closing.kind = Kind::precharge;
            closing.cycle = std::max(c.cycle + after, bank.activated + t_.t_ras);
            channel.events.push_back({closing, true});
            bank.is_open = false;
        }
    }

    memory::DramParams p_;
    memory::DramTimings t_;
    std::uint64_t burst_;
    std::uint64_t reach_ = 0;  ///< [cycles] no rule looks further back
    std::uint64_t late_ = 0;   ///< [cycles] a refresh may take to begin
    std::map<std::uint32_t, Channel> channels_;
    std::set<std::string> broken_;
};

}  // namespace skipsim::test
