// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sim/base/check.h"
#include "sim/report/content_policy.h"
#include "sim/report/page_assets.h"
#include "sim/report/page_data.h"
#include "tests/support/report_samples.h"

namespace skipsim::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& path) {
    std::ifstream file(std::string(SKIPSIM_SOURCE_DIR) + "/sim/report/page/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

ReportInput input_with(const std::string& layer) {
    ReportInput input;
    input.results = {report_samples::result("sample", {layer})};
    return input;
}

/// Between the first `open` and the next `close` after it.
std::string between(const std::string& page, const std::string& open, const std::string& close) {
    const std::size_t first = page.find(open) + open.size();
    return page.substr(first, page.find(close, first) - first);
}

TEST(Page, IsTheSameForTheSameInput) {
    EXPECT_EQ(report_page(input_with("conv")), report_page(input_with("conv")));
}

TEST(Page, CarriesItsData) {
    const ReportInput input = input_with("conv");
    const std::string data =
        between(report_page(input), "<script type=\"application/json\" id=\"data\">", "</script>");
    EXPECT_EQ(nlohmann::ordered_json::parse(data), page_data(input));
}

TEST(Page, AHostileNameIsNeverMarkup) {
    const std::string hostile = "</script><img src=x onerror=alert(1)>{{script}}";
    const std::string page = report_page(input_with(hostile));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, HasSubstr("{{script}}"));  // as it was given: texts are not templates
}

TEST(Page, AsksNobodyForAnything) {
    const std::string page = report_page(input_with("conv"));
    EXPECT_THAT(page, Not(HasSubstr(" src=")));
    EXPECT_THAT(page, Not(HasSubstr("@import")));
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(Page, ItsPolicyNamesItsScriptsAndItsStyle) {
    const std::string page = report_page(input_with("conv"));
    const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\"");
    const std::size_t chart = page.rfind("<script>!function") == std::string::npos
                                  ? page.find("<script>/*!")
                                  : page.rfind("<script>!function");
    ASSERT_NE(chart, std::string::npos);
    EXPECT_THAT(policy,
                HasSubstr(policy_hash(between(page.substr(chart), "<script>", "</script>"))));
    EXPECT_THAT(policy, HasSubstr(policy_hash(between(page.substr(page.rfind("<script>")),
                                                      "<script>", "</script>"))));
    EXPECT_THAT(policy, HasSubstr(policy_hash(between(page, "<style>", "</style>"))));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST(Page, KeepsTheNoticeOfTheChartLibrary) {
    const std::string page = report_page(input_with("conv"));
    EXPECT_THAT(page, HasSubstr("Chart.js v3"));
    EXPECT_THAT(page, HasSubstr("The above copyright notice and this permission notice"));
}

TEST(Page, OfAHundredLayersIsSmall) {
    ReportInput input;
    input.results = {report_samples::result("large", report_samples::layer_names(100))};
    EXPECT_LT(report_page(input).size(), 3'000'000U);
}

TEST(Page, OfNothingIsABug) {
    EXPECT_THROW(report_page({}), base::InternalError);
}

TEST(PolicyHash, IsTheBase64OfTheChecksum) {
    // SHA-256 of "abc" (FIPS 180-4): ba7816bf 8f01cfea 414140de … f20015ad.
    EXPECT_EQ(policy_hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST(PageAssets, AreTheFilesByteByByte) {
    EXPECT_EQ(page_style(), text_of("report.css"));
    EXPECT_EQ(page_template(), text_of("page.html"));
    EXPECT_THAT(std::string(page_script()), testing::StartsWith(text_of("open.js")));
    EXPECT_THAT(std::string(page_script()), testing::EndsWith(text_of("main.js")));
}

TEST(PageAssets, ScriptsEndNoElementAndOpenNoComment) {
    for (const std::string_view script : {chart_library(), page_script()}) {
        EXPECT_EQ(script.find("</script"), std::string_view::npos);
        EXPECT_EQ(script.find("<!--"), std::string_view::npos);
        EXPECT_EQ(script.find('\r'), std::string_view::npos);
    }
}

}  // namespace
}  // namespace skipsim::report
