// SPDX-License-Identifier: Apache-2.0
#include "sim/system/timeline_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/base/errors.h"

namespace skipsim::system {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class TimelineWriterTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "skipsim_timeline_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path() const { return folder_ + "/t.json"; }
    [[nodiscard]] std::string content() const {
        std::ifstream in(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    }
    static void end(TimelineWriter& writer) {
        writer.finish();
        writer.commit();
    }
    /// Threads that slices are in, in order of the slices.
    [[nodiscard]] std::vector<int> threads() const {
        std::vector<int> threads;
        const Json document = Json::parse(content());
        for (const Json& event : document.at("traceEvents")) {
            if (event.at("ph") == "B") {
                threads.push_back(event.at("tid").get<int>());
            }
        }
        return threads;
    }

    std::string folder_;
};

TEST_F(TimelineWriterTest, TwoSlicesAreThisText) {
    TimelineWriter writer(path());
    const std::uint32_t track = writer.add_track("cluster0", "core0");
    writer.slice(track, "conv1 FF tile 0", 0, 1'250);
    writer.slice(track, "conv1 FF tile 1", 1'250, 3'000'000,
                 {{"tile", std::uint64_t{1}}, {"stage", "FF"}});
    end(writer);
    EXPECT_EQ(content(), R"({"displayTimeUnit":"ns","traceEvents":[
{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"cluster0"}},
{"ph":"M","name":"process_sort_index","pid":1,"tid":0,"args":{"sort_index":1}},
{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"core0"}},
{"ph":"M","name":"thread_sort_index","pid":1,"tid":1,"args":{"sort_index":1}},
{"ph":"B","pid":1,"tid":1,"ts":0,"name":"conv1 FF tile 0"},
{"ph":"E","pid":1,"tid":1,"ts":0.00125},
{"ph":"B","pid":1,"tid":1,"ts":0.00125,"name":"conv1 FF tile 1","args":{"tile":1,"stage":"FF"}},
{"ph":"E","pid":1,"tid":1,"ts":3}
]}
)");
    EXPECT_EQ(files(), 1);
}

TEST_F(TimelineWriterTest, AFileWithoutATrackIsOneToo) {
    TimelineWriter writer(path());
    end(writer);
    EXPECT_TRUE(Json::parse(content()).at("traceEvents").empty());
}

TEST_F(TimelineWriterTest, TracksOfOneGroupShareAProcess) {
    TimelineWriter writer(path());
    writer.slice(writer.add_track("a", "x"), "s", 0, 1);
    writer.slice(writer.add_track("b", "x"), "s", 0, 1);
    writer.slice(writer.add_track("a", "y"), "s", 0, 1);
    end(writer);
    std::vector<int> processes;
    const Json document = Json::parse(content());
    for (const Json& event : document.at("traceEvents")) {
        if (event.at("ph") == "B") {
            processes.push_back(event.at("pid").get<int>());
        }
    }
    EXPECT_EQ(processes, (std::vector<int>{1, 2, 1}));
    EXPECT_EQ(threads(), (std::vector<int>{1, 2, 3}));
}

// 0..10 and 5..12 overlap: two lanes. 10..11 fits behind the first, 12..13 behind either: the
// first. 11..14 overlaps that one: the second is free from 12 on, so a third.
TEST_F(TimelineWriterTest, SlicesThatOverlapStandInLanes) {
    TimelineWriter writer(path());
    const std::uint32_t track = writer.add_track("memory", "DMA");
    writer.slice(track, "a", 0, 10);
    writer.slice(track, "b", 5, 12);
    writer.slice(track, "c", 10, 11);
    writer.slice(track, "d", 12, 13);
    writer.slice(track, "e", 11, 14);
    end(writer);
    EXPECT_EQ(threads(), (std::vector<int>{1, 2, 1, 1, 3}));
    EXPECT_NE(content().find(R"("args":{"name":"DMA 2"})"), std::string::npos);
}

TEST_F(TimelineWriterTest, HostileNamesAreOnlyNames) {
    const std::string name = "\"},{\\\n\x01\xff";
    TimelineWriter writer(path());
    writer.slice(writer.add_track(name, name), name, 0, 1, {{"layer", name}});
    end(writer);
    const Json events = Json::parse(content()).at("traceEvents");
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(events[4].at("name"), "\"},{\\\n\x01\xef\xbf\xbd");
    EXPECT_EQ(events[4].at("args").at("layer"), events[4].at("name"));
}

TEST_F(TimelineWriterTest, AWriterThatIsNotFinishedLeavesNothing) {
    {
        TimelineWriter writer(path());
        writer.slice(writer.add_track("a", "b"), "c", 0, 1);
        EXPECT_EQ(files(), 1) << "a temporary file while it works";
    }
    EXPECT_EQ(files(), 0);
}

// A limit on the size of files stands in for a full disk.
TEST_F(TimelineWriterTest, AFullDiskIsReportedOutsideTheKernelOnly) {
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t unlimited = limit.rlim_cur;
    limit.rlim_cur = 1000;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    {
        TimelineWriter writer(path());
        const std::uint32_t track = writer.add_track("a", "b");
        for (std::uint64_t slice = 0; slice < 5000; ++slice) {
            EXPECT_NO_THROW(writer.slice(track, "c", slice, slice + 1));
        }
        EXPECT_THROW(writer.throw_if_failed(), base::MachineError);
        EXPECT_THROW(writer.finish(), base::MachineError);
    }
    limit.rlim_cur = unlimited;
    setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_EQ(files(), 0);
}

}  // namespace
}  // namespace skipsim::system
