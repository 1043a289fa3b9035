// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/totals.h"

#include "sim/base/check.h"

#include <cmath>

namespace skipsim::stats {
namespace {

void add(Macs& sum, const Macs& macs) {
    sum.dense += macs.dense;
    sum.dense_all_samples += macs.dense_all_samples;
    sum.effectual += macs.effectual;
    sum.issued += macs.issued;
    sum.skipped.input += macs.skipped.input;
    sum.skipped.weight_fine += macs.skipped.weight_fine;
    sum.skipped.weight_coarse += macs.skipped.weight_coarse;
    sum.skipped.output += macs.skipped.output;
    sum.skipped.sample += macs.skipped.sample;
}

std::string named(const LayerRow& row) {
    return "trace " + row.trace + ", iteration " + std::to_string(row.iteration) + ", layer " +
           row.layer + ", stage " + std::string(kStageNames[static_cast<std::size_t>(row.stage)]);
}

class RowLaws {
public:
    RowLaws(const RunResult& result, const LayerRow& row) : result_(result), row_(row) {}

    void check(std::uint64_t issue_width_pairs) const {
        const Macs& macs = row_.macs;
        const std::uint64_t pe_total = row_.pe_cycles.total();
        law(pe_total == result_.processing_elements * row_.cycles,
            "the PE cycles sum to PEs * cycles", pe_total,
            result_.processing_elements * row_.cycles);
        law(macs.effectual <= macs.issued, "effectual <= issued", macs.effectual, macs.issued);
        law(macs.issued <= macs.dense, "issued <= dense", macs.issued, macs.dense);
        law(macs.dense <= macs.dense_all_samples, "dense <= dense_all_samples", macs.dense,
            macs.dense_all_samples);
        law(macs.dense_all_samples - macs.issued == macs.skipped.total(),
            "dense_all_samples - issued = sum of skipped", macs.dense_all_samples - macs.issued,
            macs.skipped.total());
        const std::uint64_t mac_cycles = row_.pe_cycles[base::PeCategory::mac];
        law(issue_width_pairs != 1 || mac_cycles == macs.effectual,
            "PE cycles in mac = effectual at issue width 1", mac_cycles, macs.effectual);
        base::require(std::isfinite(row_.energy_pj) && row_.energy_pj >= 0.0,
                      named(row_) + ": the energy is not a number >= 0");
    }

private:
    void law(bool holds, const char* text, std::uint64_t left, std::uint64_t right) const {
        if (!holds) {
            base::throw_internal_error(named(row_) + ": broken: " + text + " (" +
                                       std::to_string(left) + ", " + std::to_string(right) + ")");
        }
    }

    const RunResult& result_;
    const LayerRow& row_;
};

}  // namespace

Totals totals_of(const RunResult& result, std::optional<Stage> stage) {
    Totals totals;
    for (const LayerRow& row : result.layers) {
        if (stage && row.stage != *stage) {
            continue;
        }
        ++totals.rows;
        totals.cycles += row.cycles;
        if (totals.dense_cycles && row.dense_cycles) {
            *totals.dense_cycles += *row.dense_cycles;
        } else {
            totals.dense_cycles.reset();
        }
        add(totals.macs, row.macs);
        totals.pe_cycles += row.pe_cycles;
        totals.dram_bytes += row.dram_bytes;
        totals.actions += row.actions;
    }
    return totals;
}

void check_identities(const RunResult& result, std::uint64_t issue_width_pairs) {
    std::uint64_t cycles = 0;
    for (const LayerRow& row : result.layers) {
        RowLaws(result, row).check(issue_width_pairs);
        cycles += row.cycles;
    }
    for (const UnitCycles& unit : result.units) {
        const std::uint64_t sum = unit.busy + unit.starved + unit.blocked;
        base::require(sum == cycles, "unit " + unit.unit + ": busy + starved + blocked is " +
                                         std::to_string(sum) + ", the run has " +
                                         std::to_string(cycles) + " cycles");
    }
}

}  // namespace skipsim::stats
