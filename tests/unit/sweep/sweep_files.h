// SPDX-License-Identifier: Apache-2.0
// A folder with a chip, energy tables, memories and traces (empty files: a plan does not open
// them), and sweep files in a folder of its own beside them. The test runs in the outer folder.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/sweep/plan.h"
#include "tests/unit/config/small_config.h"

namespace skipsim::sweep {

class SweepFiles : public ::testing::Test {
protected:
    void SetUp() override {
        before_ = std::filesystem::current_path();
        folder_ = std::filesystem::temp_directory_path() /
                  ("skipsim-sweep-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "sweeps");
        std::filesystem::current_path(folder_);
        write("chip.yaml", config::small_config());
        for (const char* name : {"t.yaml", "u.yaml", "hbm2.yaml", "ddr4.yaml", "a.h5", "b.h5"}) {
            write(name, "");
        }
    }

    void TearDown() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }

    static void write(const std::string& name, const std::string& text) {
        std::ofstream(name) << text;
    }

    /// Name, chip and trace (lines 1 to 3), then `rest` (from line 4).
    static Plan plan(const std::string& rest) {
        return plan_of("sweep: s\nconfig: ../chip.yaml\ntrace: ../a.h5\n" + rest);
    }

    static Plan plan_of(const std::string& text) {
        write("sweeps/s.yaml", text);
        return load_plan("sweeps/s.yaml");
    }

    /// Every problem, without the file's name in front ("4:1: …"); none if the plan is good.
    static std::vector<std::string> problems(const std::string& rest) {
        return problems_of("sweep: s\nconfig: ../chip.yaml\ntrace: ../a.h5\n" + rest);
    }

    static std::vector<std::string> problems_of(const std::string& text) {
        try {
            plan_of(text);
        } catch (const base::InputError& error) {
            std::vector<std::string> lines;
            const std::string name = "sweeps/s.yaml:";
            for (const std::string& line : error.lines()) {
                lines.push_back(line.rfind(name, 0) == 0 ? line.substr(name.size()) : line);
            }
            return lines;
        }
        return {};
    }

    static std::vector<std::string> labels(const Plan& plan) {
        std::vector<std::string> labels;
        for (const PlannedPoint& point : plan.points) {
            labels.push_back(label_of(point));
        }
        return labels;
    }

private:
    std::filesystem::path before_;
    std::filesystem::path folder_;
};

}  // namespace skipsim::sweep
