// SPDX-License-Identifier: Apache-2.0
// The files of the page (sim/report/page) and the chart library, embedded when the program is
// built (scripts/cmake/embed_files.cmake).
#pragma once

#include <string_view>

namespace skipsim::report {

/// HTML with {{names}} in the places of the rest.
std::string_view page_template() noexcept;
std::string_view page_style() noexcept;
/// All scripts of the page, in order.
std::string_view page_script() noexcept;
/// Chart.js 3.
std::string_view chart_library() noexcept;
std::string_view chart_licence() noexcept;

}  // namespace skipsim::report
