// SPDX-License-Identifier: Apache-2.0
// Conditions: what they mean, which are refused and where.
#include <gmock/gmock.h>

#include "sim/base/random.h"
#include "tests/unit/sweep/sweep_files.h"

namespace skipsim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string in_quotes(const std::string& condition) {
    std::string text;
    for (const char c : condition) {
        text += c == '\'' ? "''" : std::string(1, c);
    }
    return "'" + text + "'";
}

class ConstraintsTest : public SweepFiles {
protected:
    /// For the chip of small_config.h with 4 rows: 2 columns, skip.ff adaptive, skip.bp input.
    static bool holds(const std::string& condition) {
        const std::vector<std::string> found =
            problems("axes: {core.rows: [4]}\nwhere: [" + in_quotes(condition) + "]\n");
        EXPECT_TRUE(found.empty() || found[0].find("leave a point") != std::string::npos)
            << condition << ": " << found[0];
        return found.empty();
    }

    /// The problem of a condition that begins in column 5 of line 6.
    static std::vector<std::string> refused(const std::string& condition) {
        return problems("axes: {core.rows: [4]}\nwhere:\n  - " + condition + "\n");
    }
};

TEST_F(ConstraintsTest, NumbersOfThePointAndOfTheChip) {
    EXPECT_TRUE(holds("core.rows == 4"));
    EXPECT_FALSE(holds("core.rows != 4"));
    EXPECT_TRUE(holds("core.rows * core.columns <= 8"));
    EXPECT_FALSE(holds("core.rows * core.columns < 8"));
    EXPECT_TRUE(holds("clocks.core_mhz / 4 == 12.5"));
    EXPECT_TRUE(holds("core.rows % 3 == 1"));
    EXPECT_TRUE(holds("core.rows ^ core.columns == 16"));
    EXPECT_TRUE(holds("2 ^ 3 ^ 2 == 512"));
    EXPECT_TRUE(holds("-core.rows + 5 >= 1"));
    EXPECT_TRUE(holds("max(core.rows, core.columns) - min(core.rows, core.columns) == 2"));
    EXPECT_TRUE(holds("core.rows > 3 ? core.columns == 2 : false"));
    EXPECT_TRUE(holds("1e3 == 1000"));
}

TEST_F(ConstraintsTest, BooleansAreNumbersAndUnlimitedIsLargerThanAll) {
    EXPECT_TRUE(holds("core.zero_skipping"));
    EXPECT_TRUE(holds("core.zero_skipping == true"));
    EXPECT_TRUE(holds("core.zero_insertion == false"));
    EXPECT_FALSE(holds("core.zero_insertion"));
    EXPECT_TRUE(holds("core.bus_bits == unlimited"));
    EXPECT_TRUE(holds("core.bus_bits > 1099511627776"));
    EXPECT_TRUE(holds("core.bus_bits * core.bus_values * core.scan_bits > 1"));
}

TEST_F(ConstraintsTest, AndBindsMoreThanOrAndNotLessThanAComparison) {
    EXPECT_TRUE(holds("true or true and false"));
    EXPECT_TRUE(holds("true || true && false"));
    EXPECT_FALSE(holds("(true or true) and false"));
    EXPECT_TRUE(holds("not core.rows == 5"));
    EXPECT_FALSE(holds("not core.rows == 4"));
    EXPECT_TRUE(holds("!core.rows == 5 && core.columns == 2"));
    EXPECT_FALSE(holds("not true and false"));
    EXPECT_TRUE(holds("not (true and false)"));
    EXPECT_TRUE(holds("core.rows + 1 == 5 and 2 * 3 > 5"));
}

TEST_F(ConstraintsTest, TextsAreComparedAsWords) {
    EXPECT_TRUE(holds("skip.ff == \"adaptive\""));
    EXPECT_FALSE(holds("skip.ff == \"dense\""));
    EXPECT_TRUE(holds("skip.ff != 'dense' and \"input\" == skip.bp"));
    EXPECT_FALSE(holds("skip.ff == skip.bp"));
    EXPECT_TRUE(holds("skip.ff != skip.bp or core.rows == 5"));
    EXPECT_TRUE(holds("(skip.ff == \"adaptive\") == (core.rows == 4)"));
    EXPECT_TRUE(holds("name == \"small\" and description == \"\""));
    EXPECT_TRUE(holds("name != \"\" and \"\" == description and name != description"));
    EXPECT_TRUE(holds("skip.bp == \"input\" ? skip.wg == \"dense\" : false"));
}

TEST_F(ConstraintsTest, FilesAreNamesWithoutFolderAndEnding) {
    EXPECT_TRUE(holds("trace == \"a\" and energy.table == \"t\" and memory.dram == \"ideal\""));
    const Plan made = plan(
        "axes: {memory.dram: [ideal, ../hbm2.yaml, ../ddr4.yaml]}\n"
        "where: [memory.dram != \"hbm2\"]\n");
    EXPECT_THAT(labels(made), ElementsAre("memory.dram=ideal", "memory.dram=ddr4.yaml"));
}

TEST_F(ConstraintsTest, ThePartOfTheTraceIsAText) {
    const Plan made = plan(
        "axes: {iterations: [0, 1], stages: [FF, [FF, BP]]}\n"
        "where: ['iterations == \"0..0\" or stages == \"FF,BP\"']\n");
    EXPECT_EQ(made.points.size(), 3u);
}

TEST_F(ConstraintsTest, MistakesAreToldAtTheirPlace) {
    EXPECT_THAT(refused("core.rows * core.colums > 3"),
                ElementsAre("6:17: where.0: unknown key core.colums; did you mean core.columns?"));
    EXPECT_THAT(refused("core.rows <"), ElementsAre("6:16: where.0: Unexpected end of expression"));
    EXPECT_THAT(refused("'core.rows core.columns'"),
                ElementsAre("6:16: where.0: Unexpected variable \"core.columns\""));
    EXPECT_THAT(refused("(core.rows > 3"), ElementsAre(HasSubstr("where.0: Missing parenthesis")));
    EXPECT_THAT(refused("core.rows = 4"), ElementsAre("6:15: where.0: expected ==, found ="));
    EXPECT_THAT(refused("mni(core.rows, 3) > 1"),
                ElementsAre("6:5: where.0: unknown function mni; did you mean min?"));
    EXPECT_THAT(refused("core.rows > 3, true"), ElementsAre(HasSubstr("expected one condition")));
    EXPECT_THAT(refused("\"\""), ElementsAre(HasSubstr("Expression is empty")));
    EXPECT_THAT(refused("'skip.ff == \"dense'"),
                ElementsAre("6:17: where.0: expected a second \", found the end"));
    EXPECT_THAT(refused("[1]"), ElementsAre(HasSubstr("expected a condition, such as")));
    EXPECT_THAT(refused("core.rows > 3 and\n    core.colums > 1"),
                ElementsAre(HasSubstr("6:5: where.0: unknown key core.colums")));
}

TEST_F(ConstraintsTest, TextsAndNumbersDoNotMix) {
    for (const char* condition :
         {"skip.ff == core.rows", "core.rows == skip.ff", "core.rows == 'dense'", "skip.ff",
          "skip.ff < skip.bp", "skip.ff == 1", "max(skip.ff, 3) > 1", "skip.ff + 1 == skip.bp",
          "core.rows + skip.ff == \"dense\"", "skip.ff == \"dense\" + 1", "not skip.ff",
          "skip.ff == (\"dense\")"}) {
        EXPECT_THAT(refused(in_quotes(condition)),
                    ElementsAre(HasSubstr("is a text; expected a text == or != another one")))
            << condition;
    }
}

TEST_F(ConstraintsTest, AWordThatAKeyNeverIsIsRefused) {
    EXPECT_THAT(refused("skip.ff == \"dens\""), ElementsAre(HasSubstr("did you mean dense?")));
    EXPECT_THAT(refused("trace == \"dens\" or true"), IsEmpty());
}

TEST_F(ConstraintsTest, AChainOfComparisonsIsRefused) {
    EXPECT_THAT(refused("2 < core.rows < 8"),
                ElementsAre("6:19: where.0: expected and, or or the end after a comparison, found "
                            "<"));
    EXPECT_THAT(refused("(2 < core.rows) == (core.rows < 8)"), IsEmpty());
}

TEST_F(ConstraintsTest, AResultThatIsNotFiniteNamesThePoint) {
    const std::string sentence =
        ": expected a finite number, found a division by zero or an overflow, for the point ";
    EXPECT_THAT(
        problems("axes: {memory.latency_cycles: [1, 0], core.rows: [3, 4]}\n"
                 "where: [core.rows / memory.latency_cycles < 9, 1 / 0 < 2]\n"),
        ElementsAre("5:9: where.0: core.rows / memory.latency_cycles < 9" + sentence +
                        "memory.latency_cycles=0 core.rows=3",
                    "5:48: where.1: 1 / 0 < 2" + sentence + "memory.latency_cycles=1 core.rows=3"));
    EXPECT_THAT(refused("1 / (1 / 0) < 2"), ElementsAre(HasSubstr("a division by zero")));
    EXPECT_THAT(refused("core.bus_bits ^ 9"), ElementsAre(HasSubstr("an overflow")));
    EXPECT_THAT(refused("sqrt(0 - core.rows)"), ElementsAre(HasSubstr("expected a finite number")));
    EXPECT_THAT(refused("core.rows % 0 == 1"), ElementsAre(HasSubstr("expected a finite number")));
}

TEST_F(ConstraintsTest, AGuardedDivisionIsNotComputed) {
    EXPECT_TRUE(holds("memory.latency_cycles > 0 ? core.rows / memory.latency_cycles < 9 : true"));
}

TEST_F(ConstraintsTest, ConditionsThatLeaveNothingAreAProblem) {
    EXPECT_THAT(problems("axes: {core.rows: [4, 8]}\nwhere: [true, core.rows > 8]\n"),
                ElementsAre("5:9: where: expected conditions that leave a point, found that they "
                            "leave out all 2"));
}

TEST_F(ConstraintsTest, NothingInAConditionEndsTheProgram) {
    const std::vector<std::string> words{
        "core.rows", "skip.ff", "\"dense\"", "(",   ")",    "+",         "-",   "*",
        "/",         "^",       "%",         "==",  "!=",   "<",         ">=",  "and",
        "or",        "not",     "!",         "?",   ":",    ",",         "min", "sum",
        "(",         ")",       "1",         "2.5", "true", "unlimited", "e",   "_pi",
        "\"",        ".",       "3e",        "0x1", "$",    "\xc3\xa4",  "=",   "sum()"};
    base::Random random(11);
    int good = 0;
    for (int i = 0; i < 500; ++i) {
        std::string condition;
        for (std::uint64_t length = 1 + random.below(8); length > 0; --length) {
            condition += words[random.below(words.size())] + (random.below(4) == 0 ? "" : " ");
        }
        try {
            plan("axes: {core.rows: [4]}\nwhere: [" + in_quotes(condition) + "]\n");
            ++good;
        } catch (const base::InputError& error) {
            EXPECT_FALSE(error.lines().empty());
        }
    }
    EXPECT_GT(good, 5);
}

}  // namespace
}  // namespace skipsim::sweep
