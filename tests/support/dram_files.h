// SPDX-License-Identifier: Apache-2.0
// The shipped memories as parameters of the DRAM.
#pragma once

#include <string>

#include "models/memory/dram/params.h"
#include "sim/config/memory_file.h"

namespace skipsim::test {

inline memory::DramParams dram_params(const config::MemoryFile& file) {
    const config::MemoryOrganisation& o = file.organisation;
    const config::MemoryTimings& t = file.timings;
    memory::DramParams p;
    p.organisation = {o.channels, o.ranks,   o.bank_groups, o.banks_per_group,
                      o.rows,     o.columns, o.bus_bits,    o.burst_length};
    p.timings = {t.t_rcd_read, t.t_rcd_write, t.t_rp,    t.t_ras,   t.t_rc,   t.cl,   t.cwl,
                 t.t_ccd_s,    t.t_ccd_l,     t.t_rrd_s, t.t_rrd_l, t.t_faw,  t.t_wr, t.t_wtr_s,
                 t.t_wtr_l,    t.t_rtp,       t.t_rtw,   t.t_rtrs,  t.t_refi, t.t_rfc};
    p.controller.queue_entries = file.controller.queue_entries;
    p.controller.age_cap = file.controller.age_cap;
    p.controller.page_policy =
        file.controller.is_closed_page ? memory::PagePolicy::closed : memory::PagePolicy::open;
    p.controller.split_command_bus = file.controller.split_command_bus;
    p.controller.address_order = file.controller.address_order;
    return p;
}

inline config::MemoryFile shipped_memory(const std::string& name) {
    return config::load_memory_file(std::string(SKIPSIM_SOURCE_DIR) + "/configs/memory/" + name +
                                    ".yaml");
}

}  // namespace skipsim::test
