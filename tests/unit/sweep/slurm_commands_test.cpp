// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm_commands.h"

#include <gtest/gtest.h>

#include "sim/sweep/child_process.h"

namespace skipsim::sweep {
namespace {

TEST(SlurmCommands, TheClustersLimitsAreReadAmongOtherLines) {
    const SlurmCluster cluster = parse_cluster(
        "Configuration data as of 2026-11-21T15:38:45\n"
        "MaxArraySize            = 501\nMaxDBDMsgs              = 0\n"
        "MaxJobCount             = 20000\nMaxJobId                = 67043328\n");
    EXPECT_EQ(cluster.max_array_size, 501U);
    EXPECT_EQ(cluster.max_job_count, 20'000U);
}

TEST(SlurmCommands, TheQueueHoldsArrayTasksOfThatNameOnly) {
    const std::vector<QueuedTask> tasks = parse_queue(
        "12|0|RUNNING|None|skipsim-ab-0\n12|1|PENDING|ReqNodeNotAvail, UnavailableNodes:n1|"
        "skipsim-ab-0\n13|N/A|RUNNING|None|skipsim-ab-1\n14|0|RUNNING|None|other|skipsim-ab-\n\n"
        "warning\n",
        "skipsim-ab-");
    ASSERT_EQ(tasks.size(), 2U);
    EXPECT_EQ(tasks[0].job, "12");
    EXPECT_EQ(tasks[0].index, 0U);
    EXPECT_EQ(tasks[0].state, "RUNNING");
    EXPECT_EQ(tasks[1].index, 1U);
    EXPECT_EQ(tasks[1].reason, "ReqNodeNotAvail, UnavailableNodes:n1");
    EXPECT_EQ(tasks[1].name, "skipsim-ab-0");
}

TEST(SlurmCommands, TheJobIdIsFoundBesideAClusterAndOtherLines) {
    EXPECT_EQ(parse_job_id("123\n"), "123");
    EXPECT_EQ(parse_job_id("123;north\n"), "123");
    EXPECT_EQ(parse_job_id("Welcome!\n124;north\n"), "124");
    EXPECT_EQ(parse_job_id("Submitted batch job 5\n"), "");
    EXPECT_EQ(parse_job_id(""), "");
}

TEST(SlurmCommands, TheEndOfAJobIsReadByWholeKeys) {
    const TaskEnd end = parse_job(
        "JobId=4 ArrayJobId=1 JobState=OUT_OF_MEMORY Reason=OutOfMemory DerivedExitCode=0:0 "
        "ExitCode=0:125\n");
    EXPECT_EQ(end.state, "OUT_OF_MEMORY");
    EXPECT_EQ(end.exit_code, "0:125");
    EXPECT_EQ(end.reason, "OutOfMemory");
    EXPECT_EQ(parse_job("nothing of the kind").state, "");
}

TEST(SlurmCommands, OnlySomeRefusalsAreWorthAnotherTry) {
    const auto judge = [](const char* said) { return judge_refusal("sbatch", said); };
    EXPECT_TRUE(judge("sbatch: error: invalid partition specified: x").is_lasting);
    EXPECT_TRUE(judge("sbatch: error: Invalid time limit specification").is_lasting);
    const SlurmTrouble unreachable =
        judge("Batch job submission failed: Unable to contact slurm controller (connect failure)");
    EXPECT_FALSE(unreachable.is_lasting);
    EXPECT_FALSE(unreachable.is_crowded);
    for (const char* said : {"error: AssocMaxSubmitJobLimit", "error: QOSMaxSubmitJobPerUserLimit",
                             "Job violates accounting/QOS policy (job submit limit, user's size "
                             "and/or time limits)"}) {
        EXPECT_TRUE(judge(said).is_crowded) << said;
        EXPECT_FALSE(judge(said).is_lasting) << said;
    }
}

TEST(SlurmCommands, ARefusalNamesItsProgramOnce) {
    EXPECT_EQ(judge_refusal("sbatch", "sbatch: error: no").text, "sbatch: error: no");
    EXPECT_EQ(judge_refusal("squeue", "slurm_load_jobs error: no").text,
              "squeue: slurm_load_jobs error: no");
}

TEST(SlurmCommands, AShellReadsAQuotedWordAsItWas) {
    for (const std::string word : {"", " ", "a'b", "''", "$x `y` \\ \"z\"", "two\nlines", "*~!#"}) {
        const ChildOutcome outcome = run_child({"sh", "-c", "printf %s " + shell_quoted(word)});
        EXPECT_EQ(outcome.out, word);
    }
}

}  // namespace
}  // namespace skipsim::sweep
