// SPDX-License-Identifier: Apache-2.0
#include "sim/report/script_text.h"

#include <gtest/gtest.h>

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

TEST(ScriptText, HoldsNothingThatEndsTheElementOrOpensAComment) {
    const std::string text = as_script_text({{"</script>", "<!--<script>-->&amp;"}});
    EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
}

TEST(ScriptText, IsReadBackAsItWas) {
    const Json data = {
        {"</script><img src=x>", {"a&b", "\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x82\xac", 0.1, 7}},
        {"quote\"\\", nullptr}};
    EXPECT_EQ(Json::parse(as_script_text(data)), data);
}

TEST(ScriptText, EscapesLineSeparatorsAndNothingThatOnlyStartsLikeThem) {
    const Json data = "\xe2\x80\xa8 \xe2\x80\xa9 \xe2\x80\xa6";  // U+2028, U+2029, U+2026
    EXPECT_EQ(as_script_text(data), "\"\\u2028 \\u2029 \xe2\x80\xa6\"");
}

TEST(ScriptText, BytesThatAreNotUtf8BecomeReplacementCharacters) {
    EXPECT_EQ(as_script_text(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(ScriptText, NumbersAreWrittenWithAllTheirDigits) {
    EXPECT_EQ(as_script_text({0.1, 9007199254740991U}), "[0.1,9007199254740991]");
}

}  // namespace
}  // namespace skipsim::report
