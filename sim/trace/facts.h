// SPDX-License-Identifier: Apache-2.0
// What a trace says beside tensors and parameters, as plain data. Meaning of each field:
// traces/FORMAT.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/graph.h"

namespace skipsim::trace {

/// What becomes of wrong attributes of the root, /run and the iterations, which nothing else needs
/// to be judged: refused like every problem, or named beside a structure that can be read.
enum class WrongFacts { kRefused, kNamed };

inline constexpr const char* kSchema = "skipsim-trace/1";

/// Attributes of the root and of /run.
struct RunFacts {
    std::string creator;        ///< "" if not given
    std::string number_format;  ///< fp32, fp16, bf16, fp8_e4m3, fp8_e5m2, int8
    std::string zero_rule;      ///< exact, flushed
    std::string zero_scale;     ///< "" unless flushed
    std::string dataset;
    std::uint64_t dataset_samples = 0;
    std::uint64_t steps_per_epoch = 0;
    std::uint64_t batch_size = 0;
    std::string optimizer;  ///< "" if not given
    std::optional<double> momentum;
    std::optional<double> weight_decay;
    std::optional<bool> nesterov;
    std::optional<std::uint64_t> epochs;  ///< planned length of the run
};

/// /run/accuracy. The lists have the length of `epoch` or are empty (not measured); -1 stands for
/// an epoch that was not measured.
struct Accuracy {
    std::vector<std::int64_t> epoch;
    std::vector<double> validation;
    std::vector<double> test;
    std::vector<double> training;
};

struct Network {
    std::string name;
    bool is_student = true;  ///< false: teacher, forward only
    Graph graph;
};

enum class Phase { kTrain, kInference };

struct IterationFacts {
    std::uint64_t epoch = 0;
    std::uint64_t step = 0;  ///< from the start of the run
    std::optional<double> learning_rate;
    Phase phase = Phase::kTrain;
    std::uint64_t samples = 0;  ///< batch of this iteration
};

/// Of an iteration or of a stretch of an epoch; lists that were not captured are empty.
struct SampleFacts {
    std::vector<std::int64_t> id;
    std::vector<std::int64_t> label;
    std::vector<std::int64_t> prediction;
    std::vector<float> confidence;
};

struct EpochFacts {
    std::uint64_t epoch = 0;
    std::uint64_t visits = 0;
};

/// 0 = the block of coarse_in input channels x coarse_out output channels of one tap is pruned.
struct CoarseKeep {
    std::uint32_t coarse_in = 1;
    std::uint32_t coarse_out = 1;
    /// R, S, ceil(C / coarse_in), ceil(K / coarse_out); C counts the inputs of one group.
    Shape blocks;
    std::vector<std::uint64_t> keep;  ///< bits in C order of `blocks`
};

/// Mean absolute weight gradient of chosen samples.
struct SampleGradients {
    std::vector<std::int64_t> sample;  ///< positions in the batch, strictly increasing
    std::vector<float> absolute_mean;
};

struct PrunedParameter {
    std::uint32_t parameter = 0;  ///< index into the network's graph
    std::optional<double> threshold;
    std::vector<float> thresholds;           ///< one per input channel, or empty
    std::vector<std::uint64_t> keep_before;  ///< packed bits
    std::vector<std::uint64_t> keep_after;   ///< packed bits
};

struct PruningEventFacts {
    std::uint64_t epoch = 0;
    std::uint64_t step = 0;
    std::uint32_t network = 0;  ///< index into TraceReader::networks()
    std::string kind;           ///< fine_magnitude, coarse_magnitude, coarse_similarity, rollback
    std::string reason;
    std::optional<double> accuracy_before;
    std::vector<std::uint32_t> parameters;  ///< those the event touched
};

}  // namespace skipsim::trace
