// SPDX-License-Identifier: Apache-2.0
// Which files of a folder are a sweep's, at whatever moment it was killed.
#include "sim/sweep/sweep_folder.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "sim/base/errors.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

class FolderOfASweep : public testing::Test {
protected:
    void SetUp() override {
        folder_ =
            (fs::temp_directory_path() / ("skipsim-folder-" + std::to_string(getpid()))).string();
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    void leave(const std::string& name) const { std::ofstream(folder_ + '/' + name) << "x"; }
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> names;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }

    std::string folder_;
};

TEST_F(FolderOfASweep, AFileInTheWayIsTheUsersMistake) {
    leave("file");
    EXPECT_THROW(make_folder(folder_ + "/file"), base::InputError);
    EXPECT_NO_THROW(make_folder(folder_ + "/new/folder"));
    EXPECT_TRUE(fs::is_directory(folder_ + "/new/folder"));
}

TEST_F(FolderOfASweep, WhatAKillLeavesBeforeTheManifestIsNoObstacle) {
    leave(".lock");
    leave("manifest.json.a1B2c3.tmp");
    EXPECT_NO_THROW(check_folder(folder_));
    remove_leftovers(folder_);
    EXPECT_THAT(names(), testing::ElementsAre(".lock"));
}

TEST_F(FolderOfASweep, AManifestSaysThatTheFolderIsASweeps) {
    leave("manifest.json");
    leave("thesis.tex");
    EXPECT_NO_THROW(check_folder(folder_));
}

TEST_F(FolderOfASweep, ADatabaseOfAnotherProgramIsNoSweep) {
    SQLite::Database(folder_ + "/sweep.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE thesis (x)");
    EXPECT_THROW(check_folder(folder_), base::InputError);
}

TEST_F(FolderOfASweep, OtherFilesStayWhateverTheyAreCalled) {
    const std::set<std::string> mine{"notes.tmp", "manifest.json.tmp",
                                     "my-manifest.json.a1B2c3.tmp", "sweep.yaml.old"};
    for (const std::string& name : mine) {
        leave(name);
    }
    for (const char* name :
         {"manifest.json", "sweep.yaml", "points.csv", "sweep.sqlite", "sweep.sqlite-wal",
          "sweep.sqlite-shm", "sweep.sqlite-journal", "points.csv.a1B2c3.tmp"}) {
        leave(name);
    }
    fs::create_directories(folder_ + "/points/0123");
    remove_leftovers(folder_);
    remove_sweep(folder_);
    EXPECT_EQ(names(), mine);
}

}  // namespace
}  // namespace skipsim::sweep
