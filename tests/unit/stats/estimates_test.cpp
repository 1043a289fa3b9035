// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/estimates.h"

#include "tests/unit/stats/sample_result.h"

#include <gtest/gtest.h>

#include <cmath>

namespace skipsim::stats {
namespace {

TEST(Estimates, MeanAndIntervalOfTwoIterations) {
    const EstimatesOrReason found = estimate(sample_result(), true);
    ASSERT_TRUE(found.estimates.has_value()) << found.reason;
    // Iterations of 600 and 630 cycles: mean 615, sample deviation 30 / sqrt(2), standard error 15,
    // t(1) = 12.706.
    EXPECT_DOUBLE_EQ(found.estimates->iteration_cycles.value, 615.0);
    EXPECT_NEAR(found.estimates->iteration_cycles.low, 615.0 - 12.706205 * 15.0, 1e-6);
    EXPECT_NEAR(found.estimates->iteration_cycles.high, 615.0 + 12.706205 * 15.0, 1e-6);
    EXPECT_EQ(found.estimates->steps_per_epoch, 10U);
    EXPECT_EQ(found.estimates->planned_epochs, 3U);
    EXPECT_EQ(found.estimates->sampled_iterations, 2U);
}

TEST(Estimates, TheMethodSaysThatDriftOverEpochsIsNotInTheInterval) {
    EXPECT_NE(estimate(sample_result(), true).estimates->method.find("drift"), std::string::npos);
}

TEST(Estimates, TheLowEndIsNeverNegative) {
    RunResult result = sample_result();
    result.layers = {sample_row(0, "a", Stage::wg, 1), sample_row(1, "a", Stage::wg, 1000)};
    EXPECT_EQ(estimate(result, true).estimates->iteration_cycles.low, 0.0);
}

TEST(Estimates, AreLeftOutWithAReason) {
    EXPECT_FALSE(estimate(sample_result(), false).estimates.has_value());
    EXPECT_FALSE(estimate(sample_result(), false).reason.empty());
    RunResult one = sample_result();
    one.layers.resize(3);
    EXPECT_FALSE(estimate(one, true).estimates.has_value());
    RunResult different = sample_result();
    different.traces.push_back(different.traces[0]);
    different.traces[1].steps_per_epoch = 11;
    EXPECT_FALSE(estimate(different, true).estimates.has_value());
}

TEST(Estimates, InferenceIterationsAreNotTrainingSteps) {
    RunResult result = sample_result();
    result.layers.push_back(sample_row(2, "a", Stage::ff, 1000000));
    EXPECT_EQ(estimate(result, true).estimates->sampled_iterations, 2U);
    EXPECT_DOUBLE_EQ(estimate(result, true).estimates->iteration_cycles.value, 615.0);
}

TEST(Estimates, TheSameIterationNumberOfTwoTracesIsTwoSamples) {
    RunResult result = sample_result();
    for (LayerRow row : sample_result().layers) {
        row.trace = "u.h5";
        result.layers.push_back(row);
    }
    EXPECT_EQ(estimate(result, true).estimates->sampled_iterations, 4U);
}

TEST(StudentT, MatchesPrintedTables) {
    EXPECT_NEAR(student_t_95(1), 12.706, 5e-4);
    EXPECT_NEAR(student_t_95(3), 3.182, 5e-4);
    EXPECT_NEAR(student_t_95(10), 2.228, 5e-4);
    EXPECT_NEAR(student_t_95(11), 2.201, 5e-4);
    EXPECT_NEAR(student_t_95(20), 2.086, 5e-4);
    EXPECT_NEAR(student_t_95(30), 2.042, 5e-4);
    EXPECT_NEAR(student_t_95(120), 1.980, 5e-4);
}

}  // namespace
}  // namespace skipsim::stats
