// SPDX-License-Identifier: Apache-2.0
#include "sim/system/chip_module.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace skipsim::system {

AcceleratorModule::AcceleratorModule(const sc_core::sc_module_name& name,
                                     const accelerator::ChipParams& params, base::TaskPool& pool)
    : sc_core::sc_module(name),
      ChipControl(params),
      clock_(params.memory.core_period_ps),
      phases_("phases"),
      dma_("dma", params.memory.dma, clock_, params.memory.crossing_cycles, phases_),
      vector_unit_("vector_unit", clock_, phases_) {
    SC_HAS_PROCESS(AcceleratorModule);
    for (std::int64_t cluster = 0; cluster < params.partition.clusters(); ++cluster) {
        clusters_.push_back(std::make_unique<ClusterModule>(
            ("cluster" + std::to_string(cluster)).c_str(), params, clock_, phases_, dma_, pool));
    }
    vector_unit_.foreground_socket.bind(dma_.foreground_socket);
    vector_unit_.background_socket.bind(dma_.background_socket);
    if (dram() != nullptr) {
        dma_.dram_socket.bind(dram()->socket);
    }
    SC_METHOD(row_ended);
    sensitive << row_end_event_;
    dont_initialize();
}

void AcceleratorModule::set_timeline(kernel::Timeline* timeline) {
    for (const auto& cluster : clusters_) {
        cluster->set_timeline(timeline);
    }
    vector_unit_.set_timeline(timeline);
    dma_.set_timeline(timeline);
    if (dram() != nullptr) {
        dram()->set_timeline(timeline);
    }
}

const core::CoreOccupation& AcceleratorModule::occupation(std::size_t core) const {
    const std::size_t per_cluster = clusters_.front()->core_count();
    return clusters_[core / per_cluster]->occupation(core % per_cluster);
}

BlockCycles AcceleratorModule::vector_unit_cycles() const {
    return {vector_unit_.occupation().busy, vector_unit_.occupation().blocked};
}

BlockCycles AcceleratorModule::dma_cycles() const {
    return {dma_.busy_cycles(), dma_.blocked_cycles()};
}

void AcceleratorModule::set_waveform(WaveformWriter* waveform) {
    base::require(waveform == nullptr, "chip: the fast engine has no signals");
}

void AcceleratorModule::wake() {
    if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);  // sockets take no transfers before
    }
}

std::uint64_t AcceleratorModule::submit(const memory::DmaJob& job, bool is_background, Done done) {
    return dma_.submit(job, is_background, std::move(done));
}

void AcceleratorModule::start_vector_unit(std::vector<accelerator::VectorStep> steps,
                                          bool is_background, const std::string& name, Done done) {
    vector_unit_.start(std::move(steps), is_background, name, std::move(done));
}

void AcceleratorModule::operand_filled(bool is_input, bool is_weight) {
    for (const auto& cluster : clusters_) {
        if (is_input) {
            cluster->input_filled();
        }
        if (is_weight) {
            cluster->weight_filled();
        }
    }
}

void AcceleratorModule::start_cores(const accelerator::RowWork& work, const RowRequest& request,
                                    const RowPlaces& places) {
    const std::uint64_t delay = core::balancer_cycles(params().balancer, work.balancer);
    std::int64_t number = 0;
    for (const auto& cluster : clusters_) {
        cluster->start_row(places);
        for (std::size_t core = 0; core < cluster->core_count(); ++core) {
            begin_task();
            ++cores_at_work_;
            cluster->start_core(core, accelerator::core_work(params(), work, number++), delay,
                                request.name, [this, &work] { core_done(work); });
        }
    }
}

void AcceleratorModule::core_done(const accelerator::RowWork& work) {
    if (--cores_at_work_ == 0 && accelerator::splits_k(params(), work)) {
        store_sums(core_row_counts(work).result_bytes);
    }
    end_task();
}

void AcceleratorModule::layer_tasks_done(const accelerator::RowWork& work) {
    counts_ = core_row_counts(work);
    end_row_at(row_start() + counts_.cycles);
}

accelerator::RowCounts AcceleratorModule::layer_counts(const accelerator::RowWork& /*work*/) {
    for (std::size_t core = 0; core < counts_.core_end_cycles.size(); ++core) {
        counts_.core_busy_cycles.push_back(occupation(core).busy);
        counts_.core_blocked_cycles.push_back(occupation(core).blocked);
    }
    return std::exchange(counts_, {});
}

void AcceleratorModule::end_row_at(std::uint64_t cycle) {
    row_end_event_.notify(clock_.until(cycle));
}

void AcceleratorModule::row_ended() {
    mark_row_ended();
    phases_.hold();
    sc_core::sc_pause();
}

void AcceleratorModule::run_kernel() {
    while (!has_row_ended()) {
        if (!sc_core::sc_pending_activity()) {
            for (const auto& cluster : clusters_) {
                for (std::size_t core = 0; core < cluster->core_count(); ++core) {
                    (void)cluster->report(core);  // throws what stopped it
                }
            }
            base::throw_internal_error("chip: nothing left to do, and the row has not ended");
        }
        phases_.resume();
        sc_core::sc_start();
    }
}

accelerator::RowCounts AcceleratorModule::core_row_counts(accelerator::RowWork work) {
    std::vector<core::CoreReport> reports;
    for (const auto& cluster : clusters_) {
        for (std::size_t core = 0; core < cluster->core_count(); ++core) {
            reports.push_back(cluster->report(core));
        }
    }
    const RowPlaces places = places_of(*request());
    work.streamed.input = places.input.is_streamed;
    work.streamed.weight = places.weight.is_streamed;
    work.streamed.output = places.output.is_streamed;
    work.counts_copy =
        request()->memory == nullptr;  // else it is counted with the transfers beside
    work.minimum_cycles = cycles_since_start();
    return accelerator::row_counts(params(), work, reports);
}

ChipControl::ClusterTraffic AcceleratorModule::cluster_traffic() {
    ClusterTraffic now;
    for (const auto& cluster : clusters_) {
        if (const cluster::WeightBuffer* buffer = cluster->weight_buffer()) {
            now.words_read += buffer->words_read();
            now.words_written += buffer->words_written();
            now.bytes_fetched += buffer->bytes_written();
        }
    }
    const ClusterTraffic before = std::exchange(cluster_before_, now);
    return {now.words_read - before.words_read, now.words_written - before.words_written,
            now.bytes_fetched - before.bytes_fetched};
}

}  // namespace skipsim::system
