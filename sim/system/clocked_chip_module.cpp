// SPDX-License-Identifier: Apache-2.0
#include "sim/system/clocked_chip_module.h"

#include <algorithm>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/interrupt.h"

namespace skipsim::system {

using base::Action;
using base::ceil_divide;

/// Where a core's sums go.
class ClockedChipModule::CoreSums final : public clocked::SumStore {
public:
    CoreSums(clocked::ResultTensor& results, std::size_t core) : results_(results), core_(core) {}

    void drain(std::uint32_t phase, std::int64_t m, std::int64_t column, float sum) override {
        results_.drain(core_, phase, m, column, sum);
    }
    [[nodiscard]] float partial(std::uint32_t phase, std::int64_t m,
                                std::int64_t column) const override {
        return results_.partial(core_, phase, m, column);
    }

private:
    clocked::ResultTensor& results_;
    std::size_t core_;
};

ClockedChipModule::ClockedChipModule(const sc_core::sc_module_name& name,
                                     const accelerator::ChipParams& params)
    : sc_core::sc_module(name),
      ChipControl(params),
      clock_("clock", params.memory.core_period_ps),
      dma_("dma", params.memory.dma, params.memory.crossing_cycles, clock_),
      vector_unit_("vector_unit", dma_, clock_),
      transposer_{clocked::WorkMeter(params.transposer_values_per_cycle), 0, 0, {}},
      adds_{clocked::WorkMeter(params.aggregation.adds_per_cycle), 0, 0, {}},
      bytes_{clocked::WorkMeter(params.aggregation.bytes_per_cycle), 0, 0, {}} {
    SC_HAS_PROCESS(ClockedChipModule);
    for (std::int64_t cluster = 0; cluster < params.partition.clusters(); ++cluster) {
        clusters_.push_back(std::make_unique<ClockedClusterModule>(
            ("cluster" + std::to_string(cluster)).c_str(), params,
            static_cast<std::uint64_t>(cluster), clock_, dma_));
    }
    if (dram() != nullptr) {
        dma_.dram_socket.bind(dram()->socket);
    }
    clock_.add("chip", this);
    clock_.hold();  // until the first row
    SC_METHOD(due);
    sensitive << clock_.event(kernel::Step::due);
    dont_initialize();
}

ClockedChipModule::~ClockedChipModule() = default;

BlockCycles ClockedChipModule::vector_unit_cycles() const {
    return {vector_unit_.busy_cycles(), vector_unit_.blocked_cycles()};
}

BlockCycles ClockedChipModule::dma_cycles() const {
    return {dma_.busy_cycles(), dma_.blocked_cycles()};
}

void ClockedChipModule::set_timeline(kernel::Timeline* timeline) {
    if (dram() != nullptr) {
        dram()->set_timeline(timeline);
    }
}

void ClockedChipModule::wake() {
    if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);  // sockets take no transfers before
    }
}

void ClockedChipModule::set_waveform(WaveformWriter* waveform) {
    if (waveform == nullptr) {
        clock_.on_cycle_end(nullptr);
        return;
    }
    name_signals(*waveform);
    waveform->begin(clock_.period_ps());
    clock_.on_cycle_end([this, waveform](std::uint64_t cycle) {
        shown_cores_at_work_ = static_cast<std::uint32_t>(cores_at_work_);
        waveform->sample(cycle);
    });
}

void ClockedChipModule::name_signals(WaveformWriter& waveform) const {
    const auto below = [&waveform](const std::string& scope) {
        return [&waveform, scope](const std::string& name, const std::uint32_t& value,
                                  unsigned bits) { waveform.add(scope + '.' + name, value, bits); };
    };
    for (std::size_t cluster = 0; cluster < clusters_.size(); ++cluster) {
        clusters_[cluster]->watch(below("cluster" + std::to_string(cluster)));
    }
    dma_.watch(below("dma"));
    vector_unit_.watch(below("vector_unit"));
    waveform.add("cores_at_work", shown_cores_at_work_, 16);
}

std::uint64_t ClockedChipModule::submit(const memory::DmaJob& job, bool is_background, Done done) {
    return dma_.submit(clocked::ClientOrder::kControl, {job.address, job.bytes, job.is_write},
                       is_background, std::move(done));
}

void ClockedChipModule::start_vector_unit(std::vector<accelerator::VectorStep> steps,
                                          bool is_background, const std::string& /*name*/,
                                          Done done) {
    vector_unit_.start(std::move(steps), is_background, std::move(done));
}

void ClockedChipModule::operand_filled(bool is_input, bool is_weight) {
    for (const auto& cluster : clusters_) {
        cluster->operand_filled(is_input, is_weight);
    }
}

clocked::CoreModule& ClockedChipModule::core(std::size_t number) const {
    const std::size_t per_cluster = clusters_.front()->core_count();
    return clusters_[number / per_cluster]->core(number % per_cluster);
}

/// The balancer works before the cores and the transposer; nothing else waits for it.
void ClockedChipModule::start_cores(const accelerator::RowWork& work, const RowRequest& request,
                                    const RowPlaces& places) {
    base::require(request.task != nullptr, "clocked_chip: a row without its task");
    places_ = places;
    splits_k_ = accelerator::splits_k(params(), work);
    const auto cores = static_cast<std::size_t>(params().partition.cores());
    order_ = clocked::column_order(*request.task, list_params(),
                                   params().partition.share_of(0, work.stage).column_parts);
    results_ = std::make_unique<clocked::ResultTensor>(*request.task, cores);
    balancer_cycles_ = 0;
    for (const auto& [amount, rate] :
         {std::pair{order_.bits, params().balancer.bits_per_cycle},
          std::pair{order_.compares, params().balancer.compares_per_cycle}}) {
        clocked::WorkMeter meter(rate);
        for (meter.start(amount); !meter.is_done(); meter.step()) {
            ++balancer_cycles_;
        }
    }
    for (const auto& cluster : clusters_) {
        cluster->start_row(places);
    }
    begin_task();
    run_meter(transposer_, work.transposed_elements, clock_.cycle() + balancer_cycles_,
              [this] { end_task(); });
    begin_task();
    sums_.clear();
    cores_at_work_ = cores;
    for (std::size_t number = 0; number < cores; ++number) {
        start_core(number, work, request);
    }
}

clocked::ListParams ClockedChipModule::list_params() const {
    const core::CoreParams& core = params().core;
    clocked::ListParams list;
    list.rows = core.rows;
    list.columns = core.columns;
    list.chunk_operands = core.chunk_operands;
    list.tile_chunks = core.tile_chunks;
    list.operand_width_bits = core.operand_width_bits;
    list.psum_spill = core.psum_spill;
    list.private_groups = core.private_groups;
    list.coarse_runs = core.coarse_runs;
    return list;
}

void ClockedChipModule::start_core(std::size_t number, const accelerator::RowWork& work,
                                   const RowRequest& request) {
    const bool drains_sums = splits_k_ || work.stage == reduction::TrainingStage::weight_gradient;
    sums_.push_back(std::make_unique<CoreSums>(*results_, number));
    clocked::CoreRow row;
    row.list = std::make_unique<clocked::WorkList>(
        *request.task, list_params(), order_,
        params().partition.share_of(static_cast<std::int64_t>(number), work.stage));
    row.input_role = work.selection.input;
    row.weight_role = work.selection.weight;
    row.sums = sums_.back().get();
    row.delay_cycles = balancer_cycles_;
    row.result_width_bits =
        drains_sums ? params().accumulator_width_bits : params().core.operand_width_bits;
    row.keeps_results = splits_k_;
    row.done = [this] { core_done(); };
    core(number).start_row(std::move(row));
}

void ClockedChipModule::run_meter(Running& running, std::uint64_t amount, std::uint64_t begin_cycle,
                                  Done done) {
    running.meter.start(amount);
    running.begin_cycle = begin_cycle;
    running.cycles = 0;
    if (running.meter.is_done() && begin_cycle == clock_.cycle()) {
        done();
        return;
    }
    running.done = std::move(done);
}

/// At the edge that ends a cycle of work.
void ClockedChipModule::tick(Running& running) {
    if (!running.done) {
        return;
    }
    clock_.keep_alive();
    if (clock_.cycle() > running.begin_cycle) {
        running.meter.step();
        ++running.cycles;
    }
    if (clock_.cycle() >= running.begin_cycle && running.meter.is_done()) {
        std::exchange(running.done, nullptr)();
    }
}

void ClockedChipModule::due() {
    tick(transposer_);
    tick(adds_);
    tick(bytes_);
}

void ClockedChipModule::core_done() {
    if (--cores_at_work_ == 0) {
        aggregate();
    }
}

/// Partial sums are added when the last core has ended; additions and bytes side by side.
void ClockedChipModule::aggregate() {
    const clocked::ResultSums sums = results_->sums();
    if (splits_k_) {
        store_sums(result_bytes());
    }
    begin_task();
    run_meter(adds_, sums.partial_sums - sums.shared_results, clock_.cycle(),
              [this] { end_task(); });
    run_meter(bytes_, ceil_divide(sums.partial_sums * params().accumulator_width_bits, 8),
              clock_.cycle(), [this] { end_task(); });
}

void ClockedChipModule::layer_tasks_done(const accelerator::RowWork& /*work*/) {
    end_row();
}

void ClockedChipModule::end_row() {
    mark_row_ended();
    clock_.hold();
    sc_core::sc_pause();
}

void ClockedChipModule::run_kernel() {
    clock_.keep_alive();
    clock_.resume();
    while (!has_row_ended()) {
        sc_core::sc_start();
        base::throw_if_interrupted();
        if (clock_.is_dead()) {
            base::throw_internal_error("chip: deadlock: " + clock_.report());
        }
    }
}

std::string ClockedChipModule::state() const {
    std::string text = std::to_string(cores_at_work_) + " cores at work";
    for (const auto& [name, running] :
         {std::pair{"transposer", &transposer_}, std::pair{"aggregation: additions", &adds_},
          std::pair{"aggregation: bytes", &bytes_}}) {
        text += running->done ? std::string(", ") + name + " at work" : "";
    }
    return text;
}

ChipControl::ClusterTraffic ClockedChipModule::cluster_traffic() {
    ClusterTraffic now;
    for (const auto& cluster : clusters_) {
        if (const clocked::WeightBanksModule* banks = cluster->weight_banks()) {
            now.words_read += banks->banks().words_read();
            now.words_written += banks->banks().words_written();
            now.bytes_fetched += banks->banks().bytes_fetched();
        }
    }
    const ClusterTraffic before = std::exchange(cluster_before_, now);
    return {now.words_read - before.words_read, now.words_written - before.words_written,
            now.bytes_fetched - before.bytes_fetched};
}

accelerator::RowCounts ClockedChipModule::layer_counts(const accelerator::RowWork& work) {
    accelerator::RowCounts row;
    row.cycles = cycles_since_start();
    for (std::size_t number = 0; number < sums_.size(); ++number) {
        add_core(row, core(number));
    }
    add_results(row);
    add_row_actions(row, work);
    const std::uint64_t pe_cycles = params().processing_elements() * row.cycles;
    base::require(row.pe_cycles.total() <= pe_cycles,
                  "clocked_chip: more PE cycles than there are");
    row.pe_cycles[base::PeCategory::idle] += pe_cycles - row.pe_cycles.total();
    row.balancer_cycles = balancer_cycles_;
    row.aggregation_cycles = std::max(adds_.cycles, bytes_.cycles);
    row.result_bytes = result_bytes();
    if (request()->results != nullptr) {
        *request()->results = {results_->finish(), order_};
    }
    return row;
}

void ClockedChipModule::add_core(accelerator::RowCounts& row,
                                 const clocked::CoreModule& core) const {
    const clocked::ClockedCoreReport report = core.report();
    row.core_end_cycles.push_back(report.end_cycle);
    row.core_busy_cycles.push_back(report.busy);
    row.core_blocked_cycles.push_back(report.blocked);
    row.issued += report.array.issued;
    row.effectual += report.array.effectual;
    row.skipped_input += report.array.skipped_input + report.list.skipped_jumped_input;
    row.skipped_weight += report.array.skipped_weight_fine;
    row.skipped_coarse += report.list.skipped_weight_coarse;
    row.skipped_output += report.list.skipped_output;
    row.pe_cycles += report.array.pe_cycles;
    row.actions += report.array.actions;
    row.actions[Action::input_buffer_write] += report.input_load_words;
    row.actions[Action::weight_buffer_write] += report.weight_load_words;
    row.actions[Action::sequencer_output_bit] += report.list.output_bits;
    row.actions[Action::sequencer_coarse_bit] += report.list.coarse_bits;
    if (places_.input.is_streamed) {
        row.actions[Action::dram_read_byte] += report.input_load_bytes;
    } else {
        row.actions[Action::global_buffer_read] += report.input_load_words;
    }
    if (params().memory.cluster.ports != 0) {
        return;  // weights came through the cluster's buffer, which counts for itself
    }
    if (places_.weight.is_streamed) {
        row.actions[Action::dram_read_byte] += report.weight_load_bytes;
    } else {
        row.actions[Action::global_buffer_read] += report.weight_load_words;
    }
}

std::uint64_t ClockedChipModule::result_bytes() const {
    const bool is_gradient = request()->task->stage == reduction::TrainingStage::weight_gradient;
    return ceil_divide(results_->sums().results * (is_gradient ? params().accumulator_width_bits
                                                               : params().core.operand_width_bits),
                       8);
}

/// The aggregation core's actions, and the results on their way out of the chip.
void ClockedChipModule::add_results(accelerator::RowCounts& row) const {
    const clocked::ResultSums sums = results_->sums();
    const std::uint64_t width = params().accumulator_width_bits;
    const std::uint64_t words = sums.partial_sums * ceil_divide(width, 64);
    const std::uint64_t bytes = ceil_divide(sums.partial_sums * width, 8);
    const std::uint64_t room = params().aggregation.buffer_bytes;
    const std::uint64_t spill = room != 0 && bytes > room ? bytes - room : 0;
    row.actions[Action::aggregation_add] += sums.partial_sums - sums.shared_results;
    row.actions[Action::aggregation_read] += words;
    row.actions[Action::aggregation_write] += words;
    row.actions[Action::dram_read_byte] += spill;
    row.actions[Action::dram_write_byte] += spill;
    const bool is_streamed = places_of(*request()).output.is_streamed;
    if (is_streamed) {
        row.actions[Action::dram_write_byte] += result_bytes();
    } else {
        row.actions[Action::global_buffer_write] += ceil_divide(result_bytes(), 8);
    }
}

/// Clocks, the balancer, the transposer.
void ClockedChipModule::add_row_actions(accelerator::RowCounts& row,
                                        const accelerator::RowWork& work) const {
    const std::uint64_t width = params().core.operand_width_bits;
    const std::uint64_t bitmap = params().zero_skipping ? 1 : 0;
    const std::uint64_t pe_cycles = params().processing_elements() * row.cycles;
    const std::uint64_t copy_bits = work.transposed_elements * (width + bitmap);
    row.actions[Action::clock_pe_cycle] += pe_cycles;
    row.actions[Action::leakage_pe_cycle] += pe_cycles;
    row.actions[Action::fifo_bit_clock] +=
        bitmap * pe_cycles * 2 * params().core.chunk_operands * params().core.fifo_depth_chunks;
    row.actions[Action::balancer_bit] += order_.bits;
    row.actions[Action::balancer_compare] += order_.compares;
    row.actions[Action::transposer_bit] += copy_bits;
    if (request()->memory == nullptr) {  // else it is counted with the transfers beside the row
        row.actions[Action::dram_write_byte] += ceil_divide(copy_bits, 8);
    }
}

}  // namespace skipsim::system
