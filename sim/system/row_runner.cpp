// SPDX-License-Identifier: Apache-2.0
#include "sim/system/row_runner.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/check/value_check.h"
#include "sim/system/layer_values.h"

namespace skipsim::system {
namespace {

using reduction::ConvolutionShape;
using reduction::TrainingStage;

constexpr std::size_t kShownProblems = 20;

TrainingStage training_stage(stats::Stage stage) {
    base::require(stage != stats::Stage::wu, "row_runner: the cores do not update weights");
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

/// Trace, network, operator and stage of the row.
stats::LayerRow named_row(const trace::TraceReader& reader, const PlannedRow& planned) {
    const trace::Network& network = reader.networks()[planned.place.network];
    const trace::Operator& step = network.graph.operators[planned.place.layer];
    stats::LayerRow row;
    row.trace = reader.path();
    row.network = network.name;
    row.iteration = planned.place.iteration;
    row.layer = step.name;
    row.kind = trace::kind_name(step.kind);
    row.stage = planned.stage;
    row.samples_total = reader.iterations()[planned.place.iteration].samples;
    row.samples_active = row.samples_total;
    return row;
}

}  // namespace

/// What stands between the planned rows of an iteration and their results.
struct RowRunner::Iteration {
    const trace::TraceReader& reader;
    const std::vector<PlannedRow>& rows;
    std::vector<accelerator::VectorWork> works;  ///< of each row
    RowOrder order;                              ///< in which the rows are done
    std::vector<std::size_t> place;              ///< of each row in `order`
    std::unique_ptr<MemoryPlan> memory;          ///< by place
    std::map<std::size_t, std::size_t> updates;  ///< row -> number of its update on the chip
    std::vector<stats::LayerRow> results;        ///< by row

    [[nodiscard]] bool is_beside(std::size_t row) const { return order.is_beside[row]; }
    [[nodiscard]] RowRequest request(std::size_t row) const;
};

/// The row after `row` that is no update beside others is what the DMA fetches ahead.
RowRequest RowRunner::Iteration::request(std::size_t row) const {
    const trace::Network& network = reader.networks()[rows[row].place.network];
    RowRequest request;
    request.name = network.graph.operators[rows[row].place.layer].name + ' ' +
                   std::string(stats::kStageNames[static_cast<std::size_t>(rows[row].stage)]);
    request.addresses = &memory->addresses();
    request.memory = &memory->row(place[row]);
    for (std::size_t next = row + 1; next < rows.size(); ++next) {
        if (!is_beside(next)) {
            request.next = &memory->row(place[next]);
            break;
        }
    }
    return request;
}

RowRunner::RowRunner(const config::Config& config, const accelerator::ChipParams& params,
                     ChipControl& chip, base::TaskPool& pool, bool is_clocked)
    : config_(config), params_(params), chip_(chip), pool_(pool), is_clocked_(is_clocked) {
    const std::int64_t per_cluster = params.partition.cores_per_cluster();
    for (std::int64_t core = 0; core < params.partition.cores(); ++core) {
        cores_.push_back({"cluster" + std::to_string(core / per_cluster) + ".core" +
                              std::to_string(core % per_cluster),
                          0, 0, 0});
    }
}

namespace {

void add(stats::LayerRow& row, const accelerator::RowCounts& counts) {
    row.cycles += counts.cycles;
    row.pe_cycles += counts.pe_cycles;
    row.dram_bytes += counts.dram_bytes();
    row.actions += counts.actions;
}

}  // namespace

std::vector<stats::LayerRow> RowRunner::run(const trace::TraceReader& reader,
                                            VectorRows& vector_rows,
                                            const std::vector<PlannedRow>& rows,
                                            const std::function<void()>& advanced) {
    Iteration iteration{reader, rows, {}, row_order(rows, params_.memory.overlaps_updates),
                        {},     {},   {}, {}};
    std::vector<PlannedRow> ordered;
    std::vector<accelerator::VectorWork> ordered_works;
    iteration.place.resize(rows.size());
    iteration.results.resize(rows.size());
    for (const PlannedRow& row : rows) {
        iteration.works.push_back(vector_rows.work(row.place, row.stage));
    }
    for (std::size_t place = 0; place < iteration.order.rows.size(); ++place) {
        const std::size_t row = iteration.order.rows[place];
        iteration.place[row] = place;
        ordered.push_back(rows[row]);
        ordered_works.push_back(iteration.works[row]);
    }
    iteration.memory = std::make_unique<MemoryPlan>(reader, vector_rows, ordered, ordered_works);
    check_capacity(reader, *iteration.memory);
    const std::uint64_t first_cycle = total_cycles_;
    for (const std::size_t row : iteration.order.rows) {
        base::throw_if_interrupted();
        run_row(iteration, row);
        advanced();
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto update = iteration.updates.find(row);
        if (update != iteration.updates.end()) {
            const accelerator::RowCounts counts = chip_.finish_update(update->second);
            total_cycles_ += counts.cycles;
            iteration.results[row] = vector_row(iteration, rows[row], counts);
        }
    }
    const accelerator::RowCounts rest = chip_.end_iteration(iteration.memory->addresses());
    total_cycles_ += rest.cycles;
    add(iteration.results.back(), rest);
    show(iteration.results, first_cycle);
    return std::move(iteration.results);
}

void RowRunner::set_timeline(kernel::Timeline* timeline) {
    timeline_ = timeline;
    track_ = timeline == nullptr ? 0 : timeline->add_track("chip", "rows");
}

/// Rows end in their order: those that run beside others stand at the end, with what they need
/// beyond the rows before.
void RowRunner::show(const std::vector<stats::LayerRow>& rows, std::uint64_t first_cycle) {
    if (timeline_ == nullptr) {
        return;
    }
    const std::uint64_t period = params_.memory.core_period_ps;
    for (const stats::LayerRow& row : rows) {
        const std::string stage(stats::kStageNames[static_cast<std::size_t>(row.stage)]);
        timeline_->slice(track_, row.layer + ' ' + stage, first_cycle * period,
                         (first_cycle + row.cycles) * period,
                         {{"layer", row.layer},
                          {"stage", stage},
                          {"kind", row.kind},
                          {"network", row.network},
                          {"iteration", row.iteration},
                          {"skip", row.skip},
                          {"cycles", row.cycles}});
        first_cycle += row.cycles;
    }
}

void RowRunner::check_capacity(const trace::TraceReader& reader, const MemoryPlan& plan) const {
    // A tile is addressed at its dense place: with its bitmap it may reach an eighth beyond.
    const std::uint64_t reach = plan.bytes_needed() + plan.bytes_needed() / 8;
    if (params_.memory.dram && reach > params_.memory.dram->capacity()) {
        throw base::InputError(reader.path() + ": an iteration's tensors take " +
                               std::to_string(plan.bytes_needed()) +
                               " bytes and an eighth for bitmaps, memory.dram holds " +
                               std::to_string(params_.memory.dram->capacity()));
    }
}

void RowRunner::run_row(Iteration& iteration, std::size_t index) {
    const PlannedRow& planned = iteration.rows[index];
    const accelerator::VectorWork& work = iteration.works[index];
    const RowRequest request = iteration.request(index);
    const trace::Graph& graph = iteration.reader.networks()[planned.place.network].graph;
    if (iteration.is_beside(index)) {
        iteration.updates[index] = chip_.start_update(work, request);
    } else if (graph.operators[planned.place.layer].is_layer() &&
               planned.stage != stats::Stage::wu) {
        iteration.results[index] = run_layer(iteration, planned, work, request);
    } else {
        const accelerator::RowCounts counts = chip_.run_vector_row(work, request);
        total_cycles_ += counts.cycles;
        iteration.results[index] = vector_row(iteration, planned, counts);
    }
}

stats::LayerRow RowRunner::vector_row(const Iteration& iteration, const PlannedRow& planned,
                                      const accelerator::RowCounts& counts) {
    stats::LayerRow row = named_row(iteration.reader, planned);
    row.skip = accelerator::selection_name({});
    add(row, counts);
    return row;
}

clocked::RowTask RowRunner::task_of(const Iteration& iteration, const PlannedRow& planned,
                                    const LayerOperands& operands,
                                    const accelerator::RowWork& work) const {
    clocked::RowTask task = is_dense_
                                ? row_task(operands, work.stage, params_)
                                : row_task(iteration.reader, planned.place, work.stage, operands,
                                           params_, config_.text("core.operand_format"));
    task.selection = work.selection;
    task.packs_output =
        work.selection.output && work.output_mode == accelerator::OutputMode::packed;
    return task;
}

void RowRunner::compare(const clocked::RowTask& task, const ComputedRow& computed,
                        const stats::LayerRow& row) {
    const check::ValueCheck found =
        check::check_values(task, computed.values, params_, computed.order);
    ++values_->rows;
    values_->elements += found.elements;
    values_->compared += found.compared;
    values_->exact += found.exact;
    values_->left_out += found.left_out;
    values_->wrong_values += found.wrong_values;
    values_->missing += found.missing;
    values_->not_left_out += found.not_left_out;
    values_->unbounded += found.unbounded;
    values_->largest_error = std::max(values_->largest_error, found.largest_error);
    for (const std::string& problem : found.problems()) {
        if (values_->problems.size() < kShownProblems) {
            values_->problems.push_back(
                "iteration " + std::to_string(row.iteration) + ", " + row.layer + ' ' +
                std::string(stats::kStageNames[static_cast<std::size_t>(row.stage)]) + ": " +
                problem);
        }
    }
}

stats::LayerRow RowRunner::run_layer(const Iteration& iteration, const PlannedRow& planned,
                                     const accelerator::VectorWork& beside,
                                     const RowRequest& request) {
    const trace::TraceReader& reader = iteration.reader;
    const trace::Network& network = reader.networks()[planned.place.network];
    const trace::Operator& layer = network.graph.operators[planned.place.layer];
    const TrainingStage stage = training_stage(planned.stage);
    const LayerOperands operands =
        is_dense_
            ? LayerOperands(convolution_shape(network.graph, planned.place.layer,
                                              reader.iterations()[planned.place.iteration].samples))
            : LayerOperands(reader, planned.place, stage, params_.core.coarse_runs);
    const bool training =
        reader.iterations()[planned.place.iteration].phase == trace::Phase::kTrain &&
        network.is_student;
    RowSetup setup(params_, operands, stage,
                   transposed_elements(operands.shape(), stage, training, layer.input_gradient));
    const accelerator::RowChoice choice =
        is_dense_ ? accelerator::RowChoice{} : choose(setup, operands.zeros());
    accelerator::RowWork work = setup.work(choice.selection, choice.output_mode);
    work.count_effectual = !is_dense_;
    RowRequest with_task = request;
    std::optional<clocked::RowTask> task;
    ComputedRow computed;
    if (is_clocked_) {
        task = task_of(iteration, planned, operands, work);
        with_task.task = &*task;
        with_task.results = values_ == nullptr ? nullptr : &computed;
    }
    const accelerator::RowCounts counts = chip_.run_row(work, with_task, beside);
    add_units(counts, work);

    stats::LayerRow row = named_row(reader, planned);
    if (with_task.results != nullptr) {
        compare(*task, computed, row);
    }
    row.skip = accelerator::selection_name(work.selection);
    row.patterns = accelerator::pattern_names(work.selection, stage);
    row.choices = choice.choices;
    row.regret_cycles = choice.regret_cycles;
    row.macs = macs_of(counts, work.dense_macs);
    add(row, counts);
    return row;
}

accelerator::RowChoice RowRunner::choose(RowSetup& row, const accelerator::RoleZeros& zeros) {
    accelerator::ChoicePolicy policy;
    policy.by_cycles = config_.text("skip.adaptive_policy") == "cycles";
    policy.output_mode = config_.text("skip.output_mode") == "packed"
                             ? accelerator::OutputMode::packed
                             : accelerator::OutputMode::row;
    policy.adaptive_output = config_.text("skip.output_mode") == "adaptive";
    policy.regret = config_.flag("skip.regret");
    return accelerator::choose(
        policy, {config_.text(skip_key(row.stage())), row.stage(), zeros},
        [&](const reduction::Selection& selection, accelerator::OutputMode output_mode) {
            return cycles_alone(row, selection, output_mode);
        });
}

std::uint64_t RowRunner::cycles_alone(RowSetup& row, const reduction::Selection& selection,
                                      accelerator::OutputMode output_mode) {
    accelerator::RowWork work = row.work(selection, output_mode);
    if (!selection.input && !selection.weight && !selection.output) {
        return dense_cycles_alone(row.shape(), work);
    }
    work.count_effectual = false;
    return accelerator::simulate_row(params_, work, pool_).cycles;
}

std::uint64_t RowRunner::dense_cycles_alone(const ConvolutionShape& shape,
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
    const auto known = dense_alone_.find(key);
    if (known != dense_alone_.end()) {
        return known->second;
    }
    const reduction::Reduction reduction(work.stage, shape, {}, params_.zero_insertion);
    accelerator::RowWork dense = work;
    dense.reduction = &reduction;
    dense.selection = {};
    dense.output_mode = accelerator::OutputMode::row;
    dense.balancer = {};
    dense.count_effectual = false;
    const std::uint64_t cycles = accelerator::simulate_row(params_, dense, pool_).cycles;
    dense_alone_.emplace(key, cycles);
    return cycles;
}

void RowRunner::add_units(const accelerator::RowCounts& counts, const accelerator::RowWork& work) {
    for (std::size_t core = 0; core < cores_.size(); ++core) {
        cores_[core].busy += counts.core_busy_cycles[core];
        cores_[core].blocked += counts.core_blocked_cycles[core];
    }
    if (params_.transposer_values_per_cycle != 0) {
        transposer_busy_cycles_ +=
            base::ceil_divide(work.transposed_elements, params_.transposer_values_per_cycle);
    }
    aggregation_busy_cycles_ += counts.aggregation_cycles;
    balancer_busy_cycles_ += counts.balancer_cycles;
    total_cycles_ += counts.cycles;
}

std::vector<stats::UnitCycles> RowRunner::units() const {
    std::vector<stats::UnitCycles> units = cores_;
    units.push_back({"transposer", transposer_busy_cycles_, 0, 0});
    units.push_back({"aggregation", aggregation_busy_cycles_, 0, 0});
    units.push_back({"balancer", balancer_busy_cycles_, 0, 0});
    const BlockCycles vector_unit = chip_.vector_unit_cycles();
    const BlockCycles dma = chip_.dma_cycles();
    units.push_back({"vector_unit", vector_unit.busy, 0, vector_unit.blocked});
    units.push_back({"dma", dma.busy, 0, dma.blocked});
    const std::vector<std::uint64_t> channels = chip_.dram_busy_cycles();
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
        units.push_back({"dram.channel" + std::to_string(channel), channels[channel], 0, 0});
    }
    for (stats::UnitCycles& unit : units) {
        base::require(unit.busy + unit.blocked <= total_cycles_,
                      "row_runner: " + unit.unit + " was busy longer than the run");
        unit.starved = total_cycles_ - unit.busy - unit.blocked;
    }
    return units;
}

}  // namespace skipsim::system
