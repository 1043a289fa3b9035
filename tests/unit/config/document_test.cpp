// SPDX-License-Identifier: Apache-2.0
#include "sim/config/document.h"

#include "sim/base/yaml_node.h"
#include "tests/unit/config/small_config.h"

#include <gtest/gtest.h>

namespace skipsim::config {
namespace {

TEST(ConfigDocument, ShownConfigurationReadsBackAsTheSame) {
    const std::string notes =
        "assumptions:\n  core.rows: {status: derived, source: 'say \"8\" \\ # x'}\n";
    const Config first = Config::from_text(small_config() + notes, "/dir/c.yaml",
                                           {"clocks.core_mhz=0.7", "core.bus_bits=7"});
    const std::string shown = as_yaml(first);
    const Config second = Config::from_text(shown, "/elsewhere/d.yaml");
    EXPECT_EQ(as_yaml(second), shown);
    EXPECT_EQ(second.energy_table_path(), "/dir/t.yaml");
    EXPECT_EQ(second.real("clocks.core_mhz"), 0.7);
    EXPECT_EQ(second.whole("core.bus_values"), 0U);
    ASSERT_EQ(second.assumptions().size(), 3U);
    EXPECT_EQ(second.assumptions()[1].source, "say \"8\" \\ # x");
}

TEST(ConfigDocument, JsonHoldsEveryValueNestedAsInTheFile) {
    const auto json = as_json(Config::from_text(small_config(), "/dir/c.yaml"));
    EXPECT_EQ(json["core"]["rows"], 2);
    EXPECT_EQ(json["core"]["bus_values"], "unlimited");
    EXPECT_EQ(json["accelerator"]["partition"]["core_m"], 1);
    EXPECT_EQ(json["energy"]["table"], "t.yaml") << "as written, not where this machine has it";
}

TEST(ConfigDocument, AResultsConfigurationCanBeRunAgain) {
    const Config config = Config::from_text(small_config(), "/dir/c.yaml");
    const Config again = Config::from_text(as_json(config).dump(), "/dir/d.yaml");
    EXPECT_EQ(again.values(), config.values());
}

TEST(ConfigDocument, TheTableInTheReadmeIsTheProgramsOwn) {
    const std::string readme =
        base::read_text_file(std::string(SKIPSIM_SOURCE_DIR) + "/sim/config/README.md");
    const std::string begin = "<!-- parameters: begin -->\n";
    const std::size_t start = readme.find(begin);
    const std::size_t end = readme.find("<!-- parameters: end -->");
    ASSERT_NE(start, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(readme.substr(start + begin.size(), end - start - begin.size()),
              catalogue_as_markdown())
        << "put the output of `skipsim list params --markdown` between the two marks";
}

}  // namespace
}  // namespace skipsim::config
