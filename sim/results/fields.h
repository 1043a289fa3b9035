// SPDX-License-Identifier: Apache-2.0
// The fields of `skipsim-result/1` and their types, as sim/stats/result.schema.json has them.
#pragma once

#include "sim/results/shape.h"

#include <string>

namespace skipsim::results {

/// Of a result whose chip has this format of operands: actions are named after it.
Fields document_fields(const std::string& operand_format);

}  // namespace skipsim::results
