// SPDX-License-Identifier: Apache-2.0
#include "sim/app/program.h"

#include "sim/app/commands.h"
#include "sim/base/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace skipsim::app {
namespace {

struct Outcome {
    int status;
    std::string out;
    std::string err;
};

Outcome run(const std::vector<std::string>& words) {
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_program(words, out, err);
    return {status, out.str(), err.str()};
}

TEST(Program, SaysWhatItIs) {
    EXPECT_EQ(run({"--version"}).status, kDone);
    EXPECT_THAT(run({"--version"}).out, testing::StartsWith("skipsim "));
    EXPECT_THAT(run({"--help"}).out, testing::HasSubstr("examples:"));
}

TEST(Program, WrongInputIsStatusTwoAndGoesToTheErrorStream) {
    const Outcome outcome = run({"rum"});
    EXPECT_EQ(outcome.status, kWrongInput);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err,
                testing::StartsWith("skipsim: rum: unknown command; expected one of "));
    EXPECT_THAT(outcome.err, testing::EndsWith("list; did you mean run?\n"));
}

TEST(Program, EveryProblemOfAnInputIsALineOfItsOwn) {
    const std::string config = std::string(SKIPSIM_SOURCE_DIR) + "/configs/tiny.yaml";
    const Outcome outcome =
        run({"config", "check", config, "--set", "core.rows=0", "--set", "core.colums=2"});
    EXPECT_EQ(outcome.status, kWrongInput);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2);
}

TEST(Program, ListsDescribeWhatTheyPromise) {
    EXPECT_THAT(run({"list", "params"}).out, testing::HasSubstr("core.fifo_depth_chunks"));
    EXPECT_THAT(run({"list", "actions"}).out, testing::HasSubstr("pe.mac_<format>"));
    EXPECT_THAT(run({"list", "statistics"}).out, testing::HasSubstr("pe_cycles.wait_drain"));
}

}  // namespace
}  // namespace skipsim::app
