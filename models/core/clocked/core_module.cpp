// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/core_module.h"

#include <algorithm>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

constexpr std::uint64_t kByteBits = 8;
constexpr std::uint64_t kWordBytes = 8;
constexpr std::uint64_t kTilesAhead = 2;

}  // namespace

CoreModule::CoreModule(const sc_core::sc_module_name& name, const core::CoreParams& params,
                       kernel::PhasedClock& clock, bool waits_for_stores)
    : sc_core::sc_module(name), clock_(clock), waits_for_stores_(waits_for_stores), array_(params) {
    SC_HAS_PROCESS(CoreModule);
    SC_METHOD(due);
    sensitive << clock_.event(kernel::Step::due);
    dont_initialize();
    SC_METHOD(step_array);
    sensitive << clock_.event(kernel::Step::array);
    dont_initialize();
    clock_.add(basename(), this);
}

void CoreModule::connect(LoadWay* input, LoadWay* weight, StoreWay* output,
                         std::uint32_t number_in_cluster) {
    input_way_ = input;
    weight_way_ = weight;
    output_way_ = output;
    number_in_cluster_ = number_in_cluster;
}

void CoreModule::start_row(CoreRow row) {
    base::require(!is_at_work_ && !is_delayed_, "clocked core: a row before the last one ended");
    row_ = std::move(row);
    ++row_number_;
    array_.start_row(row_.input_role, row_.weight_role, row_.sums);
    tiles_.clear();
    first_tile_ = requested_ = released_ = stored_ = 0;
    has_all_tiles_ = false;
    phases_ = 0;
    report_ = ClockedCoreReport{};
    start_cycle_ = clock_.cycle();
    delay_left_ = row_.delay_cycles;
    is_delayed_ = delay_left_ != 0;
    if (!is_delayed_) {
        begin();
    }
}

/// The row's cycle 0.
void CoreModule::begin() {
    is_at_work_ = true;
    clock_.keep_alive();
    for (std::uint64_t tile = 0; tile < kTilesAhead; ++tile) {
        request_next();
    }
    end_if_empty();
}

void CoreModule::due() {
    if (is_delayed_) {
        clock_.keep_alive();
        if (clock_.cycle() != start_cycle_ && --delay_left_ == 0) {
            is_delayed_ = false;
            begin();
        }
        return;
    }
    if (!is_at_work_) {
        return;
    }
    release_tiles();
    store_results();
    end_if_empty();
}

void CoreModule::step_array() {
    if (!is_at_work_) {
        return;
    }
    if (array_.step()) {
        clock_.keep_alive();
    }
    occupy();
    ++report_.end_cycle;
}

void CoreModule::request_next() {
    TileWork work;
    if (has_all_tiles_ || !row_.list->next(work)) {
        has_all_tiles_ = true;
        array_.end_of_list();
        return;
    }
    clock_.keep_alive();
    const std::uint64_t number = requested_++;
    base::require(work.number == number, "clocked core: tiles come in order");
    phases_ = std::max(phases_, work.phase + 1);
    // The chunks go to the array; the loads are asked for once it has them, since they may be ready
    // at once.
    TileWork loads;
    loads.number = number;
    loads.phase = work.phase;
    loads.input_bytes = work.input_bytes;
    loads.input_first_byte = work.input_first_byte;
    loads.loads_weight = work.loads_weight;
    loads.weight_bytes = work.weight_bytes;
    loads.weight_first_byte = work.weight_first_byte;
    array_.add_tile(std::move(work));
    tiles_.emplace_back();
    TileState& state = tiles_.back();
    state.sends_results = bytes_after(number) != (number == 0 ? 0 : bytes_after(number - 1));
    if (waits_for_stores_ && number >= kTilesAhead && is_known(number - kTilesAhead)) {
        const TileState& before = tile(number - kTilesAhead);
        state.waits_for_results = before.sends_results && !before.has_sent;
    }
    request_loads(loads);
}

void CoreModule::request_loads(const TileWork& loads) {
    const std::uint64_t row = row_number_;
    const std::uint64_t number = loads.number;
    report_.input_load_bytes += loads.input_bytes;
    report_.input_load_words += base::ceil_divide(loads.input_bytes, kWordBytes);
    input_way_->request(number_in_cluster_,
                        {number, loads.phase, loads.input_first_byte, loads.input_bytes,
                         [this, row, number] { input_ready(row, number); }});
    if (loads.loads_weight) {
        report_.weight_load_bytes += loads.weight_bytes;
        report_.weight_load_words += base::ceil_divide(loads.weight_bytes, kWordBytes);
        weight_way_->request(number_in_cluster_,
                             {number, loads.phase, loads.weight_first_byte, loads.weight_bytes,
                              [this, row, number] { weight_ready(row, number); }});
    } else if (!is_known(number - 1) || tile(number - 1).has_weight) {
        weight_ready(row, number);
    } else {
        tile(number).waits_for_weight = true;
    }
}

void CoreModule::input_ready(std::uint64_t row, std::uint64_t number) {
    base::require(row == row_number_, "clocked core: a load of a row that is over");
    tile(number).has_input = true;
    clock_.keep_alive();
    offer_input(number);
}

void CoreModule::offer_input(std::uint64_t number) {
    const TileState& state = tile(number);
    if (state.has_input && !state.waits_for_results) {
        array_.input_is_there(number);
    }
}

/// A tile that loads no weight has that of the tile before it.
void CoreModule::weight_ready(std::uint64_t row, std::uint64_t number) {
    base::require(row == row_number_, "clocked core: a load of a row that is over");
    clock_.keep_alive();
    do {
        tile(number).has_weight = true;
        array_.weight_is_there(number);
        ++number;
    } while (is_known(number) && tile(number).waits_for_weight);
}

/// More than one tile may be released at an edge.
void CoreModule::release_tiles() {
    while (released_ < requested_ && array_.is_through(released_)) {
        ++released_;
        clock_.keep_alive();
        request_next();
    }
}

/// [bytes] of the results that leave the core with that tile and those before it.
std::uint64_t CoreModule::bytes_after(std::uint64_t number) const {
    return base::ceil_divide(array_.results_left(number) * row_.result_width_bits, kByteBits);
}

void CoreModule::store_results() {
    while (stored_ < requested_ && array_.has_drained(stored_)) {
        const std::uint64_t number = stored_++;
        clock_.keep_alive();
        if (!tile(number).sends_results) {
            continue;
        }
        const std::uint64_t row = row_number_;
        if (row_.keeps_results) {
            results_left(row, number);
            continue;
        }
        const std::uint64_t first = number == 0 ? 0 : bytes_after(number - 1);
        output_way_->store(first, bytes_after(number) - first,
                           [this, row, number] { results_left(row, number); });
    }
    while (tiles_.size() > kTilesAhead + 1 && first_tile_ < std::min(released_, stored_) &&
           (tiles_.front().has_sent || !tiles_.front().sends_results)) {
        tiles_.pop_front();
        ++first_tile_;
    }
}

/// May come after the row has ended: nothing waits for it then.
void CoreModule::results_left(std::uint64_t row, std::uint64_t number) {
    if (row != row_number_) {
        return;
    }
    clock_.keep_alive();
    tile(number).has_sent = true;
    const std::uint64_t held_back = number + kTilesAhead;
    if (is_known(held_back) && tile(held_back).waits_for_results) {
        tile(held_back).waits_for_results = false;
        offer_input(held_back);
    }
}

void CoreModule::end_if_empty() {
    if (!array_.is_empty()) {
        return;
    }
    is_at_work_ = false;
    clock_.keep_alive();
    // The array holds the last row's counts until the next one starts.
    const Done done = std::exchange(row_.done, nullptr);
    done();
}

/// Where this cycle of the core goes: the tile that every PE has still to get through decides.
void CoreModule::occupy() {
    if (released_ == requested_) {
        ++report_.busy;  // drains
        return;
    }
    const TileState& state = tile(released_);
    if (!state.has_input || !state.has_weight) {
        ++report_.starved;
    } else if (state.waits_for_results) {
        ++report_.blocked;
    } else {
        ++report_.busy;
    }
}

ClockedCoreReport CoreModule::report() const {
    base::require(!is_at_work_ && !is_delayed_, std::string(name()) + ": still at work");
    ClockedCoreReport report = report_;
    report.array = array_.counts();
    if (row_.list != nullptr) {
        report.list = row_.list->counts();
    }
    for (std::uint32_t phase = 0; phase < phases_; ++phase) {
        report.phase_results.push_back(array_.results_of_phase(phase));
    }
    return report;
}

std::string CoreModule::state() const {
    if (is_delayed_) {
        return "begins in " + std::to_string(delay_left_) + " cycles";
    }
    if (!is_at_work_) {
        return "done";
    }
    std::string text = std::to_string(requested_) + " tiles requested";
    for (std::uint64_t number = std::max(released_, first_tile_); number < requested_; ++number) {
        const TileState& state = tiles_[number - first_tile_];
        text += ", tile " + std::to_string(number) + (state.has_input ? "" : " without its input") +
                (state.has_weight ? "" : " without its weight") +
                (state.waits_for_results ? " held back by results" : "");
    }
    return text + "; " + array_.state();
}

void CoreModule::watch(const Array::Watch& signal) const {
    array_.watch(signal);
}

}  // namespace skipsim::clocked
