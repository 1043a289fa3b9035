// SPDX-License-Identifier: Apache-2.0
// The database of a sweep and the small files it is filled from.
#include "sim/sweep/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/base/errors.h"
#include "sim/stats/energy.h"
#include "tests/unit/stats/sample_result.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

class SweepStore : public testing::Test {
protected:
    void SetUp() override {
        folder_ =
            (fs::temp_directory_path() / ("skipsim-store-" + std::to_string(getpid()))).string();
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    static Manifest manifest(const std::vector<std::string>& keys) {
        Manifest manifest;
        manifest.name = "s";
        manifest.skipsim = "0 r";
        manifest.axis_keys = {"core.rows"};
        for (const std::string& key : keys) {
            ManifestPoint point;
            point.number = manifest.points.size();
            point.label = "rows=" + key;
            point.settings = {{"core.rows", key}};
            point.key = key;
            point.simulation_key = key;
            manifest.points.push_back(point);
        }
        return manifest;
    }

    static Outcome done(const std::string& key, double cycles) {
        Outcome outcome;
        outcome.key = key;
        outcome.is_done = true;
        outcome.result_sha256 = "f00d";
        outcome.metrics["total"]["cycles"] = cycles;
        return outcome;
    }

    /// The end of a result file.
    void write_result(const std::string& sha256) const {
        std::ofstream(folder_ + "/p/result.json")
            << " \"content_sha256\": \"" << sha256 << "\",\n \"wall\": {}\n}\n";
    }

    std::string folder_;
};

TEST_F(SweepStore, GivesBackWhatWasRecorded) {
    Store store(folder_, manifest({"a", "b", "c"}));
    store.record(0, done("a", 7));
    Outcome failed;
    failed.key = "b";
    failed.error = "no such memory";
    store.record(1, failed);
    store.close();
    const SweepData data = read_sweep(folder_);
    ASSERT_EQ(data.points.size(), 3U);
    EXPECT_EQ(data.points[0].status, PointStatus::done);
    EXPECT_EQ(data.points[0].metrics.at("total").at("cycles"), 7.0);
    EXPECT_EQ(data.points[0].settings[0].value, "a");
    EXPECT_EQ(data.points[1].status, PointStatus::failed);
    EXPECT_EQ(data.points[1].error, "no such memory");
    EXPECT_EQ(data.points[2].status, PointStatus::waiting);
    EXPECT_EQ(data.axis_keys, std::vector<std::string>{"core.rows"});
}

TEST_F(SweepStore, APointThatIsRecordedTwiceIsThereOnce) {
    Store store(folder_, manifest({"a"}));
    Outcome first = done("a", 7);
    first.metrics["FF"]["cycles"] = 5;
    store.record(0, first);
    store.record(0, done("a", 8));
    store.close();
    const SweepData data = read_sweep(folder_);
    EXPECT_EQ(data.points[0].metrics.size(), 1U);
    EXPECT_EQ(data.points[0].metrics.at("total").at("cycles"), 8.0);
}

TEST_F(SweepStore, PointsThatAreTheSameStayAndOthersGo) {
    {
        Store store(folder_, manifest({"a", "b", "c"}));
        store.record(0, done("a", 1));
        store.record(1, done("b", 2));
        store.record(2, done("c", 3));
    }
    const Store store(folder_, manifest({"a", "x"}));
    EXPECT_EQ(store.status(0), PointStatus::done);
    EXPECT_EQ(store.status(1), PointStatus::waiting);
    const SweepData data = read_sweep(folder_);
    ASSERT_EQ(data.points.size(), 2U);
    EXPECT_EQ(data.points[1].settings[0].value, "x");
    EXPECT_TRUE(data.points[1].metrics.empty());
}

TEST_F(SweepStore, TheViewHasALineForEachFinishedPointAlsoWithNamesMadeToHurt) {
    Manifest made = manifest({"a", "b"});
    made.axis_keys = {"core.rows", "x\"'; DROP TABLE points; --"};
    {
        Store store(folder_, made);
        store.record(1, done("b", 9));
    }
    const SQLite::Database database(folder_ + "/sweep.sqlite", SQLite::OPEN_READONLY);
    SQLite::Statement lines(database, "SELECT point, \"core.rows\", cycles FROM results");
    ASSERT_TRUE(lines.executeStep());
    EXPECT_EQ(lines.getColumn(0).getInt(), 1);
    EXPECT_EQ(lines.getColumn(1).getString(), "b");
    EXPECT_EQ(lines.getColumn(2).getInt(), 9);
    EXPECT_FALSE(lines.executeStep());
}

TEST_F(SweepStore, SettingsThatAreNumbersCompareAsNumbersInTheView) {
    {
        Store store(folder_, manifest({"9", "16", "128"}));
        for (std::uint64_t point = 0; point < 3; ++point) {
            store.record(point, done("x", 1));
        }
    }
    const SQLite::Database database(folder_ + "/sweep.sqlite", SQLite::OPEN_READONLY);
    SQLite::Statement count(database, "SELECT count(*) FROM results WHERE \"core.rows\" > 10");
    ASSERT_TRUE(count.executeStep());
    EXPECT_EQ(count.getColumn(0).getInt(), 2);
}

TEST_F(SweepStore, AnOutcomeCountsForItsOwnPointAlone) {
    Outcome outcome;
    outcome.key = "key";
    outcome.error = "why";
    write_outcome(folder_ + "/p", outcome);
    ASSERT_TRUE(read_outcome(folder_ + "/p", "key"));
    EXPECT_EQ(read_outcome(folder_ + "/p", "key")->error, "why");
    EXPECT_FALSE(read_outcome(folder_ + "/p", "other"));
    EXPECT_FALSE(read_outcome(folder_ + "/q", "key"));
}

TEST_F(SweepStore, ADoneOutcomeWithoutItsResultDoesNotCount) {
    write_outcome(folder_ + "/p", done("key", 1));
    EXPECT_FALSE(read_outcome(folder_ + "/p", "key"));
    write_result("f00d");
    EXPECT_TRUE(read_outcome(folder_ + "/p", "key"));
}

TEST_F(SweepStore, ADoneOutcomeBesideAnotherResultDoesNotCount) {
    write_outcome(folder_ + "/p", done("key", 1));
    write_result("beef");
    EXPECT_FALSE(read_outcome(folder_ + "/p", "key"));
    write_result("f00d");
    ASSERT_TRUE(read_outcome(folder_ + "/p", "key"));
    fs::resize_file(folder_ + "/p/result.json", fs::file_size(folder_ + "/p/result.json") - 3);
    EXPECT_FALSE(read_outcome(folder_ + "/p", "key")) << "cut off";
    std::ofstream(folder_ + "/p/result.json") << "";
    EXPECT_FALSE(read_outcome(folder_ + "/p", "key")) << "empty";
}

TEST_F(SweepStore, AnOutcomeThatWasChangedByHandDoesNotCount) {
    const std::string path = folder_ + "/p/outcome.json";
    write_outcome(folder_ + "/p", done("key", 41));
    write_result("f00d");
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    ASSERT_TRUE(read_outcome(folder_ + "/p", "key"));
    text.replace(text.find("41"), 2, "14");
    std::ofstream(path) << text;
    EXPECT_FALSE(read_outcome(folder_ + "/p", "key"));
}

TEST_F(SweepStore, NothingIsAddedToTheDatabaseOfAnotherProgram) {
    const std::string path = folder_ + "/" + kDatabaseFile;
    SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE thesis (x)");
    EXPECT_FALSE(is_database_of_sweep(path));
    EXPECT_THROW(Store(folder_, manifest({"a"})), base::InputError);
    EXPECT_FALSE(SQLite::Database(path).tableExists("points"));
}

TEST_F(SweepStore, KnowsADatabaseOfASweep) {
    const std::string path = folder_ + "/" + kDatabaseFile;
    EXPECT_FALSE(is_database_of_sweep(path));
    Store(folder_, manifest({"a"})).close();
    EXPECT_TRUE(is_database_of_sweep(path));
    std::ofstream(path) << "not a database, but long enough to be looked at"
                        << std::string(99, 'x');
    EXPECT_FALSE(is_database_of_sweep(path));
}

TEST_F(SweepStore, WhatAFileHoldsNeverThrows) {
    fs::create_directories(folder_ + "/p");
    const std::string deep =
        R"({"schema": )" + std::string(1000000, '[') + std::string(1000000, ']') + '}';
    for (const std::string& text : std::initializer_list<std::string>{
             deep, "", "{", "[]", "null", "{\"schema\": \"skipsim-outcome/1\"}",
             "{\"schema\": \"skipsim-outcome/1\", \"key\": \"key\", \"status\": 1}",
             "{\"schema\": \"skipsim-outcome/1\", \"key\": \"key\", \"status\": \"failed\", "
             "\"error\": "
             "\"\", \"result_sha256\": \"\", \"metrics\": {\"total\": {\"cycles\": \"many\"}}}"}) {
        std::ofstream(folder_ + "/p/outcome.json") << text;
        EXPECT_FALSE(read_outcome(folder_ + "/p", "key")) << text;
    }
}

TEST(SweepMetrics, AreTheNumbersOfTheTotalsAndFourMore) {
    // sample_result(): cycles 100 + 200 + 300 + 110 + 210 + 310 = 1230, dense 2460, one multiply a
    // cycle on 8 elements at 50 MHz: utilisation 1/8, time 1230 / 50e6 s = 24.6 us.
    stats::RunResult result = stats::sample_result();
    const stats::ResultContext context = stats::sample_context();
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    const nlohmann::ordered_json document = stats::result_document(result, context);
    const nlohmann::ordered_json metrics = metrics_of(document);
    EXPECT_EQ(metrics["total"]["cycles"], 1230);
    EXPECT_EQ(metrics["total"]["speedup"], 2.0);
    EXPECT_EQ(metrics["total"]["utilisation"], 0.125);
    EXPECT_EQ(metrics["total"]["processing_elements"], 8);
    EXPECT_DOUBLE_EQ(metrics["total"]["energy_delay_pj_s"].get<double>(),
                     document["totals"]["energy_pj"].get<double>() * 24.6e-6);
    EXPECT_EQ(metrics["FF"]["cycles"], 210);
    EXPECT_EQ(metrics["total"]["macs.skipped.input"],
              document["totals"]["macs"]["skipped"]["input"]);
    EXPECT_FALSE(metrics.contains("WU"));  // no rows
    EXPECT_FALSE(metrics["total"].contains("actions.pe.mac_fp8"));
}

}  // namespace
}  // namespace skipsim::sweep
