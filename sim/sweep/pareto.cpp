// SPDX-License-Identifier: Apache-2.0
// Sorted by all objectives in turn, a point can be dominated only by one before it, and then also
// by one before it that is on the front. With two objectives the best second one so far decides:
// O(n log n). With more, each point is held against the front: O(n log n + n * front).
#include "sim/base/check.h"
#include "sim/sweep/analysis.h"

#include <algorithm>

namespace skipsim::sweep {
namespace {

/// Objectives of the participants, a row for each, turned so that lower is better.
class Costs {
public:
    Costs(const SweepData& data, const std::vector<std::size_t>& points,
          const std::vector<Objective>& objectives)
        : width_(objectives.size()) {
        values_.reserve(points.size() * width_);
        for (const std::size_t point : points) {
            for (const Objective& objective : objectives) {
                const double value = value_of(data.points[point], objective);
                values_.push_back(objective.is_higher_better ? -value : value);
            }
        }
    }

    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] const double* row(std::size_t index) const { return &values_[index * width_]; }

    /// At least as good in everything.
    [[nodiscard]] bool is_no_worse(const double* left, const double* right) const {
        for (std::size_t column = 0; column < width_; ++column) {
            if (left[column] > right[column]) {
                return false;
            }
        }
        return true;
    }

    [[nodiscard]] bool are_equal(const double* left, const double* right) const {
        return std::equal(left, left + width_, right);
    }

private:
    std::size_t width_;
    std::vector<double> values_;
};

/// Best first objective first, then best second, …; equal rows keep their order.
std::vector<std::size_t> sorted_rows(const Costs& costs, std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t index = 0; index < count; ++index) {
        order[index] = index;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        const double* a = costs.row(left);
        const double* b = costs.row(right);
        return std::lexicographical_compare(a, a + costs.width(), b, b + costs.width());
    });
    return order;
}

/// One or two objectives: what comes later in the order must be better than the best last
/// objective so far, or equal to the point that has it.
std::vector<std::size_t> swept(const Costs& costs, const std::vector<std::size_t>& order) {
    std::vector<std::size_t> front;
    const std::size_t last = costs.width() - 1;
    for (const std::size_t index : order) {
        const double* row = costs.row(index);
        const double* best = front.empty() ? nullptr : costs.row(front.back());
        const bool is_better = best == nullptr || (last > 0 && row[last] < best[last]);
        if (is_better || costs.are_equal(row, best)) {
            front.push_back(index);
        }
    }
    return front;
}

std::vector<std::size_t> filtered(const Costs& costs, const std::vector<std::size_t>& order) {
    std::vector<std::size_t> front;
    for (const std::size_t index : order) {
        const double* row = costs.row(index);
        const bool is_dominated = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
            const double* other = costs.row(member);
            return costs.is_no_worse(other, row) && !costs.are_equal(other, row);
        });
        if (!is_dominated) {
            front.push_back(index);
        }
    }
    return front;
}

}  // namespace

std::vector<std::size_t> pareto_front(const SweepData& data,
                                      const std::vector<Objective>& objectives) {
    base::require(!objectives.empty(), "pareto_front: no objective");
    const std::vector<std::size_t> points = participants(data, objectives).points;
    const Costs costs(data, points, objectives);
    const std::vector<std::size_t> order = sorted_rows(costs, points.size());
    constexpr std::size_t kPlane = 2;  // objectives that a sweep settles
    std::vector<std::size_t> front =
        objectives.size() <= kPlane ? swept(costs, order) : filtered(costs, order);
    for (std::size_t& member : front) {
        member = points[member];
    }
    return front;
}

}  // namespace skipsim::sweep
