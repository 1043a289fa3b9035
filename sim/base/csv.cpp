// SPDX-License-Identifier: Apache-2.0
#include "sim/base/csv.h"

namespace skipsim::base {

std::string csv_field(std::string_view field) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(field);
    }
    std::string text = "\"";
    for (const char c : field) {
        text += c;
        if (c == '"') {
            text += '"';
        }
    }
    return text + '"';
}

}  // namespace skipsim::base
