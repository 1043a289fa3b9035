// SPDX-License-Identifier: Apache-2.0
#include "sim/config/config.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/config/catalogue.h"
#include "tests/unit/config/small_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems(const std::string& text,
                                  const std::vector<std::string>& overrides = {}) {
    try {
        Config::from_text(text, "c.yaml", overrides);
    } catch (const base::InputError& error) {
        return error.lines();
    }
    return {};
}

TEST(Config, DefaultsFillWhatTheFileLeavesOut) {
    const Config config = Config::from_text(small_config(), "c.yaml");
    EXPECT_EQ(config.whole("core.rows"), 2U);
    EXPECT_EQ(config.real("clocks.core_mhz"), 50.0);
    EXPECT_EQ(config.whole("core.issue_width_pairs"), 1U);
    EXPECT_EQ(config.whole("core.bus_values"), 0U) << "unlimited reads as 0";
    EXPECT_TRUE(config.flag("core.zero_skipping"));
    EXPECT_EQ(config.text("skip.ff"), "adaptive");
    EXPECT_EQ(config.text("description"), "");
    EXPECT_EQ(config.values().size(), catalogue().size());
    EXPECT_TRUE(config.has_ideal_delivery());
}

TEST(Config, AskingForAnUnknownPathOrTheWrongTypeIsABug) {
    const Config config = Config::from_text(small_config(), "c.yaml");
    EXPECT_THROW((void)config.whole("core.rowz"), base::InternalError);
    EXPECT_THROW((void)config.real("core.rows"), base::InternalError);
    EXPECT_THROW((void)config.whole("core.zero_skipping"), base::InternalError);
    EXPECT_THROW((void)config.text("core.rows"), base::InternalError);
    EXPECT_THROW((void)config.flag("core.rows"), base::InternalError);
}

TEST(Config, AllProblemsAreReportedAtOnceWithTheirPlaces) {
    const std::string text =
        "name: small\n"
        "clocks: {core_mhz: fast}\n"
        "acelerator: {clusters: 1}\n"
        "core:\n"
        "  rows: 200\n"
        "  rows: 2\n"
        "  colums: 2\n"
        "  operand_format: fp9\n"
        "  zero_skipping: yes\n";
    const std::vector<std::string> lines = problems(text);
    EXPECT_THAT(lines, Contains("c.yaml:2:20: clocks.core_mhz: expected a number greater than 0.1 "
                                "and up to 100000 [MHz], got \"fast\""));
    EXPECT_THAT(lines, Contains("c.yaml:3:1: acelerator: unknown key; did you mean accelerator?"));
    EXPECT_THAT(lines, Contains("c.yaml:5:9: core.rows: expected a whole number in 1..128 [rows], "
                                "got \"200\""));
    EXPECT_THAT(lines, Contains("c.yaml:6:3: core.rows: given twice"));
    EXPECT_THAT(lines,
                Contains("c.yaml:7:3: core.colums: unknown key; did you mean core.columns?"));
    EXPECT_THAT(lines, Contains("c.yaml:8:19: core.operand_format: expected one of fp8, fp16, "
                                "bf16, int8, fp32, got \"fp9\"; did you mean fp8?"));
    EXPECT_THAT(lines, Contains("c.yaml:9:18: core.zero_skipping: expected true or false, got "
                                "\"yes\""));
    EXPECT_THAT(lines, Contains("c.yaml:4:1: core.columns: missing; expected a whole number in "
                                "1..128 [columns]"));
    EXPECT_THAT(lines, Contains("c.yaml: accelerator.clusters: missing; expected a whole number "
                                "in 1..1024 [clusters]"));
}

TEST(Config, AKeyInTheWrongSectionIsSuggestedWhereItBelongs) {
    EXPECT_THAT(problems("rows: 2\n" + small_config()),
                ElementsAre("c.yaml:1:1: rows: unknown key; did you mean core.rows?"));
}

TEST(Config, AQuotedNumberIsText) {
    EXPECT_THAT(problems(small_config_with("rows: 2", "rows: \"2\"")),
                ElementsAre(HasSubstr("c.yaml:7:9: core.rows: expected a whole number")));
}

TEST(Config, ASectionThatIsAValueAndAValueThatIsASectionAreNamed) {
    EXPECT_THAT(problems(small_config_with("clocks: {core_mhz: 50}", "clocks: 50")),
                Contains("c.yaml:2:1: clocks: expected a mapping, found \"50\""));
    EXPECT_THAT(problems(small_config_with("rows: 2", "rows: [2]")),
                ElementsAre("c.yaml:7:3: core.rows: expected a whole number in 1..128 [rows], got "
                            "a list of 1"));
}

TEST(Config, TextThatIsNoMappingIsRefused) {
    EXPECT_THAT(problems(""), ElementsAre(HasSubstr("expected a mapping")));
    EXPECT_THAT(problems("- a\n"), ElementsAre(HasSubstr("expected a mapping")));
    EXPECT_EQ(problems("a: [\n").size(), 1U);
}

TEST(Config, OverridesReplaceValuesAndAreListedAsAssumptions) {
    const Config config = Config::from_text(
        small_config(), "dir/c.yaml",
        {"core.rows=16", "core.bus_values=unlimited", "core.bus_bits=64", "energy.table=x=y.yaml"});
    EXPECT_EQ(config.whole("core.rows"), 16U);
    EXPECT_EQ(config.whole("core.bus_bits"), 64U);
    EXPECT_EQ(config.energy_table_path(), "x=y.yaml") << "relative to where the person types";
    ASSERT_EQ(config.assumptions().size(), 4U);
    EXPECT_EQ(config.assumptions()[0].path, "core.rows");
    EXPECT_EQ(config.assumptions()[0].source, "given on the command line by --set");
}

TEST(Config, TheLastOverrideOfAKeyCounts) {
    EXPECT_EQ(Config::from_text(small_config(), "c.yaml", {"core.rows=3", "core.rows=5"})
                  .whole("core.rows"),
              5U);
}

TEST(Config, WrongOverridesAreNamed) {
    EXPECT_THAT(problems(small_config(), {"core.rows", "core.row=3", "core.rows=0"}),
                ElementsAre("--set: expected key.path=value, got \"core.rows\"",
                            "--set: core.row: unknown key; did you mean core.rows?",
                            "--set: core.rows: expected a whole number in 1..128 [rows], got "
                            "\"0\""));
}

TEST(Config, TheEnergyTableIsLookedForBesideTheFile) {
    EXPECT_EQ(Config::from_text(small_config(), "dir/c.yaml").energy_table_path(), "dir/t.yaml");
    EXPECT_EQ(Config::from_text(small_config(), "c.yaml").energy_table_path(), "t.yaml");
    EXPECT_EQ(Config::from_text(small_config_with("t.yaml", "/e/t.yaml"), "dir/c.yaml")
                  .energy_table_path(),
              "/e/t.yaml");
}

TEST(Config, AssumptionsAreKeptInCatalogueOrder) {
    const std::string notes =
        "assumptions:\n"
        "  core.columns: {status: published, source: a page}\n"
        "  core.rows: {status: assumption, source: a guess}\n";
    const Config config = Config::from_text(small_config() + notes, "c.yaml");
    ASSERT_EQ(config.assumptions().size(), 2U);
    EXPECT_EQ(config.assumptions()[0].path, "core.rows");
    EXPECT_EQ(config.assumptions()[0].status, "assumption");
    EXPECT_EQ(config.assumptions()[1].source, "a page");
}

TEST(Config, WrongAssumptionsAreNamed) {
    const std::string notes =
        "assumptions:\n"
        "  core.row: {status: published, source: a page}\n"
        "  core.rows: {status: guess, source: a guess}\n"
        "  core.columns: {status: assumption}\n"
        "  skip.ff: {status: assumption, source: x, page: 3}\n"
        "  skip.bp: a guess\n";
    EXPECT_THAT(
        problems(small_config() + notes),
        ElementsAre("c.yaml:17:3: assumptions.core.row: expected the path of a parameter; did you "
                    "mean core.rows?",
                    "c.yaml:18:3: assumptions.core.rows.status: expected one of published, "
                    "derived, assumption, got \"guess\"",
                    "c.yaml:19:3: assumptions.core.columns.source: expected a sentence, found "
                    "nothing",
                    "c.yaml:20:44: assumptions.skip.ff.page: unknown key; expected status, source",
                    HasSubstr("c.yaml:21:3: assumptions.skip.bp.status: expected one of")));
}

}  // namespace
}  // namespace skipsim::config
