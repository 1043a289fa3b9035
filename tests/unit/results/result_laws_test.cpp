// SPDX-License-Identifier: Apache-2.0
// Edited files whose checksum somebody computed again: the numbers themselves have to fit.
#include "tests/unit/results/sample_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::results {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ResultLaws : public TestFolder {
protected:
    std::vector<std::string> problems_with(const std::string& place, const Json& value) const {
        Json document = sample_document();
        document[Json::json_pointer(place)] = value;
        return problems_of_sealed(document);
    }
};

TEST_F(ResultLaws, HoldInWhatSkipsimWrites) {
    EXPECT_THAT(problems_of_sealed(sample_document()), IsEmpty());
}

TEST_F(ResultLaws, TotalsAreTheSumsOfTheRows) {
    EXPECT_THAT(problems_with("/totals/cycles", 1000),
                ElementsAre(": /totals/cycles: expected 1230, which follows from the rest, found "
                            "1000"));
    EXPECT_THAT(problems_with("/totals_by_stage/BP/dram_bytes", 33),
                ElementsAre(": /totals_by_stage/BP/dram_bytes: expected 32, which follows from "
                            "the rest, found 33"));
    EXPECT_THAT(problems_with("/totals/actions/clock.pe_cycle", 1),
                ElementsAre(HasSubstr("/totals/actions/clock.pe_cycle: expected 9840")));
    EXPECT_THAT(problems_with("/totals/dense_cycles", nullptr),
                ElementsAre(HasSubstr("/totals/dense_cycles: expected 2460")));
    EXPECT_THAT(problems_with("/totals/time_s", 1e-6), Contains(HasSubstr("/totals/time_s")));
}

TEST_F(ResultLaws, OfARowAreThoseOfEveryRun) {
    EXPECT_THAT(problems_with("/layers/0/pe_cycles/idle", 1),
                ElementsAre(HasSubstr("the PE cycles sum to PEs * cycles")));
    EXPECT_THAT(problems_with("/layers/0/macs/issued", 99),
                ElementsAre(HasSubstr("effectual <= issued")));
    EXPECT_THAT(problems_with("/units/0/busy", 1),
                ElementsAre(HasSubstr("unit cluster0.core0: busy + starved + blocked is 231")));
}

TEST_F(ResultLaws, EnergiesSumToTheTotal) {
    EXPECT_THAT(problems_with("/layers/0/energy_pj", 1.0),
                ElementsAre(HasSubstr("/totals/energy_pj: expected the sum of its rows"),
                            HasSubstr("/totals_by_stage/FF/energy_pj: expected the sum")));
    EXPECT_THAT(problems_with("/totals/energy_pj_by_component/dram", 0.0),
                Contains(HasSubstr("/totals/energy_pj: expected the sum of its components")));
    EXPECT_THAT(problems_with("/totals_by_stage/WG/energy_pj_on_chip", 0.0),
                Contains(HasSubstr("/totals_by_stage/WG/energy_pj_on_chip: expected the whole")));
    EXPECT_THAT(problems_with("/totals/energy_pj_low", 1e9),
                ElementsAre(HasSubstr("/totals/energy_pj: expected a value within its own band")));
    EXPECT_THAT(problems_with("/totals/power_mw", 1.0),
                ElementsAre(HasSubstr("/totals/power_mw: expected the energy over the time")));
    Json beyond = sample_document();  // 1e308 + 1e308 is infinite
    beyond["layers"][0]["energy_pj"] = beyond["layers"][3]["energy_pj"] = 1e308;
    EXPECT_THAT(problems_of_sealed(beyond), Contains(HasSubstr("/totals/energy_pj: expected")));
}

TEST_F(ResultLaws, EstimatesFollowFromTheRows) {
    EXPECT_THAT(problems_with("/estimates/epoch/cycles/value", 1.0),
                ElementsAre(HasSubstr("/estimates/epoch/cycles/value: expected 6150")));
    EXPECT_THAT(problems_with("/trace/0/steps_per_epoch", 11),
                Contains(HasSubstr("/estimates/epoch/cycles/value")));
    EXPECT_THAT(problems_with("/estimates", Json::object()),
                Contains(HasSubstr("/estimates/epoch: expected an object")));
}

}  // namespace
}  // namespace skipsim::results
