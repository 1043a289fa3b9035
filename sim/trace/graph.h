// SPDX-License-Identifier: Apache-2.0
// The network of a trace: operators in execution order, connected by tensors that each stand once.
// Shapes have no sample axis. Contract: traces/FORMAT.md, "The graph". parse_graph() reads and
// checks everything that page says, so a Graph that exists is consistent.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skipsim::trace {

inline constexpr std::uint64_t kElementsLimit = std::uint64_t{1} << 31U;  ///< of one tensor
inline constexpr std::uint64_t kSamplesLimit = std::uint64_t{1} << 20U;   ///< of one iteration
inline constexpr std::uint64_t kGraphBytesLimit = 8U << 20U;              ///< [bytes] JSON text
inline constexpr std::size_t kNameLimit = 200;                            ///< characters

using Shape = std::vector<std::uint64_t>;

/// Product of the axes. Requires a shape that parse_graph() accepted.
std::uint64_t elements_of(const Shape& shape);
/// "[16, 32, 32]"
std::string shape_text(const Shape& shape);

/// A tensor (activation) or parameter (weight, bias).
struct NamedShape {
    std::string name;
    Shape shape;
    [[nodiscard]] std::uint64_t elements() const { return elements_of(shape); }
};

enum class OperatorKind {
    kConv2d,
    kLinear,
    kBatchNorm,
    kRelu,
    kRelu6,
    kHardswish,
    kHardsigmoid,
    kSigmoid,
    kSilu,
    kTanh,
    kGelu,
    kLeakyRelu,
    kElu,
    kMaxPool2d,
    kAvgPool2d,
    kAdaptiveAvgPool2d,
    kMean,
    kAdd,
    kMul,
    kConcat,
    kChunk,
    kChannelShuffle,
    kFlatten,
    kReshape,
    kIdentity,
    kDropout,
    kSoftmaxCrossEntropy,
};

/// Name in the file, "conv2d".
std::string_view kind_name(OperatorKind kind);
std::optional<OperatorKind> kind_of(std::string_view name);
/// Every name, in the order of the enumeration.
const std::vector<std::string>& kind_names();

using Pair = std::array<std::uint32_t, 2>;  ///< vertical, horizontal

struct Operator {
    std::string name;
    OperatorKind kind = OperatorKind::kIdentity;
    std::vector<std::uint32_t> inputs;                ///< indices into Graph::tensors
    std::vector<std::uint32_t> outputs;               ///< indices into Graph::tensors
    std::map<std::string, std::uint32_t> parameters;  ///< role -> index into Graph::parameters
    bool input_gradient = true;  ///< false: the gradient of the inputs is not computed (no BP)

    // Attributes; those that do not belong to the kind keep these values.
    Pair stride{1, 1};
    Pair padding{0, 0};
    Pair dilation{1, 1};
    Pair kernel{1, 1};       ///< of a pooling
    Pair output_size{1, 1};  ///< of adaptive_avg_pool2d
    std::uint32_t groups = 1;
    std::uint32_t axis = 0;           ///< of concat and chunk; the sample axis is not counted
    std::vector<std::uint32_t> axes;  ///< that mean removes; the sample axis is not counted
    bool ceil_mode = false;
    std::map<std::string, double> numbers;  ///< epsilon, probability, negative_slope, …

    [[nodiscard]] bool is_layer() const {
        return kind == OperatorKind::kConv2d || kind == OperatorKind::kLinear;
    }
    /// Index of the parameter with that role.
    [[nodiscard]] std::optional<std::uint32_t> parameter(const std::string& role) const;
};

/// One geometry for conv2d and linear: a linear layer is a 1 x 1 image with a 1 x 1 kernel.
struct Convolution {
    std::uint32_t in_channels = 0;
    std::uint32_t in_height = 1;
    std::uint32_t in_width = 1;
    std::uint32_t out_channels = 0;
    std::uint32_t kernel_height = 1;
    std::uint32_t kernel_width = 1;
    std::uint32_t out_height = 1;
    std::uint32_t out_width = 1;
    Pair stride{1, 1};
    Pair padding{0, 0};
    Pair dilation{1, 1};
    std::uint32_t groups = 1;
    bool is_linear = false;
};

struct Graph {
    std::vector<std::uint32_t> inputs;  ///< tensors that no operator writes
    std::optional<std::uint32_t> loss;  ///< operator that computes the loss
    std::vector<NamedShape> tensors;
    std::vector<NamedShape> parameters;
    std::vector<Operator> operators;  ///< in execution order
    std::unordered_map<std::string, std::uint32_t> tensor_index;
    std::unordered_map<std::string, std::uint32_t> parameter_index;
    std::unordered_map<std::string, std::uint32_t> operator_index;

    /// The conv2d and linear operators in execution order.
    [[nodiscard]] std::vector<std::uint32_t> layers() const;
    /// Requires operators[index].is_layer().
    [[nodiscard]] Convolution convolution(std::uint32_t index) const;
    /// The weight of a conv2d or linear operator. Requires operators[index].is_layer().
    [[nodiscard]] std::uint32_t weight_of(std::uint32_t index) const;
    /// The operator that writes a tensor; nothing for a network input.
    [[nodiscard]] std::optional<std::uint32_t> writer_of(std::uint32_t tensor) const;
};

/// Reads the JSON text of a graph. Throws InputError with one line per inconsistency, each
/// beginning with `place` ("FILE:/networks/student/graph").
Graph parse_graph(std::string_view json_text, const std::string& place);

/// The JSON text parse_graph() reads back to an equal graph.
std::string graph_json(const Graph& graph);

/// Whether a name follows the rule of traces/FORMAT.md.
bool is_valid_name(std::string_view name);

}  // namespace skipsim::trace
