// SPDX-License-Identifier: Apache-2.0
#include "sim/config/rules.h"

#include <array>

#include "sim/base/check.h"
#include "sim/config/catalogue.h"

namespace skipsim::config {
namespace {

constexpr std::uint64_t kMaxProcessingElements = 1ULL << 24U;
constexpr std::uint64_t kMaxCores = 4096;
/// [operands] one tile of A or B: less than 4 GiB at 32 bits each.
constexpr std::uint64_t kMaxTileOperands = (1ULL << 30U) - 1;

class Rules {
public:
    explicit Rules(const std::vector<Value>& values) : values_(values) {}

    std::vector<BrokenRule> check() {
        partition_is_the_chip("accelerator.clusters",
                              {"accelerator.partition.cluster_m", "accelerator.partition.cluster_n",
                               "accelerator.partition.cluster_k"});
        partition_is_the_chip("accelerator.cores_per_cluster",
                              {"accelerator.partition.core_m", "accelerator.partition.core_n",
                               "accelerator.partition.core_k"});
        chip_is_not_too_large();
        tile_can_be_loaded();
        two_tiles_fit("core.input_buffer_bytes", "core.rows");
        two_tiles_fit("core.weight_buffer_bytes", "core.columns");
        results_of_two_tiles_fit();
        weight_tiles_of_a_cluster_fit();
        detector_keeps_up();
        dense_core_skips_nothing();
        compression_needs_bitmaps();
        accumulator_fits_operands();
        return std::move(broken_);
    }

private:
    [[nodiscard]] const Value& value(std::string_view path) const {
        const auto index = find_parameter(path);
        base::require(index.has_value(), "a rule names an unknown parameter");
        return values_[*index];
    }
    [[nodiscard]] std::uint64_t whole(std::string_view path) const {
        return std::get<std::uint64_t>(value(path));
    }
    [[nodiscard]] const std::string& text(std::string_view path) const {
        return std::get<std::string>(value(path));
    }
    /// "core.rows (8)"
    [[nodiscard]] std::string named(std::string_view path) const {
        return std::string(path) + " (" +
               value_as_yaml(catalogue()[*find_parameter(path)], value(path)) + ")";
    }
    void broken(std::string_view path, const std::string& message) {
        broken_.push_back({std::string(path), message});
    }

    /// `parts`: of m, n and k.
    void partition_is_the_chip(std::string_view count,
                               const std::array<std::string_view, 3>& parts) {
        const std::uint64_t product = whole(parts[0]) * whole(parts[1]) * whole(parts[2]);
        if (product != whole(count)) {
            broken(parts[0], "expected " + named(parts[0]) + " times " + named(parts[1]) +
                                 " times " + named(parts[2]) + " to be " + named(count) + ", got " +
                                 std::to_string(product));
        }
    }

    void chip_is_not_too_large() {
        const std::uint64_t cores =
            whole("accelerator.clusters") * whole("accelerator.cores_per_cluster");
        if (cores > kMaxCores) {
            broken("accelerator.clusters", "expected at most " + std::to_string(kMaxCores) +
                                               " cores, got " + named("accelerator.clusters") +
                                               " times " + named("accelerator.cores_per_cluster") +
                                               " = " + std::to_string(cores));
        }
        const std::uint64_t elements = whole("accelerator.clusters") *
                                       whole("accelerator.cores_per_cluster") * whole("core.rows") *
                                       whole("core.columns");
        if (elements > kMaxProcessingElements) {
            broken("accelerator.clusters",
                   "expected at most " + std::to_string(kMaxProcessingElements) +
                       " processing elements, got " + named("accelerator.clusters") + " times " +
                       named("accelerator.cores_per_cluster") + " times " + named("core.rows") +
                       " times " + named("core.columns") + " = " + std::to_string(elements));
        }
    }

    void tile_can_be_loaded() {
        for (const std::string_view side : {"core.rows", "core.columns"}) {
            const std::uint64_t operands =
                whole("core.tile_chunks") * whole("core.chunk_operands") * whole(side);
            if (operands > kMaxTileOperands) {
                broken("core.tile_chunks",
                       "expected tiles of at most " + std::to_string(kMaxTileOperands) +
                           " operands, got " + named("core.tile_chunks") + " times " +
                           named("core.chunk_operands") + " times " + named(side) + " = " +
                           std::to_string(operands));
            }
        }
    }

    /// [bits] of a number format: "fp8" -> 8.
    [[nodiscard]] std::uint64_t width_of(std::string_view path) const {
        const std::string& format = text(path);
        return format == "fp8" || format == "int8"    ? 8
               : format == "fp16" || format == "bf16" ? 16
                                                      : 32;
    }
    /// [bytes] of the largest tile along core.rows or core.columns, bitmap included.
    [[nodiscard]] std::uint64_t tile_bytes(std::string_view side) const {
        const std::uint64_t bits =
            width_of("core.operand_format") + (std::get<bool>(value("core.zero_skipping")) ? 1 : 0);
        const std::uint64_t operands =
            whole(side) * whole("core.tile_chunks") * whole("core.chunk_operands");
        return (operands * bits + 7) / 8;
    }

    void two_tiles_fit(std::string_view buffer, std::string_view side) {
        const std::uint64_t needed = 2 * tile_bytes(side);
        if (whole(buffer) != 0 && whole(buffer) < needed) {
            broken(buffer, "expected room for two tiles, " + std::to_string(needed) +
                               " bytes with " + named(side) + ", " + named("core.tile_chunks") +
                               ", " + named("core.chunk_operands") + " and " +
                               named("core.operand_format") + ", got " + named(buffer));
        }
    }

    void results_of_two_tiles_fit() {
        const std::uint64_t results =
            whole("core.rows") * whole("core.columns") * whole("core.tile_chunks");
        const std::uint64_t needed = 2 * (results * width_of("core.accumulator_format") / 8);
        const std::uint64_t room = whole("core.output_buffer_bytes");
        if (room != 0 && room < needed) {
            broken("core.output_buffer_bytes",
                   "expected room for the results of two tiles, " + std::to_string(needed) +
                       " bytes with " + named("core.rows") + ", " + named("core.columns") + ", " +
                       named("core.tile_chunks") + " and " + named("core.accumulator_format") +
                       ", got " + named("core.output_buffer_bytes"));
        }
    }

    void weight_tiles_of_a_cluster_fit() {
        const std::uint64_t room = whole("cluster.weight_buffer_bytes");
        const std::uint64_t needed =
            2 * whole("accelerator.cores_per_cluster") * tile_bytes("core.columns");
        if (whole("cluster.weight_buffer_ports") != 0 && room != 0 && room < needed) {
            broken("cluster.weight_buffer_bytes",
                   "expected room for two weight tiles of each core, " + std::to_string(needed) +
                       " bytes with " + named("accelerator.cores_per_cluster") + ", " +
                       named("core.columns") + ", " + named("core.tile_chunks") + ", " +
                       named("core.chunk_operands") + " and " + named("core.operand_format") +
                       ", got " + named("cluster.weight_buffer_bytes"));
        }
    }

    void detector_keeps_up() {
        const std::uint64_t issue = whole("core.issue_width_pairs");
        if (issue > whole("core.chunk_operands")) {
            broken("core.issue_width_pairs", "expected at most the pairs of a chunk, got " +
                                                 named("core.issue_width_pairs") + " with " +
                                                 named("core.chunk_operands"));
        }
        const std::uint64_t scan = whole("core.scan_bits");
        if (scan != 0 && scan < issue) {
            broken("core.scan_bits", "expected to see at least the pairs issued in a cycle, got " +
                                         named("core.scan_bits") + " with " +
                                         named("core.issue_width_pairs"));
        }
    }

    void dense_core_skips_nothing() {
        if (std::get<bool>(value("core.zero_skipping"))) {
            return;
        }
        for (const std::string_view stage : {"skip.ff", "skip.bp", "skip.wg"}) {
            if (text(stage) != "dense") {
                broken(stage, "expected dense with " + named("core.zero_skipping") + ", got " +
                                  named(stage));
            }
        }
        if (std::get<bool>(value("skip.coarse_runs"))) {
            broken("skip.coarse_runs", "expected false with " + named("core.zero_skipping") +
                                           ", got " + named("skip.coarse_runs"));
        }
    }

    void compression_needs_bitmaps() {
        if (std::get<bool>(value("transport.compressed")) &&
            !std::get<bool>(value("core.zero_skipping"))) {
            broken("transport.compressed", "expected false with " + named("core.zero_skipping") +
                                               ", got " + named("transport.compressed"));
        }
    }

    void accumulator_fits_operands() {
        const std::string& operand = text("core.operand_format");
        const std::string& accumulator = text("core.accumulator_format");
        const bool operand_is_integer = operand == "int8";
        const bool accumulator_is_integer = accumulator == "int32";
        const bool is_narrower = operand == "fp32" && accumulator == "fp16";
        if (operand_is_integer != accumulator_is_integer || is_narrower) {
            broken("core.accumulator_format", std::string("expected ") +
                                                  (operand_is_integer ? "int32"
                                                   : is_narrower      ? "fp32"
                                                                      : "fp16 or fp32") +
                                                  " with " + named("core.operand_format") +
                                                  ", got " + named("core.accumulator_format"));
        }
    }

    const std::vector<Value>& values_;
    std::vector<BrokenRule> broken_;
};

}  // namespace

std::vector<BrokenRule> broken_rules(const std::vector<Value>& values) {
    return Rules(values).check();
}

}  // namespace skipsim::config
