// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/synth_spec.h"

#include <algorithm>
#include <set>

#include "sim/base/bits.h"
#include "sim/base/errors.h"
#include "sim/base/yaml_reader.h"
#include "sim/trace/kinds.h"

namespace skipsim::trace {
namespace {

using base::WholeRange;
using base::YamlSection;

constexpr std::uint64_t kSizeLimit = 1U << 16U;
const base::RealRange kShare{0.0, 1.0, ""};

PatternKind pattern_kind(YamlSection& section) {
    const std::string name =
        section.choice("pattern", {"bernoulli", "channel", "coarse"}, "bernoulli");
    return name == "bernoulli" ? PatternKind::kBernoulli
                               : (name == "channel" ? PatternKind::kChannel : PatternKind::kCoarse);
}

double spread_of(YamlSection& section, PatternKind kind) {
    if (kind == PatternKind::kChannel) {
        return section.real("spread", kShare, 0.5);
    }
    return 0.0;
}

/// `key: 0.5` or `key: {density: 0.5, …}`.
bool is_plain_number(YamlSection& section, const std::string& key) {
    const base::YamlNode* node = section.node(key);
    return node != nullptr && node->kind == base::YamlNode::Kind::kScalar;
}

std::optional<PatternSpec> read_pattern(YamlSection& section, const std::string& key) {
    if (!section.has(key)) {
        return std::nullopt;
    }
    PatternSpec pattern;
    if (is_plain_number(section, key)) {
        pattern.density = section.real(key, kShare);
        return pattern;
    }
    YamlSection own = section.section(key);
    pattern.density = own.real("density", kShare);
    pattern.kind = pattern_kind(own);
    pattern.spread = spread_of(own, pattern.kind);
    if (pattern.kind == PatternKind::kCoarse) {
        const auto block = own.wholes("block", {1, kSizeLimit, "channels, height, width"});
        if (block.size() != 3) {
            own.report("block", "expected [channels, height, width]");
            return pattern;
        }
        pattern.block_channels = block[0];
        pattern.block_height = block[1];
        pattern.block_width = block[2];
    }
    return pattern;
}

std::optional<WeightSpec> read_weight(YamlSection& section, const std::string& key) {
    if (!section.has(key)) {
        return std::nullopt;
    }
    WeightSpec weight;
    if (is_plain_number(section, key)) {
        weight.density = section.real(key, kShare);
        return weight;
    }
    YamlSection own = section.section(key);
    weight.kind = pattern_kind(own);
    weight.spread = spread_of(own, weight.kind);
    weight.keep = own.real("keep", kShare, 1.0);
    weight.density = own.real("density", kShare, weight.keep);
    if (weight.density > weight.keep) {
        own.report("density", "expected at most keep, found more: pruned weights are zero");
    }
    if (weight.kind == PatternKind::kCoarse) {
        weight.coarse_in = own.whole("coarse_in", {1, kSizeLimit, "channels"});
        weight.coarse_out = own.whole("coarse_out", {1, kSizeLimit, "channels"});
    }
    return weight;
}

/// Builds a graph layer by layer; each layer reads the one before it unless it says `from`.
class NetworkBuilder {
public:
    NetworkBuilder(std::string name, bool is_student) {
        network_.name = std::move(name);
        network_.is_student = is_student;
    }

    NetworkSpec build(YamlSection section) {
        YamlSection input = section.section("input");
        const auto shape = input.wholes("shape", {1, kElementsLimit, ""});
        const std::uint32_t tensor = add_tensor(input.text("name", "input"), shape);
        network_.graph.inputs = {tensor};
        network_.tensors[tensor].nonzero = read_pattern(input, "x");
        previous_ = tensor;
        for (YamlSection layer : section.sections("layers")) {
            add_layer(layer);
        }
        if (section.boolean("loss", true)) {
            add_loss();
        }
        return std::move(network_);
    }

private:
    Graph& graph() { return network_.graph; }

    std::uint32_t add_tensor(const std::string& name, Shape shape) {
        const auto index = static_cast<std::uint32_t>(graph().tensors.size());
        graph().tensor_index.emplace(name, index);
        graph().tensors.push_back({name, shape.empty() ? Shape{1} : std::move(shape)});
        return index;
    }

    std::uint32_t add_parameter(const std::string& name, Shape shape) {
        const auto index = static_cast<std::uint32_t>(graph().parameters.size());
        graph().parameters.push_back({name, std::move(shape)});
        return index;
    }

    const Shape& shape_of(std::uint32_t tensor) { return graph().tensors[tensor].shape; }

    void add_layer(YamlSection& layer) {
        std::vector<std::string> kinds = kind_names();
        kinds.pop_back();  // the loss has its own key
        Operator op;
        op.kind = *kind_of(layer.choice("kind", kinds));
        const std::string number = std::to_string(graph().operators.size());
        op.name = layer.text("name", std::string(kind_name(op.kind)) + number);
        if (!is_valid_name(op.name) || !names_.insert(op.name).second) {
            layer.report("name", "expected a new name of A-Z a-z 0-9 _ . - :, found \"" +
                                     op.name.substr(0, 60) + '"');
            return;
        }
        read_inputs(layer, op);
        read_attributes(layer, op);
        if (op.is_layer()) {
            read_weights(layer, op);
        }
        add_outputs(layer, op);
        read_patterns(layer, op);
        const std::vector<std::string> problems = shape_problems(graph(), op);
        if (!problems.empty()) {
            layer.report("kind", std::string(kind_name(op.kind)) + ": " + problems.front());
        }
        graph().operators.push_back(std::move(op));
    }

    void read_inputs(YamlSection& layer, Operator& op) {
        const bool takes_several = kind_facts(op.kind).inputs_highest > 1;
        std::vector<std::string> names;
        if (layer.has("from") && takes_several) {
            names = layer.texts("from");
        } else if (layer.has("from")) {
            names = {layer.text("from")};
        } else if (takes_several) {
            layer.report("from", "expected a list of the layers to join, found nothing");
        }
        for (const std::string& name : names) {
            const auto tensor = graph().tensor_index.find(output_name(name));
            const auto input = graph().tensor_index.find(name);
            if (tensor != graph().tensor_index.end()) {
                op.inputs.push_back(tensor->second);
            } else if (input != graph().tensor_index.end()) {
                op.inputs.push_back(input->second);
            } else {
                layer.report("from", "expected names of earlier layers or of the input, found \"" +
                                         name.substr(0, 60) + '"');
            }
        }
        while (op.inputs.size() < kind_facts(op.kind).inputs_lowest) {
            op.inputs.push_back(previous_);
        }
        if (op.is_layer()) {
            op.input_gradient = layer.boolean("input_gradient", op.inputs[0] != graph().inputs[0]);
        }
    }

    static std::string output_name(const std::string& layer) { return layer + ".y"; }

    /// One number for both directions, or two.
    Pair read_pair(YamlSection& layer, const std::string& key, std::uint32_t lowest,
                   std::optional<Pair> fallback) {
        const WholeRange range{lowest, kSizeLimit, ""};
        if (!layer.has(key) && fallback) {
            return *fallback;
        }
        const base::YamlNode* node = layer.node(key);
        if (node == nullptr || node->kind != base::YamlNode::Kind::kList) {
            const auto both = static_cast<std::uint32_t>(layer.whole(key, range));
            return {both, both};
        }
        const auto list = layer.wholes(key, range);
        if (list.size() != 2) {
            layer.report(key, "expected one number or [vertical, horizontal]");
            return {lowest, lowest};
        }
        return {static_cast<std::uint32_t>(list[0]), static_cast<std::uint32_t>(list[1])};
    }

    void read_attributes(YamlSection& layer, Operator& op) {
        const KindFacts& facts = kind_facts(op.kind);
        for (const std::string& name : facts.attributes) {
            if (name == "kernel" || name == "output_size") {
                *pair_attribute(op, name) = read_pair(layer, name, 1, std::nullopt);
            } else if (name == "stride") {
                op.stride = read_pair(layer, name, 1, op.is_layer() ? Pair{1, 1} : op.kernel);
            } else if (Pair* pair = pair_attribute(op, name)) {
                *pair = read_pair(layer, name, name == "padding" ? 0 : 1, *pair);
            } else if (name == "groups") {
                const bool is_needed = op.kind == OperatorKind::kChannelShuffle;
                op.groups = static_cast<std::uint32_t>(layer.whole(
                    name, {1, kSizeLimit, ""}, is_needed ? std::nullopt : std::optional(1)));
            } else if (name == "axis") {
                op.axis = static_cast<std::uint32_t>(layer.whole(name, {0, 7, ""}, 0));
            } else if (name == "axes") {
                for (const std::uint64_t axis : layer.wholes(name, {0, 7, ""})) {
                    op.axes.push_back(static_cast<std::uint32_t>(axis));
                }
            } else if (name == "ceil_mode") {
                op.ceil_mode = layer.boolean(name, false);
            }
        }
    }

    void read_weights(YamlSection& layer, Operator& op) {
        const Shape& in = shape_of(op.inputs[0]);
        const std::uint64_t outs = layer.whole("out", {1, kSizeLimit, "channels or features"});
        Shape shape{outs, in[0]};
        if (op.kind == OperatorKind::kConv2d) {
            const Pair kernel = read_pair(layer, "kernel", 1, std::nullopt);
            shape[1] = std::max<std::uint64_t>(in[0] / op.groups, 1);
            shape.insert(shape.end(), {kernel[0], kernel[1]});
        }
        const std::uint32_t weight = add_parameter(op.name + ".weight", shape);
        op.parameters["weight"] = weight;
        if (layer.boolean("bias", false)) {
            op.parameters["bias"] = add_parameter(op.name + ".bias", {outs});
        }
        if (const auto spec = read_weight(layer, "w")) {
            network_.parameters[weight] = *spec;
        }
    }

    void add_outputs(YamlSection& layer, Operator& op) {
        if (op.kind == OperatorKind::kChunk) {
            const std::uint64_t parts = layer.whole("parts", {2, 64, ""});
            for (std::uint64_t i = 0; i < parts; ++i) {
                Shape shape = shape_of(op.inputs[0]);
                const std::size_t axis = std::min<std::size_t>(op.axis, shape.size() - 1);
                shape[axis] = std::max<std::uint64_t>(shape[axis] / parts, 1);
                op.outputs.push_back(
                    add_tensor(output_name(op.name) + (i == 0 ? "" : std::to_string(i)), shape));
            }
        } else {
            op.outputs.push_back(add_tensor(output_name(op.name), output_shape(layer, op)));
        }
        previous_ = op.outputs.front();
    }

    Shape output_shape(YamlSection& layer, const Operator& op) {
        Shape shape = shape_of(op.inputs[0]);
        switch (op.kind) {
            case OperatorKind::kLinear:
                return {graph().parameters.back().shape[0]};
            case OperatorKind::kConv2d:
            case OperatorKind::kMaxPool2d:
            case OperatorKind::kAvgPool2d:
                return window_shape(op, std::move(shape));
            case OperatorKind::kAdaptiveAvgPool2d:
                return {shape[0], op.output_size[0], op.output_size[1]};
            case OperatorKind::kFlatten:
                return {elements_of(shape)};
            case OperatorKind::kReshape:
                return layer.wholes("shape", {1, kElementsLimit, ""});
            case OperatorKind::kMean:
                for (const std::uint32_t axis : op.axes) {
                    shape[std::min<std::size_t>(axis, shape.size() - 1)] = 1;
                }
                return shape;
            case OperatorKind::kConcat:
                for (std::size_t i = 1; i < op.inputs.size() && op.axis < shape.size(); ++i) {
                    const Shape& part = shape_of(op.inputs[i]);
                    shape[op.axis] += op.axis < part.size() ? part[op.axis] : 0;
                }
                return shape;
            default:
                return shape;
        }
    }

    Shape window_shape(const Operator& op, Shape shape) {
        const auto weight = op.parameter("weight");
        if (shape.size() != 3) {
            return shape;  // shape_problems() says so
        }
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const std::uint64_t kernel =
                weight ? graph().parameters[*weight].shape[2 + axis] : op.kernel[axis];
            shape[1 + axis] =
                std::max<std::uint64_t>(window_outputs(shape[1 + axis], kernel, op, axis), 1);
        }
        if (weight) {
            shape[0] = graph().parameters[*weight].shape[0];
        }
        return shape;
    }

    /// Conv2d and linear name the patterns of their operands; other kinds that of their output.
    void read_patterns(YamlSection& layer, const Operator& op) {
        const std::uint32_t output = op.outputs.front();
        if (op.is_layer()) {
            set_once(layer, "x", network_.tensors[op.inputs[0]].nonzero);
            set_once(layer, "dx_needed", network_.tensors[op.inputs[0]].needed);
        } else {
            set_once(layer, "y", network_.tensors[output].nonzero);
            const bool is_mask = op.kind == OperatorKind::kRelu || op.kind == OperatorKind::kRelu6;
            network_.tensors[output].needed_is_nonzero =
                is_mask && network_.tensors[output].nonzero.has_value();
        }
        set_once(layer, "dy", network_.tensors[output].gradient);
    }

    static void set_once(YamlSection& layer, const std::string& key,
                         std::optional<PatternSpec>& pattern) {
        const auto next = read_pattern(layer, key);
        if (next && pattern) {
            layer.report(key,
                         "expected a tensor without a pattern, found one that another layer "
                         "already gives a pattern");
        } else if (next) {
            pattern = next;
        }
    }

    void add_loss() {
        Operator op;
        op.name = "loss";
        op.kind = OperatorKind::kSoftmaxCrossEntropy;
        op.inputs = {previous_};
        graph().loss = static_cast<std::uint32_t>(graph().operators.size());
        graph().operators.push_back(std::move(op));
    }

    NetworkSpec network_;
    std::uint32_t previous_ = 0;
    std::set<std::string> names_;
};

void read_settings(YamlSection& root, SynthSpec& spec) {
    root.choice("schema", {"skipsim-synth/1"});
    spec.seed = root.whole("seed", {0, ~std::uint64_t{0}, ""}, 1);
    spec.batch_size = root.whole("batch_size", {1, kSamplesLimit, "samples"});
    spec.iterations = root.whole("iterations", {1, 100000, ""}, 1);
    spec.dataset_samples = root.whole("dataset_samples", {spec.batch_size, 1U << 30U, "samples"},
                                      std::max<std::uint64_t>(1000, spec.batch_size));
    spec.classes = root.whole("classes", {1, 1000000, ""}, 10);
    spec.epoch_data = root.whole("epoch_data", {0, 10000, "epochs"}, 0);
    spec.sample_gradients =
        root.whole("sample_gradients", {0, spec.batch_size, "samples per iteration"}, 0);
    spec.is_inference = root.choice("phase", {"train", "inference"}, "train") == "inference";
    spec.number_format = root.choice(
        "number_format", {"fp32", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2", "int8"}, "fp32");
    const std::string values = root.choice("values", {"none", "normal", "integer"}, "none");
    spec.values = values == "none"
                      ? ValueKind::kNone
                      : (values == "normal" ? ValueKind::kNormal : ValueKind::kInteger);
    spec.dy_sigma = root.real("dy_sigma", {0.0, 10.0, ""}, 1.0);
}

}  // namespace

SynthSpec read_spec(const std::string& path) {
    base::YamlReader reader = base::YamlReader::from_file(path);
    YamlSection root = reader.root();
    SynthSpec spec;
    spec.path = path;
    read_settings(root, spec);
    spec.networks.push_back(NetworkBuilder("student", true).build(root.section("student")));
    if (const auto teacher = root.optional_section("teacher")) {
        spec.networks.push_back(NetworkBuilder("teacher", false).build(*teacher));
    }
    reader.finish();
    for (NetworkSpec& network : spec.networks) {
        network.graph = parse_graph(graph_json(network.graph), path + ": " + network.name);
    }
    return spec;
}

}  // namespace skipsim::trace
