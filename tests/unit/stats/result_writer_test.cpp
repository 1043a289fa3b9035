// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/result_writer.h"

#include "sim/base/errors.h"
#include "tests/unit/stats/sample_result.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace skipsim::stats {
namespace {

namespace fs = std::filesystem;

class ResultFolderTest : public testing::Test {
protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("skipsim-writer-" + std::to_string(getpid()));
        fs::create_directories(root_);
    }
    void TearDown() override { fs::remove_all(root_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (root_ / name).string();
    }
    [[nodiscard]] static std::string content(const std::string& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }
    static nlohmann::ordered_json document() {
        RunResult result = sample_result();
        apply_energy(result, EnergyPrices(sample_table(), "fp8"));
        return result_document(result, sample_context());
    }
    [[nodiscard]] std::size_t entries_of(const std::string& folder) const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    fs::path root_;
};

TEST_F(ResultFolderTest, WritesBothFilesAndNothingElse) {
    ResultFolder folder(path("a/b/"), false);
    folder.write(document());
    EXPECT_EQ(nlohmann::ordered_json::parse(content(path("a/b/result.json"))), document());
    EXPECT_EQ(content(path("a/b/layers.csv")).substr(0, 14), "trace,network,");
    EXPECT_EQ(entries_of(path("a/b")), 2U);
}

TEST_F(ResultFolderTest, AnExistingResultIsRefusedUnlessForced) {
    ResultFolder(path("a"), false).write(document());
    EXPECT_THROW(ResultFolder(path("a"), false), base::InputError);
    EXPECT_NO_THROW(ResultFolder(path("a"), true).write(document()));
    fs::remove(path("a/result.json"));
    EXPECT_THROW(ResultFolder(path("a"), false), base::InputError) << "layers.csv is still there";
}

TEST_F(ResultFolderTest, OtherFilesInTheFolderAreNoObstacle) {
    fs::create_directories(path("a"));
    std::ofstream(path("a/notes.txt")) << "mine";
    ResultFolder(path("a"), false).write(document());
    EXPECT_EQ(content(path("a/notes.txt")), "mine");
}

TEST_F(ResultFolderTest, FoldersThatWereMadeForNothingAreRemoved) {
    { ResultFolder folder(path("x/y/z"), false); }
    EXPECT_FALSE(fs::exists(path("x")));
    fs::create_directories(path("k"));
    { ResultFolder folder(path("k/l"), false); }
    EXPECT_TRUE(fs::exists(path("k")));
    EXPECT_FALSE(fs::exists(path("k/l")));
}

TEST_F(ResultFolderTest, AFileInTheWayIsNamed) {
    std::ofstream(path("file")) << "x";
    EXPECT_THROW(ResultFolder(path("file"), false), base::InputError);
    EXPECT_THROW(ResultFolder(path("file/below"), false), base::MachineError);
}

TEST_F(ResultFolderTest, AFailedWriteLeavesTheOldResultAndNoRemains) {
    ResultFolder(path("a"), false).write(document());
    const std::string old_layers = content(path("a/layers.csv"));
    nlohmann::ordered_json changed = document();
    changed["layers"][0]["cycles"] = 1;
    {
        ResultFolder folder(path("a"), true);
        fs::remove(path("a/result.json"));
        fs::create_directories(path("a/result.json/in-the-way"));
        EXPECT_THROW(folder.write(changed), base::MachineError);
    }
    EXPECT_EQ(content(path("a/layers.csv")), old_layers);
    EXPECT_EQ(entries_of(path("a")), 2U);
}

TEST_F(ResultFolderTest, AFolderInPlaceOfAFileIsRefusedBeforeAnythingIsReplaced) {
    fs::create_directories(path("a/layers.csv"));
    EXPECT_THROW(ResultFolder(path("a"), true), base::InputError);
    EXPECT_EQ(entries_of(path("a")), 1U);
}

TEST_F(ResultFolderTest, BytesThatAreNoTextDoNotBreakTheFile) {
    nlohmann::ordered_json odd = document();
    odd["layers"][0]["layer"] = "bad\xff";
    ResultFolder folder(path("a"), false);
    folder.write(odd);
    EXPECT_TRUE(nlohmann::ordered_json::accept(content(path("a/result.json"))));
}

}  // namespace
}  // namespace skipsim::stats
