// SPDX-License-Identifier: Apache-2.0
// The specification of a synthetic trace (traces/specs/README.md lists its keys). read_spec()
// checks all of it, shapes included, and reports every problem with its place in the file.
// Private to sim/trace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/graph.h"

namespace skipsim::trace {

enum class PatternKind { kBernoulli, kChannel, kCoarse };

/// Zero pattern of an activation or gradient.
struct PatternSpec {
    double density = 1.0;
    PatternKind kind = PatternKind::kBernoulli;
    double spread = 0.0;               ///< of channel: 0 none, 1 as far as 0..1 allows
    std::uint64_t block_channels = 1;  ///< of coarse
    std::uint64_t block_height = 1;
    std::uint64_t block_width = 1;
};

/// Zero pattern and mask of a weight.
struct WeightSpec {
    double density = 1.0;  ///< share of non-zero weights
    double keep = 1.0;     ///< share of weights that are not pruned, >= density
    PatternKind kind = PatternKind::kBernoulli;
    double spread = 0.0;
    std::uint64_t coarse_in = 1;
    std::uint64_t coarse_out = 1;
};

struct TensorSpec {
    std::optional<PatternSpec> nonzero;
    std::optional<PatternSpec> gradient;
    std::optional<PatternSpec> needed;
    bool needed_is_nonzero = false;  ///< dx_needed is the same dataset as nonzero (a ReLU)
};

struct NetworkSpec {
    std::string name;
    bool is_student = true;
    Graph graph;
    std::map<std::uint32_t, TensorSpec> tensors;  // by index into the graph
    std::map<std::uint32_t, WeightSpec> parameters;
};

enum class ValueKind { kNone, kNormal, kInteger };

struct SynthSpec {
    std::string path;
    std::uint64_t seed = 1;
    std::uint64_t batch_size = 1;
    std::uint64_t iterations = 1;
    std::uint64_t dataset_samples = 1000;
    std::uint64_t classes = 10;
    std::uint64_t epoch_data = 0;        ///< epochs with data of all samples
    std::uint64_t sample_gradients = 0;  ///< samples per iteration with a mean absolute gradient
    bool is_inference = false;
    std::string number_format = "fp32";
    ValueKind values = ValueKind::kNone;
    double dy_sigma = 1.0;  ///< of the logarithm of absolute gradients
    std::vector<NetworkSpec> networks;
};

/// Throws InputError with every problem.
SynthSpec read_spec(const std::string& path);

}  // namespace skipsim::trace
