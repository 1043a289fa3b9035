// SPDX-License-Identifier: Apache-2.0
// The executor against commands that look like Slurm's (tests/support/fake_slurm.h).
#include "sim/sweep/slurm_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "tests/support/fake_slurm.h"

namespace skipsim::sweep {
namespace {

using std::chrono::milliseconds;
using test::FakeSlurm;
using testing::ElementsAre;
using testing::HasSubstr;

class SlurmExecutor : public testing::Test {
protected:
    void SetUp() override {
        base::install_interrupt_handlers();  // forgets an earlier test's signal
        options.poll = milliseconds(10);
        options.grace = milliseconds(0);
        options.patience = milliseconds(20'000);
    }

    /// `count` tasks that have no outcome yet.
    Work work(std::uint64_t count) {
        Work work;
        work.folder = slurm.folder();
        for (std::uint64_t task = 0; task < count; ++task) {
            if (!is_finished(task)) {
                work.tasks.push_back(task);
            }
        }
        work.is_finished = [this](std::uint64_t task) { return is_finished(task); };
        work.take = [this](std::uint64_t task) { taken.insert(task); };
        work.gather = [this] { on_gather(); };
        work.fail = [this](std::uint64_t task, const std::string& text) { failed[task] = text; };
        work.task_command = {slurm.folder() + "/task.sh"};
        return work;
    }
    [[nodiscard]] bool is_finished(std::uint64_t task) const {
        return std::filesystem::exists(slurm.outcome_path(task));
    }
    /// What the cluster would do with held tasks.
    void finish_queue(std::uint64_t count) const {
        for (std::uint64_t task = 0; task < count; ++task) {
            std::ofstream(slurm.outcome_path(task)) << "done\n";
        }
        slurm.set("queue", "");
    }
    void interrupt_after_submission(const Work& work) {
        slurm.set("hold", "");
        on_gather = [] { std::raise(SIGTERM); };
        EXPECT_THROW(run_on_slurm(work, options), base::Interrupted);
        base::install_interrupt_handlers();
        on_gather = [] {};
    }

    FakeSlurm slurm{"sweep"};
    SlurmOptions options;
    std::function<void()> on_gather = [] {};
    std::set<std::uint64_t> taken;
    std::map<std::uint64_t, std::string> failed;
};

TEST_F(SlurmExecutor, EveryTaskRunsOnceInTheGivenOrder) {
    Work reversed = work(3);
    reversed.tasks = {2, 0, 1};
    run_on_slurm(reversed, options);
    EXPECT_EQ(slurm.starts(), "2\n0\n1\n");
    EXPECT_THAT(taken, ElementsAre(0, 1, 2));
    EXPECT_TRUE(failed.empty());
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-2"));
}

TEST_F(SlurmExecutor, NoTasksAreNotSubmitted) {
    run_on_slurm(work(0), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre());
}

TEST(SlurmQuoting, FoldersAndArgumentsArriveAsTheyAre) {
    const FakeSlurm slurm("it's a \"sweep\" of $HOME, 100%a \\ `x` (1)");
    base::install_interrupt_handlers();
    const std::string hard = "a 'b' \"c\" $d `e` \\f *\n g";
    Work work;
    work.folder = slurm.folder();
    work.tasks = {7};
    work.is_finished = [&](std::uint64_t task) {
        return std::filesystem::exists(slurm.outcome_path(task));
    };
    work.take = [](std::uint64_t) {};
    work.gather = [] {};
    work.fail = [](std::uint64_t, const std::string& text) { FAIL() << text; };
    work.task_command = {slurm.folder() + "/task.sh", hard, "", "--point"};
    SlurmOptions options;
    options.poll = milliseconds(10);
    run_on_slurm(work, options);
    EXPECT_EQ(FakeSlurm::read(slurm.outcome_path(7)), hard + "\n\n--point\n7\n");
    EXPECT_THAT(slurm.options("--chdir="), ElementsAre(slurm.folder() + "/slurm"));
}

TEST_F(SlurmExecutor, OptionsReachSbatchAndTheUsersComeAfterThePartition) {
    options.partition = "long jobs";
    options.time_limit = "1:00:00";
    options.sbatch_arguments = {"--account=me", "--partition=other"};
    run_on_slurm(work(1), options);
    EXPECT_THAT(slurm.options("--partition="), ElementsAre("long jobs", "other"));
    EXPECT_THAT(slurm.options("--time="), ElementsAre("1:00:00"));
    EXPECT_THAT(slurm.options("--account="), ElementsAre("me"));
}

TEST_F(SlurmExecutor, AnArgumentThatSbatchWouldTakeForAScriptIsRefused) {
    options.sbatch_arguments = {"--account", "me"};
    EXPECT_THROW(run_on_slurm(work(1), options), base::InputError);
    EXPECT_THAT(slurm.options("--array="), ElementsAre());
}

// 10 tasks by 4: 4 + 4 + 2.
TEST_F(SlurmExecutor, NoArrayIsLargerThanTheClusterAllows) {
    slurm.set("config", "MaxArraySize            = 4\nMaxJobCount             = 10000\n");
    run_on_slurm(work(10), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-3", "0-3", "0-1"));
    EXPECT_EQ(slurm.starts(), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
}

// Half of 8 jobs: 4 tasks are open until the queue is empty, then the other 2.
TEST_F(SlurmExecutor, HalfOfWhatTheControllerHoldsIsLeftToOthers) {
    slurm.set("config", "MaxArraySize            = 1001\nMaxJobCount             = 8\n");
    slurm.set("hold", "");
    std::vector<std::size_t> submitted;
    on_gather = [&] {
        submitted.push_back(slurm.options("--array=").size());
        if (submitted.size() == 4) {
            finish_queue(6);
            slurm.unset("hold");
        }
    };
    run_on_slurm(work(6), options);
    ASSERT_GE(submitted.size(), 5U);
    EXPECT_THAT(std::vector<std::size_t>(submitted.begin(), submitted.begin() + 4),
                ElementsAre(1, 1, 1, 1));
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-3", "0-1"));
}

// 5 at once over three arrays: 2 + 2 + 1.
TEST_F(SlurmExecutor, ArraysShareTheLimitOnTasksAtOnce) {
    slurm.set("config", "MaxArraySize            = 4\nMaxJobCount             = 10000\n");
    options.max_parallel = 5;
    run_on_slurm(work(10), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-3%2", "0-3%2", "0-1%1"));
}

// 1 at once: the second array waits for the end of the first.
TEST_F(SlurmExecutor, AnArrayWaitsUntilTheLimitOnTasksAtOnceHasRoom) {
    slurm.set("config", "MaxArraySize            = 2\nMaxJobCount             = 10000\n");
    slurm.set("hold", "");
    options.max_parallel = 1;
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 3) {
            EXPECT_THAT(slurm.options("--array="), ElementsAre("0-1%1"));
            finish_queue(2);
            slurm.unset("hold");
        }
    };
    run_on_slurm(work(3), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-1%1", "0-0%1"));
}

TEST_F(SlurmExecutor, ATaskThatLeavesNoOutcomeIsSubmittedAgainAlone) {
    slurm.fail_first(1, 2);
    run_on_slurm(work(3), options);
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ(slurm.starts(), "0\n1\n2\n1\n1\n");
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-2", "0-0", "0-0"));
}

TEST_F(SlurmExecutor, AfterTheLastAttemptATaskFailsWithWhatSlurmSays) {
    slurm.fail_first(1, 3);
    slurm.set("job",
              "JobId=4 ArrayJobId=1 JobState=FAILED Reason=NonZeroExitCode ExitCode=0:9 X=1\n");
    run_on_slurm(work(2), options);
    EXPECT_EQ(slurm.starts(), "0\n1\n1\n1\n");
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[1],
              "its Slurm job 103_0 ended as FAILED (exit code 0:9, NonZeroExitCode) "
              "without an outcome (3 attempts); log: " +
                  slurm.folder() + "/slurm/log-2-0.txt");
}

TEST_F(SlurmExecutor, WhatTheControllerForgotTheAccountingKnows) {
    slurm.fail_first(0, 1);
    options.attempts = 1;
    slurm.set("accounting", "OUT_OF_MEMORY|0:125\n");
    run_on_slurm(work(1), options);
    EXPECT_THAT(failed[0], HasSubstr("101_0 ended as OUT_OF_MEMORY (exit code 0:125) without"));
    EXPECT_THAT(failed[0], HasSubstr("(1 attempt)"));
}

TEST_F(SlurmExecutor, ACancelledTaskIsNotSubmittedAgain) {
    slurm.fail_first(0, 1);
    slurm.set("accounting", "CANCELLED by 1000|0:0\n");
    run_on_slurm(work(1), options);
    EXPECT_EQ(slurm.starts(), "0\n");
    EXPECT_THAT(failed[0], HasSubstr("CANCELLED by 1000"));
}

TEST_F(SlurmExecutor, ATaskThatSqueueMissesButTheControllerHoldsIsNotLost) {
    slurm.fail_first(0, 1);
    slurm.set("job", "JobId=4 JobState=RUNNING Reason=None ExitCode=0:0\n");
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 5) {
            finish_queue(1);
        }
    };
    run_on_slurm(work(1), options);
    EXPECT_THAT(taken, ElementsAre(0));
    EXPECT_EQ(slurm.starts(), "0\n");
}

TEST_F(SlurmExecutor, AnOutcomeThatShowsUpWithinTheGraceCounts) {
    slurm.fail_first(0, 1);
    options.grace = milliseconds(60'000);
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 5) {
            finish_queue(1);
        }
    };
    run_on_slurm(work(1), options);
    EXPECT_EQ(slurm.starts(), "0\n");
    EXPECT_TRUE(failed.empty());
}

TEST_F(SlurmExecutor, AControllerThatIsDownForAWhileLosesNoTask) {
    slurm.set("hold", "");
    slurm.set("down", "5\n");
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 20) {
            EXPECT_EQ(slurm.get("down"), "0\n");
            finish_queue(2);
        }
    };
    run_on_slurm(work(2), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-1"));
    EXPECT_TRUE(failed.empty());
}

TEST_F(SlurmExecutor, TasksThatFinishWhileTheControllerIsDownAreDone) {
    slurm.set("hold", "");
    slurm.set("down", "1000000\n");
    on_gather = [&] { finish_queue(2); };
    run_on_slurm(work(2), options);
    EXPECT_TRUE(failed.empty());
}

TEST_F(SlurmExecutor, AControllerThatStaysDownEndsTheRunWithItsWords) {
    slurm.set("hold", "");
    slurm.set("down", "1000000\n");
    options.patience = milliseconds(100);
    try {
        run_on_slurm(work(1), options);
        FAIL() << "no error";
    } catch (const base::MachineError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Unable to contact slurm controller"));
    }
}

TEST_F(SlurmExecutor, JobsThatAreStillQueuedAreWaitedForNotSubmittedTwice) {
    interrupt_after_submission(work(3));
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 3) {
            finish_queue(3);
        }
    };
    run_on_slurm(work(3), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-2"));
    EXPECT_TRUE(failed.empty());
}

TEST_F(SlurmExecutor, VariablesThatHideJobsFromSqueueDoNotMakeThemLost) {
    interrupt_after_submission(work(1));
    ::setenv("SQUEUE_STATES", "RUNNING", 1);
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 3) {
            finish_queue(1);
        }
    };
    run_on_slurm(work(1), options);
    ::unsetenv("SQUEUE_STATES");
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-0"));
}

TEST_F(SlurmExecutor, OnlyTasksThatAreNeitherQueuedNorFinishedAreSubmittedAfterAKill) {
    interrupt_after_submission(work(4));
    // Meanwhile task 0 has finished, 1 and 3 have died, 2 waits.
    std::ofstream(slurm.outcome_path(0)) << "done\n";
    const std::string name = slurm.options("--job-name=").front();
    slurm.set("queue", "101|2|PENDING|Resources|" + name + "\n" +  //
                           "77|0|RUNNING|None|somebody-elses\n");
    slurm.unset("hold");
    on_gather = [&] {
        if (is_finished(1)) {
            finish_queue(4);
        }
    };
    options.attempts = 1;  // those of the earlier process do not count
    run_on_slurm(work(4), options);
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ(slurm.starts(), "1\n3\n");
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-3", "0-1"));
}

TEST_F(SlurmExecutor, AttemptsStartAnewWhenTheSweepIsRunAgain) {
    slurm.fail_first(0, 4);
    options.attempts = 3;
    run_on_slurm(work(1), options);
    ASSERT_EQ(failed.size(), 1U);
    failed.clear();
    run_on_slurm(work(1), options);
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ(slurm.starts(), "0\n0\n0\n0\n0\n");
}

TEST_F(SlurmExecutor, AJobWhoseIdWasNotNotedIsFoundByItsName) {
    interrupt_after_submission(work(2));
    const std::string path = slurm.folder() + "/slurm/jobs.json";
    std::string text = FakeSlurm::read(path);
    const std::size_t place = text.find("\"101\"");
    ASSERT_NE(place, std::string::npos);
    std::ofstream(path) << text.replace(place, 5, "\"\"");
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 2) {
            EXPECT_THAT(FakeSlurm::read(path), HasSubstr("\"101\""));
            finish_queue(2);
        }
    };
    run_on_slurm(work(2), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-1"));
}

TEST_F(SlurmExecutor, AnAnswerOfSbatchThatIsLostDoesNotSubmitTwice) {
    slurm.set("hold", "");
    slurm.set("mute", "");
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 8) {
            finish_queue(2);
        }
    };
    run_on_slurm(work(2), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-1"));
}

TEST_F(SlurmExecutor, WhatNeverReachedTheControllerIsSubmittedAgainWithoutCosts) {
    options.attempts = 2;
    slurm.fail_first(0, 1);
    slurm.set("refuse", "sbatch: error: Unable to contact slurm controller (connect failure)\n");
    int gathers = 0;
    on_gather = [&] {
        if (++gathers == 5) {
            slurm.unset("refuse");
        }
    };
    run_on_slurm(work(2), options);
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ(slurm.starts(), "0\n1\n0\n");
}

TEST_F(SlurmExecutor, ARefusalIsTheUsersErrorInSbatchsWords) {
    slurm.set("refuse", "sbatch: error: invalid partition specified: nope\n");
    try {
        run_on_slurm(work(1), options);
        FAIL() << "no error";
    } catch (const base::InputError& error) {
        EXPECT_STREQ(error.what(),
                     "slurm refuses the tasks: sbatch: error: invalid partition specified: nope");
    }
    slurm.unset("refuse");
    run_on_slurm(work(1), options);
    EXPECT_EQ(slurm.starts(), "0\n");
}

// 7 refused, 3 taken; then 4 (all that is left, up to twice 3), refused, 2, then 2. A refusal is no
// attempt: task 6 still has its second one.
TEST_F(SlurmExecutor, ALimitOnSubmittedJobsMakesSmallerArrays) {
    slurm.set("most", "3\n");
    slurm.fail_first(6, 1);
    options.attempts = 2;
    run_on_slurm(work(7), options);
    EXPECT_THAT(slurm.options("--array="), ElementsAre("0-6", "0-2", "0-3", "0-1", "0-1", "0-0"));
    EXPECT_EQ(slurm.starts(), "0\n1\n2\n3\n4\n5\n6\n6\n");
    EXPECT_TRUE(failed.empty());
}

TEST_F(SlurmExecutor, ALimitThatLeavesNoRoomEndsTheRunAfterSomePatience) {
    slurm.set("most", "0\n");
    options.patience = milliseconds(100);
    EXPECT_THROW(run_on_slurm(work(2), options), base::MachineError);
}

TEST_F(SlurmExecutor, ADamagedNoteOfItsJobsIsNotGuessedAt) {
    std::filesystem::create_directories(slurm.folder() + "/slurm");
    for (const char* text : {"", "{", "[]", "{\"format\": 2}", "{\"format\": 1}"}) {
        std::ofstream(slurm.folder() + "/slurm/jobs.json") << text;
        EXPECT_THROW(run_on_slurm(work(1), options), base::InputError) << text;
    }
}

TEST_F(SlurmExecutor, WithoutJobArraysThereIsAnError) {
    slurm.set("config", "MaxArraySize            = 0\n");
    EXPECT_THROW(run_on_slurm(work(1), options), base::MachineError);
}

TEST_F(SlurmExecutor, WithoutSlurmTheErrorNamesTheMissingProgram) {
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", slurm.folder().c_str(), 1);
    try {
        run_on_slurm(work(1), options);
        ADD_FAILURE() << "no error";
    } catch (const base::MachineError& error) {
        EXPECT_THAT(error.what(), HasSubstr("scontrol cannot be run: it is not on the PATH"));
    }
    ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace skipsim::sweep
