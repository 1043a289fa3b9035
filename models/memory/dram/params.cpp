// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/params.h"

#include "models/memory/dram/address_map.h"

namespace skipsim::memory {
namespace {

using Problems = std::vector<std::string>;

struct Named {
    const char* name;
    std::uint64_t value;
};

std::string text(const Named& item) {
    return std::string(item.name) + " " + std::to_string(item.value);
}

void check_fields(const DramOrganisation& o, Problems& problems) {
    const Named fields[] = {{"channels", o.channels},
                            {"ranks", o.ranks},
                            {"bank_groups", o.bank_groups},
                            {"banks_per_group", o.banks_per_group},
                            {"rows", o.rows},
                            {"columns", o.columns},
                            {"bus_bits", o.bus_bits},
                            {"burst_length", o.burst_length}};
    const std::size_t before = problems.size();
    for (const Named& field : fields) {
        if (field.value == 0 || (field.value & (field.value - 1)) != 0) {
            problems.push_back(text(field) + " is not a power of two");
        } else if (field.value > kMaxDramField) {
            problems.push_back(text(field) + " is above " + std::to_string(kMaxDramField));
        }
    }
    if (problems.size() != before) {
        return;
    }
    if (o.ranks * o.bank_groups * o.banks_per_group > kMaxDramBanks) {
        problems.push_back("ranks x bank_groups x banks_per_group is above " +
                           std::to_string(kMaxDramBanks));
    }
    if (o.burst_length < 2) {
        problems.emplace_back("burst_length 1 is below 2, the beats of one cycle");
    }
    if (o.columns < o.burst_length) {
        problems.push_back(text({"columns", o.columns}) + " is below " +
                           text({"burst_length", o.burst_length}));
    }
    if (o.bus_bits < 8) {
        problems.push_back(text({"bus_bits", o.bus_bits}) + " is below 8");
    }
}

void check_ranges(const DramTimings& t, Problems& problems) {
    const Named at_least_one[] = {{"t_rcd_read", t.t_rcd_read},
                                  {"t_rcd_write", t.t_rcd_write},
                                  {"t_rp", t.t_rp},
                                  {"t_ras", t.t_ras},
                                  {"t_rc", t.t_rc},
                                  {"cl", t.cl},
                                  {"cwl", t.cwl},
                                  {"t_ccd_s", t.t_ccd_s},
                                  {"t_ccd_l", t.t_ccd_l},
                                  {"t_rrd_s", t.t_rrd_s},
                                  {"t_rrd_l", t.t_rrd_l},
                                  {"t_faw", t.t_faw},
                                  {"t_rtp", t.t_rtp},
                                  {"t_refi", t.t_refi},
                                  {"t_rfc", t.t_rfc}};
    const Named any[] = {{"t_wr", t.t_wr},
                         {"t_wtr_s", t.t_wtr_s},
                         {"t_wtr_l", t.t_wtr_l},
                         {"t_rtw", t.t_rtw},
                         {"t_rtrs", t.t_rtrs}};
    for (const Named& timing : at_least_one) {
        if (timing.value == 0) {
            problems.push_back(text(timing) + " is below 1");
        } else if (timing.value > kMaxDramTiming) {
            problems.push_back(text(timing) + " is above " + std::to_string(kMaxDramTiming));
        }
    }
    for (const Named& timing : any) {
        if (timing.value > kMaxDramTiming) {
            problems.push_back(text(timing) + " is above " + std::to_string(kMaxDramTiming));
        }
    }
}

void check_order(const Named& low, const Named& high, Problems& problems) {
    if (low.value > high.value) {
        problems.push_back(text(low) + " is above " + text(high));
    }
}

void check_contradictions(const DramParams& params, Problems& problems) {
    const DramTimings& t = params.timings;
    check_order({"t_ras + t_rp", t.t_ras + t.t_rp}, {"t_rc", t.t_rc}, problems);
    check_order({"t_ccd_s", t.t_ccd_s}, {"t_ccd_l", t.t_ccd_l}, problems);
    check_order({"t_rrd_s", t.t_rrd_s}, {"t_rrd_l", t.t_rrd_l}, problems);
    check_order({"t_wtr_s", t.t_wtr_s}, {"t_wtr_l", t.t_wtr_l}, problems);
    check_order({"t_rrd_s", t.t_rrd_s}, {"t_faw", t.t_faw}, problems);
    // A refresh, the commands that close all banks for it and one access must fit between two.
    const std::uint64_t banks = params.organisation.ranks * params.organisation.bank_groups *
                                params.organisation.banks_per_group;
    const std::uint64_t access =
        t.t_rc + t.cl + t.cwl + params.burst_cycles() + t.t_wr + t.t_rp + banks;
    check_order({"t_rfc + one access with its bank's closing", t.t_rfc + access},
                {"t_refi", t.t_refi}, problems);
}

}  // namespace

std::uint64_t DramParams::burst_bytes() const noexcept {
    return organisation.bus_bits / 8 * organisation.burst_length;
}

std::uint64_t DramParams::burst_cycles() const noexcept {
    return organisation.burst_length / 2;
}

std::uint64_t DramParams::capacity() const noexcept {
    const DramOrganisation& o = organisation;
    return o.channels * o.ranks * o.bank_groups * o.banks_per_group * o.rows * o.columns *
           (o.bus_bits / 8);
}

std::vector<std::string> DramParams::problems() const {
    Problems problems;
    check_fields(organisation, problems);
    check_ranges(timings, problems);
    if (controller.queue_entries == 0 || controller.queue_entries > kMaxDramQueue) {
        problems.push_back(text({"queue_entries", controller.queue_entries}) +
                           " is not between 1 and " + std::to_string(kMaxDramQueue));
    }
    if (controller.age_cap == 0) {
        problems.emplace_back("age_cap 0 is below 1");
    }
    const std::string order_problem = address_order_problem(controller.address_order);
    if (!order_problem.empty()) {
        problems.push_back(order_problem);
    }
    if (problems.empty()) {
        if (address_bits(organisation) > kMaxAddressBits) {
            problems.push_back("the address has more than " + std::to_string(kMaxAddressBits) +
                               " bits");
        }
        check_contradictions(*this, problems);
    }
    return problems;
}

}  // namespace skipsim::memory
