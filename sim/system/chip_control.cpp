// SPDX-License-Identifier: Apache-2.0
#include "sim/system/chip_control.h"

#include <algorithm>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::system {

using base::Action;

ChipControl::ChipControl(const accelerator::ChipParams& params)
    : params_(params), cache_(params.memory.global_buffer_bytes) {
    base::require(params.vector_unit.problems().empty(), "chip: a vector unit out of its bounds");
    if (params.memory.dram) {
        dram_ = std::make_unique<memory::DramModule>("dram", *params.memory.dram,
                                                     params.memory.memory_period_ps);
    }
}

void ChipControl::reset() {
    base::require(is_memory_idle() && is_vector_unit_idle(), "chip: reset while it works");
    cache_ = memory::TensorCache(params_.memory.global_buffer_bytes);
    updates_.clear();
    traffic_ = {};
    next_traffic_ = {};
}

bool ChipControl::is_streamed(memory::TensorId id) const {
    return request_->memory == nullptr || !cache_.holds(id);
}

bool ChipControl::is_filling(memory::TensorId id) const {
    return filling_.count(id) != 0;
}

void ChipControl::begin_row(const RowRequest& request) {
    wake();
    row_ended_ = false;
    row_start_ = cycle_now();
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
            promote(prefetch->second.job);
            ++fills_;
        }
    }
    const std::vector<memory::TensorUse> none;
    for (const memory::TensorMove& next :
         cache_.begin_row(uses, request.next == nullptr ? none : request.next->uses)) {
        move(request, next);
    }
}

void ChipControl::move(const RowRequest& request, const memory::TensorMove& move) {
    const bool is_write = move.kind == memory::TensorMove::Kind::write_back;
    const bool is_prefetch = move.kind == memory::TensorMove::Kind::prefetch;
    const memory::DmaJob job{0, request.addresses->address(move.id), move.bytes, is_write};
    base::ActionCounts& traffic = is_prefetch ? next_traffic_ : traffic_;
    const std::uint64_t words = base::ceil_divide(move.bytes, 8);
    traffic[is_write ? Action::dram_write_byte : Action::dram_read_byte] += move.bytes;
    traffic[is_write ? Action::global_buffer_read : Action::global_buffer_write] += words;
    if (is_write) {
        submit(job, false, [] {});
        return;
    }
    if (move.bytes == 0) {
        return;
    }
    fills_ += is_prefetch ? 0 : 1;
    const memory::TensorId id = move.id;
    const std::uint64_t fill = ++fills_begun_;
    filling_[id] = {submit(job, is_prefetch, [this, id, fill] { filled(id, fill); }), fill};
}

void ChipControl::filled(memory::TensorId id, std::uint64_t fill) {
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
    operand_filled(row.input == id, row.weight == id);
    if (--fills_ == 0 && on_filled_) {
        std::exchange(on_filled_, nullptr)();
    }
}

RowPlaces ChipControl::places_of(const RowRequest& request) const {
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

accelerator::RowCounts ChipControl::run_row(const accelerator::RowWork& work,
                                            const RowRequest& request,
                                            const accelerator::VectorWork& beside) {
    begin_row(request);
    tasks_ = 1;  // held until everything is started
    on_tasks_done_ = [&] { layer_tasks_done(work); };
    if (request.memory != nullptr) {
        start_beside(request.memory->beside, *request.addresses);
    }
    RowPlaces places = places_of(request);
    if (accelerator::splits_k(params_, work)) {
        places.output.is_streamed = false;  // partial sums go to the aggregation core
    }
    start_cores(work, request, places);
    end_task();
    run_kernel();
    accelerator::RowCounts counts = layer_counts(work);
    counts.actions += accelerator::vector_actions({{}, beside.beside});
    add_traffic(counts);
    return counts;
}

/// Sums of the aggregation core leave when they are complete.
void ChipControl::store_sums(std::uint64_t result_bytes) {
    if (request_->memory == nullptr) {
        return;
    }
    const memory::TensorId output = *request_->memory->output;
    if (is_streamed(output)) {
        submit({0, request_->addresses->address(output), result_bytes, true}, false, [] {});
    }
}

void ChipControl::start_beside(const PassMemory& beside, const TensorAddresses& addresses) {
    std::vector<accelerator::VectorStream> reads;
    std::vector<accelerator::VectorStream> writes;
    add_streams(beside.reads, false, addresses, reads, traffic_);
    add_streams(beside.writes, true, addresses, writes, traffic_);
    for (const auto* streams : {&reads, &writes}) {
        for (const accelerator::VectorStream& stream : *streams) {
            begin_task();
            const memory::DmaJob job{0, stream.address, stream.bytes, streams == &writes};
            submit(job, true, [this] { end_task(); });
        }
    }
}

void ChipControl::add_streams(const std::vector<TensorStream>& streams, bool is_write,
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

std::vector<accelerator::VectorStep> ChipControl::steps_of(const accelerator::VectorWork& work,
                                                           const RowMemory& memory,
                                                           const TensorAddresses& addresses,
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

accelerator::RowCounts ChipControl::run_vector_row(const accelerator::VectorWork& work,
                                                   const RowRequest& request) {
    begin_row(request);
    tasks_ = 1;
    on_tasks_done_ = [this] { end_row(); };
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

void ChipControl::start_vector(const accelerator::VectorWork& work, const RowRequest& request) {
    start_vector_unit(steps_of(work, *request.memory, *request.addresses, traffic_), false,
                      request.name, [this] { end_task(); });
}

std::size_t ChipControl::start_update(const accelerator::VectorWork& work,
                                      const RowRequest& request) {
    updates_.push_back(std::make_unique<Update>());
    Update& update = *updates_.back();
    update.work = work;
    for (const memory::TensorUse& use : request.memory->uses) {
        if (use.is_written) {
            cache_.mark_dirty(use.id);
        }
    }
    start_vector_unit(steps_of(work, *request.memory, *request.addresses, update.traffic), true,
                      request.name, [this, &update] {
                          update.done = true;
                          if (awaited_ == &update) {
                              end_row();
                          }
                      });
    return updates_.size() - 1;
}

accelerator::RowCounts ChipControl::finish_update(std::size_t number) {
    Update& update = *updates_.at(number);
    row_ended_ = update.done;
    row_start_ = cycle_now();
    request_ = nullptr;
    awaited_ = &update;
    if (!update.done) {
        run_kernel();
    }
    awaited_ = nullptr;
    accelerator::RowCounts counts = accelerator::idle_row_counts(params_, cycles_since_start());
    counts.actions += accelerator::vector_actions(update.work);
    counts.actions += update.traffic;
    counts.actions += dram_commands();
    return counts;
}

accelerator::RowCounts ChipControl::end_iteration(const TensorAddresses& addresses) {
    row_ended_ = false;
    row_start_ = cycle_now();
    request_ = nullptr;
    traffic_ = std::exchange(next_traffic_, base::ActionCounts{});
    RowRequest request;
    request.addresses = &addresses;
    for (const memory::TensorMove& next : cache_.end_iteration()) {
        move(request, next);
    }
    if (is_memory_idle()) {
        row_ended_ = true;
    } else {
        on_memory_idle([this] { end_row(); });
        run_kernel();
        on_memory_idle(nullptr);
    }
    accelerator::RowCounts counts = accelerator::idle_row_counts(params_, cycles_since_start());
    add_traffic(counts);
    updates_.clear();
    return counts;
}

void ChipControl::end_task() {
    base::require(tasks_ > 0, "chip: a task ended that was not begun");
    if (--tasks_ == 0) {
        on_tasks_done_();
    }
}

/// Traffic beside that of the cores' own loads and results, and the DRAM's commands in this row.
void ChipControl::add_traffic(accelerator::RowCounts& counts) {
    counts.actions += traffic_;
    traffic_ = {};
    const ClusterTraffic buffers = cluster_traffic();
    counts.actions[Action::cluster_buffer_read] += buffers.words_read;
    counts.actions[Action::cluster_buffer_write] += buffers.words_written;
    if (request_ != nullptr && request_->memory != nullptr && request_->memory->weight &&
        !is_streamed(*request_->memory->weight)) {
        counts.actions[Action::global_buffer_read] += buffers.words_written;
    } else {
        counts.actions[Action::dram_read_byte] += buffers.bytes_fetched;
    }
    counts.actions += dram_commands();
}

void ChipControl::log_dram_requests_to(memory::DramRequestLog* log) {
    if (dram_) {
        dram_->log_to(log);
    }
}

std::vector<std::uint64_t> ChipControl::dram_busy_cycles() {
    if (!dram_) {
        return {};
    }
    std::vector<std::uint64_t> cycles = dram_->dram().data_cycles(dram_->cycle_now());
    for (std::uint64_t& channel : cycles) {
        channel = channel * dram_->period_ps() / params_.memory.core_period_ps;
    }
    return cycles;
}

/// The DRAM's commands since the last call.
base::ActionCounts ChipControl::dram_commands() {
    base::ActionCounts since;
    if (!dram_) {
        return since;
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
        since[action.action] = now[action.action] - dram_before_[action.action];
    }
    dram_before_ = now;
    return since;
}

}  // namespace skipsim::system
