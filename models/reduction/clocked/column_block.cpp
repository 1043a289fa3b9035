// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/column_block.h"

#include <algorithm>
#include <numeric>

#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

using reduction::TrainingStage;

/// ⌊part · count / parts⌋
std::int64_t begin_of(std::int64_t part, std::int64_t count, std::int64_t parts) {
    return part * count / parts;
}

}  // namespace

std::size_t ColumnBlock::rows() const noexcept {
    std::size_t longest = 0;
    for (const std::vector<std::uint32_t>& one : lists) {
        longest = std::max(longest, one.size());
    }
    return longest;
}

std::vector<std::uint8_t> pruned_weights(const RowTask& task, const ListParams& params) {
    const CoarseBlocks& blocks = task.coarse;
    std::vector<std::uint8_t> pruned;
    if (!params.coarse_runs || !task.selection.weight || blocks.keep.empty() ||
        task.stage == TrainingStage::weight_gradient) {
        return pruned;
    }
    const std::int64_t channels = task.shape.in_channels_per_group();
    const std::int64_t in_blocks = (channels + blocks.coarse_in - 1) / blocks.coarse_in;
    const std::int64_t out_blocks =
        (task.shape.out_channels + blocks.coarse_out - 1) / blocks.coarse_out;
    for (std::int64_t f = 0; f < task.shape.out_channels; ++f) {
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t tap = 0; tap < task.shape.taps(); ++tap) {
                const std::int64_t block =
                    (tap * in_blocks + c / blocks.coarse_in) * out_blocks + f / blocks.coarse_out;
                pruned.push_back(blocks.keep[static_cast<std::size_t>(block)] == 0 ? 1 : 0);
            }
        }
    }
    return pruned;
}

bool is_pruned(const PhaseIndex& phase, const std::vector<std::uint8_t>& pruned,
               std::int64_t column, std::int64_t chunk, std::int64_t chunk_operands) {
    std::vector<std::int64_t> elements(static_cast<std::size_t>(chunk_operands));
    phase.weight_elements(column, chunk * chunk_operands, elements.size(), elements.data());
    return std::all_of(elements.begin(), elements.end(), [&pruned](std::int64_t element) {
        return element == PhaseIndex::kOutside || pruned[static_cast<std::size_t>(element)] != 0;
    });
}

BlockCutter::BlockCutter(const RowTask& task, const ListParams& params, const ColumnOrder& order,
                         const reduction::Share& share, const StageIndex& index, ListCounts& counts)
    : task_(task),
      params_(params),
      order_(order),
      share_(share),
      index_(index),
      counts_(counts),
      pruned_(pruned_weights(task, params)),
      output_role_(task.selection.output && task.stage != TrainingStage::feed_forward) {
    base::require(order.columns.size() == index.phases.size(),
                  "work_list: an order of columns for every phase");
    if (!index_.phases.empty()) {
        enter_phase();
    }
}

void BlockCutter::enter_phase() {
    const PhaseIndex& phase = index_.phases[phase_];
    const std::int64_t size = params_.chunk_operands;
    const std::int64_t chunks = (phase.k_count() + size - 1) / size;
    const std::int64_t columns = index_.column_count;
    first_m_ = begin_of(share_.m_part, phase.m_count(), share_.m_parts);
    end_m_ = begin_of(share_.m_part + 1, phase.m_count(), share_.m_parts);
    first_chunk_ = begin_of(share_.k_part, chunks, share_.k_parts);
    end_chunk_ = begin_of(share_.k_part + 1, chunks, share_.k_parts);
    position_ = begin_of(share_.column_part, columns, share_.column_parts);
    end_position_ = begin_of(share_.column_part + 1, columns, share_.column_parts);
    if (first_chunk_ == end_chunk_) {
        end_position_ = position_;  // no chunk: no column block
    }
    in_bounds_.assign(static_cast<std::size_t>(end_m_ - first_m_), -1);
}

bool BlockCutter::next(ColumnBlock& block) {
    while (phase_ < index_.phases.size() && position_ == end_position_) {
        ++phase_;
        if (phase_ < index_.phases.size()) {
            enter_phase();
        }
    }
    if (phase_ >= index_.phases.size()) {
        return false;
    }
    block = ColumnBlock();
    block.number = ++blocks_;
    block.phase = phase_;
    block.first_chunk = first_chunk_;
    block.chunks = end_chunk_ - first_chunk_;
    cut(block);
    fill_lists(block);
    fill_jumps(block);
    count_left_out(block);
    return true;
}

void BlockCutter::cut(ColumnBlock& block) {
    block.first_position = position_;
    while (position_ < end_position_ && block.columns.size() < params_.columns) {
        const std::int64_t column = order_.columns[phase_][static_cast<std::size_t>(position_)];
        const std::int64_t group = column / index_.columns_per_group;
        if (!params_.private_groups && !block.groups.empty() && block.groups.back() != group) {
            break;
        }
        block.columns.push_back(column);
        block.groups.push_back(group);
        ++position_;
    }
    block.is_private =
        (output_role_ && task_.packs_output) || block.groups.front() != block.groups.back();
}

bool BlockCutter::is_needed(std::int64_t m, std::int64_t column) const {
    const std::int64_t element = index_.phases[phase_].result_element(m, column);
    return task_.needed.empty() || task_.needed[static_cast<std::size_t>(element)] != 0;
}

void BlockCutter::fill_lists(ColumnBlock& block) {
    const bool packed = output_role_ && task_.packs_output && !task_.needed.empty();
    const std::size_t columns = block.columns.size();
    block.lists.assign(packed ? columns : 1, {});
    if (output_role_) {
        counts_.output_bits += static_cast<std::uint64_t>(end_m_ - first_m_) * columns;
    }
    for (std::int64_t m = first_m_; m < end_m_; ++m) {
        bool wanted = !output_role_ || task_.needed.empty();
        for (std::size_t column = 0; column < columns && !wanted; ++column) {
            const bool needed = is_needed(m, block.columns[column]);
            if (packed && needed) {
                block.lists[column].push_back(static_cast<std::uint32_t>(m));
            }
            wanted = !packed && needed;
        }
        if (wanted) {
            block.lists.front().push_back(static_cast<std::uint32_t>(m));
        }
    }
}

void BlockCutter::fill_jumps(ColumnBlock& block) {
    if (pruned_.empty()) {
        return;
    }
    counts_.coarse_bits +=
        static_cast<std::uint64_t>(block.chunks) * static_cast<std::uint64_t>(block.columns.size());
    for (const std::int64_t column : block.columns) {
        std::vector<std::uint8_t> jumped(static_cast<std::size_t>(block.chunks), 0);
        for (std::int64_t chunk = 0; chunk + 1 < block.chunks; ++chunk) {
            jumped[static_cast<std::size_t>(chunk)] =
                is_pruned(index_.phases[phase_], pruned_, column, first_chunk_ + chunk,
                          params_.chunk_operands)
                    ? 1
                    : 0;
        }
        block.jumped.push_back(std::move(jumped));
    }
}

/// Multiplies of results that are in no list.
void BlockCutter::count_left_out(const ColumnBlock& block) {
    for (std::size_t list = 0; list < block.lists.size(); ++list) {
        const std::uint64_t columns = block.lists.size() == 1 ? block.columns.size() : 1;
        auto at = block.lists[list].begin();
        for (std::int64_t m = first_m_; m < end_m_; ++m) {
            if (at != block.lists[list].end() && *at == m) {
                ++at;
            } else {
                counts_.skipped_output += columns * in_bounds_of(m);
            }
        }
    }
}

std::uint64_t BlockCutter::in_bounds_of(std::int64_t m) {
    std::int64_t& known = in_bounds_[static_cast<std::size_t>(m - first_m_)];
    if (known < 0) {
        const PhaseIndex& phase = index_.phases[phase_];
        const std::int64_t first = first_chunk_ * params_.chunk_operands;
        const std::int64_t end = std::min(end_chunk_ * params_.chunk_operands, phase.k_count());
        std::vector<std::int64_t> elements(static_cast<std::size_t>(end - first));
        phase.input_elements(m, 0, first, elements.size(), elements.data());
        known = static_cast<std::int64_t>(elements.size()) -
                std::count(elements.begin(), elements.end(), PhaseIndex::kOutside);
    }
    return static_cast<std::uint64_t>(known);
}

}  // namespace skipsim::clocked
