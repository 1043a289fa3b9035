// SPDX-License-Identifier: Apache-2.0
#include "sim/system/row_runner.h"

#include <string>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::system {
namespace {

using reduction::ConvolutionShape;
using reduction::TrainingStage;

TrainingStage training_stage(stats::Stage stage) {
    base::require(stage != stats::Stage::wu, "row_runner: no row for the weight update");
    return stage == stats::Stage::ff   ? TrainingStage::feed_forward
           : stage == stats::Stage::bp ? TrainingStage::back_propagation
                                       : TrainingStage::weight_gradient;
}

const char* skip_key(TrainingStage stage) {
    return stage == TrainingStage::feed_forward       ? "skip.ff"
           : stage == TrainingStage::back_propagation ? "skip.bp"
                                                      : "skip.wg";
}

/// x is copied beside FF; dy beside BP, or beside WG in a layer without BP.
std::uint64_t transposed_elements(const ConvolutionShape& shape, TrainingStage stage, bool training,
                                  bool has_back_propagation) {
    if (!training) {
        return 0;
    }
    if (stage == TrainingStage::feed_forward) {
        return shape.in_elements();
    }
    const bool here = (stage == TrainingStage::back_propagation) == has_back_propagation;
    return here ? shape.out_elements() : 0;
}

stats::Macs macs_of(const accelerator::RowCounts& counts, std::uint64_t dense) {
    stats::Macs macs;
    macs.dense = dense;
    macs.dense_all_samples = dense;
    macs.effectual = counts.effectual;
    macs.issued = counts.issued;
    macs.skipped.input = counts.skipped_input;
    macs.skipped.weight_fine = counts.skipped_weight;
    macs.skipped.weight_coarse = counts.skipped_coarse;
    macs.skipped.output = counts.skipped_output;
    return macs;
}

}  // namespace

RowRunner::RowRunner(const config::Config& config, const accelerator::ChipParams& params,
                     AcceleratorModule& chip, base::TaskPool& pool)
    : config_(config),
      params_(params),
      chip_(chip),
      pool_(pool),
      core_busy_cycles_(static_cast<std::size_t>(params.partition.cores()), 0) {}

stats::LayerRow RowRunner::run(const trace::TraceReader& reader, const PlannedRow& planned) {
    const trace::Network& network = reader.networks()[planned.place.network];
    const trace::Operator& layer = network.graph.operators[planned.place.layer];
    const trace::IterationFacts& iteration = reader.iterations()[planned.place.iteration];
    const TrainingStage stage = training_stage(planned.stage);
    const LayerOperands operands(reader, planned.place, stage, params_.core.coarse_runs);
    const reduction::Reduction reduction(stage, operands.shape(), operands.patterns(),
                                         params_.zero_insertion);
    accelerator::RowWork work;
    work.reduction = &reduction;
    work.stage = stage;
    work.selection =
        accelerator::select_roles(config_.text(skip_key(stage)), stage, operands.zeros());
    work.dense_macs = reduction::dense_macs(operands.shape());
    const bool training = iteration.phase == trace::Phase::kTrain && network.is_student;
    work.transposed_elements =
        transposed_elements(operands.shape(), stage, training, layer.input_gradient);
    const accelerator::RowCounts counts = chip_.run_row(work);
    add_units(counts, work);

    stats::LayerRow row;
    row.trace = reader.path();
    row.network = network.name;
    row.iteration = planned.place.iteration;
    row.layer = layer.name;
    row.kind = trace::kind_name(layer.kind);
    row.stage = planned.stage;
    row.skip = accelerator::selection_name(work.selection);
    row.patterns = accelerator::pattern_names(work.selection, stage);
    row.cycles = counts.cycles;
    row.dense_cycles = row.patterns.empty() ? counts.cycles : dense_cycles(operands.shape(), work);
    row.samples_total = iteration.samples;
    row.samples_active = iteration.samples;
    row.macs = macs_of(counts, work.dense_macs);
    row.pe_cycles = counts.pe_cycles;
    row.dram_bytes = counts.dram_bytes();
    row.actions = counts.actions;
    return row;
}

std::uint64_t RowRunner::dense_cycles(const ConvolutionShape& shape,
                                      const accelerator::RowWork& work) {
    const DenseKey key{static_cast<std::int64_t>(work.stage),
                       static_cast<std::int64_t>(work.transposed_elements),
                       shape.samples,
                       shape.in_channels,
                       shape.in_size.vertical,
                       shape.in_size.horizontal,
                       shape.out_channels,
                       shape.out_size.vertical,
                       shape.out_size.horizontal,
                       shape.kernel.vertical,
                       shape.kernel.horizontal,
                       shape.stride.vertical,
                       shape.stride.horizontal,
                       shape.padding.vertical,
                       shape.padding.horizontal,
                       shape.dilation.vertical,
                       shape.dilation.horizontal,
                       shape.groups};
    const auto known = dense_cycles_.find(key);
    if (known != dense_cycles_.end()) {
        return known->second;
    }
    const reduction::Reduction reduction(work.stage, shape, {}, params_.zero_insertion);
    accelerator::RowWork dense = work;
    dense.reduction = &reduction;
    dense.selection = {};
    dense.count_effectual = false;
    const std::uint64_t cycles = accelerator::simulate_row(params_, dense, pool_).cycles;
    dense_cycles_.emplace(key, cycles);
    return cycles;
}

void RowRunner::add_units(const accelerator::RowCounts& counts, const accelerator::RowWork& work) {
    for (std::size_t core = 0; core < core_busy_cycles_.size(); ++core) {
        core_busy_cycles_[core] += counts.core_end_cycles[core];
    }
    if (params_.transposer_values_per_cycle != 0) {
        transposer_busy_cycles_ +=
            base::ceil_divide(work.transposed_elements, params_.transposer_values_per_cycle);
    }
    total_cycles_ += counts.cycles;
}

std::vector<stats::UnitCycles> RowRunner::units() const {
    std::vector<stats::UnitCycles> units;
    const auto per_cluster = static_cast<std::size_t>(params_.partition.cores_per_cluster());
    for (std::size_t core = 0; core < core_busy_cycles_.size(); ++core) {
        const std::string name = "cluster" + std::to_string(core / per_cluster) + ".core" +
                                 std::to_string(core % per_cluster);
        units.push_back(
            {name, core_busy_cycles_[core], total_cycles_ - core_busy_cycles_[core], 0});
    }
    units.push_back(
        {"transposer", transposer_busy_cycles_, total_cycles_ - transposer_busy_cycles_, 0});
    return units;
}

}  // namespace skipsim::system
