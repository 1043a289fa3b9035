// SPDX-License-Identifier: Apache-2.0
// From an operator of a trace's graph to the work of the vector unit in a row: sizes, densities,
// which gradients meet, which parameters are updated by which rule.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "models/accelerator/chip_params.h"
#include "models/accelerator/vector_table.h"
#include "sim/config/config.h"
#include "sim/stats/run_result.h"
#include "sim/system/gradient_flow.h"
#include "sim/system/layer_operands.h"
#include "sim/trace/reader.h"

namespace skipsim::system {

/// What update.optimizer and the trace say. Throws InputError, naming the key, for an optimizer of
/// the trace that nothing is known about.
accelerator::UpdateRule update_rule(const config::Config& config, const trace::TraceReader& reader);

/// The vector work of one trace's rows. The reader, configuration and parameters must outlive it.
class VectorRows {
public:
    VectorRows(const config::Config& config, const accelerator::ChipParams& params,
               const trace::TraceReader& reader);

    /// Everything the vector unit does in that row, beside the cores or alone.
    accelerator::VectorWork work(const LayerPlace& place, stats::Stage stage);

    /// A training iteration of the student.
    [[nodiscard]] bool trains(const LayerPlace& place) const;
    /// A tensor over the whole batch, as it travels.
    accelerator::VectorTensor tensor(const LayerPlace& place, std::uint32_t index, bool trains);
    /// [bytes] of the quantised copy of a weight, and of its gradient.
    [[nodiscard]] std::uint64_t weight_bytes(const LayerPlace& place, std::uint32_t index) const;
    [[nodiscard]] std::uint64_t weight_gradient_bytes(const LayerPlace& place,
                                                      std::uint32_t index) const;
    /// [bytes] of a pixel-major copy: values, and bitmaps if the chip has them.
    [[nodiscard]] std::uint64_t copy_bytes(std::uint64_t elements) const;
    /// [bytes] that a tensor takes at most, whatever its values.
    [[nodiscard]] std::uint64_t dense_bytes(std::uint64_t elements, std::uint64_t samples) const;

private:
    using TensorPlace = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;
    struct Counts {
        std::uint64_t values = 0;
        std::uint64_t gradients = 0;
    };

    accelerator::VectorOperator describe(const LayerPlace& place);
    void describe_parameters(accelerator::VectorOperator& op, const LayerPlace& place) const;
    Counts nonzeros(const LayerPlace& place, std::uint32_t index, bool trains,
                    std::uint64_t elements);
    accelerator::VectorParameter parameter(const LayerPlace& place, std::uint32_t index) const;

    const config::Config& config_;
    const accelerator::ChipParams& params_;
    const trace::TraceReader& reader_;
    std::vector<GradientFlow> flows_;  ///< of each network
    std::map<TensorPlace, Counts> nonzeros_;
};

}  // namespace skipsim::system
