// SPDX-License-Identifier: Apache-2.0
#include "sim/base/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace skipsim::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

YamlReader reader_of(const std::string& text) {
    return YamlReader::from_text(text, "x.yaml");
}

std::vector<std::string> problems_of(YamlReader& reader) {
    try {
        reader.finish();
    } catch (const InputError& error) {
        return error.lines();
    }
    return {};
}

std::string refusal_of(const std::string& text) {
    try {
        reader_of(text);
    } catch (const InputError& error) {
        return error.lines().front();
    }
    return "";
}

TEST(YamlReader, ReadsEveryKindOfValue) {
    YamlReader reader = reader_of(
        "core:\n  rows: 8\n  ratio: 2.5e-1\n  on: true\n  name: \"007\"\n  mode: dense\n"
        "  list: [1, 2]\n  reals: [0.5]\n  names: [a, b]\n  items:\n  - k: 1\n  - k: 2\n");
    YamlSection core = reader.root().section("core");
    EXPECT_EQ(core.whole("rows", {1, 64, "pe"}), 8U);
    EXPECT_EQ(core.real("ratio", {0, 1, ""}), 0.25);
    EXPECT_TRUE(core.boolean("on"));
    EXPECT_EQ(core.text("name"), "007");
    EXPECT_EQ(core.choice("mode", {"adaptive", "dense"}), "dense");
    EXPECT_THAT(core.wholes("list", {0, 9, ""}), ElementsAre(1U, 2U));
    EXPECT_THAT(core.reals("reals", {0, 1, ""}), ElementsAre(0.5));
    EXPECT_THAT(core.texts("names"), ElementsAre("a", "b"));
    const auto items = core.sections("items");
    ASSERT_EQ(items.size(), 2U);
    for (YamlSection item : items) {
        item.whole("k", {1, 2, ""});
    }
    EXPECT_THAT(problems_of(reader), ElementsAre());
}

TEST(YamlReader, ReportsAllProblemsInFileOrderWithPlaceAndNearestName) {
    YamlReader reader = reader_of(
        "core:\n"
        "  issue_width: 4\n"
        "  rows: sixteen\n"
        "  columns: 99\n"
        "  columns: 3\n"
        "  quoted: \"3\"\n"
        "  mode: adaptve\n"
        "extra: 1\n");
    YamlSection core = reader.root().section("core");
    EXPECT_EQ(core.whole("rows", {1, 64, "pe"}), 1U);
    core.whole("columns", {1, 64, ""});
    core.whole("quoted", {1, 64, ""});
    core.whole("issue_width_pairs", {1, 64, "pairs/cycle"});
    core.choice("mode", {"dense", "adaptive"});
    EXPECT_THAT(
        problems_of(reader),
        ElementsAre(
            "x.yaml:2:3: core.issue_width: unknown key; did you mean issue_width_pairs?",
            "x.yaml:2:3: core.issue_width_pairs: missing; expected a whole number in 1..64 "
            "[pairs/cycle]",
            "x.yaml:3:9: core.rows: expected a whole number in 1..64 [pe], found \"sixteen\"",
            "x.yaml:4:12: core.columns: expected a whole number in 1..64, found \"99\"",
            "x.yaml:5:3: core.columns: given twice",
            "x.yaml:6:11: core.quoted: expected a whole number in 1..64, found \"3\"",
            "x.yaml:7:9: core.mode: expected one of dense, adaptive, found \"adaptve\"; did you "
            "mean adaptive?",
            "x.yaml:8:1: extra: unknown key"));
}

TEST(YamlReader, SuggestsTheNearestKey) {
    YamlReader reader = reader_of("columms: 3\n");
    reader.root().whole("columns", {0, 9, ""}, 1);
    EXPECT_THAT(problems_of(reader),
                ElementsAre("x.yaml:1:1: columms: unknown key; did you mean columns?"));
}

TEST(YamlReader, MissingSectionIsOneProblemNotMany) {
    YamlReader reader = reader_of("a: 1\n");
    YamlSection root = reader.root();
    root.whole("a", {0, 9, ""});
    YamlSection core = root.section("core");
    EXPECT_EQ(core.whole("rows", {4, 9, ""}), 4U);
    EXPECT_EQ(core.section("deeper").choice("mode", {"first"}), "first");
    EXPECT_FALSE(core.has("rows"));
    EXPECT_THAT(problems_of(reader), ElementsAre("x.yaml:1:1: core: missing; expected a mapping"));
}

TEST(YamlReader, NumbersAreWholeTextsInRange) {
    for (const char* text : {"-1", "1.5", "1e3", "0x10", "18446744073709551616", "1 ", "true", "~",
                             "[1]", "{a: 1}", ""}) {
        YamlReader reader = reader_of(std::string("n: ") + text + "\n");
        EXPECT_EQ(reader.root().whole("n", {7, 1000000, ""}, 7), 7U) << text;
        EXPECT_EQ(problems_of(reader).size(), 1U) << text;
    }
    for (const char* text : {"nan", "inf", ".inf", "1,5", "0.5x", "1e999"}) {
        YamlReader reader = reader_of(std::string("n: ") + text + "\n");
        EXPECT_EQ(reader.root().real("n", {-5, 5, ""}), -5) << text;
        EXPECT_EQ(problems_of(reader).size(), 1U) << text;
    }
}

TEST(YamlReader, OverridesReplaceAndAddAndNameTheirOrigin) {
    YamlReader reader = reader_of("core:\n  rows: 8\nlayers: [{k: 1}, {k: 2}]\n");
    reader.set("core.rows", "12", "--set core.rows=12");
    reader.set("core.added.deep", "x", "--set core.added.deep=x");
    reader.set("layers.1.k", "bad", "--set layers.1.k=bad");
    YamlSection root = reader.root();
    EXPECT_EQ(root.section("core").whole("rows", {1, 64, ""}), 12U);
    EXPECT_EQ(root.section("core").section("added").text("deep"), "x");
    for (YamlSection layer : root.sections("layers")) {
        layer.whole("k", {1, 9, ""});
    }
    EXPECT_THAT(problems_of(reader),
                ElementsAre("--set layers.1.k=bad: layers.1.k: expected a whole number in 1..9, "
                            "found \"bad\""));
    EXPECT_THROW(reader.set("core.rows.x", "1", "--set"), InputError);
    EXPECT_THROW(reader.set("layers.2", "1", "--set"), InputError);
    EXPECT_THROW(reader.set("", "1", "--set"), InputError);
    EXPECT_THROW(reader.set("a..b", "1", "--set"), InputError);
}

TEST(YamlReader, RefusesWhatIsNotAPlainMapping) {
    EXPECT_EQ(refusal_of(""), "x.yaml: expected keys and values, found nothing");
    EXPECT_EQ(refusal_of("- 1\n"), "x.yaml: expected keys and values, found a list of 1");
    EXPECT_THAT(refusal_of("a: [1, 2\nb: 3\n"), HasSubstr("x.yaml:2:"));
    EXPECT_THAT(refusal_of("a: &x 1\nb: *x\n"), HasSubstr("an anchor"));
    EXPECT_THAT(refusal_of("a: *x\n"), HasSubstr("x.yaml:1:4: expected YAML"));
    EXPECT_THAT(refusal_of("a: !!int 3\n"), HasSubstr("a tag"));
    EXPECT_THAT(refusal_of("[a, b]: 3\n"), HasSubstr("a key that is a list of 2"));
    EXPECT_THAT(refusal_of("a: 1\n---\nb: 2\n"), HasSubstr("a second one"));
    EXPECT_THAT(refusal_of(std::string(5U << 20U, ' ')), HasSubstr("at most"));
    EXPECT_THAT(refusal_of(std::string(100000, '[')), HasSubstr("expected"));
    EXPECT_THAT(refusal_of("a: " + std::string(100, '[') + std::string(100, ']')),
                HasSubstr("more than 64 levels"));
}

TEST(YamlReader, AnchorBombIsRefusedAtItsFirstAnchor) {
    std::string bomb = "a: &a [x, x]\n";
    for (char c = 'b'; c <= 'z'; ++c) {
        bomb += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ", *" + char(c - 1) + "]\n";
    }
    EXPECT_THAT(refusal_of(bomb), HasSubstr("x.yaml:1:"));
}

TEST(YamlReader, FilesThatCannotBeReadAreNamed) {
    EXPECT_THROW(YamlReader::from_file("/nowhere/x.yaml"), InputError);
    EXPECT_THROW(YamlReader::from_file("/tmp"), InputError);
    EXPECT_THROW(YamlReader::from_file("/dev/zero"), InputError);
    const std::string path = testing::TempDir() + "/yaml_reader_zero_byte.yaml";
    std::ofstream(path, std::ios::binary) << "a: 1\n" << '\0';
    EXPECT_THROW(YamlReader::from_file(path), InputError);
    std::remove(path.c_str());
}

TEST(YamlReader, RandomTextNeverDoesAnythingButThrowInputError) {
    Random random(20240607);
    const std::string alphabet = "a:1 -[]{}\n\t\"'#&*!|>%@`,?.~\\x80\xff\xc3";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::uint64_t i = random.below(60); i > 0; --i) {
            text += alphabet[random.below(alphabet.size())];
        }
        try {
            YamlReader reader = reader_of(text);
            reader.root().whole("a", {0, 1, ""});
            reader.finish();
        } catch (const InputError&) {
        }
    }
}

}  // namespace
}  // namespace skipsim::base
