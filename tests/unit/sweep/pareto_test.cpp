// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/random.h"
#include "sim/sweep/analysis.h"
#include "tests/unit/sweep/analysis_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace skipsim::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Objective lower(const std::string& metric) {
    return {"total", metric, false, metric};
}

Objective higher(const std::string& metric) {
    return {"total", metric, true, metric};
}

SweepData sweep_of(const std::vector<std::pair<double, double>>& values) {
    SweepData data = empty_sweep({"k"});
    for (const auto& [a, b] : values) {
        add_point(data, {}, {{"a", a}, {"b", b}});
    }
    return data;
}

TEST(Pareto, TheFrontIsWhatNobodyBeatsBestFirstObjectiveFirst) {
    // (3, 3) loses to (2, 2); (1, 6) to (1, 5), which is as good in a.
    const SweepData data = sweep_of({{3, 3}, {4, 1}, {1, 6}, {2, 2}, {1, 5}});
    EXPECT_THAT(pareto_front(data, {lower("a"), lower("b")}), ElementsAre(4, 3, 1));
}

TEST(Pareto, EqualPointsAreAllOnTheFront) {
    const SweepData data = sweep_of({{1, 1}, {2, 1}, {1, 1}});
    EXPECT_THAT(pareto_front(data, {lower("a"), lower("b")}), ElementsAre(0, 2));
    EXPECT_THAT(pareto_front(data, {lower("a"), lower("b"), lower("a")}), ElementsAre(0, 2));
}

TEST(Pareto, DirectionsTurnTheFront) {
    const SweepData data = sweep_of({{1, 1}, {2, 3}, {3, 2}});
    EXPECT_THAT(pareto_front(data, {lower("a"), lower("b")}), ElementsAre(0));
    EXPECT_THAT(pareto_front(data, {higher("a"), higher("b")}), ElementsAre(2, 1));
    EXPECT_THAT(pareto_front(data, {lower("a"), higher("b")}), ElementsAre(0, 1));
}

TEST(Pareto, OneObjectiveLeavesTheBestPoints) {
    const SweepData data = sweep_of({{2, 0}, {1, 5}, {1, 4}});
    EXPECT_THAT(pareto_front(data, {lower("a")}), ElementsAre(1, 2));
    EXPECT_THAT(pareto_front(data, {higher("b")}), ElementsAre(1));
}

TEST(Pareto, AFrontNeedsAnObjective) {
    EXPECT_THROW(pareto_front(sweep_of({{1, 1}}), {}), base::InternalError);
}

TEST(Pareto, NoPointsNoFront) {
    EXPECT_THAT(pareto_front(sweep_of({}), {lower("a"), lower("b")}), IsEmpty());
}

TEST(Pareto, PointsThatCannotBeComparedTakeNoPartAndAreCounted) {
    SweepData data = sweep_of({{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 9}, {1, 1}, {2, 2}});
    data.points[0].status = PointStatus::failed;
    data.points[1].status = PointStatus::waiting;
    data.points[2].metrics["total"]["b"] = std::numeric_limits<double>::quiet_NaN();
    data.points[3].metrics["total"].erase("b");
    data.points[4].metrics["total"]["a"] = -std::numeric_limits<double>::infinity();
    const std::vector<Objective> objectives{lower("a"), lower("b")};
    EXPECT_THAT(pareto_front(data, objectives), ElementsAre(5));
    const Participants used = participants(data, objectives);
    EXPECT_THAT(used.points, ElementsAre(5, 6));
    EXPECT_EQ(used.failed, 1U);
    EXPECT_EQ(used.waiting, 1U);
    EXPECT_EQ(used.without_metric, 3U);
}

/// The definition, word by word.
std::vector<std::size_t> by_definition(const SweepData& data,
                                       const std::vector<Objective>& objectives) {
    const auto cost = [&](std::size_t point, const Objective& objective) {
        const double value = data.points[point].metrics.at("total").at(objective.metric);
        return objective.is_higher_better ? -value : value;
    };
    const auto dominates = [&](std::size_t left, std::size_t right) {
        bool is_better = false;
        for (const Objective& objective : objectives) {
            if (cost(left, objective) > cost(right, objective)) {
                return false;
            }
            is_better = is_better || cost(left, objective) < cost(right, objective);
        }
        return is_better;
    };
    std::vector<std::size_t> front;
    for (std::size_t point = 0; point < data.points.size(); ++point) {
        bool is_dominated = false;
        for (std::size_t other = 0; other < data.points.size(); ++other) {
            is_dominated = is_dominated || dominates(other, point);
        }
        if (!is_dominated) {
            front.push_back(point);
        }
    }
    return front;
}

SweepData random_sweep(base::Random& random, std::size_t points, std::size_t metrics,
                       std::uint64_t values) {
    SweepData data = empty_sweep({"k"});
    for (std::size_t point = 0; point < points; ++point) {
        std::vector<std::pair<std::string, double>> drawn;
        for (std::size_t metric = 0; metric < metrics; ++metric) {
            drawn.emplace_back("m" + std::to_string(metric),
                               static_cast<double>(random.below(values)));
        }
        add_point(data, {}, drawn);
    }
    return data;
}

TEST(Pareto, RandomSweepsWithTiesMatchTheDefinition) {
    base::Random random(11);
    for (int round = 0; round < 600; ++round) {
        const std::size_t metrics = 1 + static_cast<std::size_t>(random.below(5));
        const std::uint64_t values = 2 + random.below(30);  // few values: many ties
        const SweepData data =
            random_sweep(random, static_cast<std::size_t>(random.below(60)), metrics, values);
        std::vector<Objective> objectives;
        for (std::size_t metric = 0; metric < metrics; ++metric) {
            const std::string name = "m" + std::to_string(metric);
            objectives.push_back(random.below(2) == 0 ? lower(name) : higher(name));
        }
        std::vector<std::size_t> front = pareto_front(data, objectives);
        const auto first = [&](std::size_t point) {
            const double value = value_of(data.points[point], objectives[0]);
            return objectives[0].is_higher_better ? -value : value;
        };
        EXPECT_TRUE(std::is_sorted(
            front.begin(), front.end(),
            [&](std::size_t left, std::size_t right) { return first(left) < first(right); }));
        std::sort(front.begin(), front.end());
        EXPECT_EQ(front, by_definition(data, objectives)) << "round " << round;
    }
}

double seconds_for(const SweepData& data, std::size_t metrics) {
    std::vector<Objective> objectives;
    for (std::size_t metric = 0; metric < metrics; ++metric) {
        objectives.push_back(lower("m" + std::to_string(metric)));
    }
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(pareto_front(data, objectives).empty());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Generous bounds, against a quadratic algorithm only: 100,000 points squared take a minute.
TEST(Pareto, LargeSweepsTakeNoTime) {
    base::Random random(5);
    EXPECT_LT(seconds_for(random_sweep(random, 100'000, 2, 1'000'000), 2), 5.0);
    EXPECT_LT(seconds_for(random_sweep(random, 2'000, 5, 1'000'000), 5), 5.0);
}

// Every point on the front is the worst case of the plane.
TEST(Pareto, ALongFrontInThePlaneTakesNoTime) {
    SweepData data = empty_sweep({"k"});
    for (int point = 0; point < 100'000; ++point) {
        add_point(data, {}, {{"m0", point}, {"m1", -point}});
    }
    EXPECT_LT(seconds_for(data, 2), 5.0);
    EXPECT_EQ(pareto_front(data, {lower("m0"), lower("m1")}).size(), 100'000U);
}

SweepData named_metrics() {
    SweepData data = empty_sweep({"k"});
    SweepPoint& point = add_point(
        data, {},
        {{"cycles", 1}, {"energy_pj", 1}, {"macs.issued", 1}, {"utilisation", 1}, {"speedup", 1}});
    point.metrics["FF"] = {{"cycles", 2}, {"macs.issued", 2}, {"energy_pj", 3}};
    return data;
}

TEST(Objective, StagesAndMetricsWithDotsAreToldApart) {
    const SweepData data = named_metrics();
    EXPECT_EQ(parse_objective("cycles", data).stage, "total");
    EXPECT_EQ(parse_objective("macs.issued", data).stage, "total");
    EXPECT_EQ(parse_objective("macs.issued", data).metric, "macs.issued");
    EXPECT_EQ(parse_objective("FF.macs.issued", data).stage, "FF");
    EXPECT_EQ(parse_objective("FF.macs.issued", data).metric, "macs.issued");
    EXPECT_EQ(parse_objective("total.cycles", data).stage, "total");
    EXPECT_EQ(parse_objective("FF.cycles", data).text, "FF.cycles");
}

TEST(Objective, TheDirectionIsThatOfTheMetricUnlessSaid) {
    const SweepData data = named_metrics();
    EXPECT_FALSE(parse_objective("cycles", data).is_higher_better);
    EXPECT_TRUE(parse_objective("utilisation", data).is_higher_better);
    EXPECT_TRUE(parse_objective("speedup", data).is_higher_better);
    EXPECT_FALSE(parse_objective("min:speedup", data).is_higher_better);
    EXPECT_TRUE(parse_objective("max:FF.cycles", data).is_higher_better);
}

TEST(Objective, ShortNamesAreThoseOfCompare) {
    EXPECT_EQ(parse_objective("energy", named_metrics()).metric, "energy_pj");
    EXPECT_EQ(parse_objective("max:FF.energy", named_metrics()).metric, "energy_pj");
}

TEST(Objective, ANameSaysStageAndDirection) {
    const SweepData data = named_metrics();
    EXPECT_EQ(name_of(parse_objective("min:cycles", data)), "cycles");
    EXPECT_EQ(name_of(parse_objective("utilisation", data)), "max:utilisation");
    EXPECT_EQ(name_of(parse_objective("max:FF.cycles", data)), "max:FF.cycles");
}

std::string refusal(const std::string& text, const SweepData& data) {
    try {
        parse_objective(text, data);
    } catch (const base::InputError& error) {
        return error.lines()[0];
    }
    return "";
}

TEST(Objective, AnUnknownMetricIsRefusedWithTheNearestName) {
    const SweepData data = named_metrics();
    EXPECT_THAT(refusal("cycels", data), HasSubstr("did you mean cycles?"));
    EXPECT_THAT(refusal("FF.cycels", data), HasSubstr("did you mean FF.cycles?"));
    EXPECT_THAT(refusal("max:utilization", data), HasSubstr("did you mean utilisation?"));
    for (const char* text : {"", "max:", "FF.", ".cycles", "BP.cycles", "best:cycles"}) {
        EXPECT_THAT(refusal(text, data), HasSubstr("unknown metric")) << text;
    }
}

TEST(Objective, WithoutAFinishedPointThereIsNoMetric) {
    SweepData data = named_metrics();
    data.points[0].status = PointStatus::failed;
    EXPECT_THAT(refusal("cycles", data), HasSubstr("no point is finished"));
}

}  // namespace
}  // namespace skipsim::sweep
