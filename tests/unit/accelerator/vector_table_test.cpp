// SPDX-License-Identifier: Apache-2.0
// models/MICROARCHITECTURE.md §12, "Examples": every line of that table, derived there by hand, is
// what the code computes, and the code's examples are all on the page.
#include "models/accelerator/vector_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace skipsim::accelerator {
namespace {

using Lines = std::vector<std::string>;

constexpr std::uint32_t kX = 0;
constexpr std::uint32_t kY = 1;
constexpr std::uint32_t kX2 = 2;

std::string name_of(const TensorTraffic& traffic) {
    static const std::vector<std::string> kTensors{"x", "y", "x2"};
    static const std::vector<std::string> kParameters{"weight", "bias", "running_mean",
                                                      "running_var"};
    switch (traffic.space) {
        case TensorSpace::value:
            return kTensors.at(traffic.index);
        case TensorSpace::bitmap:
            return kTensors.at(traffic.index) + " bitmap";
        case TensorSpace::gradient:
            return "d" + kTensors.at(traffic.index);
        case TensorSpace::parameter:
            return kParameters.at(traffic.index) + " copy";
        case TensorSpace::parameter_gradient:
            return "d" + kParameters.at(traffic.index);
        case TensorSpace::master:
            return kParameters.at(traffic.index);
        case TensorSpace::momentum:
            return kParameters.at(traffic.index) + " momentum";
        case TensorSpace::second_moment:
            return kParameters.at(traffic.index) + " second moment";
        case TensorSpace::saved:
            return "saved";
    }
    return "?";
}

std::string text_of(const std::vector<TensorTraffic>& traffic) {
    std::string text;
    for (const TensorTraffic& tensor : traffic) {
        text += (text.empty() ? "" : ", ") + name_of(tensor) + ' ' + std::to_string(tensor.bytes);
    }
    return text.empty() ? "–" : text;
}

std::string line_of(const std::string& number, const VectorPass& pass) {
    return "| " + number + " | " + std::to_string(pass.adds) + " | " +
           std::to_string(pass.multiplies) + " | " + std::to_string(pass.compares) + " | " +
           std::to_string(pass.specials) + " | " + text_of(pass.reads) + " | " +
           text_of(pass.writes) + " |";
}

Lines lines_of(const VectorWork& work) {
    Lines lines;
    if (!work.beside.is_empty()) {
        lines.push_back(line_of("beside", work.beside));
    }
    for (std::size_t pass = 0; pass < work.passes.size(); ++pass) {
        lines.push_back(line_of(std::to_string(pass + 1), work.passes[pass]));
    }
    return lines.empty() ? Lines{line_of("none", {})} : lines;
}

std::map<std::string, Lines> lines_on_the_page() {
    std::ifstream page(SKIPSIM_SOURCE_DIR "/models/MICROARCHITECTURE.md");
    std::map<std::string, Lines> found;
    std::string line;
    while (std::getline(page, line) && line != "<!-- vector examples: begin -->") {
    }
    std::getline(page, line);  // heading
    std::getline(page, line);
    while (std::getline(page, line) && line != "<!-- vector examples: end -->") {
        const std::size_t bar = line.find(" | ");
        found[line.substr(2, bar - 2)].push_back(line.substr(bar + 1));
    }
    return found;
}

VectorTensor tensor(std::uint32_t index, std::uint64_t elements) {
    return {index, elements, elements, elements};
}

/// The usual example: 2 samples, x and y [2, 2, 2], training.
VectorOperator usual(VectorKind kind, std::uint64_t in = 16, std::uint64_t out = 16) {
    VectorOperator op;
    op.kind = kind;
    op.trains = true;
    op.inputs = {{tensor(kX, in)}};
    op.outputs = {tensor(kY, out)};
    op.channels = 2;
    return op;
}

VectorOperator inference(VectorOperator op) {
    op.trains = false;
    return op;
}

VectorOperator later_reader(VectorOperator op, std::size_t input = 0) {
    op.inputs[input].is_accumulated = true;
    return op;
}

VectorOperator two_inputs(VectorKind kind, std::uint64_t first, std::uint64_t second) {
    VectorOperator op = usual(kind, first);
    op.inputs.push_back({tensor(kX2, second)});
    return op;
}

VectorOperator batch_norm(bool from_cores) {
    VectorOperator op = usual(VectorKind::batch_norm);
    op.input_from_cores = from_cores;
    op.weight = VectorParameter{0, 2};
    op.bias = VectorParameter{1, 2};
    op.running_mean = VectorParameter{2, 2};
    op.running_variance = VectorParameter{3, 2};
    return op;
}

VectorOperator without_parameters(VectorOperator op) {
    op.weight = op.bias = op.running_mean = op.running_variance = std::nullopt;
    return op;
}

VectorOperator without_input_gradient(VectorOperator op) {
    op.has_input_gradient = op.inputs.front().has_gradient = false;
    return op;
}

VectorOperator linear() {
    VectorOperator op = usual(VectorKind::layer, 6, 4);
    op.weight = VectorParameter{0, 6, true};
    op.bias = VectorParameter{1, 2};
    return op;
}

VectorOperator compressed_relu() {
    VectorOperator op = usual(VectorKind::relu);
    op.is_compressed = true;
    op.inputs = {{{kX, 16, 18, 10}}};
    op.outputs = {{kY, 16, 10, 18}};
    return op;
}

VectorOperator pooling(VectorKind kind, std::uint64_t size = 3, std::uint64_t stride = 1) {
    VectorOperator op = usual(kind, 4 * size * size);
    const WindowCounts axis = pooling_windows({size, 2, 2, stride, 0, 1});
    op.windows = combined(axis, axis, 4);
    op.kernel_area = 4;
    return op;
}

VectorOperator twice(VectorOperator op) {
    op.inputs.front().times = 2;
    return op;
}

VectorOperator loss() {
    VectorOperator op = usual(VectorKind::softmax_cross_entropy, 6);
    op.outputs.clear();
    op.channels = 3;
    return op;
}

VectorWork update(const UpdateRule& rule) {
    return update_work(linear(), rule, {{0, 6, true}, {1, 2}});
}

void add_layers(std::map<std::string, VectorWork>& works) {
    works["linear FF"] = forward_work(linear());
    works["linear BP"] = backward_work(linear());
    works["linear BP, x has a later reader"] = backward_work(later_reader(linear()));
    works["linear WG"] = weight_gradient_work(linear());
    VectorOperator shared = linear();
    shared.bias.reset();
    shared.weight->is_accumulated = true;
    works["linear WG, no bias, weight shared with a later layer"] = weight_gradient_work(shared);
    works["linear WU, sgd"] = update({});
    works["linear WU, sgd, momentum, weight decay"] = update({Optimizer::sgd, true, true, false});
    works["linear WU, sgd, nesterov, weight decay"] = update({Optimizer::sgd, true, true, true});
    works["linear WU, adam"] = update({Optimizer::adam, false, true, false});
}

void add_batch_norm(std::map<std::string, VectorWork>& works) {
    works["batch_norm FF behind a conv2d"] = forward_work(batch_norm(true));
    works["batch_norm FF behind another kind"] = forward_work(batch_norm(false));
    works["batch_norm FF, inference"] = forward_work(inference(batch_norm(true)));
    works["batch_norm FF behind a conv2d, no parameters"] =
        forward_work(without_parameters(batch_norm(true)));
    works["batch_norm BP"] = backward_work(batch_norm(true));
    works["batch_norm BP, no input gradient"] =
        backward_work(without_input_gradient(batch_norm(true)));
    VectorOperator bias_only = without_input_gradient(batch_norm(true));
    bias_only.weight.reset();
    works["batch_norm BP, no input gradient, bias only"] = backward_work(bias_only);
    works["batch_norm BP, no parameters"] = backward_work(without_parameters(batch_norm(true)));
}

void add_activations(std::map<std::string, VectorWork>& works) {
    const std::map<std::string, VectorKind> kinds{
        {"relu", VectorKind::relu},
        {"relu6", VectorKind::relu6},
        {"leaky_relu", VectorKind::leaky_relu},
        {"hardsigmoid", VectorKind::hardsigmoid},
        {"hardswish", VectorKind::hardswish},
        {"sigmoid", VectorKind::sigmoid},
        {"silu", VectorKind::silu},
        {"tanh", VectorKind::tanh},
        {"gelu", VectorKind::gelu},
        {"elu", VectorKind::elu},
    };
    for (const auto& [name, kind] : kinds) {
        works[name + " FF"] = forward_work(usual(kind));
        works[name + " BP"] = backward_work(usual(kind));
    }
    const VectorOperator relu = usual(VectorKind::relu);
    works["relu FF, inference"] = forward_work(inference(relu));
    works["relu BP, x has a later reader"] = backward_work(later_reader(relu));
    works["relu FF, compressed, 8 of 16 positive"] = forward_work(compressed_relu());
    works["relu BP, compressed, 8 of 16 positive"] = backward_work(compressed_relu());
}

void add_pooling(std::map<std::string, VectorWork>& works) {
    const VectorOperator max = pooling(VectorKind::max_pool);
    works["max_pool2d FF"] = forward_work(max);
    works["max_pool2d FF, inference"] = forward_work(inference(max));
    works["max_pool2d BP"] = backward_work(max);
    works["max_pool2d BP, stride 2 from [2, 4, 4]"] =
        backward_work(pooling(VectorKind::max_pool, 4, 2));
    const VectorOperator average = pooling(VectorKind::average_pool);
    works["avg_pool2d FF"] = forward_work(average);
    works["avg_pool2d BP"] = backward_work(average);
    works["mean FF"] = forward_work(usual(VectorKind::mean, 16, 4));
    works["mean BP"] = backward_work(usual(VectorKind::mean, 16, 4));
}

void add_joining(std::map<std::string, VectorWork>& works) {
    const VectorOperator add = two_inputs(VectorKind::add, 16, 16);
    works["add FF"] = forward_work(add);
    works["add BP"] = backward_work(add);
    works["add BP, x2 has a later reader"] = backward_work(later_reader(add, 1));
    works["add FF, x + x"] = forward_work(twice(usual(VectorKind::add)));
    works["add BP, x + x"] = backward_work(twice(usual(VectorKind::add)));
    VectorOperator mul = two_inputs(VectorKind::multiply, 16, 4);
    works["mul FF"] = forward_work(mul);
    works["mul BP"] = backward_work(mul);
    mul.inputs[1].has_gradient = false;
    works["mul BP, x2 has no gradient"] = backward_work(mul);
    works["concat FF"] = forward_work(two_inputs(VectorKind::copy, 8, 8));
    works["concat BP"] = backward_work(two_inputs(VectorKind::copy, 8, 8));
}

void add_others(std::map<std::string, VectorWork>& works) {
    const VectorOperator flatten = usual(VectorKind::alias);
    works["flatten FF"] = forward_work(flatten);
    works["flatten BP"] = backward_work(flatten);
    works["flatten BP, x has a later reader"] = backward_work(later_reader(flatten));
    works["dropout FF"] = forward_work(usual(VectorKind::dropout));
    works["dropout FF, inference"] = forward_work(inference(usual(VectorKind::dropout)));
    works["dropout BP"] = backward_work(usual(VectorKind::dropout));
    works["softmax_cross_entropy FF"] = forward_work(loss());
    works["softmax_cross_entropy FF, inference"] = forward_work(inference(loss()));
    works["softmax_cross_entropy BP"] = backward_work(loss());
}

TEST(VectorTable, EveryExampleOfTheContractPageIsWhatTheCodeComputes) {
    std::map<std::string, VectorWork> works;
    add_layers(works);
    add_batch_norm(works);
    add_activations(works);
    add_pooling(works);
    add_joining(works);
    add_others(works);
    std::map<std::string, Lines> page = lines_on_the_page();
    EXPECT_GE(page.size(), 60u);
    for (const auto& [name, work] : works) {
        EXPECT_EQ(page[name], lines_of(work)) << name;
        page.erase(name);
    }
    for (const auto& [name, lines] : page) {
        ADD_FAILURE() << "on the page, but not computed here: " << name;
    }
}

}  // namespace
}  // namespace skipsim::accelerator
