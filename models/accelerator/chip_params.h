// SPDX-License-Identifier: Apache-2.0
// What the whole chip is built of: clusters of cores, how a layer is divided among them, the ports
// to memory, the transposer and the vector unit.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "models/accelerator/aggregation.h"
#include "models/accelerator/vector_unit.h"
#include "models/cluster/weight_buffer.h"
#include "models/core/balancer.h"
#include "models/core/params.h"
#include "models/memory/dma.h"
#include "models/memory/dram/params.h"
#include "models/memory/load_port.h"
#include "models/reduction/tile_sequencer.h"

namespace skipsim::accelerator {

/// The m axis is divided cluster_m * core_m ways, the columns cluster_n * core_n ways, k
/// cluster_k * core_k ways.
struct PartitionParams {
    std::int64_t cluster_m = 1;
    std::int64_t cluster_n = 1;
    std::int64_t core_m = 1;
    std::int64_t core_n = 1;
    std::int64_t cluster_k = 1;
    std::int64_t core_k = 1;
    bool wg_m_is_k = false;  ///< in WG the parts of m and of k change places

    [[nodiscard]] std::int64_t clusters() const noexcept {
        return cluster_m * cluster_n * cluster_k;
    }
    [[nodiscard]] std::int64_t cores_per_cluster() const noexcept {
        return core_m * core_n * core_k;
    }
    [[nodiscard]] std::int64_t cores() const noexcept { return clusters() * cores_per_cluster(); }

    /// Share of a core, numbered over the chip: cluster by cluster.
    /// Cluster = (cm * cluster_n + cn) * cluster_k + ck, core in it = (km * core_n + kn) * core_k +
    /// kk.
    [[nodiscard]] reduction::Share share_of(std::int64_t core,
                                            reduction::TrainingStage stage) const noexcept {
        const std::int64_t cluster = core / cores_per_cluster();
        const std::int64_t inner = core % cores_per_cluster();
        reduction::Share share;
        share.m_parts = cluster_m * core_m;
        share.column_parts = cluster_n * core_n;
        share.k_parts = cluster_k * core_k;
        const std::int64_t outer_grid = cluster / cluster_k;
        const std::int64_t inner_grid = inner / core_k;
        share.m_part = outer_grid / cluster_n * core_m + inner_grid / core_n;
        share.column_part = outer_grid % cluster_n * core_n + inner_grid % core_n;
        share.k_part = cluster % cluster_k * core_k + inner % core_k;
        if (wg_m_is_k && stage == reduction::TrainingStage::weight_gradient) {
            std::swap(share.m_part, share.k_part);
            std::swap(share.m_parts, share.k_parts);
        }
        return share;
    }
};

/// Everything between the cores and DRAM, and the clocks.
struct MemorySystemParams {
    std::uint64_t core_period_ps = 1000;
    std::uint64_t crossing_cycles = 0;      ///< [core cycles] from DRAM to core edges
    std::uint64_t global_buffer_bytes = 0;  ///< 0 = none: every operand is streamed
    memory::DmaParams dma;
    cluster::WeightBufferParams cluster;      ///< ports = 0: private weight ports
    bool stores_hold_tiles = false;           ///< output buffers have room for two tiles' results
    std::uint64_t vector_block_bytes = 4096;  ///< streamed at once by the vector unit
    bool overlaps_updates = true;             ///< weight updates run beside later rows
    std::optional<memory::DramParams> dram;   ///< none: ideal memory
    std::uint64_t memory_period_ps = 1000;    ///< of `dram`
};

struct ChipParams {
    core::CoreParams core;
    PartitionParams partition;
    memory::LoadPortParams input_port;   ///< of each core
    memory::LoadPortParams weight_port;  ///< of each core
    AggregationParams aggregation;
    core::BalancerParams balancer;
    std::uint64_t transposer_values_per_cycle = 0;  ///< [values/cycle] 0 = unlimited
    std::uint64_t accumulator_width_bits = 32;      ///< [bits] 1..64
    bool zero_skipping = true;    ///< the cores have bitmaps, FIFOs for them and detectors
    bool zero_insertion = false;  ///< strided BP without sub-pixel decomposition
    VectorUnitParams vector_unit;
    bool compressed_transport = false;  ///< tensors travel as bitmap and non-zeros
    MemorySystemParams memory;

    [[nodiscard]] std::uint64_t processing_elements() const noexcept {
        return core.processing_elements() * static_cast<std::uint64_t>(partition.cores());
    }
};

}  // namespace skipsim::accelerator
