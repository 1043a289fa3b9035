// SPDX-License-Identifier: Apache-2.0
// What a run found out, as plain data: filled by sim/system, priced by energy.h, written by
// result_writer.h. Counts are exact integers; energies are added afterwards from the counts.
#pragma once

#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skipsim::stats {

enum class Stage : std::size_t { ff, bp, wg, wu, count };
constexpr std::size_t kStageCount = static_cast<std::size_t>(Stage::count);
constexpr std::array<std::string_view, kStageCount> kStageNames{"FF", "BP", "WG", "WU"};

/// [multiplies] not issued, each attributed once, in the order sample, output, input, weight.
struct SkippedMacs {
    std::uint64_t input = 0;
    std::uint64_t weight_fine = 0;
    std::uint64_t weight_coarse = 0;
    std::uint64_t output = 0;
    std::uint64_t sample = 0;

    [[nodiscard]] std::uint64_t total() const noexcept {
        return input + weight_fine + weight_coarse + output + sample;
    }
};

/// [multiplies]; dense_all_samples - issued = skipped.total().
struct Macs {
    std::uint64_t dense = 0;
    std::uint64_t dense_all_samples = 0;
    std::uint64_t effectual = 0;
    std::uint64_t issued = 0;
    SkippedMacs skipped;
};

/// One operator in one stage of one iteration.
struct LayerRow {
    std::string trace;    ///< file name of the trace, as in RunResult::traces
    std::string network;  ///< network of the trace
    std::uint64_t iteration = 0;
    std::string layer;
    std::string kind;  ///< operator kind of the trace format: "conv2d", "batch_norm"
    Stage stage = Stage::ff;
    std::string skip;                   ///< "dense", "input", "input+weight", …
    std::vector<std::string> patterns;  ///< tensors whose patterns were used: "x", "mask_w", …
    /// [core cycles] alone of every fixed choice of an adaptive row, by skip mode; if asked for.
    std::vector<std::pair<std::string, std::uint64_t>> choices;
    std::optional<std::uint64_t> regret_cycles;  ///< [core cycles] of an adaptive row, if asked for
    std::uint64_t cycles = 0;                    ///< [core cycles]
    std::optional<std::uint64_t>
        dense_cycles;  ///< [core cycles] same chip, mode dense; if computed
    std::uint64_t samples_total = 0;
    std::uint64_t samples_active = 0;
    Macs macs;
    base::PeCycles pe_cycles;
    std::uint64_t dram_bytes = 0;
    base::ActionCounts actions;
    double energy_pj = 0.0;          ///< set by apply_energy
    double energy_on_chip_pj = 0.0;  ///< the part of it without DRAM; set by apply_energy
};

/// [core cycles] of one unit over the whole run; busy + starved + blocked = total cycles.
struct UnitCycles {
    std::string unit;  ///< "cluster0.core3", "transposer", "vector_unit"
    std::uint64_t busy = 0;
    std::uint64_t starved = 0;
    std::uint64_t blocked = 0;
};

struct TraceUse {
    std::string path;
    std::string sha256;
    std::string network;  ///< the network that trains
    std::string dataset;
    std::vector<std::uint64_t> iterations;
    std::uint64_t steps_per_epoch = 0;
    std::uint64_t planned_epochs = 0;  ///< 0 = the trace does not say
};

/// The values that a run computed, compared with another library's; sums over all rows.
struct ValuesChecked {
    std::uint64_t rows = 0;
    std::uint64_t elements = 0;         ///< of the results' tensors
    std::uint64_t compared = 0;         ///< computed and compared
    std::uint64_t exact = 0;            ///< of these, equal to the last bit by rule
    std::uint64_t left_out = 0;         ///< not computed, as it should be
    std::uint64_t wrong_values = 0;     ///< beyond what rounding explains
    std::uint64_t missing = 0;          ///< needed, but not computed
    std::uint64_t not_left_out = 0;     ///< computed, although it was to be left out
    std::uint64_t unbounded = 0;        ///< not compared: beyond the floats
    double largest_error = 0;           ///< relative to the bound of rounding
    std::vector<std::string> problems;  ///< a line each, of the first ones

    [[nodiscard]] bool is_right() const noexcept {
        return wrong_values + missing + not_left_out == 0;
    }
};

/// Everything of `skipsim-result/1` except configuration, energy and wall time.
struct RunResult {
    std::string engine = "fast";
    std::uint64_t processing_elements = 0;
    double core_mhz = 0.0;
    std::vector<TraceUse> traces;
    std::vector<std::string> warnings;
    std::vector<std::string> not_modelled;  ///< operator kinds of the trace that cost nothing yet
    std::vector<LayerRow> layers;
    std::vector<UnitCycles> units;
    std::optional<ValuesChecked> values;  ///< if they were checked
};

}  // namespace skipsim::stats
