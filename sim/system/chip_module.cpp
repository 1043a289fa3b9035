// SPDX-License-Identifier: Apache-2.0
#include "sim/system/chip_module.h"

#include <algorithm>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::system {

using base::Action;

AcceleratorModule::AcceleratorModule(const sc_core::sc_module_name& name,
                                     const accelerator::ChipParams& params, base::TaskPool& pool)
    : sc_core::sc_module(name),
      params_(params),
      clock_(params.memory.core_period_ps),
      phases_("phases"),
      dma_("dma", params.memory.dma, clock_, params.memory.crossing_cycles, phases_),
      vector_unit_("vector_unit", clock_, phases_),
      cache_(params.memory.global_buffer_bytes) {
    SC_HAS_PROCESS(AcceleratorModule);
    base::require(params.vector_unit.problems().empty(), "chip: a vector unit out of its bounds");
    for (std::int64_t cluster = 0; cluster < params.partition.clusters(); ++cluster) {
        clusters_.push_back(std::make_unique<ClusterModule>(
            ("cluster" + std::to_string(cluster)).c_str(), params, clock_, phases_, dma_, pool));
    }
    vector_unit_.foreground_socket.bind(dma_.foreground_socket);
    vector_unit_.background_socket.bind(dma_.background_socket);
    if (params.memory.dram) {
        dram_ = std::make_unique<memory::DramModule>("dram", *params.memory.dram,
                                                     params.memory.memory_period_ps);
        dma_.dram_socket.bind(dram_->socket);
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
    if (dram_) {
        dram_->set_timeline(timeline);
    }
}

void AcceleratorModule::log_dram_requests_to(memory::DramRequestLog* log) {
    if (dram_) {
        dram_->log_to(log);
    }
}

std::vector<std::uint64_t> AcceleratorModule::dram_busy_cycles() {
    if (!dram_) {
        return {};
    }
    std::vector<std::uint64_t> cycles = dram_->dram().data_cycles(dram_->cycle_now());
    for (std::uint64_t& channel : cycles) {
        channel = channel * dram_->period_ps() / clock_.period_ps();
    }
    return cycles;
}

const core::CoreOccupation& AcceleratorModule::occupation(std::size_t core) const {
    const std::size_t per_cluster = clusters_.front()->core_count();
    return clusters_[core / per_cluster]->occupation(core % per_cluster);
}

void AcceleratorModule::reset() {
    base::require(dma_.is_idle() && vector_unit_.pending() == 0, "chip: reset while it works");
    cache_ = memory::TensorCache(params_.memory.global_buffer_bytes);
    updates_.clear();
    traffic_ = {};
    next_traffic_ = {};
}

bool AcceleratorModule::is_streamed(memory::TensorId id) const {
    return request_->memory == nullptr || !cache_.holds(id);
}

bool AcceleratorModule::is_filling(memory::TensorId id) const {
    return filling_.count(id) != 0;
}

/// Decides what is in the global buffer during the row, and starts the transfers that this needs.
void AcceleratorModule::begin_row(const RowRequest& request) {
    if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);  // sockets take no transfers before
    }
    row_ended_ = false;
    row_start_ = clock_.now();
    request_ = &request;
    traffic_ = std::exchange(next_traffic_, base::ActionCounts{});
    tasks_ = 0;
    fills_ = 0;
    on_filled_ = nullptr;
    if (request.memory == nullptr) {
        return;
    }
    const std::vector<memory::TensorUse>& uses = request.memory->uses;
    for (const memory::TensorUse& use : uses) {
        const auto prefetch = filling_.find(use.id);
        if (prefetch != filling_.end()) {
            dma_.promote(prefetch->second.job);
            ++fills_;
        }
    }
    const std::vector<memory::TensorUse> none;
    for (const memory::TensorMove& next :
         cache_.begin_row(uses, request.next == nullptr ? none : request.next->uses)) {
        move(request, next);
    }
}

void AcceleratorModule::move(const RowRequest& request, const memory::TensorMove& move) {
    const bool is_write = move.kind == memory::TensorMove::Kind::write_back;
    const bool is_prefetch = move.kind == memory::TensorMove::Kind::prefetch;
    const memory::DmaJob job{0, request.addresses->address(move.id), move.bytes, is_write};
    base::ActionCounts& traffic = is_prefetch ? next_traffic_ : traffic_;
    const std::uint64_t words = base::ceil_divide(move.bytes, 8);
    traffic[is_write ? Action::dram_write_byte : Action::dram_read_byte] += move.bytes;
    traffic[is_write ? Action::global_buffer_read : Action::global_buffer_write] += words;
    if (is_write) {
        dma_.submit(job, false, [] {});
        return;
    }
    if (move.bytes == 0) {
        return;
    }
    fills_ += is_prefetch ? 0 : 1;
    const memory::TensorId id = move.id;
    const std::uint64_t fill = ++fills_begun_;
    filling_[id] = {dma_.submit(job, is_prefetch, [this, id, fill] { filled(id, fill); }), fill};
}

void AcceleratorModule::filled(memory::TensorId id, std::uint64_t fill) {
    const auto found = filling_.find(id);
    if (found == filling_.end() || found->second.number != fill) {
        return;  // evicted since, and being filled again
    }
    filling_.erase(found);
    if (request_ == nullptr || request_->memory == nullptr) {
        return;
    }
    const RowMemory& row = *request_->memory;
    const bool is_of_row = std::any_of(row.uses.begin(), row.uses.end(),
                                       [id](const auto& use) { return use.id == id; });
    if (!is_of_row || row_ended_) {
        return;
    }
    for (const auto& cluster : clusters_) {
        if (row.input == id) {
            cluster->input_filled();
        }
        if (row.weight == id) {
            cluster->weight_filled();
        }
    }
    if (--fills_ == 0 && on_filled_) {
        std::exchange(on_filled_, nullptr)();
    }
}

RowPlaces AcceleratorModule::places_of(const RowRequest& request) const {
    RowPlaces places;
    if (request.memory == nullptr) {
        return places;
    }
    const auto place = [&](const std::optional<memory::TensorId>& id) {
        return id ? memory::OperandPlace{is_streamed(*id), request.addresses->address(*id)}
                  : memory::OperandPlace{};
    };
    places.input = place(request.memory->input);
    places.weight = place(request.memory->weight);
    places.output = place(request.memory->output);
    places.input_filled = !request.memory->input || !is_filling(*request.memory->input);
    places.weight_filled = !request.memory->weight || !is_filling(*request.memory->weight);
    return places;
}

accelerator::RowCounts AcceleratorModule::run_row(const accelerator::RowWork& work,
                                                  const RowRequest& request,
                                                  const accelerator::VectorWork& beside) {
    begin_row(request);
    tasks_ = 1;  // held until everything is started
    if (request.memory != nullptr) {
        start_beside(request.memory->beside, *request.addresses);
    }
    start_cores(work, request);
    accelerator::RowCounts counts;
    on_tasks_done_ = [&] {
        counts = core_row_counts(work);
        end_row_at(row_start_ + counts.cycles);
    };
    task_done();
    run_kernel();
    for (std::size_t core = 0; core < counts.core_end_cycles.size(); ++core) {
        counts.core_busy_cycles.push_back(occupation(core).busy);
        counts.core_blocked_cycles.push_back(occupation(core).blocked);
    }
    counts.actions += accelerator::vector_actions({{}, beside.beside});
    add_traffic(counts);
    return counts;
}

void AcceleratorModule::start_cores(const accelerator::RowWork& work, const RowRequest& request) {
    RowPlaces places = places_of(request);
    if (accelerator::splits_k(params_, work)) {
        places.output.is_streamed = false;  // partial sums go to the aggregation core
    }
    const std::uint64_t delay = core::balancer_cycles(params_.balancer, work.balancer);
    std::int64_t number = 0;
    for (const auto& cluster : clusters_) {
        cluster->start_row(places);
        for (std::size_t core = 0; core < cluster->core_count(); ++core) {
            ++tasks_;
            ++cores_at_work_;
            cluster->start_core(core, accelerator::core_work(params_, work, number++), delay,
                                request.name, [this, &work] { core_done(work); });
        }
    }
}

void AcceleratorModule::core_done(const accelerator::RowWork& work) {
    if (--cores_at_work_ == 0) {
        store_sums(work);
    }
    task_done();
}

/// Sums of the aggregation core leave when they are complete.
void AcceleratorModule::store_sums(const accelerator::RowWork& work) {
    if (request_->memory == nullptr || !accelerator::splits_k(params_, work)) {
        return;
    }
    const memory::TensorId output = *request_->memory->output;
    const std::uint64_t bytes = core_row_counts(work).result_bytes;
    if (is_streamed(output)) {
        dma_.submit({0, request_->addresses->address(output), bytes, true}, false, [] {});
    }
}

/// Transfers beside the cores, in the background; the row does not end before them.
void AcceleratorModule::start_beside(const PassMemory& beside, const TensorAddresses& addresses) {
    std::vector<accelerator::VectorStream> reads;
    std::vector<accelerator::VectorStream> writes;
    add_streams(beside.reads, false, addresses, reads, traffic_);
    add_streams(beside.writes, true, addresses, writes, traffic_);
    for (const auto* streams : {&reads, &writes}) {
        for (const accelerator::VectorStream& stream : *streams) {
            ++tasks_;
            const memory::DmaJob job{0, stream.address, stream.bytes, streams == &writes};
            dma_.submit(job, true, [this] { task_done(); });
        }
    }
}

/// Counts the traffic of whole tensors; those that are not in the global buffer become streams.
void AcceleratorModule::add_streams(const std::vector<TensorStream>& streams, bool is_write,
                                    const TensorAddresses& addresses,
                                    std::vector<accelerator::VectorStream>& out,
                                    base::ActionCounts& traffic) const {
    for (const TensorStream& stream : streams) {
        if (stream.bytes == 0) {
            continue;
        }
        if (cache_.holds(stream.id)) {
            traffic[is_write ? Action::global_buffer_write : Action::global_buffer_read] +=
                base::ceil_divide(stream.bytes, 8);
        } else {
            traffic[is_write ? Action::dram_write_byte : Action::dram_read_byte] += stream.bytes;
            out.push_back({addresses.address(stream.id), stream.bytes});
        }
    }
}

std::vector<accelerator::VectorStep> AcceleratorModule::steps_of(
    const accelerator::VectorWork& work, const RowMemory& memory, const TensorAddresses& addresses,
    base::ActionCounts& traffic) const {
    std::vector<accelerator::VectorStep> steps;
    for (std::size_t pass = 0; pass < work.passes.size(); ++pass) {
        accelerator::VectorStep step;
        step.cycles = accelerator::pass_cycles(params_.vector_unit, work.passes[pass]);
        add_streams(memory.passes[pass].reads, false, addresses, step.loads, traffic);
        add_streams(memory.passes[pass].writes, true, addresses, step.stores, traffic);
        step.blocks =
            accelerator::block_count(step.loads, step.stores, params_.memory.vector_block_bytes);
        steps.push_back(std::move(step));
    }
    return steps;
}

accelerator::RowCounts AcceleratorModule::run_vector_row(const accelerator::VectorWork& work,
                                                         const RowRequest& request) {
    begin_row(request);
    tasks_ = 1;
    on_tasks_done_ = [this] { end_row_at(clock_.now()); };
    on_filled_ = [this, &work, &request] { start_vector(work, request); };
    if (fills_ == 0) {
        std::exchange(on_filled_, nullptr)();
    }
    run_kernel();
    accelerator::RowCounts counts = accelerator::idle_row_counts(params_, cycles_since_start());
    counts.actions += accelerator::vector_actions(work);
    add_traffic(counts);
    return counts;
}

void AcceleratorModule::start_vector(const accelerator::VectorWork& work,
                                     const RowRequest& request) {
    vector_unit_.start(steps_of(work, *request.memory, *request.addresses, traffic_), false,
                       request.name, [this] { task_done(); });
}

std::size_t AcceleratorModule::start_update(const accelerator::VectorWork& work,
                                            const RowRequest& request) {
    updates_.push_back(std::make_unique<Update>());
    Update& update = *updates_.back();
    update.work = work;
    for (const memory::TensorUse& use : request.memory->uses) {
        if (use.is_written) {
            cache_.mark_dirty(use.id);
        }
    }
    vector_unit_.start(steps_of(work, *request.memory, *request.addresses, update.traffic), true,
                       request.name, [this, &update] {
                           update.done = true;
                           if (awaited_ == &update) {
                               end_row_at(clock_.now());
                           }
                       });
    return updates_.size() - 1;
}

accelerator::RowCounts AcceleratorModule::finish_update(std::size_t number) {
    Update& update = *updates_.at(number);
    row_ended_ = update.done;
    row_start_ = clock_.now();
    request_ = nullptr;
    awaited_ = &update;
    if (!update.done) {
        run_kernel();
    }
    awaited_ = nullptr;
    accelerator::RowCounts counts = accelerator::idle_row_counts(params_, cycles_since_start());
    counts.actions += accelerator::vector_actions(update.work);
    counts.actions += update.traffic;
    add_dram_commands(counts.actions);
    return counts;
}

accelerator::RowCounts AcceleratorModule::end_iteration(const TensorAddresses& addresses) {
    row_ended_ = false;
    row_start_ = clock_.now();
    request_ = nullptr;
    traffic_ = std::exchange(next_traffic_, base::ActionCounts{});
    RowRequest request;
    request.addresses = &addresses;
    for (const memory::TensorMove& next : cache_.end_iteration()) {
        move(request, next);
    }
    if (dma_.is_idle()) {
        row_ended_ = true;
    } else {
        dma_.on_idle([this] { end_row_at(clock_.now()); });
        run_kernel();
        dma_.on_idle(nullptr);
    }
    accelerator::RowCounts counts = accelerator::idle_row_counts(params_, cycles_since_start());
    add_traffic(counts);
    updates_.clear();
    return counts;
}

void AcceleratorModule::task_done() {
    base::require(tasks_ > 0, "chip: a task ended that was not begun");
    if (--tasks_ == 0) {
        on_tasks_done_();
    }
}

void AcceleratorModule::end_row_at(std::uint64_t cycle) {
    row_end_event_.notify(clock_.until(cycle));
}

void AcceleratorModule::row_ended() {
    row_ended_ = true;
    phases_.hold();
    sc_core::sc_pause();
}

void AcceleratorModule::run_kernel() {
    while (!row_ended_) {
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
    const RowPlaces places = places_of(*request_);
    work.streamed.input = places.input.is_streamed;
    work.streamed.weight = places.weight.is_streamed;
    work.streamed.output = places.output.is_streamed;
    work.counts_copy = request_->memory == nullptr;  // else it is counted with the transfers beside
    work.minimum_cycles = cycles_since_start();
    return accelerator::row_counts(params_, work, reports);
}

/// Traffic beside that of the cores' own loads and results, and the DRAM's commands in this row.
void AcceleratorModule::add_traffic(accelerator::RowCounts& counts) {
    counts.actions += traffic_;
    traffic_ = {};
    std::uint64_t read = 0;
    std::uint64_t written = 0;
    std::uint64_t fetched = 0;
    for (const auto& cluster : clusters_) {
        if (const cluster::WeightBuffer* buffer = cluster->weight_buffer()) {
            read += buffer->words_read();
            written += buffer->words_written();
            fetched += buffer->bytes_written();
        }
    }
    counts.actions[Action::cluster_buffer_read] += read - cluster_words_read_;
    counts.actions[Action::cluster_buffer_write] += written - cluster_words_written_;
    if (request_ != nullptr && request_->memory != nullptr && request_->memory->weight &&
        !is_streamed(*request_->memory->weight)) {
        counts.actions[Action::global_buffer_read] += written - cluster_words_written_;
    } else {
        counts.actions[Action::dram_read_byte] += fetched - cluster_bytes_fetched_;
    }
    cluster_words_read_ = read;
    cluster_words_written_ = written;
    cluster_bytes_fetched_ = fetched;
    add_dram_commands(counts.actions);
}

void AcceleratorModule::add_dram_commands(base::ActionCounts& actions) {
    if (!dram_) {
        return;
    }
    const memory::DramCounts counts = dram_->dram().counts(dram_->cycle_now());
    base::ActionCounts now;
    now[Action::dram_activate] = counts.activates;
    now[Action::dram_read_burst] = counts.reads;
    now[Action::dram_write_burst] = counts.writes;
    now[Action::dram_refresh] = counts.refreshes;
    now[Action::dram_active_standby] = counts.active_standby;
    now[Action::dram_precharge_standby] = counts.precharge_standby;
    for (const base::ActionDescription& action : base::action_catalogue()) {
        actions[action.action] += now[action.action] - dram_before_[action.action];
    }
    dram_before_ = now;
}

}  // namespace skipsim::system
