// SPDX-License-Identifier: Apache-2.0
#include "sim/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "skipsim_atomic_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    [[nodiscard]] static std::string content(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    }

    std::string folder_;
};

TEST_F(AtomicFile, CreatesAndReplacesWithoutLeavingATemporary) {
    const std::string text = std::string("zero\0byte\n", 10) + std::string(100000, 'x');
    write_file_atomically(path("result.json"), text);
    EXPECT_EQ(content(path("result.json")), text);
    write_file_atomically(path("result.json"), "second");
    EXPECT_EQ(content(path("result.json")), "second");
    EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFile, HasTheModeOfAnOrdinaryFile) {
    const mode_t mask = umask(027);
    write_file_atomically(path("result.json"), "text");
    umask(mask);
    struct stat info {};
    ASSERT_EQ(stat(path("result.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST_F(AtomicFile, MissingFolderIsAMachineErrorThatNamesThePath) {
    try {
        write_file_atomically(path("none/result.json"), "text");
        FAIL() << "not thrown";
    } catch (const MachineError& error) {
        EXPECT_EQ(std::string(error.what()),
                  path("none/result.json") + ": cannot be created: No such file or directory");
    }
}

TEST_F(AtomicFile, TargetThatCannotBeReplacedLeavesNoTemporary) {
    fs::create_directory(path("taken"));
    EXPECT_THROW(write_file_atomically(path("taken"), "text"), MachineError);
    EXPECT_EQ(files(), 1);
}

// A limit on the size of files stands in for a full disk: write() fails half-way in both.
TEST_F(AtomicFile, FailureHalfWayKeepsTheOldFile) {
    write_file_atomically(path("result.json"), "old");
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t unlimited = limit.rlim_cur;
    limit.rlim_cur = 1000;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THROW(write_file_atomically(path("result.json"), std::string(5000, 'x')), MachineError);
    limit.rlim_cur = unlimited;
    setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_EQ(content(path("result.json")), "old");
    EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace skipsim::base
