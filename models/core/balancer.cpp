// SPDX-License-Identifier: Apache-2.0
#include "models/core/balancer.h"

#include <algorithm>
#include <numeric>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::core {
namespace {

std::vector<std::uint32_t> sorted_columns(const std::vector<ColumnWork>& columns) {
    std::vector<std::uint32_t> sorted(columns.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::uint32_t left, std::uint32_t right) {
        const ColumnWork& a = columns[left];
        const ColumnWork& b = columns[right];
        return a.jumped != b.jumped ? a.jumped < b.jumped : a.ones > b.ones;
    });
    return sorted;
}

/// [comparisons] of a sort: X · ceil(log2 X).
std::uint64_t sort_compares(std::uint64_t columns) {
    std::uint64_t levels = 0;
    while ((std::uint64_t{1} << levels) < columns) {
        ++levels;
    }
    return columns * levels;
}

std::vector<ColumnWork> column_works(const reduction::ColumnMatrix& matrix, std::int64_t columns,
                                     const std::vector<std::vector<bool>>* jumped) {
    std::vector<ColumnWork> works(static_cast<std::size_t>(columns));
    for (std::size_t column = 0; column < works.size(); ++column) {
        works[column].ones =
            matrix.words.empty()
                ? static_cast<std::uint64_t>(matrix.k_count)
                : base::count_ones(matrix.column(static_cast<std::int64_t>(column)),
                                   matrix.words_per_column);
        if (jumped != nullptr) {
            works[column].jumped = (*jumped)[column];
        }
    }
    return works;
}

}  // namespace

std::vector<std::uint32_t> balanced_order(const std::vector<ColumnWork>& columns,
                                          std::int64_t parts, std::int64_t packet) {
    base::require(parts > 0 && packet > 0, "balancer: no parts or empty packets");
    const std::vector<std::uint32_t> sorted = sorted_columns(columns);
    const auto count = static_cast<std::int64_t>(sorted.size());
    const auto begin_of = [&](std::int64_t part) { return part * count / parts; };
    std::vector<std::int64_t> next(static_cast<std::size_t>(parts));  // position to fill next
    for (std::int64_t part = 0; part < parts; ++part) {
        next[static_cast<std::size_t>(part)] = begin_of(part);
    }
    std::vector<std::uint32_t> order(sorted.size());
    for (std::int64_t visit = 0, dealt = 0; dealt < count; ++visit) {
        const std::int64_t along = visit % (2 * parts);  // there: 0 … parts - 1, back: the rest
        const std::int64_t part = along < parts ? along : 2 * parts - 1 - along;
        std::int64_t& at = next[static_cast<std::size_t>(part)];
        const std::int64_t take = std::min(packet, begin_of(part + 1) - at);
        std::copy_n(sorted.begin() + dealt, take, order.begin() + at);
        at += take;
        dealt += take;
    }
    return order;
}

std::uint64_t balancer_cycles(const BalancerParams& params, const BalancerWork& work) {
    std::uint64_t cycles = 0;
    if (params.bits_per_cycle != 0) {
        cycles += base::ceil_divide(work.bits, params.bits_per_cycle);
    }
    if (params.compares_per_cycle != 0) {
        cycles += base::ceil_divide(work.compares, params.compares_per_cycle);
    }
    return cycles;
}

BalancerWork balance(reduction::Reduction& reduction, const JumpPatterns& jumped,
                     std::int64_t parts, std::int64_t packet) {
    base::require(reduction.columns_per_group() == reduction.column_count(),
                  "balancer: columns of several groups cannot change places");
    BalancerWork work;
    const auto columns = static_cast<std::uint64_t>(reduction.column_count());
    for (std::size_t phase = 0; phase < reduction.phases().size(); ++phase) {
        const reduction::ColumnMatrix& matrix = reduction.phases()[phase].columns;
        const std::vector<ColumnWork> works = column_works(
            matrix, reduction.column_count(), jumped.empty() ? nullptr : &jumped[phase]);
        work.bits += static_cast<std::uint64_t>(matrix.k_count) * columns;
        work.compares += sort_compares(columns);
        reduction.reorder_columns(phase, balanced_order(works, parts, packet));
    }
    return work;
}

}  // namespace skipsim::core
