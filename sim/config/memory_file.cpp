// SPDX-License-Identifier: Apache-2.0
#include "sim/config/memory_file.h"

#include <algorithm>
#include <array>

#include "sim/base/sha256.h"
#include "sim/base/yaml_reader.h"

namespace skipsim::config {
namespace {

using base::YamlSection;

constexpr std::uint64_t kMaxField = 1U << 20U;
constexpr std::uint64_t kMaxTiming = 1U << 20U;
constexpr std::uint64_t kMaxBanks = 64;
constexpr std::uint64_t kMaxAddressBits = 60;
constexpr double kMaxPj = 1e9;
constexpr double kMaxFactor = 1e3;
const std::vector<std::string> kStatuses{"P", "D", "U", "assumption"};

template <typename Group>
struct Field {
    const char* key;
    std::uint64_t Group::*member;
    std::uint64_t lowest;
};

const std::array<Field<MemoryOrganisation>, 8> kOrganisation{{
    {"channels", &MemoryOrganisation::channels, 1},
    {"ranks", &MemoryOrganisation::ranks, 1},
    {"bank_groups", &MemoryOrganisation::bank_groups, 1},
    {"banks_per_group", &MemoryOrganisation::banks_per_group, 1},
    {"rows", &MemoryOrganisation::rows, 1},
    {"columns", &MemoryOrganisation::columns, 1},
    {"bus_bits", &MemoryOrganisation::bus_bits, 8},
    {"burst_length", &MemoryOrganisation::burst_length, 2},
}};

const std::array<Field<MemoryTimings>, 20> kTimings{{
    {"t_rcd_read", &MemoryTimings::t_rcd_read, 1},
    {"t_rcd_write", &MemoryTimings::t_rcd_write, 1},
    {"t_rp", &MemoryTimings::t_rp, 1},
    {"t_ras", &MemoryTimings::t_ras, 1},
    {"t_rc", &MemoryTimings::t_rc, 1},
    {"cl", &MemoryTimings::cl, 1},
    {"cwl", &MemoryTimings::cwl, 1},
    {"t_ccd_s", &MemoryTimings::t_ccd_s, 1},
    {"t_ccd_l", &MemoryTimings::t_ccd_l, 1},
    {"t_rrd_s", &MemoryTimings::t_rrd_s, 1},
    {"t_rrd_l", &MemoryTimings::t_rrd_l, 1},
    {"t_faw", &MemoryTimings::t_faw, 1},
    {"t_wr", &MemoryTimings::t_wr, 0},
    {"t_wtr_s", &MemoryTimings::t_wtr_s, 0},
    {"t_wtr_l", &MemoryTimings::t_wtr_l, 0},
    {"t_rtp", &MemoryTimings::t_rtp, 1},
    {"t_rtw", &MemoryTimings::t_rtw, 0},
    {"t_rtrs", &MemoryTimings::t_rtrs, 0},
    {"t_refi", &MemoryTimings::t_refi, 1},
    {"t_rfc", &MemoryTimings::t_rfc, 1},
}};

/// The section of one value; its source is noted.
YamlSection value_of(YamlSection& group, const std::string& key, MemoryFile& file) {
    YamlSection value = group.section(key);
    MemorySource source;
    source.key = group.path_of(key);
    source.source = value.text("source");
    source.status = value.choice("status", kStatuses);
    file.sources.push_back(source);
    return value;
}

/// 0 after a problem with it, so that rules over several values can leave it out.
std::uint64_t whole(YamlSection& group, const std::string& key, const base::WholeRange& range,
                    MemoryFile& file) {
    YamlSection value = value_of(group, key, file);
    if (value.has("value")) {
        return value.whole("value", range, 0);
    }
    value.whole("value", range);
    return 0;
}

void read_organisation(YamlSection root, MemoryFile& file) {
    YamlSection group = root.section("organisation");
    bool is_good = true;
    std::uint64_t bits = 0;
    for (const auto& field : kOrganisation) {
        std::uint64_t& number = file.organisation.*field.member;
        number = whole(group, field.key, {field.lowest, kMaxField, ""}, file);
        if (number != 0 && (number & (number - 1)) != 0) {
            group.report(field.key, "expected a power of two, found " + std::to_string(number));
            is_good = false;
        }
        is_good = is_good && number >= field.lowest;
        for (std::uint64_t left = number; left > 1; left /= 2) {
            ++bits;
        }
    }
    const MemoryOrganisation& o = file.organisation;
    if (!is_good) {
        return;
    }
    if (o.ranks * o.bank_groups * o.banks_per_group > kMaxBanks) {
        group.report("banks_per_group",
                     "expected ranks x bank_groups x banks_per_group <= 64, found " +
                         std::to_string(o.ranks) + " x " + std::to_string(o.bank_groups) + " x " +
                         std::to_string(o.banks_per_group));
    }
    if (o.columns < o.burst_length) {
        group.report("columns", "expected columns >= burst_length, found " +
                                    std::to_string(o.columns) + " < " +
                                    std::to_string(o.burst_length));
    }
    if (bits > kMaxAddressBits) {
        group.report("rows",
                     "expected a byte address of at most 60 bits, found " + std::to_string(bits));
    }
}

struct Term {
    const char* name;
    std::uint64_t value;
};

void expect_order(YamlSection& group, const char* key, const Term& low, const Term& high,
                  bool is_strict = false) {
    const bool holds = is_strict ? low.value < high.value : low.value <= high.value;
    if (low.value != 0 && high.value != 0 && !holds) {
        group.report(key, std::string("expected ") + low.name + (is_strict ? " < " : " <= ") +
                              high.name + ", found " + std::to_string(low.value) + " and " +
                              std::to_string(high.value));
    }
}

void read_timings(YamlSection root, MemoryFile& file) {
    YamlSection group = root.section("timings");
    for (const auto& field : kTimings) {
        file.timings.*field.member =
            whole(group, field.key, {field.lowest, kMaxTiming, "cycles"}, file);
    }
    const MemoryTimings& t = file.timings;
    if (t.t_ras != 0 && t.t_rp != 0) {
        expect_order(group, "t_rc", {"t_ras + t_rp", t.t_ras + t.t_rp}, {"t_rc", t.t_rc});
    }
    expect_order(group, "t_ccd_l", {"t_ccd_s", t.t_ccd_s}, {"t_ccd_l", t.t_ccd_l});
    expect_order(group, "t_rrd_l", {"t_rrd_s", t.t_rrd_s}, {"t_rrd_l", t.t_rrd_l});
    if (t.t_wtr_s > t.t_wtr_l) {  // 0 is a value here
        group.report("t_wtr_l", "expected t_wtr_s <= t_wtr_l, found " + std::to_string(t.t_wtr_s) +
                                    " and " + std::to_string(t.t_wtr_l));
    }
    expect_order(group, "t_faw", {"t_rrd_s", t.t_rrd_s}, {"t_faw", t.t_faw});
    const MemoryOrganisation& o = file.organisation;
    const std::uint64_t access = std::max(t.t_rcd_read, t.t_rcd_write) + t.t_rc + t.cl + t.cwl +
                                 o.burst_length / 2 + t.t_wr + t.t_rp +
                                 std::min(kMaxBanks, o.ranks * o.bank_groups * o.banks_per_group);
    expect_order(group, "t_refi", {"t_rfc", t.t_rfc}, {"t_refi", t.t_refi}, true);
    if (t.t_rfc < t.t_refi) {
        expect_order(group, "t_refi",
                     {"t_rfc + one access (t_rcd + t_rc + cl + cwl + burst + t_wr + t_rp + banks)",
                      t.t_rfc + access},
                     {"t_refi", t.t_refi});
    }
}

/// Empty if every field stands once.
std::string order_problem(const std::string& order) {
    const std::vector<std::string> names{"row", "rank", "bank", "bankgroup", "column", "channel"};
    std::vector<std::string> words(1);
    for (const char letter : order) {
        if (letter == '-') {
            words.emplace_back();
        } else {
            words.back() += letter;
        }
    }
    if (std::is_permutation(words.begin(), words.end(), names.begin(), names.end())) {
        return {};
    }
    return "expected row, rank, bank, bankgroup, column and channel once each, joined by '-', "
           "found " +
           order;
}

void read_controller(YamlSection root, MemoryFile& file) {
    YamlSection group = root.section("controller");
    MemoryController& c = file.controller;
    c.queue_entries = whole(group, "queue_entries", {1, 1024, "requests"}, file);
    c.age_cap = whole(group, "age_cap", {1, 1'000'000'000, "cycles"}, file);
    c.is_closed_page =
        value_of(group, "page_policy", file).choice("value", {"open", "closed"}) == "closed";
    c.split_command_bus = value_of(group, "split_command_bus", file).boolean("value");
    c.address_order = value_of(group, "address_order", file).text("value");
    const std::string problem = order_problem(c.address_order);
    if (group.has("address_order") && !problem.empty()) {
        group.report("address_order", problem);
    }
}

void read_energy(YamlSection root, MemoryFile& file) {
    YamlSection group = root.section("energy");
    for (const std::string& action : memory_energy_actions()) {
        YamlSection section = group.section(action);
        MemoryEnergy entry;
        entry.action = action;
        entry.pj = section.real("pj", {0.0, kMaxPj, "pJ"});
        entry.source = section.text("source");
        entry.status = section.choice("status", kStatuses);
        YamlSection band = section.section("uncertainty");
        entry.low_factor = band.real("low", {0.0, 1.0, "times pj"});
        entry.high_factor = band.real("high", {1.0, kMaxFactor, "times pj"});
        file.energy.push_back(entry);
    }
}

}  // namespace

const std::vector<std::string>& memory_energy_actions() {
    static const std::vector<std::string> kActions{
        "activate_precharge", "read_burst", "write_burst",    "io_read_burst",
        "io_write_burst",     "refresh",    "active_standby", "precharge_standby"};
    return kActions;
}

MemoryFile memory_file_from_text(const std::string& text, const std::string& file_name) {
    base::YamlReader reader = base::YamlReader::from_text(text, file_name);
    YamlSection root = reader.root();
    MemoryFile file;
    root.choice("schema", {"skipsim-memory/1"});
    file.name = root.text("name");
    file.clock_mhz = whole(root, "clock_mhz", {1, 10'000, "MHz"}, file);
    read_organisation(root, file);
    read_timings(root, file);
    read_controller(root, file);
    read_energy(root, file);
    reader.finish();
    file.sha256 = base::sha256_hex(text);
    return file;
}

MemoryFile load_memory_file(const std::string& path) {
    return memory_file_from_text(base::read_text_file(path), path);
}

}  // namespace skipsim::config
