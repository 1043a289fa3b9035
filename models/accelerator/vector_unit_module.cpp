// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_unit_module.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sim/base/check.h"

namespace skipsim::accelerator {

namespace {
constexpr int kForeground = 0;
constexpr int kBackground = 1;
}  // namespace

struct VectorUnitModule::Job {
    std::vector<VectorStep> steps;
    bool background = false;
    std::string name;
    std::function<void()> done;
    std::size_t step = 0;
    std::uint64_t block = 0;                     // next to compute
    std::array<std::uint64_t, 2> loads_left{};   // [block mod 2] transfers under way
    std::array<std::uint64_t, 2> stores_left{};  // [block mod 2]
    std::uint64_t transfers = 0;                 // under way, of the whole job
    bool computed = false;
    std::uint64_t blocked_since = 0;  // 0: not

    [[nodiscard]] const VectorStep& now() const { return steps[step]; }
};

struct VectorUnitModule::Transfer {
    tlm::tlm_generic_payload payload;
    Job* job = nullptr;  // null: free
    std::size_t parity = 0;
    std::size_t step = 0;
};

VectorUnitModule::VectorUnitModule(const sc_core::sc_module_name& name, const kernel::Clock& clock,
                                   kernel::Phases& phases)
    : sc_core::sc_module(name),
      clock_(clock),
      phases_(phases),
      phase_(phases.add(kernel::Phase::compute, [this] { arbitrate(); })) {
    SC_HAS_PROCESS(VectorUnitModule);
    foreground_socket.register_nb_transport_bw(this, &VectorUnitModule::answer, kForeground);
    background_socket.register_nb_transport_bw(this, &VectorUnitModule::answer, kBackground);
    SC_METHOD(block_done);
    sensitive << block_event_;
    dont_initialize();
}

VectorUnitModule::~VectorUnitModule() = default;

void VectorUnitModule::set_timeline(kernel::Timeline* timeline) {
    timeline_ = timeline;
    track_ = timeline == nullptr ? 0 : timeline->add_track("chip", "vector unit");
}

void VectorUnitModule::start(std::vector<VectorStep> steps, bool background,
                             const std::string& name, std::function<void()> done) {
    if (steps.empty()) {  // nothing to do does not wait for the unit
        done();
        return;
    }
    auto job = std::make_unique<Job>();
    job->steps = std::move(steps);
    job->background = background;
    job->name = name;
    job->done = std::move(done);
    jobs_.push_back(std::move(job));
    begin_step(*jobs_.back());
}

void VectorUnitModule::begin_step(Job& job) {
    job.block = 0;
    job.loads_left = {};
    job.stores_left = {};
    request_loads(job, 0);
    request_loads(job, 1);
    wake();
}

void VectorUnitModule::request_loads(Job& job, std::uint64_t block) {
    if (block >= job.now().blocks) {
        return;
    }
    for (const VectorStream& stream : job.now().loads) {
        send(job, job.now().part(stream, block), block, false);
    }
}

void VectorUnitModule::hand_over_stores(Job& job, std::uint64_t block) {
    for (const VectorStream& stream : job.now().stores) {
        send(job, job.now().part(stream, block), block, true);
    }
}

void VectorUnitModule::send(Job& job, const VectorStream& stream, std::uint64_t block,
                            bool is_write) {
    if (stream.bytes == 0) {
        return;
    }
    base::require(stream.bytes <= std::numeric_limits<unsigned>::max(),
                  "vector_unit_module: a block of more than 4 GiB");
    auto found = std::find_if(transfers_.begin(), transfers_.end(),
                              [](const auto& transfer) { return transfer->job == nullptr; });
    if (found == transfers_.end()) {
        found = transfers_.insert(found, std::make_unique<Transfer>());
    }
    Transfer& transfer = **found;
    transfer.job = &job;
    transfer.parity = block % 2;
    transfer.step = job.step;
    ++job.transfers;
    ++(is_write ? job.stores_left : job.loads_left)[transfer.parity];
    tlm::tlm_generic_payload& payload = transfer.payload;
    payload.set_command(is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(stream.address);
    payload.set_data_length(static_cast<unsigned>(stream.bytes));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    auto& socket = job.background ? background_socket : foreground_socket;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
    base::require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ,
                  "vector_unit_module: a transfer was not accepted");
}

tlm::tlm_sync_enum VectorUnitModule::answer(int, tlm::tlm_generic_payload& payload,
                                            tlm::tlm_phase& phase, sc_core::sc_time&) {
    base::require(phase == tlm::BEGIN_RESP, "vector_unit_module: unexpected answer of the DMA");
    const auto found =
        std::find_if(transfers_.begin(), transfers_.end(),
                     [&payload](const auto& transfer) { return &transfer->payload == &payload; });
    base::require(found != transfers_.end() && (*found)->job != nullptr,
                  "vector_unit_module: an answer to nothing");
    Transfer& transfer = **found;
    Job& job = *transfer.job;
    transfer.job = nullptr;
    --job.transfers;
    if (transfer.step == job.step && !job.computed) {
        --(payload.is_write() ? job.stores_left : job.loads_left)[transfer.parity];
        wake();
    }
    if (job.computed && job.transfers == 0) {
        jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [&job](const auto& candidate) {
            return candidate.get() == &job;
        }));
    }
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void VectorUnitModule::arbitrate() {
    if (running_ != nullptr) {
        return;
    }
    Job* next = nullptr;
    bool background_seen = false;
    for (const auto& job : jobs_) {
        if (job->computed || (job->background && background_seen)) {
            continue;
        }
        background_seen |= job->background;
        const std::size_t parity = job->block % 2;
        if (job->loads_left[parity] > 0) {
            continue;
        }
        if (job->stores_left[parity] > 0) {
            job->blocked_since = job->blocked_since == 0 ? clock_.now() + 1 : job->blocked_since;
            continue;
        }
        if (next == nullptr || (next->background && !job->background)) {
            next = job.get();
        }
    }
    if (next != nullptr) {
        run_block(*next);
    }
}

void VectorUnitModule::run_block(Job& job) {
    const std::uint64_t now = clock_.now();
    for (const auto& other : jobs_) {  // whoever is blocked still waits for the unit from now on
        if (other->blocked_since != 0) {
            occupation_.blocked += other->background ? 0 : now + 1 - other->blocked_since;
            other->blocked_since = 0;
        }
    }
    const std::uint64_t cycles = job.now().cycles_of(job.block);
    running_ = &job;
    occupation_.busy += cycles;
    block_start_ps_ = now * clock_.period_ps();
    block_event_.notify(clock_.until(now + cycles));
}

void VectorUnitModule::block_done() {
    Job& job = *running_;
    running_ = nullptr;
    const std::uint64_t end_ps = sc_core::sc_time_stamp().value();
    if (timeline_ != nullptr && end_ps > block_start_ps_ + 1) {
        timeline_->slice(track_, job.name, block_start_ps_, end_ps);
    }
    const std::uint64_t block = job.block++;
    hand_over_stores(job, block);
    if (job.block < job.now().blocks) {
        request_loads(job, block + 2);
    } else if (job.step + 1 < job.steps.size()) {
        ++job.step;
        begin_step(job);
    } else {
        finish(job);
    }
    wake();
}

void VectorUnitModule::finish(Job& job) {
    job.computed = true;
    const std::function<void()> done = std::move(job.done);
    if (job.transfers == 0) {
        jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [&job](const auto& candidate) {
            return candidate.get() == &job;
        }));
    }
    done();
}

}  // namespace skipsim::accelerator
