// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/processing_element.h"

namespace skipsim::clocked {

using base::PeCategory;

void ProcessingElement::reset() {
    stage_ = PeStage::no_chunk;
    current_ = 1;
    oldest_ = 0;
    list_.clear();
    planned_ = 0;
    row_ = nullptr;
    column_ = nullptr;
    worked_ = 0;
    issued_ = 0;
    effectual_ = 0;
    accumulators_ = {};
    waited_ = {};
    mac_ = 0;
    ineffectual_ = 0;
    empty_chunk_ = 0;
}

/// Whether the PE no longer waits for what this stage is about. Once true it stays true until the
/// chunk has started.
bool ProcessingElement::has_passed(PeStage stage, std::uint64_t cycle) const {
    const PeWork& next = list_.front();
    const Progress& row = next.is_fed ? *sources_.feed : *sources_.row_bus;
    const Progress& column = *sources_.column_bus;
    switch (stage) {
        case PeStage::memory:
            return next.tile->has_input;
        case PeStage::weight:
            return next.tile->has_weight;
        case PeStage::idle:
            return (!next.row_was_idle || row.has_finished(next.row_sending, cycle)) &&
                   (!next.column_was_idle || column.has_finished(next.column_sending, cycle));
        case PeStage::sibling:
            return row.has_begun(next.row_sending) && column.has_begun(next.column_sending);
        case PeStage::operand:
            return sources_.row_fifo->front(cycle) != nullptr &&
                   sources_.column_fifo->front(cycle) != nullptr;
        case PeStage::drain: {
            const Accumulator& other = accumulators_[current_ ^ 1U];
            return !next.starts || (other.state == AccumulatorState::free && other.cycle != cycle);
        }
        default:
            return true;
    }
}

bool ProcessingElement::may_start(std::uint64_t cycle) {
    if (stage_ == PeStage::no_chunk) {
        if (list_.empty()) {
            return false;
        }
        // A tile has brought a chunk: until now the PE has waited for that tile (§7, R_memory).
        stage_ = PeStage::memory;
        waited_[static_cast<std::size_t>(PeStage::memory)] +=
            waited_[static_cast<std::size_t>(PeStage::no_chunk)];
        waited_[static_cast<std::size_t>(PeStage::no_chunk)] = 0;
    }
    while (stage_ != PeStage::work) {
        if (!has_passed(stage_, cycle)) {
            return false;
        }
        stage_ = static_cast<PeStage>(static_cast<std::uint8_t>(stage_) + 1);
    }
    return true;
}

void ProcessingElement::start(std::uint64_t cycle) {
    const PeWork& work = list_.front();
    row_ = sources_.row_fifo->front(cycle);
    column_ = sources_.column_fifo->front(cycle);
    sources_.row_fifo->take(cycle);
    sources_.column_fifo->take(cycle);
    if (work.starts) {
        open_accumulator(work);
    }
    worked_ = 0;
    issued_ = detector_.load(*row_, *column_, rules_.chunk_bits);
    count_pairs(work);
    has_values_ =
        rules_.sums != nullptr && issued_ != 0 && !row_->values.empty() && !column_->values.empty();
    if (has_values_) {
        rank_values();
    }
}

void ProcessingElement::open_accumulator(const PeWork& work) {
    const float first = work.takes_partial && rules_.sums != nullptr ? partial(*work.result) : 0.0F;
    counts_.partials_taken += work.takes_partial ? 1 : 0;
    current_ ^= 1U;
    accumulators_[current_] = {{work.result, nullptr, first}, AccumulatorState::open, kNoCycle};
}

/// The sum of the slices before. The last of them may still stand in the other accumulator.
float ProcessingElement::partial(const ResultWork& result) const {
    const std::size_t column = number_ % rules_.columns;
    const Accumulator& before = accumulators_[current_];
    if (before.state == AccumulatorState::finished) {
        const ResultWork& other = *before.sum.result;
        if (other.phase == result.phase && other.m[number_] == result.m[number_] &&
            other.column[column] == result.column[column]) {
            return before.sum.value;
        }
    }
    return rules_.sums->partial(result.phase, result.m[number_], result.column[column]);
}

void ProcessingElement::count_pairs(const PeWork& work) {
    const std::size_t words = row_->sent.size();
    std::uint64_t both_nonzero = 0;
    std::uint64_t skipped_input = 0;
    std::uint64_t skipped_weight = 0;
    for (std::size_t word = 0; word < words; ++word) {
        const std::uint64_t sent = row_->sent[word];
        both_nonzero += base::count_ones(row_->nonzero[word] & column_->nonzero[word]);
        skipped_input += base::count_ones(row_->in_bounds[word] & ~sent & column_->in_bounds[word]);
        skipped_weight += base::count_ones(sent & column_->in_bounds[word] & ~column_->sent[word]);
    }
    effectual_ = work.result->is_needed[number_] != 0 ? both_nonzero : 0;
    counts_.effectual += effectual_;
    counts_.skipped_input += skipped_input;
    counts_.skipped_weight += skipped_weight;
    ++counts_.pairs;
}

void ProcessingElement::rank_values() {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    for (std::size_t word = 0; word < row_->sent.size(); ++word) {
        row_rank_[word] = row;
        column_rank_[word] = column;
        row += base::count_ones(row_->sent[word]);
        column += base::count_ones(column_->sent[word]);
    }
}

void ProcessingElement::work(std::uint64_t cycle) {
    ++worked_;
    for (std::uint32_t pair = 0; pair < rules_.issue_width_pairs && detector_.has_pair(); ++pair) {
        const std::uint32_t position = detector_.next();
        ++counts_.issued;
        if (has_values_) {
            multiply(position);
        }
    }
    if (rules_.scan_bits == 0) {
        detector_.scan_all();
    } else {
        detector_.scan(rules_.scan_bits);
    }
    if (detector_.is_done()) {
        retire(cycle);
    }
}

void ProcessingElement::multiply(std::uint32_t position) noexcept {
    const std::size_t word = position / base::kWordBits;
    const std::uint64_t below = base::low_bits(position % base::kWordBits);
    const std::uint32_t row = row_rank_[word] + base::count_ones(row_->sent[word] & below);
    const std::uint32_t column = column_rank_[word] + base::count_ones(column_->sent[word] & below);
    accumulators_[current_].sum.value += row_->values[row] * column_->values[column];
}

void ProcessingElement::retire(std::uint64_t cycle) {
    const PeWork& done = list_.front();
    const std::uint64_t effectual = base::ceil_divide(effectual_, rules_.issue_width_pairs);
    const std::uint64_t issued = base::ceil_divide(issued_, rules_.issue_width_pairs);
    mac_ += effectual;
    ineffectual_ += issued - effectual;
    empty_chunk_ += worked_ - issued;
    worked_ = 0;
    if (done.ends) {
        Accumulator& accumulator = accumulators_[current_];
        accumulator.sum.result = done.result;
        accumulator.sum.tile = done.tile;
        accumulator.state = AccumulatorState::finished;
        accumulator.cycle = cycle;
    }
    --done.tile->chunks_left;
    list_.take();
    stage_ = PeStage::no_chunk;
}

FinishedSum ProcessingElement::take_sum(std::uint64_t cycle) noexcept {
    Accumulator& accumulator = accumulators_[oldest_];
    accumulator.state = AccumulatorState::free;
    accumulator.cycle = cycle;
    oldest_ ^= 1U;
    return accumulator.sum;
}

std::uint32_t ProcessingElement::accumulators_taken() const noexcept {
    std::uint32_t taken = 0;
    for (const Accumulator& accumulator : accumulators_) {
        taken += accumulator.state == AccumulatorState::free ? 0U : 1U;
    }
    return taken;
}

/// Cycles of the chunk at work count as idle until it is done.
void ProcessingElement::add_to(base::PeCycles& cycles) const noexcept {
    const auto waited = [this](PeStage stage) { return waited_[static_cast<std::size_t>(stage)]; };
    cycles[PeCategory::mac] += mac_;
    cycles[PeCategory::ineffectual] += ineffectual_;
    cycles[PeCategory::empty_chunk] += empty_chunk_;
    cycles[PeCategory::wait_memory] += waited(PeStage::memory);
    cycles[PeCategory::wait_weight] += waited(PeStage::weight);
    cycles[PeCategory::wait_sibling] += waited(PeStage::sibling);
    cycles[PeCategory::wait_operand] += waited(PeStage::operand);
    cycles[PeCategory::wait_drain] += waited(PeStage::drain);
    cycles[PeCategory::idle] += waited(PeStage::idle) + waited(PeStage::no_chunk) + worked_;
}

}  // namespace skipsim::clocked
