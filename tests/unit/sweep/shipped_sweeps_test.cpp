// SPDX-License-Identifier: Apache-2.0
// The sweep files of configs/sweeps: each expands, and each of its points is a chip.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/config/catalogue.h"
#include "sim/config/config.h"
#include "sim/sweep/plan.h"

namespace skipsim::sweep {
namespace {

std::vector<std::string> shipped() {
    std::vector<std::string> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(SKIPSIM_SOURCE_DIR) + "/configs/sweeps")) {
        if (entry.path().extension() == ".yaml") {
            paths.push_back(entry.path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::vector<std::string> words_of(const Plan& plan, const PlannedPoint& point) {
    std::vector<std::string> words = plan.spec.overrides;
    for (const Setting& setting : point.settings) {
        if (config::find_parameter(setting.key)) {
            words.push_back(setting.key + '=' + setting.value);
        }
    }
    return words;
}

TEST(ShippedSweeps, EveryFileExpandsAndEveryPointIsAChip) {
    const std::vector<std::string> paths = shipped();
    EXPECT_GE(paths.size(), 8u);
    for (const std::string& path : paths) {
        const Plan plan = load_plan(path);
        EXPECT_EQ(plan.spec.name, std::filesystem::path(path).stem().string());
        EXPECT_GE(plan.points.size(), 10u) << path;
        EXPECT_LE(plan.points.size(), 40u) << path << ": more than minutes";
        for (const PlannedPoint& point : plan.points) {
            EXPECT_NO_THROW(config::Config::load(plan.spec.config_path, words_of(plan, point)))
                << path << ": " << label_of(point);
        }
    }
}

TEST(ShippedSweeps, TheirPagesNameEveryFile) {
    std::ifstream page(std::string(SKIPSIM_SOURCE_DIR) + "/configs/sweeps/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (const std::string& path : shipped()) {
        const std::string name = std::filesystem::path(path).filename().string();
        EXPECT_NE(text.find('`' + name + '`'), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace skipsim::sweep
