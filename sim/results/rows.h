// SPDX-License-Identifier: Apache-2.0
// What stats::result_document was given, read back out of what it made: the context here, the rows
// by run_result_of (reprice.h).
#pragma once

#include "sim/stats/result_document.h"

#include <nlohmann/json.hpp>

namespace skipsim::results {

/// Of a document whose fields are there with their types. Of the energy table only what a result
/// holds: name, checksum, factor and the commands of the DRAM, but no entries.
stats::ResultContext context_of(const nlohmann::ordered_json& document);

}  // namespace skipsim::results
