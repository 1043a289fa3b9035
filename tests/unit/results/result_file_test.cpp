// SPDX-License-Identifier: Apache-2.0
#include "sim/results/result_file.h"

#include "sim/base/random.h"
#include "tests/unit/results/sample_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace skipsim::results {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ResultFiles : public TestFolder {};

TEST_F(ResultFiles, AreReadByNameOrByFolder) {
    const std::string file = write("a/result.json", sample_document());
    const ResultFile by_name = read_result(file);
    EXPECT_EQ(by_name.path, file);
    EXPECT_EQ(by_name.label, "a");
    EXPECT_EQ(by_name.document.dump(), sample_document().dump());
    EXPECT_EQ(read_result(path("a")).path, file);
}

TEST_F(ResultFiles, WithADramOrWithoutIntervalsOrWithChoicesAreGood) {
    write("dram/result.json",
          document_of(stats::sample_result(), stats::sample_context_with_dram()));
    stats::RunResult result = stats::sample_result();
    result.layers[0].choices = {{"input", 90}, {"weight", 95}};
    result.layers[0].regret_cycles = 10;
    result.layers[1].dense_cycles.reset();
    result.layers[2].layer = "b\xff";  // becomes U+FFFD in the file
    result.values = stats::ValuesChecked{};
    result.warnings = {"careful"};
    stats::ResultContext context = stats::sample_context();
    context.selection.stages = {"FF"};
    write("part/result.json", document_of(result, context));
    EXPECT_THAT(problems("dram/result.json"), IsEmpty());
    EXPECT_THAT(problems("part/result.json"), IsEmpty());
}

TEST_F(ResultFiles, ThatAreNoFilesAreNamed) {
    EXPECT_THAT(problems("no"), ElementsAre(": no such file or folder"));
    EXPECT_THAT(problems(""),
                ElementsAre(": expected a folder with a result.json, found none in it"));
    std::filesystem::create_directories(path("b/result.json"));
    EXPECT_THAT(problems("b"), ElementsAre("/result.json: expected a file, found a folder or a "
                                           "device"));
    ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_THAT(problems("pipe"), ElementsAre(": expected a file, found a folder or a device"));
    EXPECT_THROW(read_result(""), base::InputError);
}

TEST_F(ResultFiles, OfMoreThanTwoGibAreRefusedUnread) {
    const std::string file = write("r.json", std::string("{}"));
    std::filesystem::resize_file(file, (std::uint64_t{2} << 30U) + 1);  // a hole, no disk space
    EXPECT_THAT(problems("r.json"),
                ElementsAre(": expected a result of at most 2 GiB, found 2048 MiB"));
}

TEST_F(ResultFiles, ThatAreEmptyOrCutSaySo) {
    EXPECT_THAT(problems_of_text(""), ElementsAre(": expected a result, found an empty file"));
    EXPECT_THAT(problems_of_text("\n\n"), ElementsAre(": expected a result, found an empty file"));
    const std::string text = sample_document().dump(1);
    EXPECT_THAT(problems_of_text(text.substr(0, text.size() / 2)).at(0),
                HasSubstr("as if cut off"));
    for (std::size_t size = 1; size < text.size(); size += text.size() / 97) {
        EXPECT_EQ(problems_of_text(text.substr(0, size)).size(), 1U) << size;
    }
}

TEST_F(ResultFiles, OfSomethingElseAreNoResults) {
    const std::string expected =
        ": not a result of skipsim: expected an object with \"schema\": "
        "\"skipsim-result/1\", found ";
    EXPECT_THAT(problems_of_text("[1]"), ElementsAre(expected + "a list of 1"));
    EXPECT_THAT(problems_of_text("3"), ElementsAre(expected + "3"));
    EXPECT_THAT(problems_of_text("{\"a\": 1}"), ElementsAre(expected + "none with a schema"));
}

TEST_F(ResultFiles, OfAnotherSchemaAreRefusedByIt) {
    Json document = sample_document();
    document["schema"] = "skipsim-result/2";
    EXPECT_THAT(problems_of_sealed(document),
                ElementsAre(": skipsim-result/2: expected skipsim-result/1; made by a newer "
                            "skipsim"));
    document["schema"] = "skipsim-trace/1";
    EXPECT_THAT(problems_of_sealed(document),
                ElementsAre(": skipsim-trace/1: expected skipsim-result/1"));
    document["schema"] = 1;
    EXPECT_THAT(problems_of_sealed(document), ElementsAre(": 1: expected skipsim-result/1"));
}

TEST_F(ResultFiles, MissingFieldsAndWrongTypesComeTogether) {
    Json document = sample_document();
    document.erase("seed");
    document["layers"][3].erase("cycles");
    document["layers"][4]["macs"]["skipped"]["input"] = -1;
    document["layers"][5]["actions"]["pe.mac_fp8"] = 1.5;
    document["totals"]["energy_pj"] = "much";
    document["totals_by_stage"]["WU"] = Json::array();
    document["trace"][0]["sha256"] = "abc";
    document["config"]["clocks"]["core_mhz"] = 0;
    document["units"] = nullptr;
    EXPECT_THAT(problems_of_sealed(document),
                testing::UnorderedElementsAre(
                    ": /seed: missing", ": /layers/3/cycles: missing",
                    ": /layers/4/macs/skipped/input: expected a whole number, found -1",
                    ": /layers/5/actions/pe.mac_fp8: expected a whole number, found 1.5",
                    ": /totals/energy_pj: expected a number of at least 0, found \"much\"",
                    ": /totals_by_stage/WU: expected an object, found a list of 0",
                    ": /trace/0/sha256: expected 64 hex digits, found \"abc\"",
                    ": /config/clocks/core_mhz: expected a number greater than 0, found 0",
                    ": /units: expected a list, found null"));
}

TEST_F(ResultFiles, HaveATraceAndARow) {
    for (const char* list : {"trace", "layers"}) {
        Json document = sample_document();
        document[list] = Json::array();
        EXPECT_THAT(problems_of_sealed(document),
                    ElementsAre(": /" + std::string(list) +
                                ": expected a list that is not empty, found a list of 0"));
    }
}

/// Paths of everything in a document.
void collect(const Json& json, const Json::json_pointer& here,
             std::vector<Json::json_pointer>& places) {
    for (const auto& [key, value] : json.items()) {
        const Json::json_pointer place =
            json.is_array() ? here / static_cast<std::size_t>(std::stoul(key)) : here / key;
        places.push_back(place);
        if (value.is_structured()) {
            collect(value, place, places);
        }
    }
}

/// Members that a result need not have, whose values are free, or that are like another one.
bool is_left_alone(const std::string& name) {
    for (const char* start : {"/config/", "/trace/0/iter", "/totals_by_stage/BP/",
                              "/totals_by_stage/WG/", "/totals_by_stage/WU/", "/content_sha256"}) {
        if (name.rfind(start, 0) == 0) {
            return true;
        }
    }
    return name == "/layers/0" || name == "/trace/0" ||
           name.find("/patterns/") != std::string::npos ||
           (name.rfind("/layers/", 0) == 0 && name.rfind("/layers/0/", 0) != 0);
}

TEST_F(ResultFiles, NoFieldMayBeMissingOrOfAnotherType) {
    const Json whole = document_of(stats::sample_result(), stats::sample_context_with_dram());
    std::vector<Json::json_pointer> places;
    collect(whole, Json::json_pointer(), places);
    for (const Json::json_pointer& place : places) {
        const std::string name = place.to_string();
        if (is_left_alone(name)) {
            continue;
        }
        Json spoiled = whole;
        spoiled[place] = true;
        EXPECT_THAT(problems_of_sealed(spoiled), testing::Not(IsEmpty())) << "true at " << name;
        Json& parent = spoiled[place.parent_pointer()];
        if (parent.is_object()) {
            parent.erase(place.back());
            EXPECT_THAT(problems_of_sealed(spoiled), testing::Not(IsEmpty())) << "no " << name;
        }
    }
}

TEST_F(ResultFiles, WithoutAChecksumAreNotWhole) {
    Json document = sample_document();
    document.erase("content_sha256");
    write("r.json", document);
    EXPECT_THAT(problems("r.json"), ElementsAre(": /content_sha256: missing"));
}

TEST_F(ResultFiles, ManyProblemsAreCounted) {
    Json document = sample_document();
    for (Json& row : document["layers"]) {
        row["actions"] = Json::object();
    }
    const std::vector<std::string> lines = problems_of_sealed(document);
    ASSERT_EQ(lines.size(), 21U);
    const std::size_t rest = 6 * base::kActionCount - 20;
    EXPECT_EQ(lines.back(), ": and " + std::to_string(rest) + " more problems");
}

TEST_F(ResultFiles, EditedByHandAreRefused) {
    const Json document = sample_document();
    for (const char* place : {"/totals/cycles", "/seed", "/layers/0/energy_pj"}) {
        Json edited = document;
        edited[Json::json_pointer(place)] = 1;
        write("r.json", edited);
        EXPECT_THAT(problems("r.json"),
                    ElementsAre(StartsWith(": changed since skipsim wrote it: its content_sha256 "
                                           "is " +
                                           document["content_sha256"].get<std::string>())));
    }
    Json other_wall = document;
    other_wall["wall"]["seconds"] = 9.5;
    write("r.json", other_wall.dump());  // nor does white space matter
    EXPECT_THAT(problems("r.json"), IsEmpty());
}

TEST_F(ResultFiles, WithRandomBytesChangedAreReadAsTheyWereOrRefused) {
    const std::string text = sample_document().dump(1);
    const std::string content = sample_document()["content_sha256"];
    base::Random random(7);
    for (int round = 0; round < 200; ++round) {
        std::string spoiled = text;
        for (std::uint64_t change = 0; change <= random.below(3); ++change) {
            spoiled[random.below(spoiled.size())] = static_cast<char>(random.below(256));
        }
        write("r.json", spoiled);
        try {
            EXPECT_EQ(stats::content_sha256_of(read_result(path("r.json")).document), content);
        } catch (const base::InputError& error) {
            EXPECT_FALSE(error.lines().empty());
        }
    }
}

TEST_F(ResultFiles, ProblemsOfSeveralFilesComeTogether) {
    const std::string good = write("good/result.json", sample_document());
    const std::string empty = write("empty.json", std::string());
    try {
        read_results({good, empty, path("none"), path("good")});
        FAIL();
    } catch (const base::InputError& error) {
        EXPECT_THAT(error.lines(), ElementsAre(StartsWith(empty), StartsWith(path("none"))));
    }
    const std::vector<ResultFile> files =
        read_results({good, write("b/result.json", sample_document())});
    EXPECT_EQ(files[0].label, "good");
    EXPECT_EQ(files[1].label, "b");
}

}  // namespace
}  // namespace skipsim::results
