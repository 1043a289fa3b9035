// SPDX-License-Identifier: Apache-2.0
#include "sim/results/json_text.h"

#include "sim/base/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::results {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string problem(const std::string& text) {
    try {
        json_of(text, "r.json");
    } catch (const base::InputError& error) {
        return error.lines().at(0);
    }
    return "";
}

TEST(JsonText, GoodTextHasNoProblem) {
    EXPECT_EQ(problem(R"({"a": [1, 2.5, "x\"[{"], "b": null})"), "");
    EXPECT_EQ(json_of("[18446744073709551615]", "r")[0].get<std::uint64_t>(), ~std::uint64_t{0});
}

TEST(JsonText, AProblemHasItsLineAndColumn) {
    EXPECT_THAT(problem("{\n \"a\": 1,\n  x}"), StartsWith("r.json:3:3: expected JSON: "));
    EXPECT_THAT(problem("x"), StartsWith("r.json:1:1: expected JSON: "));
    EXPECT_THAT(problem("\n\nx"), StartsWith("r.json:3:1: expected JSON: "));
    EXPECT_THAT(problem("[1]]"), StartsWith("r.json:1:4: expected JSON: "));
}

TEST(JsonText, ACutFileSaysSo) {
    EXPECT_THAT(problem("{\n \"a\": [1,\n"),
                StartsWith("r.json:3:1: the file ends too early, as if cut off: "));
    EXPECT_THAT(problem("{\"abc"), HasSubstr("as if cut off"));
}

TEST(JsonText, TheParsersWordsAreKeptShort) {
    EXPECT_THAT(problem('"' + std::string(100000, 'x')),
                AllOf(Not(HasSubstr("xxx")), Not(HasSubstr("exception"))));
    EXPECT_LT(problem('"' + std::string(100000, 'x')).size(), 300U);
    EXPECT_THAT(problem("[1e999]"), HasSubstr("r.json: expected JSON"));
    EXPECT_THAT(problem("[\"\xff\"]"), HasSubstr("UTF-8"));
}

TEST(JsonText, DepthIsLimitedBeforeAnythingIsBuilt) {
    const std::string deep(kMostNesting, '[');
    EXPECT_EQ(problem(deep + std::string(kMostNesting, ']')), "");
    EXPECT_EQ(problem('[' + deep + std::string(kMostNesting + 1, ']')),
              "r.json:1:101: expected at most 100 lists and objects within each other, found more");
    EXPECT_THAT(problem(std::string(10'000'000, '[')), HasSubstr("at most 100"));
    EXPECT_EQ(problem("[\"" + std::string(500, '[') + "\\\"" + std::string(500, '{') + "\"]"), "")
        << "brackets in texts do not nest";
}

}  // namespace
}  // namespace skipsim::results
