// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/layers_csv.h"

#include "sim/base/csv.h"

#include <utility>
#include <vector>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string joined_list(const Json& list) {
    std::string text;
    for (const Json& item : list) {
        text += (text.empty() ? "" : "+") + item.get<std::string>();
    }
    return text;
}

void flatten(const Json& object, const std::string& prefix, Fields& fields) {
    for (const auto& [key, value] : object.items()) {
        const std::string name = prefix + key;
        if (name == "choices" || name == "regret_cycles") {
            continue;  // not in every row; result.json has them
        }
        if (value.is_object()) {
            flatten(value, name + '.', fields);
        } else if (value.is_array()) {
            fields.emplace_back(name, joined_list(value));
        } else if (value.is_string()) {
            fields.emplace_back(name, value.get<std::string>());
        } else {
            fields.emplace_back(name, value.is_null() ? "" : value.dump());
        }
    }
}

}  // namespace

std::string layers_as_csv(const Json& document) {
    std::string csv;
    for (const Json& row : document["layers"]) {
        Fields fields;
        flatten(row, "", fields);
        if (csv.empty()) {
            for (const auto& [name, value] : fields) {
                csv += (csv.empty() ? "" : ",") + base::csv_field(name);
            }
            csv += '\n';
        }
        bool is_first = true;
        for (const auto& [name, value] : fields) {
            csv += (is_first ? "" : ",") + base::csv_field(value);
            is_first = false;
        }
        csv += '\n';
    }
    return csv;
}

}  // namespace skipsim::stats
