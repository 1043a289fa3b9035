// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/limits.h"

#include "sim/base/errors.h"
#include "tests/unit/compare/sample_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> exceeded_by(const Files& files, const std::vector<std::string>& texts,
                                     std::size_t baseline = 0) {
    std::vector<Limit> limits;
    for (const std::string& text : texts) {
        limits.push_back(parse_limit(text, files[0].document));
    }
    return exceeded(files, baseline, limits);
}

std::string problem(const std::string& text) {
    try {
        parse_limit(text, sample_file("a").document);
    } catch (const base::InputError& error) {
        return error.lines().at(0);
    }
    return "";
}

TEST(Limits, AreReadWithShortNamesAndStages) {
    const Json document = sample_file("a").document;
    EXPECT_EQ(parse_limit("energy=2", document).metric, "energy_pj");
    EXPECT_EQ(parse_limit("dram=2", document).metric, "dram_bytes");
    EXPECT_EQ(parse_limit("time=2", document).metric, "time_s");
    EXPECT_EQ(parse_limit("power=2", document).metric, "power_mw");
    const Limit limit = parse_limit("WG.macs.skipped.input=0.5%", document);
    EXPECT_EQ(limit.stage, "WG");
    EXPECT_EQ(limit.metric, "macs.skipped.input");
    EXPECT_EQ(limit.percent, 0.5);
    EXPECT_EQ(parse_limit("actions.pe.mac_fp8=1", document).metric, "actions.pe.mac_fp8");
    EXPECT_EQ(parse_limit("energy_delay_pj_s=1", document).stage, "");
}

TEST(Limits, OfUnknownMetricsNameTheNearest) {
    EXPECT_EQ(problem("cycels=2"),
              "--fail-above cycels=2: unknown metric \"cycels\"; did you mean cycles?");
    EXPECT_THAT(problem("FF.enrgy=2"), HasSubstr("unknown metric \"enrgy\"; did you mean energy?"));
    EXPECT_THAT(problem("quality=2"), HasSubstr("expected one of totals in result.json"));
    EXPECT_THAT(problem("speedup=2"), HasSubstr("unknown metric"))
        << "more of it is better, so above is not worse";
    EXPECT_THAT(problem("FF.FF.cycles=2"), HasSubstr("unknown metric"));
}

TEST(Limits, WithABadPercentageAreRefused) {
    for (const char* text : {"cycles=", "cycles=x", "cycles=2x", "cycles=-1", "cycles=nan",
                             "cycles=inf", "cycles=1e9", "cycles=%", "cycles= 2"}) {
        EXPECT_THAT(problem(text), HasSubstr("expected a percentage in 0..1000000")) << text;
    }
    EXPECT_THAT(problem("cycles"), HasSubstr("expected METRIC=PERCENT"));
    EXPECT_THAT(problem("=2"), HasSubstr("expected METRIC=PERCENT"));
    EXPECT_THAT(problem(""), HasSubstr("expected METRIC=PERCENT"));
}

TEST(Limits, AreExceededAboveThemOnly) {
    // 1230 cycles and 1353: exactly 10 % more; FF 210 and 333: 58.57 % more.
    const Files files{sample_file("a"), other_file("b", 223), sample_file("c")};
    EXPECT_THAT(exceeded_by(files, {"cycles=10", "BP.cycles=0", "FF.cycles=58.58"}), IsEmpty());
    EXPECT_THAT(exceeded_by(files, {"cycles=9.99"}),
                ElementsAre("b: cycles is 1,353, +10.00 % over a with 1,230; allowed are 9.99 %"));
    EXPECT_THAT(exceeded_by(files, {"FF.cycles=58", "cycles=0"}),
                ElementsAre("b: FF.cycles is 333, +58.57 % over a with 210; allowed are 58 %",
                            "b: cycles is 1,353, +10.00 % over a with 1,230; allowed are 0 %"));
    EXPECT_THAT(exceeded_by(files, {"cycles=0"}, 1), IsEmpty()) << "less is no regression";
}

TEST(Limits, ThatAreReachedExactlySurviveTheRoundingOfPercentages) {
    ASSERT_GT(1469.0, 1300.0 * (1.0 + 13.0 / 100.0)) << "although 1469 are 13 % more than 1300";
    const Files files{other_file("a", 170), other_file("b", 339)};  // beside 1130 cycles more
    EXPECT_THAT(exceeded_by(files, {"cycles=13"}), IsEmpty());
}

TEST(Limits, AnythingIsAboveABaselineOfZero) {
    Files files{sample_file("a"), sample_file("b")};
    files[1].document["totals"]["pe_cycles"]["wait_link"] = 5;
    EXPECT_THAT(exceeded_by(files, {"pe_cycles.wait_link=1000000"}),
                ElementsAre("b: pe_cycles.wait_link is 5, above 0 over a with 0; allowed are "
                            "1000000 %"));
    EXPECT_THAT(exceeded_by(files, {"pe_cycles.wait_compensator=0"}), IsEmpty());
}

TEST(Limits, OfNumbersThatAResultLacksAreRefused) {
    Files files{sample_file("a"), sample_file("b")};
    files[1].document["totals"]["dense_cycles"] = nullptr;
    try {
        exceeded_by(files, {"dense_cycles=1"});
        FAIL();
    } catch (const base::InputError& error) {
        EXPECT_EQ(error.lines().at(0),
                  "--fail-above dense_cycles: runs/b/result.json has no such number");
    }
}

}  // namespace
}  // namespace skipsim::compare
