// SPDX-License-Identifier: Apache-2.0
// Everything a reader gives, as one text: two traces with equal digests say the same.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "sim/trace/reader.h"

namespace skipsim::trace {

template <typename Items>
void add_items(std::ostringstream& out, const char* name, const Items& items) {
    out << name;
    for (const auto& item : items) {
        out << ' ' << item;
    }
    out << '\n';
}

inline void add_pattern(std::ostringstream& out, const char* name,
                        const std::optional<base::BitTensor>& pattern) {
    out << name << (pattern ? "" : " absent");
    for (std::uint64_t n = 0; pattern && n < pattern->samples(); ++n) {
        for (std::uint64_t w = 0; w < pattern->words_per_sample(); ++w) {
            out << ' ' << pattern->sample_words(n)[w];
        }
    }
    out << '\n';
}

template <typename Items>
void add_optional(std::ostringstream& out, const char* name, const std::optional<Items>& items) {
    add_items(out, items ? name : "absent", items ? *items : Items{});
}

inline void add_samples(std::ostringstream& out, const SampleFacts& facts) {
    add_items(out, "id", facts.id);
    add_items(out, "label", facts.label);
    add_items(out, "prediction", facts.prediction);
    add_items(out, "confidence", facts.confidence);
}

inline void add_network(std::ostringstream& out, const TraceReader& reader, std::uint64_t n,
                        std::uint32_t net) {
    const Graph& graph = reader.networks()[net].graph;
    const std::uint64_t count = reader.iterations()[n].samples;
    for (std::uint32_t t = 0; t < graph.tensors.size(); ++t) {
        out << graph.tensors[t].name << '\n';
        add_pattern(out, "nonzero", reader.nonzero(n, net, t, 0, count));
        add_pattern(out, "gradient", reader.gradient_nonzero(n, net, t, 0, count));
        add_pattern(out, "needed", reader.dx_needed(n, net, t, 0, count));
        add_optional(out, "values", reader.values(n, net, t, 0, count));
        add_optional(out, "gradient_values", reader.gradient_values(n, net, t, 0, count));
    }
    for (std::uint32_t p = 0; p < graph.parameters.size(); ++p) {
        out << graph.parameters[p].name << '\n';
        add_optional(out, "values", reader.weight_values(n, net, p));
        add_optional(out, "nonzero", reader.weight_nonzero(n, net, p));
        add_optional(out, "keep", reader.weight_keep(n, net, p));
        if (const auto coarse = reader.coarse_keep(n, net, p)) {
            out << coarse->coarse_in << ' ' << coarse->coarse_out;
            add_items(out, "coarse", coarse->keep);
        }
        if (const auto gradients = reader.sample_gradients(n, net, p)) {
            add_items(out, "samples", gradients->sample);
            add_items(out, "means", gradients->absolute_mean);
        }
    }
}

inline std::string trace_digest(const std::string& path) {
    const TraceReader reader(path);
    std::ostringstream out;
    const RunFacts& run = reader.run();
    out << run.creator << run.number_format << run.zero_rule << run.zero_scale << run.dataset << ' '
        << run.dataset_samples << ' ' << run.steps_per_epoch << ' ' << run.batch_size
        << run.optimizer << run.momentum.value_or(-1) << run.weight_decay.value_or(-1)
        << run.nesterov.value_or(false) << run.epochs.value_or(0) << '\n';
    add_items(out, "accuracy", reader.accuracy().epoch);
    add_items(out, "validation", reader.accuracy().validation);
    add_items(out, "test", reader.accuracy().test);
    for (const Network& network : reader.networks()) {
        out << network.name << network.is_student << graph_json(network.graph) << '\n';
    }
    for (std::uint64_t n = 0; n < reader.iterations().size(); ++n) {
        const IterationFacts& facts = reader.iterations()[n];
        out << facts.epoch << ' ' << facts.step << ' ' << facts.learning_rate.value_or(-1) << ' '
            << static_cast<int>(facts.phase) << '\n';
        add_samples(out, reader.samples(n));
        for (std::uint32_t net = 0; net < reader.networks().size(); ++net) {
            add_network(out, reader, n, net);
        }
    }
    for (std::uint64_t n = 0; n < reader.epochs().size(); ++n) {
        out << reader.epochs()[n].epoch << '\n';
        add_samples(out, reader.epoch_samples(n, 0, reader.epochs()[n].visits));
    }
    for (std::uint64_t n = 0; n < reader.pruning_events().size(); ++n) {
        const PruningEventFacts& event = reader.pruning_events()[n];
        out << event.epoch << ' ' << event.step << event.kind << event.reason << event.network
            << event.accuracy_before.value_or(-1) << '\n';
        for (const std::uint32_t parameter : event.parameters) {
            const PrunedParameter pruned = reader.pruned_parameter(n, parameter);
            out << parameter << ' ' << pruned.threshold.value_or(-1);
            add_items(out, "thresholds", pruned.thresholds);
            add_items(out, "before", pruned.keep_before);
            add_items(out, "after", pruned.keep_after);
        }
    }
    return out.str();
}

}  // namespace skipsim::trace
