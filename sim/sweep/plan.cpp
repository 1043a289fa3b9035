// SPDX-License-Identifier: Apache-2.0
// From a sweep file to its points: the grid, then the listed points; without those that are there
// twice, without those that a condition leaves out.
#include "sim/sweep/plan.h"

#include "sim/sweep/base_values.h"
#include "sim/sweep/spec_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace skipsim::sweep {
namespace {

std::vector<std::string> axis_keys_of(const Draft& draft) {
    std::vector<std::string> keys;
    for (const Axis& axis : draft.axes) {
        const std::vector<std::string> own = axis.keys();
        keys.insert(keys.end(), own.begin(), own.end());
    }
    std::set<std::string> seen(keys.begin(), keys.end());
    for (const ListedPoint& point : draft.listed) {
        for (const Setting& setting : point.settings) {
            if (seen.insert(setting.key).second) {
                keys.push_back(setting.key);
            }
        }
    }
    return keys;
}

void check_count(const Draft& draft, Problems& problems) {
    const std::uint64_t grid = grid_size(draft.axes);
    const std::uint64_t points = grid + draft.listed.size();
    if (points <= kMostPoints) {
        return;
    }
    std::string product;
    for (const Axis& axis : draft.axes) {
        product += (product.empty() ? "" : " x ") +
                   (axis.size() >= kUncountable ? "…" : std::to_string(axis.size()));
    }
    problems.add({1, 1}, "",
                 "expected at most " + std::to_string(kMostPoints) + " points, found " +
                     (points >= kUncountable ? "more than 10^18" : std::to_string(points)) + " (" +
                     product +
                     (draft.listed.empty() ? "" : " + " + std::to_string(draft.listed.size())) +
                     "), conditions not counted");
}

/// What all points of a sweep have in common while they are made.
class Expansion {
public:
    Expansion(Draft draft, Problems& problems)
        : draft_(std::move(draft)),
          problems_(problems),
          base_(draft_.spec, problems),
          keys_(axis_keys_of(draft_)) {}

    Plan plan() {
        check_files();
        std::vector<PlannedPoint> points = grid();
        add_listed(points);
        problems_.throw_if_any();
        Plan plan;
        plan.spec = std::move(draft_.spec);
        plan.axis_keys = keys_;
        plan.repeated = repeated_;
        keep_allowed(std::move(points), plan);
        return plan;
    }

private:
    void check_files() const {
        std::set<std::string> of_all;
        if (draft_.listed.empty()) {
            of_all.insert(keys_.begin(), keys_.end());
        }
        base_.check_files(of_all, problems_);
    }

    /// The last axis varies fastest.
    std::vector<PlannedPoint> grid() {
        std::vector<PlannedPoint> points(draft_.axes.empty() ? 0 : 1);
        std::uint64_t drawn_twice = 0;
        std::uint64_t others = 1;
        for (const Axis& axis : draft_.axes) {
            std::uint64_t repeated = 0;
            const std::vector<Level> levels = levels_of(axis, problems_, repeated);
            drawn_twice += repeated;
            others *= axis.sample ? 1 : levels.size();
            points = crossed(points, axis.keys(), levels);
        }
        repeated_ = drawn_twice * others;
        return points;
    }

    static std::vector<PlannedPoint> crossed(const std::vector<PlannedPoint>& points,
                                             const std::vector<std::string>& keys,
                                             const std::vector<Level>& levels) {
        std::vector<PlannedPoint> result;
        result.reserve(points.size() * levels.size());
        for (const PlannedPoint& point : points) {
            for (const Level& level : levels) {
                PlannedPoint& next = result.emplace_back(point);
                for (std::size_t i = 0; i < keys.size(); ++i) {
                    next.settings.push_back({keys[i], level[i]});
                }
            }
        }
        return result;
    }

    [[nodiscard]] const std::string& value(const PlannedPoint& point,
                                           const std::string& key) const {
        const auto found = std::find_if(point.settings.begin(), point.settings.end(),
                                        [&](const Setting& setting) { return setting.key == key; });
        return found == point.settings.end() ? base_.text(key) : found->value;
    }

    /// Equal for two points that are the same chip on the same trace.
    [[nodiscard]] std::string identity(const PlannedPoint& point) const {
        std::string all;
        for (const std::string& key : keys_) {
            all += value(point, key) + '\n';
        }
        return all;
    }

    [[nodiscard]] PlannedPoint listed_point(const ListedPoint& listed) const {
        PlannedPoint point;
        for (const std::string& key : keys_) {
            for (const Setting& setting : listed.settings) {
                if (setting.key == key) {
                    point.settings.push_back(setting);
                }
            }
        }
        return point;
    }

    void add_listed(std::vector<PlannedPoint>& points) {
        if (draft_.listed.empty() || problems_.count() != 0) {
            return;
        }
        std::unordered_map<std::string, std::size_t> seen;  // identity -> position in points
        for (std::size_t i = 0; i < points.size(); ++i) {
            seen.emplace(identity(points[i]), i);
        }
        const bool is_drawn = std::any_of(draft_.axes.begin(), draft_.axes.end(),
                                          [](const Axis& axis) { return axis.sample.has_value(); });
        const std::size_t grid_points = points.size();
        std::set<std::size_t> dropped;
        for (const ListedPoint& listed : draft_.listed) {
            PlannedPoint point = listed_point(listed);
            const auto [first, is_new] = seen.emplace(identity(point), points.size());
            if (!is_new && is_drawn && first->second < grid_points) {
                dropped.insert(first->second);
                first->second = points.size();
            } else if (!is_new) {
                problems_.add(listed.mark, listed.path,
                              "expected points that differ, found (" + label_of(point) +
                                  "), which is the same as (" + label_of(points[first->second]) +
                                  ")");
            }
            points.push_back(std::move(point));
        }
        drop(points, dropped);
    }

    void drop(std::vector<PlannedPoint>& points, const std::set<std::size_t>& dropped) {
        std::vector<PlannedPoint> kept;
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (dropped.count(i) == 0) {
                kept.push_back(std::move(points[i]));
            }
        }
        repeated_ += dropped.size();
        points = std::move(kept);
    }

    void keep_allowed(std::vector<PlannedPoint> points, Plan& plan) {
        std::set<const Constraint*> failed;
        for (PlannedPoint& point : points) {
            if (is_allowed(point, failed)) {
                point.number = plan.points.size();
                plan.points.push_back(std::move(point));
            } else {
                ++plan.excluded;
            }
        }
        if (plan.points.empty() && problems_.count() == 0) {
            problems_.add(draft_.where.front().mark(), "where",
                          "expected conditions that leave a point, found that they leave out all " +
                              std::to_string(plan.excluded));
        }
        problems_.throw_if_any();
    }

    /// A condition that cannot be computed is told once, with the first such point.
    bool is_allowed(const PlannedPoint& point, std::set<const Constraint*>& failed) {
        const ValueOf value_of = [&](const std::string& key) -> const std::string& {
            return value(point, key);
        };
        for (Constraint& constraint : draft_.where) {
            try {
                if (!constraint.holds(value_of)) {
                    return false;
                }
            } catch (const base::InputError& error) {
                if (failed.insert(&constraint).second) {
                    problems_.add(constraint.mark(), constraint.path(),
                                  constraint.source() + ": " + error.lines().front() +
                                      ", for the point " + label_of(point));
                }
            }
        }
        return true;
    }

    Draft draft_;
    Problems& problems_;
    BaseValues base_;
    std::vector<std::string> keys_;
    std::uint64_t repeated_ = 0;
};

}  // namespace

Plan load_plan(const std::string& path) {
    Problems problems(path);
    Draft draft = SpecReader(path, problems).read();
    check_count(draft, problems);
    if (problems.count() != 0 && !draft.spec.config_path.empty()) {
        BaseValues(draft.spec, problems);  // everything that is wrong, in one go
    }
    problems.throw_if_any();
    return Expansion(std::move(draft), problems).plan();
}

std::string label_of(const PlannedPoint& point) {
    std::string label;
    for (const Setting& setting : point.settings) {
        const std::string value = is_file_key(setting.key)
                                      ? std::filesystem::path(setting.value).filename().string()
                                      : setting.value;
        label += (label.empty() ? "" : " ") + setting.key + '=' + value;
    }
    return label;
}

}  // namespace skipsim::sweep
