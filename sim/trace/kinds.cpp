// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/kinds.h"

#include <limits>

#include "sim/base/check.h"

namespace skipsim::trace {
namespace {

constexpr std::size_t kMany = std::numeric_limits<std::uint32_t>::max();

KindFacts unary(std::string name, std::vector<std::string> attributes = {}) {
    KindFacts facts;
    facts.name = std::move(name);
    facts.attributes = std::move(attributes);
    return facts;
}

KindFacts layer(std::string name, std::vector<std::string> attributes) {
    KindFacts facts = unary(std::move(name), std::move(attributes));
    facts.roles = {"weight", "bias"};
    facts.required_roles = {"weight"};
    return facts;
}

KindFacts pooling(std::string name, std::vector<std::string> attributes) {
    KindFacts facts = unary(std::move(name), std::move(attributes));
    facts.required_attributes = {"kernel"};
    return facts;
}

KindFacts joining(std::string name, std::vector<std::string> attributes = {}) {
    KindFacts facts = unary(std::move(name), std::move(attributes));
    facts.inputs_lowest = 2;
    facts.inputs_highest = kMany;
    return facts;
}

KindFacts requiring(KindFacts facts, std::vector<std::string> attributes) {
    facts.required_attributes = std::move(attributes);
    return facts;
}

KindFacts batch_norm() {
    KindFacts facts = unary("batch_norm", {"epsilon", "momentum"});
    facts.roles = {"weight", "bias", "running_mean", "running_var"};
    return facts;
}

KindFacts chunk() {
    KindFacts facts = unary("chunk", {"axis"});
    facts.outputs_lowest = 2;
    facts.outputs_highest = kMany;
    return facts;
}

KindFacts loss() {
    KindFacts facts = unary("softmax_cross_entropy");
    facts.outputs_lowest = facts.outputs_highest = 0;
    return facts;
}

/// In the order of OperatorKind.
const std::vector<KindFacts>& table() {
    static const std::vector<KindFacts> kKinds = {
        layer("conv2d", {"stride", "padding", "dilation", "groups"}),
        layer("linear", {}),
        batch_norm(),
        unary("relu"),
        unary("relu6"),
        unary("hardswish"),
        unary("hardsigmoid"),
        unary("sigmoid"),
        unary("silu"),
        unary("tanh"),
        unary("gelu"),
        unary("leaky_relu", {"negative_slope"}),
        unary("elu", {"alpha"}),
        pooling("max_pool2d", {"kernel", "stride", "padding", "dilation", "ceil_mode"}),
        pooling("avg_pool2d", {"kernel", "stride", "padding", "ceil_mode", "count_include_pad"}),
        requiring(unary("adaptive_avg_pool2d", {"output_size"}), {"output_size"}),
        requiring(unary("mean", {"axes"}), {"axes"}),
        joining("add"),
        joining("mul"),
        joining("concat", {"axis"}),
        chunk(),
        requiring(unary("channel_shuffle", {"groups"}), {"groups"}),
        unary("flatten"),
        unary("reshape"),
        unary("identity"),
        unary("dropout", {"probability"}),
        loss(),
    };
    return kKinds;
}

}  // namespace

const KindFacts& kind_facts(OperatorKind kind) {
    return table().at(static_cast<std::size_t>(kind));
}

std::string_view kind_name(OperatorKind kind) {
    return kind_facts(kind).name;
}

std::optional<OperatorKind> kind_of(std::string_view name) {
    for (std::size_t i = 0; i < table().size(); ++i) {
        if (table()[i].name == name) {
            return static_cast<OperatorKind>(i);
        }
    }
    return std::nullopt;
}

const std::vector<std::string>& kind_names() {
    static const std::vector<std::string> kNames = [] {
        std::vector<std::string> all;
        for (const KindFacts& facts : table()) {
            all.push_back(facts.name);
        }
        return all;
    }();
    return kNames;
}

Pair* pair_attribute(Operator& op, const std::string& name) {
    if (name == "stride") {
        return &op.stride;
    }
    if (name == "padding") {
        return &op.padding;
    }
    if (name == "dilation") {
        return &op.dilation;
    }
    if (name == "kernel") {
        return &op.kernel;
    }
    return name == "output_size" ? &op.output_size : nullptr;
}

const Pair* pair_attribute(const Operator& op, const std::string& name) {
    return pair_attribute(const_cast<Operator&>(op), name);
}

}  // namespace skipsim::trace
