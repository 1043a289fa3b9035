// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/graph.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/base/check.h"
#include "sim/trace/kinds.h"

namespace skipsim::trace {
namespace {

using Json = nlohmann::ordered_json;

Json names_of(const std::vector<std::uint32_t>& indices, const std::vector<NamedShape>& all) {
    Json names = Json::array();
    for (const std::uint32_t index : indices) {
        names.push_back(all[index].name);
    }
    return names;
}

Json shapes_of(const std::vector<NamedShape>& all) {
    Json list = Json::array();
    for (const NamedShape& item : all) {
        list.push_back({{"name", item.name}, {"shape", item.shape}});
    }
    return list;
}

Json attributes_of(const Operator& op) {
    Json attributes = Json::object();
    for (const std::string& name : kind_facts(op.kind).attributes) {
        if (const Pair* pair = pair_attribute(op, name)) {
            attributes[name] = *pair;
        } else if (name == "groups") {
            attributes[name] = op.groups;
        } else if (name == "axis") {
            attributes[name] = op.axis;
        } else if (name == "axes") {
            attributes[name] = op.axes;
        } else if (name == "ceil_mode") {
            attributes[name] = op.ceil_mode ? 1 : 0;
        } else if (const auto number = op.numbers.find(name); number != op.numbers.end()) {
            attributes[name] = number->second;
        }
    }
    return attributes;
}

Json operator_json(const Graph& graph, const Operator& op) {
    Json json{{"name", op.name},
              {"kind", kind_name(op.kind)},
              {"inputs", names_of(op.inputs, graph.tensors)},
              {"outputs", names_of(op.outputs, graph.tensors)}};
    if (!op.parameters.empty()) {
        Json& roles = json["parameters"] = Json::object();
        for (const auto& [role, index] : op.parameters) {
            roles[role] = graph.parameters[index].name;
        }
    }
    const Json attributes = attributes_of(op);
    if (!attributes.empty()) {
        json["attributes"] = attributes;
    }
    json["input_gradient"] = op.input_gradient;
    return json;
}

}  // namespace

std::uint64_t elements_of(const Shape& shape) {
    std::uint64_t product = 1;
    for (const std::uint64_t axis : shape) {
        product *= axis;
    }
    return product;
}

std::string shape_text(const Shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + ']';
}

bool is_valid_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-' || c == ':';
    };
    return !name.empty() && name.size() <= kNameLimit && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

std::optional<std::uint32_t> Operator::parameter(const std::string& role) const {
    const auto found = parameters.find(role);
    return found == parameters.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint32_t> Graph::layers() const {
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < operators.size(); ++i) {
        if (operators[i].is_layer()) {
            found.push_back(i);
        }
    }
    return found;
}

std::uint32_t Graph::weight_of(std::uint32_t index) const {
    const auto weight = operators.at(index).parameter("weight");
    base::require(weight.has_value(), "graph: weight_of() of an operator that is no layer");
    return *weight;
}

Convolution Graph::convolution(std::uint32_t index) const {
    const Operator& op = operators.at(index);
    base::require(op.is_layer(), "graph: convolution() of an operator that is no layer");
    const Shape& in = tensors[op.inputs.front()].shape;
    const Shape& out = tensors[op.outputs.front()].shape;
    const auto axis = [](const Shape& shape, std::size_t i) {
        return static_cast<std::uint32_t>(shape[i]);
    };
    Convolution layer;
    layer.in_channels = axis(in, 0);
    layer.out_channels = axis(out, 0);
    layer.is_linear = op.kind == OperatorKind::kLinear;
    if (!layer.is_linear) {
        const Shape& weight = parameters[weight_of(index)].shape;
        layer.in_height = axis(in, 1);
        layer.in_width = axis(in, 2);
        layer.out_height = axis(out, 1);
        layer.out_width = axis(out, 2);
        layer.kernel_height = axis(weight, 2);
        layer.kernel_width = axis(weight, 3);
        layer.stride = op.stride;
        layer.padding = op.padding;
        layer.dilation = op.dilation;
        layer.groups = op.groups;
    }
    return layer;
}

std::optional<std::uint32_t> Graph::writer_of(std::uint32_t tensor) const {
    for (std::uint32_t i = 0; i < operators.size(); ++i) {
        const auto& outputs = operators[i].outputs;
        if (std::find(outputs.begin(), outputs.end(), tensor) != outputs.end()) {
            return i;
        }
    }
    return std::nullopt;
}

std::string graph_json(const Graph& graph) {
    Json json;
    json["inputs"] = names_of(graph.inputs, graph.tensors);
    if (graph.loss) {
        json["loss"] = graph.operators[*graph.loss].name;
    }
    json["tensors"] = shapes_of(graph.tensors);
    json["parameters"] = shapes_of(graph.parameters);
    json["operators"] = Json::array();
    for (const Operator& op : graph.operators) {
        json["operators"].push_back(operator_json(graph, op));
    }
    return json.dump();
}

}  // namespace skipsim::trace
