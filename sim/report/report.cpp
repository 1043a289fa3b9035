// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report.h"

#include "sim/base/check.h"
#include "sim/report/content_policy.h"
#include "sim/report/page_assets.h"
#include "sim/report/page_data.h"
#include "sim/report/script_text.h"

#include <map>
#include <string_view>

namespace skipsim::report {
namespace {

/// Puts texts into the places {{name}} of a template. What is put in is not looked at again.
std::string filled(std::string_view text,
                   const std::map<std::string_view, std::string_view>& parts) {
    std::string page;
    for (;;) {
        const std::size_t open = text.find("{{");
        if (open == std::string_view::npos) {
            return page.append(text);
        }
        const std::size_t close = text.find("}}", open);
        base::require(close != std::string_view::npos, "report: the template closes its places");
        const auto part = parts.find(text.substr(open + 2, close - open - 2));
        base::require(part != parts.end(), "report: every place of the template has a text");
        page.append(text.substr(0, open)).append(part->second);
        text.remove_prefix(close + 2);
    }
}

}  // namespace

std::string report_page(const ReportInput& input) {
    base::require(!input.results.empty() || !input.sweeps.empty(),
                  "report: there is a result or a sweep");
    const std::string data = as_script_text(page_data(input));
    const std::string policy = content_policy({chart_library(), page_script()}, page_style());
    return filled(page_template(), {{"policy", policy},
                                    {"style", page_style()},
                                    {"data", data},
                                    {"chart_licence", chart_licence()},
                                    {"chart_library", chart_library()},
                                    {"script", page_script()}});
}

}  // namespace skipsim::report
