// SPDX-License-Identifier: Apache-2.0
// The balancer's order of the columns (models/MICROARCHITECTURE.md §4.1).
#include <algorithm>
#include <numeric>

#include "models/reduction/clocked/column_block.h"
#include "models/reduction/clocked/stage_index.h"
#include "models/reduction/clocked/work_list.h"

namespace skipsim::clocked {
namespace {

/// What the balancer compares.
struct ColumnKey {
    std::vector<std::uint8_t> jumped;  ///< chunk by chunk of the whole result
    std::int64_t work = 0;             ///< non-zeros of B
    std::int64_t column = 0;
};

bool comes_before(const ColumnKey& left, const ColumnKey& right) {
    if (left.jumped != right.jumped) {
        return left.jumped < right.jumped;
    }
    return left.work != right.work ? left.work > right.work : left.column < right.column;
}

ColumnKey key_of(const RowTask& task, const PhaseIndex& phase,
                 const std::vector<std::uint8_t>& pruned, std::int64_t chunk_operands,
                 std::int64_t column) {
    ColumnKey key;
    key.column = column;
    std::vector<std::int64_t> elements(static_cast<std::size_t>(phase.k_count()));
    phase.weight_elements(column, 0, elements.size(), elements.data());
    const std::vector<std::uint8_t>& nonzero = task.weight.nonzero;
    for (const std::int64_t element : elements) {
        key.work += nonzero.empty() || nonzero[static_cast<std::size_t>(element)] != 0 ? 1 : 0;
    }
    const std::int64_t chunks = (phase.k_count() + chunk_operands - 1) / chunk_operands;
    for (std::int64_t chunk = 0; !pruned.empty() && chunk < chunks; ++chunk) {
        const bool is_last = chunk + 1 == chunks;
        const bool jumps = !is_last && is_pruned(phase, pruned, column, chunk, chunk_operands);
        key.jumped.push_back(jumps ? 1 : 0);
    }
    return key;
}

/// Deals sorted columns to the parts of the axis, there and back.
std::vector<std::int64_t> deal(const std::vector<ColumnKey>& sorted, std::int64_t parts,
                               std::size_t packet) {
    const auto count = static_cast<std::int64_t>(sorted.size());
    std::vector<std::vector<std::int64_t>> hands(static_cast<std::size_t>(parts));
    std::int64_t part = 0;
    std::int64_t step = 1;
    for (std::size_t next = 0; next < sorted.size();) {
        std::vector<std::int64_t>& hand = hands[static_cast<std::size_t>(part)];
        const auto room =
            static_cast<std::size_t>((part + 1) * count / parts - part * count / parts);
        for (std::size_t taken = 0; taken < packet && hand.size() < room; ++taken) {
            hand.push_back(sorted[next++].column);
        }
        if (part + step < 0 || part + step >= parts) {
            step = -step;  // the last one of a round is the first one of the next
        } else {
            part += step;
        }
    }
    std::vector<std::int64_t> order;
    for (const std::vector<std::int64_t>& hand : hands) {
        order.insert(order.end(), hand.begin(), hand.end());
    }
    return order;
}

std::uint64_t ceil_log2(std::uint64_t number) {
    std::uint64_t exponent = 0;
    for (std::uint64_t power = 1; power < number; power *= 2) {
        ++exponent;
    }
    return exponent;
}

}  // namespace

ColumnOrder column_order(const RowTask& task, const ListParams& params, std::int64_t column_parts) {
    const StageIndex index(task.stage, task.shape, task.zero_insertion);
    const bool acts = task.balances && task.selection.weight && task.shape.groups == 1;
    const std::vector<std::uint8_t> pruned = pruned_weights(task, params);
    const auto columns = static_cast<std::uint64_t>(index.column_count);
    ColumnOrder order;
    for (const PhaseIndex& phase : index.phases) {
        if (!acts) {
            order.columns.emplace_back(columns);
            std::iota(order.columns.back().begin(), order.columns.back().end(), std::int64_t{0});
            continue;
        }
        std::vector<ColumnKey> keys;
        for (std::int64_t column = 0; column < index.column_count; ++column) {
            keys.push_back(key_of(task, phase, pruned, params.chunk_operands, column));
        }
        std::sort(keys.begin(), keys.end(), comes_before);
        order.columns.push_back(deal(keys, column_parts, params.columns));
        order.bits += static_cast<std::uint64_t>(phase.k_count()) * columns;
        order.compares += columns * ceil_log2(columns);
    }
    return order;
}

}  // namespace skipsim::clocked
