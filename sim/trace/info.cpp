// SPDX-License-Identifier: Apache-2.0
// `trace info` and `trace validate`.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/trace/commands.h"
#include "sim/trace/summary.h"
#include "sim/trace/validate.h"

namespace skipsim::trace {
namespace {

using Json = nlohmann::ordered_json;

std::string formatted(const char* format, double value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string padded(const std::string& text, std::size_t width, bool is_right) {
    const std::string space(width > text.size() ? width - text.size() : 0, ' ');
    return is_right ? space + text : text + space;
}

std::string geometry_text(const Convolution& layer) {
    const auto pair = [](std::uint32_t a, std::uint32_t b) {
        return std::to_string(a) + 'x' + std::to_string(b);
    };
    if (layer.is_linear) {
        return std::to_string(layer.in_channels) + " -> " + std::to_string(layer.out_channels);
    }
    std::string text =
        std::to_string(layer.in_channels) + 'x' + pair(layer.in_height, layer.in_width) + " -> " +
        std::to_string(layer.out_channels) + 'x' + pair(layer.out_height, layer.out_width) +
        ", kernel " + pair(layer.kernel_height, layer.kernel_width);
    if (layer.stride != Pair{1, 1}) {
        text += ", stride " + pair(layer.stride[0], layer.stride[1]);
    }
    if (layer.dilation != Pair{1, 1}) {
        text += ", dilation " + pair(layer.dilation[0], layer.dilation[1]);
    }
    if (layer.groups != 1) {
        text += ", groups " + std::to_string(layer.groups);
    }
    return text;
}

void print_run(const TraceReader& reader, std::ostream& out) {
    const RunFacts& run = reader.run();
    out << "trace            " << reader.path() << '\n'
        << "data set         " << run.dataset << ", " << run.dataset_samples << " samples, batch "
        << run.batch_size << ", " << run.steps_per_epoch << " steps per epoch\n"
        << "numbers          " << run.number_format << ", zeros " << run.zero_rule
        << (run.zero_scale.empty() ? "" : " (" + run.zero_scale + ")") << '\n';
    if (!run.optimizer.empty()) {
        out << "optimizer        " << run.optimizer << '\n';
    }
    if (!run.creator.empty()) {
        out << "written by       " << run.creator << '\n';
    }
    out << "iterations       " << reader.iterations().size() << '\n';
    for (std::size_t n = 0; n < reader.iterations().size(); ++n) {
        const IterationFacts& facts = reader.iterations()[n];
        out << "  " << n << ": epoch " << facts.epoch << ", step " << facts.step << ", "
            << facts.samples << " samples, "
            << (facts.phase == Phase::kTrain ? "train" : "inference");
        if (facts.learning_rate) {
            out << ", learning rate " << formatted("%g", *facts.learning_rate);
        }
        out << '\n';
    }
    out << "epoch data       " << reader.epochs().size() << " epochs\n"
        << "pruning events   " << reader.pruning_events().size() << '\n';
}

void print_layers(const std::vector<LayerSummary>& layers, std::ostream& out) {
    std::size_t name_width = 5;
    std::size_t shape_width = 5;
    for (const LayerSummary& layer : layers) {
        name_width = std::max(name_width, layer.name.size());
        shape_width = std::max(shape_width, geometry_text(layer.geometry).size());
    }
    const auto row = [&](const std::string& name, const std::string& shape,
                         const std::vector<std::string>& cells) {
        out << "  " << padded(name, name_width, false) << "  " << padded(shape, shape_width, false);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out << padded(cells[i], i == 4 ? 11 : 8, true);
        }
        out << '\n';
    };
    row("layer", "shape", {"MMAC", "x", "w", "dy", "dx needed", "FF", "BP", "WG"});
    const auto times = [](double value) { return formatted("%.2fx", value); };
    for (const LayerSummary& layer : layers) {
        row(layer.name, geometry_text(layer.geometry),
            {formatted("%.3f", static_cast<double>(layer.macs_per_sample) * 1e-6),
             formatted("%.3f", layer.x), formatted("%.3f", layer.w), formatted("%.3f", layer.dy),
             formatted("%.3f", layer.dx_needed), times(layer.estimates.feed_forward),
             layer.has_back_propagation ? times(layer.estimates.back_propagation) : "-",
             times(layer.estimates.weight_gradient)});
    }
    const StageEstimates all = network_estimates(layers);
    row("all", "",
        {"", "", "", "", "", times(all.feed_forward), times(all.back_propagation),
         times(all.weight_gradient)});
}

void print_text(const TraceReader& reader, std::ostream& out) {
    print_run(reader, out);
    for (std::uint32_t net = 0; net < reader.networks().size(); ++net) {
        const Network& network = reader.networks()[net];
        out << "\nnetwork " << network.name << " (" << (network.is_student ? "student" : "teacher")
            << "): " << network.graph.operators.size() << " operators\n"
            << "MMAC: multiplies of one sample and stage; x, w, dy: share of non-zero values\n"
               "FF, BP, WG: estimate of the speed-up, 1 / product of the densities; exact: the "
               "line \"bound\" of skipsim run, scripts/trace_densities.py\n";
        print_layers(summarise_layers(reader, net), out);
    }
    for (const std::string& note : reader.notes()) {
        out << "note: " << note << '\n';
    }
}

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json estimates_json(const StageEstimates& estimates) {
    return {{"FF", number(estimates.feed_forward)},
            {"BP", number(estimates.back_propagation)},
            {"WG", number(estimates.weight_gradient)}};
}

Json layer_json(const LayerSummary& layer) {
    const Convolution& shape = layer.geometry;
    return {{"name", layer.name},
            {"kind", layer.kind},
            {"in", {shape.in_channels, shape.in_height, shape.in_width}},
            {"out", {shape.out_channels, shape.out_height, shape.out_width}},
            {"kernel", {shape.kernel_height, shape.kernel_width}},
            {"stride", shape.stride},
            {"padding", shape.padding},
            {"dilation", shape.dilation},
            {"groups", shape.groups},
            {"back_propagation", layer.has_back_propagation},
            {"macs_per_sample", layer.macs_per_sample},
            {"density",
             {{"x", layer.x},
              {"w", layer.w},
              {"weight_keep", layer.weight_keep},
              {"dy", layer.dy},
              {"dx_needed", layer.dx_needed}}},
            {"estimate", estimates_json(layer.estimates)}};
}

Json network_json(const TraceReader& reader, std::uint32_t net) {
    const Network& network = reader.networks()[net];
    const std::vector<LayerSummary> layers = summarise_layers(reader, net);
    Json json{{"name", network.name},
              {"role", network.is_student ? "student" : "teacher"},
              {"operators", network.graph.operators.size()},
              {"estimate", estimates_json(network_estimates(layers))},
              {"layers", Json::array()}};
    for (const LayerSummary& layer : layers) {
        json["layers"].push_back(layer_json(layer));
    }
    return json;
}

void print_json(const TraceReader& reader, std::ostream& out) {
    const RunFacts& run = reader.run();
    Json json{{"schema", "skipsim-trace-info/1"},
              {"path", reader.path()},
              {"sha256", reader.sha256()},
              {"creator", run.creator},
              {"number_format", run.number_format},
              {"zero_rule", run.zero_rule},
              {"dataset", run.dataset},
              {"dataset_samples", run.dataset_samples},
              {"steps_per_epoch", run.steps_per_epoch},
              {"batch_size", run.batch_size},
              {"iterations", Json::array()},
              {"epochs", reader.epochs().size()},
              {"pruning_events", reader.pruning_events().size()},
              {"networks", Json::array()},
              {"notes", reader.notes()}};
    for (const IterationFacts& facts : reader.iterations()) {
        json["iterations"].push_back(
            {{"epoch", facts.epoch},
             {"step", facts.step},
             {"samples", facts.samples},
             {"phase", facts.phase == Phase::kTrain ? "train" : "inference"},
             {"learning_rate", facts.learning_rate ? number(*facts.learning_rate) : nullptr}});
    }
    for (std::uint32_t net = 0; net < reader.networks().size(); ++net) {
        json["networks"].push_back(network_json(reader, net));
    }
    out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

int run_info(const InfoArguments& arguments, std::ostream& out) {
    const TraceReader reader(arguments.file);
    if (arguments.as_json) {
        print_json(reader, out);
    } else {
        print_text(reader, out);
    }
    return 0;
}

int run_validate(const ValidateArguments& arguments, std::ostream& out) {
    const Validation found = validate(arguments.file, arguments.shows_progress);
    for (const std::string& line : found.problems) {
        out << line << '\n';
    }
    for (const std::string& note : found.notes) {
        out << "note: " << note << '\n';
    }
    if (found.problems.empty()) {
        out << arguments.file << ": a good skipsim-trace/1\n";
    }
    return found.problems.empty() ? 0 : 1;
}

}  // namespace skipsim::trace
