// SPDX-License-Identifier: Apache-2.0
#include "sim/base/errors.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

TEST(Errors, InputErrorKeepsOneLinePerProblem) {
    const InputError error(std::vector<std::string>{"a.yaml:1:1: first", "a.yaml:2:1: second"});
    EXPECT_EQ(error.lines().size(), 2U);
    EXPECT_STREQ(error.what(), "a.yaml:1:1: first\na.yaml:2:1: second");
    const InputError single("only one");
    EXPECT_EQ(single.lines(), std::vector<std::string>{"only one"});
}

TEST(Errors, InputErrorWithoutALineIsABug) {
    EXPECT_THROW(throw InputError(std::vector<std::string>{}), InternalError);
}

TEST(Errors, RequireThrowsOnlyWhenTheRuleIsBroken) {
    EXPECT_NO_THROW(require(true, "holds"));
    try {
        require(false, std::string("core: rule"));
        FAIL() << "not thrown";
    } catch (const std::logic_error& error) {
        EXPECT_STREQ(error.what(), "core: rule");
    }
}

}  // namespace
}  // namespace skipsim::base
