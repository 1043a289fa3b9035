// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/comparability.h"

#include "sim/base/errors.h"
#include "tests/unit/compare/sample_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace skipsim::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Files with_change(const std::function<void(Json& document)>& change) {
    Files files{sample_file("a"), sample_file("b"), sample_file("c")};
    change(files[1].document);
    return files;
}

std::vector<std::string> warnings(const std::function<void(Json& document)>& change) {
    return compare(with_change(change), 0, By::total).warnings;
}

TEST(Comparability, ResultsThatDifferInTheChipAloneNeedNoWarning) {
    EXPECT_THAT(warnings([](Json& document) { document["config"]["core"]["rows"] = 4; }),
                IsEmpty());
}

TEST(Comparability, EveryOtherCircumstanceIsNamedWithTheResults) {
    EXPECT_THAT(warnings([](Json& d) {
                    d["trace"][0]["sha256"] = std::string(64, 'd');
                    d["trace"][0]["path"] = "x/u.h5";
                }),
                ElementsAre("other traces: t.h5 (aaaaaaaa) in a, c; u.h5 (dddddddd) in b"));
    EXPECT_THAT(warnings([](Json& d) {
                    d["trace"][0]["iterations"] = {0, 1, 2, 5};
                }),
                ElementsAre("other iterations: 0..1 in a, c; 0..2, 5 in b"));
    EXPECT_THAT(warnings([](Json& d) { d["selection"]["layers"] = "a*"; }),
                ElementsAre("other choices of layers: all in a, c; a* in b"));
    EXPECT_THAT(warnings([](Json& d) {
                    d["selection"]["stages"] = {"FF", "WG"};
                }),
                ElementsAre("other stages: all in a, c; FF, WG in b"));
    EXPECT_THAT(warnings([](Json& d) { d["engine"] = "clocked"; }),
                ElementsAre("other engines: fast in a, c; clocked in b"));
    EXPECT_THAT(warnings([](Json& d) { d["seed"] = 7; }),
                ElementsAre("other seeds: 0 in a, c; 7 in b"));
    EXPECT_THAT(warnings([](Json& d) { d["skipsim"]["revision"] = "0123456789"; }),
                ElementsAre(HasSubstr("(01234567) in b")));
    EXPECT_THAT(warnings([](Json& d) { d["energy_table"]["sha256"] = std::string(64, 'e'); }),
                ElementsAre("other energy tables: sample (bbbbbbbb) in a, c; sample (eeeeeeee) in "
                            "b"));
    EXPECT_THAT(warnings([](Json& d) { d["ideal"] = {"core.bus_bits"}; }),
                ElementsAre("other parts that take no time: none in a, c; core.bus_bits in b"));
    EXPECT_THAT(warnings([](Json& d) { d["not_modelled"] = {"relu"}; }),
                ElementsAre("other operators that cost nothing: none in a, c; relu in b"));
    EXPECT_THAT(warnings([](Json& d) { d["layers"][0]["layer"] = d["layers"][3]["layer"] = "n"; }),
                ElementsAre("other layers: of 3, a lacks 1; b lacks 1; c lacks 1"));
    EXPECT_THAT(warnings([](Json& d) {
                    d["values"] = {{"wrong_values", 1}, {"missing", 0}, {"not_left_out", 0}};
                }),
                ElementsAre("b computed values that its own check found wrong"));
}

TEST(Comparability, AMemoryFileChangedUnderItsNameIsNamed) {
    const Json memory = {{"name", "ddr"}, {"sha256", std::string(64, '1')}};
    Files files{sample_file("a"), sample_file("b")};
    files[0].document["memory_file"] = memory;
    EXPECT_THAT(compare(files, 0, By::total).warnings, IsEmpty()) << "memory.dram shows it";
    files[1].document["memory_file"] = memory;
    EXPECT_THAT(compare(files, 0, By::total).warnings, IsEmpty());
    files[1].document["memory_file"]["sha256"] = std::string(64, '2');
    EXPECT_THAT(compare(files, 0, By::total).warnings,
                ElementsAre("other memory files: ddr (11111111) in a; ddr (22222222) in b"));
}

std::vector<std::string> refusal(const Files& files) {
    try {
        compare(files, 0, By::layer);
    } catch (const base::InputError& error) {
        return error.lines();
    }
    return {};
}

TEST(Comparability, OtherNetworksAreRefusedUnlessAsked) {
    const Files files = with_change([](Json& d) { d["trace"][0]["network"] = "vgg"; });
    EXPECT_THAT(refusal(files),
                ElementsAre("other networks: net in a, c; vgg in b",
                            "no layer of b is one of a (--allow-different compares them all the "
                            "same)"))
        << "its layers count as those of another network";
    EXPECT_THAT(compare(files, 0, By::layer, true).warnings,
                testing::IsSupersetOf({"other networks: net in a, c; vgg in b"}));
}

TEST(Comparability, ResultsWithoutACommonLayerAreRefusedUnlessAsked) {
    const Files files = with_change([](Json& d) {
        for (Json& row : d["layers"]) {
            row["layer"] = "x." + row["layer"].get<std::string>();
        }
    });
    EXPECT_THAT(refusal(files), ElementsAre(HasSubstr("no layer of b is one of a")));
    const Comparison comparison = compare(files, 0, By::layer, true);
    EXPECT_EQ(comparison.lines.size(), 6U * 4U);
}

TEST(Comparability, ALossInBothMakesNoTwoNetworksAlike) {
    // All layers of b have other names but "b", which multiplies nothing there or in a.
    Files files{sample_file("a"), sample_file("b")};
    for (Json& row : files[1].document["layers"]) {
        if (row["layer"] == "a") {
            row["layer"] = "x";
        }
    }
    for (results::ResultFile& file : files) {
        for (Json& row : file.document["layers"]) {
            if (row["layer"] == "b") {
                row["macs"]["dense_all_samples"] = 0;
            }
        }
    }
    EXPECT_THAT(refusal(files), ElementsAre(HasSubstr("no layer of b is one of a")));
}

TEST(Comparability, LayersOfOneNameAndOtherSizesAreAnotherNetwork) {
    const Files files = with_change([](Json& d) {
        for (Json& row : d["layers"]) {
            const auto macs = row["macs"]["dense_all_samples"].get<std::uint64_t>();
            row["macs"]["dense_all_samples"] = 9 * macs;  // a kernel of 3x3 for one of 1x1
        }
    });
    EXPECT_THAT(refusal(files), ElementsAre(HasSubstr("a FF has other multiplies per sample in a "
                                                      "than in b")));
    const Files larger_batch = with_change([](Json& d) {
        for (Json& row : d["layers"]) {
            const auto macs = row["macs"]["dense_all_samples"].get<std::uint64_t>();
            row["macs"]["dense_all_samples"] = 2 * macs;
            row["samples"]["total"] = 2 * row["samples"]["total"].get<std::uint64_t>();
        }
    });
    EXPECT_THAT(refusal(larger_batch), IsEmpty());
}

TEST(Comparability, TheSameFileUnderAnotherPathIsNoDifference) {
    Files files{sample_file("a"), sample_file("b")};
    files[0].document["config"]["energy"]["table"] = "t.yaml";
    files[1].document["config"]["energy"]["table"] = "/home/x/t.yaml";
    EXPECT_THAT(compare(files, 0, By::total).config_differences, IsEmpty());
    files[1].document["energy_table"]["sha256"] = std::string(64, 'e');
    EXPECT_THAT(compare(files, 0, By::total).config_differences, testing::SizeIs(1));
}

TEST(Comparability, ConfigurationsAreComparedKeyByKey) {
    Files files{sample_file("a"), sample_file("b")};
    files[1].document["config"]["core"]["rows"] = 4;
    files[1].document["config"]["clocks"]["core_mhz"] = 50.5;
    files[1].document["config"]["new"] = {{"flag", true}, {"list", {1, 2}}};
    files[0].document["config"].erase("name");
    const std::vector<ConfigDifference> differences = config_differences(files);
    std::vector<std::string> texts;
    for (const ConfigDifference& difference : differences) {
        texts.push_back(difference.key + '=' + difference.values[0] + '|' + difference.values[1]);
    }
    EXPECT_THAT(texts, ElementsAre("clocks.core_mhz=50.0|50.5", "core.rows=2|4", "name=|sample",
                                   "new.flag=|true", "new.list=|[1,2]"));
}

}  // namespace
}  // namespace skipsim::compare
