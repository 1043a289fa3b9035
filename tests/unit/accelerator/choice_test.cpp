// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/choice.h"

#include <gtest/gtest.h>

#include <map>

namespace skipsim::accelerator {
namespace {

using reduction::Selection;
using reduction::TrainingStage;
using Choices = std::vector<std::pair<std::string, std::uint64_t>>;

constexpr TrainingStage kForward = TrainingStage::feed_forward;
constexpr TrainingStage kBackward = TrainingStage::back_propagation;

/// Cycles by name of the selection, packed with the word after it; counts the calls.
class FakeChip {
public:
    explicit FakeChip(std::map<std::string, std::uint64_t> cycles) : cycles_(std::move(cycles)) {}

    RowChoice choose(const ChoicePolicy& policy, const std::string& mode, TrainingStage stage) {
        calls_ = 0;
        // By density: weight+output.
        const RoleZeros zeros{{0, 10}, {5, 10}, {5, 10}};
        return accelerator::choose(
            policy, {mode, stage, zeros},
            [this](const Selection& selection, OutputMode output_mode) {
                ++calls_;
                return cycles_.at(selection_name(selection) +
                                  (output_mode == OutputMode::packed ? " packed" : ""));
            });
    }
    [[nodiscard]] int calls() const { return calls_; }

private:
    std::map<std::string, std::uint64_t> cycles_;
    int calls_ = 0;
};

FakeChip chip() {
    return FakeChip({{"input+weight", 30},
                     {"input+output", 20},
                     {"weight+output", 20},
                     {"input", 40},
                     {"weight", 15},
                     {"output", 50},
                     {"dense", 60},
                     {"input+output packed", 20},
                     {"weight+output packed", 19},
                     {"output packed", 70}});
}

TEST(Choice, FixedModesAndDensitySimulateNothing) {
    FakeChip fake = chip();
    EXPECT_EQ(selection_name(fake.choose({}, "input", kBackward).selection), "input");
    const RowChoice adaptive = fake.choose({}, "adaptive", kBackward);
    EXPECT_EQ(selection_name(adaptive.selection), "weight+output");
    EXPECT_TRUE(adaptive.choices.empty());
    EXPECT_FALSE(adaptive.regret_cycles.has_value());
    EXPECT_EQ(fake.calls(), 0);
}

// 30, 20, 20: the first of the equals, though single roles may be faster still.
TEST(Choice, CyclesTakesTheFastestPairAndTheFirstOfEquals) {
    ChoicePolicy policy;
    policy.by_cycles = true;
    FakeChip fake = chip();
    const RowChoice choice = fake.choose(policy, "adaptive", kBackward);
    EXPECT_EQ(selection_name(choice.selection), "input+output");
    EXPECT_TRUE(choice.choices.empty());
    EXPECT_EQ(fake.calls(), 3);
    EXPECT_EQ(selection_name(fake.choose(policy, "adaptive", kForward).selection), "input+weight");
    EXPECT_EQ(selection_name(fake.choose(policy, "weight", kBackward).selection), "weight");
}

// Density takes weight+output: 20; the best fixed choice is weight: 15.
TEST(Choice, RegretIsWhatTheBestFixedChoiceWouldHaveSaved) {
    ChoicePolicy policy;
    policy.regret = true;
    FakeChip fake = chip();
    const RowChoice choice = fake.choose(policy, "adaptive", kBackward);
    EXPECT_EQ(selection_name(choice.selection), "weight+output");
    EXPECT_EQ(choice.regret_cycles, 5u);
    EXPECT_EQ(choice.choices, (Choices{{"input+weight", 30},
                                       {"input+output", 20},
                                       {"weight+output", 20},
                                       {"input", 40},
                                       {"weight", 15},
                                       {"output", 50},
                                       {"dense", 60}}));
    EXPECT_EQ(fake.calls(), 7);
    const RowChoice forward = fake.choose(policy, "adaptive", kForward);
    EXPECT_EQ(forward.choices,
              (Choices{{"input+weight", 30}, {"input", 40}, {"weight", 15}, {"dense", 60}}));
    EXPECT_EQ(forward.regret_cycles, 15u);
    EXPECT_FALSE(fake.choose(policy, "output", kBackward).regret_cycles.has_value());
}

// input+output: 20 and 20, row stays; weight+output: 19 packed, which now makes it the fastest
// pair; output: 50 against 70.
TEST(Choice, AdaptiveOutputTakesPackedOnlyIfItIsFaster) {
    ChoicePolicy policy;
    policy.adaptive_output = true;
    FakeChip fake = chip();
    EXPECT_EQ(fake.choose(policy, "input+output", kBackward).output_mode, OutputMode::row);
    EXPECT_EQ(fake.choose(policy, "output", kBackward).output_mode, OutputMode::row);
    EXPECT_EQ(fake.choose(policy, "weight+output", kBackward).output_mode, OutputMode::packed);
    EXPECT_EQ(fake.choose(policy, "input+weight", kBackward).output_mode, OutputMode::row);
    EXPECT_EQ(fake.calls(), 0);
    policy.by_cycles = true;
    const RowChoice choice = fake.choose(policy, "adaptive", kBackward);
    EXPECT_EQ(selection_name(choice.selection), "weight+output");
    EXPECT_EQ(choice.output_mode, OutputMode::packed);
    policy.regret = true;
    EXPECT_EQ(fake.choose(policy, "adaptive", kBackward).choices[2].second, 19u);
}

TEST(Choice, PackedIsForRowsWithRoleOutputOnly) {
    ChoicePolicy policy;
    policy.output_mode = OutputMode::packed;
    FakeChip fake = chip();
    EXPECT_EQ(fake.choose(policy, "weight+output", kBackward).output_mode, OutputMode::packed);
    EXPECT_EQ(fake.choose(policy, "input+weight", kBackward).output_mode, OutputMode::row);
    EXPECT_EQ(fake.choose(policy, "weight+output", kForward).output_mode, OutputMode::row);
}

}  // namespace
}  // namespace skipsim::accelerator
