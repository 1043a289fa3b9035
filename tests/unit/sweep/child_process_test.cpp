// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"

namespace skipsim::sweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ChildOutcome run_script(const std::string& text, const ChildLimits& limits = {}) {
    return run_child({"/bin/sh", "-c", text}, limits);
}

bool has_children() {
    return !(::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD);
}

class ChildProcess : public testing::Test {
protected:
    void SetUp() override { base::install_interrupt_handlers(); }
    void TearDown() override { EXPECT_FALSE(has_children()) << "a child was left behind"; }
};

TEST_F(ChildProcess, ArgumentsArriveAsTheyAre) {
    const ChildOutcome outcome = run_child({"printf", "%s|", "a b", "$HOME", "'\"", "", "*\n"});
    EXPECT_TRUE(outcome.is_success());
    EXPECT_EQ(outcome.out, "a b|$HOME|'\"||*\n|");
}

TEST_F(ChildProcess, BothStreamsAreReadToTheEndHoweverMuchTheyHold) {
    const ChildOutcome outcome = run_script(
        "head -c 3000000 /dev/zero | tr '\\0' a >&2; head -c 3000000 /dev/zero | tr '\\0' b;"
        "head -c 1000000 /dev/zero | tr '\\0' a >&2");
    EXPECT_EQ(outcome.out, std::string(3'000'000, 'b'));
    EXPECT_EQ(outcome.err, std::string(4'000'000, 'a'));
}

TEST_F(ChildProcess, ExitStatusAndSignalAreTold) {
    const ChildOutcome left = run_script("echo why >&2; exit 3");
    EXPECT_FALSE(left.is_success());
    EXPECT_EQ(left.exit_status, 3);
    EXPECT_EQ(left.err, "why\n");
    const ChildOutcome killed = run_script("kill -9 $$");
    EXPECT_FALSE(killed.is_success());
    EXPECT_EQ(killed.signal, SIGKILL);
}

TEST_F(ChildProcess, AMissingProgramIsNotFound) {
    EXPECT_FALSE(run_child({"skipsim-no-such-program"}).is_found);
    EXPECT_FALSE(run_child({"/etc/passwd"}).is_found);  // not executable
    EXPECT_TRUE(run_child({"true"}).is_success());
}

TEST_F(ChildProcess, OnlyVariablesWithTheHiddenPrefixAreKeptFromTheChild) {
    ::setenv("SKIPSIM_HIDDEN_A", "1", 1);
    ::setenv("SKIPSIM_HIDE", "2", 1);
    const std::string script = "echo $SKIPSIM_HIDDEN_A,$SKIPSIM_HIDE";
    EXPECT_EQ(run_script(script).out, "1,2\n");
    EXPECT_EQ(run_script(script, {milliseconds(10'000), true, "SKIPSIM_HIDDEN"}).out, ",2\n");
    ::unsetenv("SKIPSIM_HIDDEN_A");
    ::unsetenv("SKIPSIM_HIDE");
}

TEST_F(ChildProcess, TheInputIsEmpty) {
    EXPECT_EQ(run_child({"cat"}).out, "");
}

TEST_F(ChildProcess, AChildThatTakesTooLongIsKilledWithItsChildren) {
    const auto start = steady_clock::now();
    const ChildOutcome outcome =
        run_script("echo first; sleep 50 & sleep 50", {milliseconds(200), true, ""});
    EXPECT_TRUE(outcome.is_timed_out);
    EXPECT_FALSE(outcome.is_success());
    EXPECT_EQ(outcome.out, "first\n");
    EXPECT_LT(steady_clock::now() - start, milliseconds(5'000));
}

TEST_F(ChildProcess, AGrandchildThatKeepsAStreamOpenIsNotWaitedFor) {
    const auto start = steady_clock::now();
    const ChildOutcome outcome = run_script("sleep 3 & echo done");
    EXPECT_EQ(outcome.out, "done\n");
    EXPECT_LT(steady_clock::now() - start, milliseconds(2'000));
}

TEST_F(ChildProcess, AChildThatClosesItsStreamsIsStillWaitedFor) {
    const ChildOutcome outcome = run_script("exec >&- 2>&-; sleep 0.2; exit 4");
    EXPECT_EQ(outcome.exit_status, 4);
}

TEST_F(ChildProcess, AnInterruptEndsTheChildUnlessItMustNotBeCutInTwo) {
    std::raise(SIGINT);
    EXPECT_THROW(run_child({"sleep", "50"}), base::Interrupted);
    EXPECT_EQ(run_script("sleep 0.2; echo whole", {milliseconds(10'000), false, ""}).out,
              "whole\n");
}

TEST_F(ChildProcess, TheChildHasAGroupOfItsOwnAndSignalsAsByDefault) {
    std::signal(SIGPIPE, SIG_IGN);
    const ChildOutcome outcome =
        run_script("ps -o pgid= -p $$ | tr -d ' '; echo $$; kill -PIPE $$; echo survived");
    std::signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(outcome.signal, SIGPIPE);
    const std::size_t end = outcome.out.find('\n');
    EXPECT_EQ(outcome.out, outcome.out.substr(0, end + 1) + outcome.out.substr(0, end + 1));
}

}  // namespace
}  // namespace skipsim::sweep
