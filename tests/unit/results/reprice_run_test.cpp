// SPDX-License-Identifier: Apache-2.0
// Real runs with both shipped energy tables: either one, priced with the other's table, is the
// other one but for `wall`.
#include "sim/app/program.h"
#include "sim/results/reprice.h"
#include "tests/unit/results/sample_file.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

namespace skipsim::results {
namespace {

std::string shipped(const std::string& name) {
    return std::string(SKIPSIM_SOURCE_DIR) + "/configs/" + name;
}

class RepricedRuns : public TestFolder {
protected:
    /// In a process of its own: SystemC elaborates once in each.
    Json run(const std::string& name, const std::string& table,
             const std::vector<std::string>& more) const {
        std::vector<std::string> words{"run",
                                       shipped("tiny.yaml"),
                                       "--quiet",
                                       "--trace",
                                       std::string(SKIPSIM_SOURCE_DIR) + "/traces/tiny/layers.h5",
                                       "--out",
                                       path(name),
                                       "--set",
                                       "energy.table=" + table};
        words.insert(words.end(), more.begin(), more.end());
        const pid_t child = fork();
        if (child == 0) {
            std::ostringstream out;
            std::ostringstream err;
            _exit(app::run_program(words, out, err));
        }
        int status = -1;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
        return read_result(path(name)).document;
    }

    void expect_same(const std::vector<std::string>& more) const {
        const std::string tables[]{shipped("energy/45nm-0.9v.yaml"),
                                   shipped("energy/65nm-0.78v.yaml")};
        const Json runs[]{run("a", tables[0], more), run("b", tables[1], more)};
        ASSERT_NE(runs[0]["totals"]["energy_pj"], runs[1]["totals"]["energy_pj"]);
        for (const std::size_t to : {0U, 1U}) {
            Json priced = repriced(runs[1 - to], stats::load_energy_table(tables[to]), tables[to]);
            priced["wall"] = runs[to]["wall"];
            EXPECT_EQ(priced.dump(1), runs[to].dump(1));
        }
    }
};

TEST_F(RepricedRuns, WithAnIdealMemory) {
    expect_same({"--seed", "3"});
}

TEST_F(RepricedRuns, WithAModelledDram) {
    expect_same({"--set", "memory.dram=" + shipped("memory/lpddr4-3200.yaml"), "--set",
                 "dma.bytes_per_cycle=16"});
}

TEST_F(RepricedRuns, OfAPart) {
    expect_same({"--iterations", "0..0", "--stages", "FF,WG"});
}

}  // namespace
}  // namespace skipsim::results
