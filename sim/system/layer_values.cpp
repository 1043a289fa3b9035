// SPDX-License-Identifier: Apache-2.0
#include "sim/system/layer_values.h"

#include <optional>
#include <utility>
#include <vector>

#include "models/reduction/clocked/number_format.h"
#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::system {
namespace {

using clocked::OperandTensor;
using clocked::RowTask;
using reduction::TrainingStage;

using Values = std::optional<std::vector<float>>;

std::vector<std::uint8_t> elements_of(const std::uint64_t* words, std::uint64_t count) {
    std::vector<std::uint8_t> elements(count);
    for (std::uint64_t element = 0; element < count; ++element) {
        elements[element] = base::test_bit(words, element) ? 1 : 0;
    }
    return elements;
}

/// Sample after sample; empty for a pattern that is not there.
std::vector<std::uint8_t> elements_of(const base::BitTensor* pattern) {
    std::vector<std::uint8_t> elements;
    if (pattern == nullptr) {
        return elements;
    }
    elements.reserve(pattern->samples() * pattern->elements());
    for (std::uint64_t sample = 0; sample < pattern->samples(); ++sample) {
        const std::vector<std::uint8_t> one =
            elements_of(pattern->sample_words(sample), pattern->elements());
        elements.insert(elements.end(), one.begin(), one.end());
    }
    return elements;
}

std::vector<std::uint8_t> elements_of(const std::vector<std::uint64_t>* pattern,
                                      std::uint64_t count) {
    return pattern == nullptr ? std::vector<std::uint8_t>{} : elements_of(pattern->data(), count);
}

clocked::CoarseBlocks coarse_blocks(const reduction::CoarseRuns* runs,
                                    const reduction::ConvolutionShape& shape) {
    clocked::CoarseBlocks blocks;
    if (runs == nullptr) {
        return blocks;
    }
    const auto count_of = [](std::int64_t channels, std::int64_t block) {
        return base::ceil_divide(static_cast<std::uint64_t>(channels),
                                 static_cast<std::uint64_t>(block));
    };
    blocks.coarse_in = runs->coarse_in;
    blocks.coarse_out = runs->coarse_out;
    blocks.keep =
        elements_of(runs->keep, static_cast<std::uint64_t>(shape.taps()) *
                                    count_of(shape.in_channels_per_group(), runs->coarse_in) *
                                    count_of(shape.out_channels, runs->coarse_out));
    return blocks;
}

/// A uniform 64-bit mixing step (the finaliser of splitmix64, see sim/base/random.h).
std::uint64_t mixed(std::uint64_t bits) noexcept {
    bits += 0x9e3779b97f4a7c15U;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
    return bits ^ (bits >> 31);
}

/// What the trace holds of a tensor, rounded; made up if it holds nothing.
void fill(OperandTensor& tensor, ValueRole role, Values captured, std::uint64_t elements,
          const std::string& operand_format) {
    if (captured) {
        base::require(captured->size() == elements, "layer_values: values do not fit the shape");
        tensor.values = std::move(*captured);
    } else {
        tensor.values.resize(elements);
        for (std::uint64_t element = 0; element < elements; ++element) {
            tensor.values[element] = made_up_value(role, element);
        }
    }
    for (std::uint64_t element = 0; element < tensor.nonzero.size(); ++element) {
        if (tensor.nonzero[element] == 0) {
            tensor.values[element] = 0;
        }
    }
    clocked::round_tensor(clocked::number_format(operand_format, role == ValueRole::dy),
                          tensor.values);
}

/// Fills the values of a row's operands from one layer of a trace.
class Filler {
public:
    Filler(const trace::TraceReader& reader, const LayerPlace& place, std::string operand_format)
        : reader_(reader),
          place_(place),
          layer_(reader.networks()[place.network].graph.operators[place.layer]),
          samples_(reader.iterations()[place.iteration].samples),
          operand_format_(std::move(operand_format)) {}

    void fill_x(OperandTensor& tensor, const reduction::ConvolutionShape& shape) const {
        fill(tensor, ValueRole::x,
             reader_.values(place_.iteration, place_.network, layer_.inputs.front(), 0, samples_),
             shape.in_elements(), operand_format_);
    }
    void fill_dy(OperandTensor& tensor, const reduction::ConvolutionShape& shape) const {
        fill(tensor, ValueRole::dy,
             reader_.gradient_values(place_.iteration, place_.network, layer_.outputs.front(), 0,
                                     samples_),
             shape.out_elements(), operand_format_);
    }
    void fill_weight(OperandTensor& tensor, const reduction::ConvolutionShape& shape) const {
        const trace::Graph& graph = reader_.networks()[place_.network].graph;
        fill(tensor, ValueRole::weight,
             reader_.weight_values(place_.iteration, place_.network, graph.weight_of(place_.layer)),
             shape.weight_elements(), operand_format_);
    }

private:
    const trace::TraceReader& reader_;
    LayerPlace place_;
    const trace::Operator& layer_;
    std::uint64_t samples_;
    std::string operand_format_;
};

}  // namespace

float made_up_value(ValueRole role, std::uint64_t element) noexcept {
    const std::uint64_t bits = mixed(mixed(element) + static_cast<std::uint64_t>(role));
    const auto magnitude = static_cast<float>(1 + (bits >> 1) % 3);
    return (bits & 1U) != 0 ? -magnitude : magnitude;
}

clocked::RowTask row_task(const LayerOperands& operands, TrainingStage stage,
                          const accelerator::ChipParams& params) {
    const reduction::LayerPatterns patterns = operands.patterns();
    RowTask task;
    task.stage = stage;
    task.shape = operands.shape();
    const std::uint64_t weights = task.shape.weight_elements();
    switch (stage) {
        case TrainingStage::feed_forward:
            task.input.nonzero = elements_of(patterns.x);
            task.weight.nonzero = elements_of(patterns.weight, weights);
            break;
        case TrainingStage::back_propagation:
            task.input.nonzero = elements_of(patterns.dy);
            task.weight.nonzero = elements_of(patterns.weight, weights);
            task.needed = elements_of(patterns.dx_needed);
            break;
        case TrainingStage::weight_gradient:
            task.input.nonzero = elements_of(patterns.x);
            task.weight.nonzero = elements_of(patterns.dy);
            task.needed = elements_of(patterns.weight_keep, weights);
            break;
    }
    if (stage != TrainingStage::weight_gradient) {
        task.coarse = coarse_blocks(patterns.coarse_runs, task.shape);
    }
    task.zero_insertion = params.zero_insertion;
    task.balances = params.balancer.enabled;
    return task;
}

clocked::RowTask row_task(const trace::TraceReader& reader, const LayerPlace& place,
                          TrainingStage stage, const LayerOperands& operands,
                          const accelerator::ChipParams& params,
                          const std::string& operand_format) {
    RowTask task = row_task(operands, stage, params);
    const Filler filler(reader, place, operand_format);
    switch (stage) {
        case TrainingStage::feed_forward:
            filler.fill_x(task.input, task.shape);
            filler.fill_weight(task.weight, task.shape);
            break;
        case TrainingStage::back_propagation:
            filler.fill_dy(task.input, task.shape);
            filler.fill_weight(task.weight, task.shape);
            break;
        case TrainingStage::weight_gradient:
            filler.fill_x(task.input, task.shape);
            filler.fill_dy(task.weight, task.shape);
            break;
    }
    return task;
}

}  // namespace skipsim::system
