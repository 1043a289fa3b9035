// SPDX-License-Identifier: Apache-2.0
// A row of a layer with the values of its operands, as the clocked engine is given it: patterns as
// in layer_operands, values from the trace where it has them, else made up.
//
// Made-up values are small integers that depend on the tensor and the number of the element alone:
// where the pattern has a one, one of -3, -2, -1, 1, 2, 3. A captured value is rounded to the
// chip's format; where the pattern has a zero it is 0, whatever was captured.
#pragma once

#include <cstdint>
#include <string>

#include "models/accelerator/chip_params.h"
#include "models/reduction/clocked/row_task.h"
#include "sim/system/layer_operands.h"
#include "sim/trace/reader.h"

namespace skipsim::system {

/// Without values: patterns and shape alone, and what of the chip a row's work depends on.
/// `selection` and `packs_output` are left to the caller. LayerOperands without patterns give the
/// dense row.
clocked::RowTask row_task(const LayerOperands& operands, reduction::TrainingStage stage,
                          const accelerator::ChipParams& params);

/// With values, for operands called `operand_format`. Throws InputError if the trace's data is bad.
clocked::RowTask row_task(const trace::TraceReader& reader, const LayerPlace& place,
                          reduction::TrainingStage stage, const LayerOperands& operands,
                          const accelerator::ChipParams& params, const std::string& operand_format);

/// The tensors whose values can be made up.
enum class ValueRole : std::uint64_t { x, weight, dy };

/// The made-up value of an element that is not zero.
float made_up_value(ValueRole role, std::uint64_t element) noexcept;

}  // namespace skipsim::system
