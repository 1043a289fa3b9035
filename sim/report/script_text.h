// SPDX-License-Identifier: Apache-2.0
// Data inside a <script type="application/json"> element, whatever the strings in it hold.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::report {

/// JSON without '<', '>', '&', U+2028 and U+2029 (they are written as \uXXXX), so that no string
/// ends the element, opens a comment or is read as markup. Bytes that are not UTF-8 become U+FFFD.
std::string as_script_text(const nlohmann::ordered_json& data);

}  // namespace skipsim::report
