// SPDX-License-Identifier: Apache-2.0
#include "sim/app/options.h"

#include "sim/base/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::app {
namespace {

Options parsed(const std::vector<std::string>& words) {
    Options options({"do", "FILE [options]", "Does it.", "  skipsim do x\n"});
    options.add_value("count", "N", "a number");
    options.add_value("range", "A..B", "a range");
    options.add_repeated("set", "K=V", "a value");
    options.add_list("trace", "FILE...", "files");
    options.add_positional("FILE");
    options.parse(words);
    return options;
}

std::string problem(const std::vector<std::string>& words) {
    try {
        const Options options = parsed(words);
        (void)options.whole("count", 1, 10);
        (void)options.range("range");
    } catch (const base::InputError& error) {
        return error.lines().at(0);
    }
    return "";
}

TEST(Options, ValuesArriveWhereTheyBelong) {
    const Options options = parsed(
        {"f", "--count", "7", "--set", "a=1", "--range=2..5", "--set", "b=2", "--trace", "x", "y"});
    EXPECT_EQ(options.positional(0), "f");
    EXPECT_EQ(options.whole("count", 1, 10), 7U);
    EXPECT_EQ(options.range("range"), std::make_pair(std::uint64_t{2}, std::uint64_t{5}));
    EXPECT_THAT(options.values("set"), testing::ElementsAre("a=1", "b=2"));
    EXPECT_THAT(options.values("trace"), testing::ElementsAre("x", "y"));
    EXPECT_FALSE(options.is_quiet());
}

TEST(Options, AbsentOptionsAreAbsent) {
    const Options options = parsed({"f"});
    EXPECT_FALSE(options.whole("count", 1, 10).has_value());
    EXPECT_FALSE(options.range("range").has_value());
    EXPECT_TRUE(options.values("set").empty());
}

TEST(Options, ASingleNumberIsARangeOfOne) {
    EXPECT_EQ(parsed({"f", "--range", "3"}).range("range"),
              std::make_pair(std::uint64_t{3}, std::uint64_t{3}));
}

TEST(Options, WrongOnesAreNamedWithTheCommand) {
    EXPECT_EQ(problem({"f", "--cuont", "1"}),
              "skipsim do: --cuont: unknown option; did you mean --count?");
    EXPECT_EQ(problem({"f", "--count", "11"}),
              "skipsim do: --count: expected a whole number in 1..10, got \"11\"");
    EXPECT_EQ(problem({"f", "--count", "-1"}),
              "skipsim do: --count: expected a whole number in 1..10, got \"-1\"");
    EXPECT_EQ(problem({"f", "--range", "5..2"}),
              "skipsim do: --range: expected A..B with A <= B, such as 0..3, got \"5..2\"");
    EXPECT_EQ(problem({}), "skipsim do: missing FILE; usage: skipsim do FILE [options]");
    EXPECT_EQ(problem({"f", "g"}),
              "skipsim do: unexpected word \"g\"; usage: skipsim do FILE [options]");
    EXPECT_THAT(problem({"f", "--coun", "1"}), testing::HasSubstr("unknown option"))
        << "abbreviations would change their meaning with every new option";
    EXPECT_THAT(problem({"f", "--count", "1", "--count", "2"}), testing::HasSubstr("count"));
    EXPECT_THAT(problem({"f", "--count"}), testing::HasSubstr("count"));
}

TEST(Options, AnyNumberOfWordsCanFollow) {
    const auto words_of = [](const std::vector<std::string>& words) {
        Options options({"do", "FILE RESULT...", "Does it.", ""});
        options.add_flag("flag", "a flag");
        options.add_positional("FILE");
        options.add_positionals("RESULT", 2);
        options.parse(words);
        EXPECT_EQ(options.positional(0), "f");
        return options.positionals();
    };
    EXPECT_THAT(words_of({"f", "a", "--flag", "b", "c"}), testing::ElementsAre("a", "b", "c"));
    try {
        words_of({"f", "a"});
        FAIL();
    } catch (const base::InputError& error) {
        EXPECT_EQ(error.lines().at(0),
                  "skipsim do: missing RESULT: expected at least 2, found 1; usage: skipsim do "
                  "FILE RESULT...");
    }
    EXPECT_THROW(words_of({}), base::InputError);
}

TEST(Options, AChoiceIsOneOfSomeValues) {
    const std::vector<std::string> values{"table", "json"};
    EXPECT_EQ(parsed({"f"}).choice("count", values, "table"), "table");
    EXPECT_EQ(parsed({"f", "--count", "json"}).choice("count", values, "table"), "json");
    try {
        (void)parsed({"f", "--count", "jsn"}).choice("count", values, "table");
        FAIL();
    } catch (const base::InputError& error) {
        EXPECT_EQ(error.lines().at(0),
                  "skipsim do: --count: expected one of table, json, got "
                  "\"jsn\"; did you mean json?");
    }
}

TEST(Options, HelpNeedsNothingElse) {
    const Options options = parsed({"--help"});
    EXPECT_TRUE(options.wants_help());
    EXPECT_THAT(options.help(), testing::HasSubstr("usage: skipsim do FILE [options]"));
    EXPECT_THAT(options.help(), testing::HasSubstr("examples:\n  skipsim do x\n"));
}

}  // namespace
}  // namespace skipsim::app
