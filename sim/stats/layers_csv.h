// SPDX-License-Identifier: Apache-2.0
// layers.csv: one line per layer row. Columns are the paths of the rows in result.json joined with
// dots ("macs.skipped.input"), as pandas.json_normalize names them; lists are joined with "+".
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::stats {

/// `document` as result_document() makes it. RFC 4180: fields with commas or quotes are quoted.
std::string layers_as_csv(const nlohmann::ordered_json& document);

}  // namespace skipsim::stats
