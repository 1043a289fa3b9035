// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/statistics.h"

#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"

namespace skipsim::stats {
namespace {

constexpr std::string_view kBoth = "row and totals";
constexpr std::string_view kRow = "row";
constexpr std::string_view kTotals = "totals";
constexpr std::string_view kUnit = "unit";
constexpr std::string_view kEstimate = "estimate";
constexpr std::string_view kTrace = "trace";
constexpr std::string_view kMemoryFile = "memory_file";
constexpr std::string_view kWall = "wall";

std::string entry(const std::string& name, const std::string& note, std::string_view meaning) {
    return name + "  (" + note + ")\n    " + std::string(meaning) + '\n';
}

}  // namespace

const std::vector<Statistic>& statistics() {
    // clang-format off
    static const std::vector<Statistic> kStatistics{
        {"cycles", kBoth, "core cycles", "sum", "length of the row: from the end of the previous row to its own end"},
        {"dense_cycles", kBoth, "core cycles", "sum", "length of the row on the same chip in mode dense; null where it was not computed"},
        {"rows", kTotals, "rows", "sum", "rows (operator, stage, iteration) summed"},
        {"time_s", kTotals, "s", "sum", "cycles divided by clocks.core_mhz"},
        {"energy_pj", kBoth, "pJ", "sum", "counts of actions times the energy table"},
        {"energy_pj_on_chip", kBoth, "pJ", "sum", "energy_pj without that of component dram: what the chip itself needs"},
        {"energy_pj_low", kTotals, "pJ", "sum", "the same with every table entry at the low end of its uncertainty"},
        {"energy_pj_high", kTotals, "pJ", "sum", "the same with every table entry at the high end of its uncertainty"},
        {"power_mw", kTotals, "mW", "-", "energy_pj (DRAM included) divided by time_s; 0 without cycles"},
        {"macs.dense", kBoth, "multiplies", "sum", "in-bounds (sample, output pixel, tap, input channel, output channel) combinations of the samples taking part"},
        {"macs.dense_all_samples", kBoth, "multiplies", "sum", "the same over all samples of the batch"},
        {"macs.effectual", kBoth, "multiplies", "sum", "those with both multiplied values non-zero and a needed result"},
        {"macs.issued", kBoth, "multiplies", "sum", "those the skip mode really issued"},
        {"macs.skipped.sample", kBoth, "multiplies", "sum", "not issued because the sample takes no part (attributed first)"},
        {"macs.skipped.output", kBoth, "multiplies", "sum", "not issued because the result is not needed"},
        {"macs.skipped.input", kBoth, "multiplies", "sum", "not issued because the input operand is zero"},
        {"macs.skipped.weight_coarse", kBoth, "multiplies", "sum", "not issued because a coarse run of the weight operand is jumped"},
        {"macs.skipped.weight_fine", kBoth, "multiplies", "sum", "not issued because the weight operand is zero (attributed last)"},
        {"dram_bytes", kBoth, "bytes", "sum", "bytes read from and written to memory"},
        {"choices.<skip>", kRow, "core cycles", "-", "cycles of the row alone with this fixed skip mode; of adaptive rows with skip.regret"},
        {"regret_cycles", kRow, "core cycles", "-", "cycles alone of what `adaptive` chose minus the fewest of all fixed choices; of adaptive rows with skip.regret"},
        {"iteration", kRow, "", "-", "number of the captured iteration in its trace"},
        {"samples.total", kRow, "samples", "-", "samples of the batch"},
        {"samples.active", kRow, "samples", "-", "samples that take part in the stage"},
        {"busy", kUnit, "core cycles", "-", "cycles in which the unit works"},
        {"starved", kUnit, "core cycles", "-", "cycles in which it waits for something to work on"},
        {"blocked", kUnit, "core cycles", "-", "cycles in which it cannot hand on what it has"},
        {"cycles", kEstimate, "core cycles", "-", "of an epoch or of the whole run"},
        {"time_s", kEstimate, "s", "-", "of an epoch or of the whole run"},
        {"energy_pj", kEstimate, "pJ", "-", "of an epoch or of the whole run"},
        {"energy_pj_on_chip", kEstimate, "pJ", "-", "of an epoch or of the whole run"},
        {"steps_per_epoch", kTrace, "iterations", "-", "training iterations of an epoch, as the trace says"},
        {"planned_epochs", kTrace, "epochs", "-", "length of the whole run; 0 where the trace does not say"},
        {"peak_bytes_per_cycle", kMemoryFile, "bytes per core cycle", "-", "of all channels of the DRAM, two beats in each cycle of clocks.memory_mhz"},
        {"commands.<action>.pj", kMemoryFile, "pJ", "-", "price of one command of the DRAM; no energy table changes it"},
        {"commands.<action>.low", kMemoryFile, "", "-", "low end of its uncertainty, times pj"},
        {"commands.<action>.high", kMemoryFile, "", "-", "high end of its uncertainty, times pj"},
        {"seconds", kWall, "s", "-", "wall time that this run of the program took; differs between runs"},
        {"peak_rss_bytes", kWall, "bytes", "-", "largest resident memory of the program; differs between runs"},
    };
    // clang-format on
    return kStatistics;
}

const std::vector<std::string_view>& pe_category_meanings() {
    static const std::vector<std::string_view> kMeanings{
        "issues, and the pair counts: both values non-zero, result needed",
        "issues pairs that change nothing",
        "passes a chunk without issuing, or scans without issuing",
        "waits for the tile's input operand to arrive from memory",
        "waits for the weight tile",
        "waits because its bus serves another PE or another receiver's FIFO is full",
        "waits for a transfer under way (bus occupancy, register)",
        "has its chunk but both accumulators are taken",
        "waits for weights that come over the host link (no such block yet: 0)",
        "waits for weights in the compensator (no such block yet: 0)",
        "has no work left or no result assigned"};
    return kMeanings;
}

std::string statistics_as_text() {
    std::string text;
    for (const Statistic& statistic : statistics()) {
        std::string note = std::string(statistic.group);
        note += statistic.unit.empty() ? "" : "; " + std::string(statistic.unit);
        note += statistic.combines == "sum" ? "; sums over rows" : "";
        text += entry(std::string(statistic.name), note, statistic.meaning);
    }
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        text += entry("pe_cycles." + std::string(base::kPeCategoryNames[index]),
                      "row and totals; PE cycles; sums over rows", pe_category_meanings()[index]);
    }
    text += entry("energy_pj_by_component.<component>", "totals; pJ; sums over rows",
                  "energy of the actions of one component; `list actions` shows which");
    text += entry("actions.<action>", "row and totals; counts; sums over rows",
                  "how often an action happened; `list actions` explains each");
    return text;
}

std::string actions_as_text() {
    std::string text;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        const std::string suffix = action.action == base::Action::pe_mac ? "_<format>" : "";
        text += entry(std::string(action.name) + suffix,
                      "component " + std::string(action.component) + "; one count is a " +
                          std::string(action.unit),
                      action.meaning);
    }
    return text;
}

}  // namespace skipsim::stats
