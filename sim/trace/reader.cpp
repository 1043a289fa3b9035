// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/reader.h"

#include <limits>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/sha256.h"
#include "sim/trace/data_access.h"
#include "sim/trace/decoded.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {

using base::require;
using std::to_string;

namespace {

constexpr const char* kNonzero = "nonzero";
constexpr const char* kGradientNonzero = "gradient_nonzero";
constexpr const char* kDxNeeded = "dx_needed";
constexpr const char* kWeightKeep = "weight_keep";
constexpr const char* kCoarseKeep = "coarse_keep";

/// Weights of a pruned coarse block must be pruned in weight_keep.
void check_coarse_in_keep(const Hdf5File& file, const std::string& path, const Shape& weight,
                          const CoarseKeep& coarse, const std::vector<std::uint64_t>& keep) {
    const std::uint64_t ins = weight[1];
    const std::uint64_t taps = coarse.blocks[0] * coarse.blocks[1];
    for (std::uint64_t e = 0; e < elements_of(weight); ++e) {
        const std::uint64_t tap = e % taps;
        const std::uint64_t in = e / taps % ins;
        const std::uint64_t out = e / taps / ins;
        const std::uint64_t block =
            (tap * coarse.blocks[2] + in / coarse.coarse_in) * coarse.blocks[3] +
            out / coarse.coarse_out;
        if (!base::test_bit(coarse.keep.data(), block) && base::test_bit(keep.data(), e)) {
            file.fail(path, "element " + to_string(e) +
                                ": weight_keep is 1 but coarse_keep of its block is 0");
        }
    }
}

}  // namespace

struct TraceReader::State {
    State(const std::string& path, WrongFacts wrong_facts)
        : notes(probe(path, wrong_facts)),
          access(path),
          structure(read_structure(access.file(), false, wrong_facts)) {}

    [[nodiscard]] const Network& network(std::uint32_t index) const {
        require(index < structure.networks.size(), "trace reader: no such network");
        return structure.networks[index];
    }
    [[nodiscard]] const NamedShape& tensor(std::uint32_t net, std::uint32_t index) const {
        require(index < network(net).graph.tensors.size(), "trace reader: no such tensor");
        return network(net).graph.tensors[index];
    }
    [[nodiscard]] const NamedShape& parameter(std::uint32_t net, std::uint32_t index) const {
        require(index < network(net).graph.parameters.size(), "trace reader: no such parameter");
        return network(net).graph.parameters[index];
    }
    void require_samples(std::uint64_t iteration, std::uint64_t first, std::uint64_t count) const {
        require(iteration < structure.iterations.size(), "trace reader: no such iteration");
        const std::uint64_t samples = structure.iterations[iteration].samples;
        require(first <= samples && count <= samples - first, "trace reader: no such samples");
    }

    std::optional<Dataset> tensor_data(std::uint64_t iteration, std::uint32_t net,
                                       std::uint32_t index, const char* name) {
        const std::string path =
            member_path(iteration, network(net).name, "tensors", tensor(net, index).name);
        return access.dataset(path, name);
    }

    std::optional<base::BitTensor> pattern(std::uint64_t iteration, std::uint32_t net,
                                           std::uint32_t index, std::uint64_t first,
                                           std::uint64_t count, const char* name) {
        require_samples(iteration, first, count);
        const auto kept = decoded.patterns.find({iteration, net, index, name});
        if (kept != decoded.patterns.end() && count == structure.iterations[iteration].samples) {
            return kept->second;
        }
        const auto data = tensor_data(iteration, net, index, name);
        if (!data) {
            return std::nullopt;
        }
        return access.bits(*data, first, count, tensor(net, index).elements());
    }

    std::optional<std::vector<float>> numbers(std::uint64_t iteration, std::uint32_t net,
                                              std::uint32_t index, std::uint64_t first,
                                              std::uint64_t count, const char* name) {
        require_samples(iteration, first, count);
        const auto data = tensor_data(iteration, net, index, name);
        if (!data) {
            return std::nullopt;
        }
        return access.floats(*data, first, count);
    }

    std::optional<Dataset> parameter_data(std::uint64_t iteration, std::uint32_t net,
                                          std::uint32_t index, const char* name) {
        require(iteration < structure.iterations.size(), "trace reader: no such iteration");
        const auto path =
            access.parameter_path(iteration, network(net).name, parameter(net, index).name);
        return path ? access.dataset(*path, name) : std::nullopt;
    }

    std::vector<std::string> notes;
    DataAccess access;
    Structure structure;
    std::string sha256;
    Decoded decoded;
};

TraceReader::TraceReader(const std::string& path, WrongFacts wrong_facts)
    : state_(std::make_unique<State>(path, wrong_facts)) {}
TraceReader::~TraceReader() = default;
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;

const std::string& TraceReader::path() const {
    return state_->access.file().path();
}

const std::string& TraceReader::sha256() const {
    if (state_->sha256.empty()) {
        state_->sha256 = base::sha256_hex_of_file(path());
    }
    return state_->sha256;
}

std::uint64_t TraceReader::keep_decoded(const std::vector<std::uint64_t>& iterations,
                                        std::uint64_t limit_bytes) {
    Decoded decoded;
    constexpr std::uint64_t kBitsPerByte = 8;
    std::uint64_t left_bytes = limit_bytes;
    const auto take = [&left_bytes](std::uint64_t bytes) {
        const bool fits = bytes <= left_bytes;
        left_bytes -= fits ? bytes : 0;
        return fits;
    };
    for (const std::uint64_t iteration : iterations) {
        state_->require_samples(iteration, 0, 0);
        const std::uint64_t samples = this->iterations()[iteration].samples;
        for (std::uint32_t net = 0; net < networks().size(); ++net) {
            const Graph& graph = networks()[net].graph;
            for (std::uint32_t index = 0; index < graph.tensors.size(); ++index) {
                for (const char* name : {kNonzero, kGradientNonzero, kDxNeeded}) {
                    if (!take(samples * graph.tensors[index].elements() / kBitsPerByte)) {
                        return 0;
                    }
                    decoded.patterns[{iteration, net, index, name}] =
                        state_->pattern(iteration, net, index, 0, samples, name);
                }
            }
            for (std::uint32_t index = 0; index < graph.parameters.size(); ++index) {
                if (!take(2 * graph.parameters[index].elements() / kBitsPerByte)) {
                    return 0;
                }
                decoded.words[{iteration, net, index, kNonzero}] =
                    weight_nonzero(iteration, net, index);
                decoded.words[{iteration, net, index, kWeightKeep}] =
                    weight_keep(iteration, net, index);
                decoded.coarse[{iteration, net, index, kCoarseKeep}] =
                    coarse_keep(iteration, net, index);
            }
        }
    }
    state_->decoded = std::move(decoded);
    return limit_bytes - left_bytes;
}

const RunFacts& TraceReader::run() const {
    return state_->structure.run;
}
const Accuracy& TraceReader::accuracy() const {
    return state_->structure.accuracy;
}
const std::vector<Network>& TraceReader::networks() const {
    return state_->structure.networks;
}
std::uint32_t TraceReader::student() const {
    return state_->structure.student;
}
const std::vector<IterationFacts>& TraceReader::iterations() const {
    return state_->structure.iterations;
}
const std::vector<std::string>& TraceReader::notes() const {
    return state_->notes;
}
const std::vector<std::string>& TraceReader::wrong_facts() const {
    return state_->structure.wrong_facts;
}
const std::vector<EpochFacts>& TraceReader::epochs() const {
    return state_->structure.epochs;
}
const std::vector<PruningEventFacts>& TraceReader::pruning_events() const {
    return state_->structure.pruning_events;
}

SampleFacts TraceReader::samples(std::uint64_t iteration) const {
    state_->require_samples(iteration, 0, 0);
    const IterationFacts& facts = iterations()[iteration];
    const std::uint64_t id_limit = facts.phase == Phase::kTrain
                                       ? run().dataset_samples
                                       : std::numeric_limits<std::uint64_t>::max();
    return state_->access.samples("/iterations/" + to_string(iteration) + "/samples", 0,
                                  facts.samples, id_limit);
}

SampleFacts TraceReader::epoch_samples(std::uint64_t epoch, std::uint64_t first,
                                       std::uint64_t count) const {
    require(epoch < epochs().size() && first <= epochs()[epoch].visits &&
                count <= epochs()[epoch].visits - first,
            "trace reader: no such visits of an epoch");
    return state_->access.samples("/epochs/" + to_string(epoch), first, count,
                                  run().dataset_samples);
}

std::optional<base::BitTensor> TraceReader::nonzero(std::uint64_t iteration, std::uint32_t network,
                                                    std::uint32_t tensor, std::uint64_t first,
                                                    std::uint64_t count) const {
    return state_->pattern(iteration, network, tensor, first, count, kNonzero);
}

std::optional<base::BitTensor> TraceReader::gradient_nonzero(std::uint64_t iteration,
                                                             std::uint32_t network,
                                                             std::uint32_t tensor,
                                                             std::uint64_t first,
                                                             std::uint64_t count) const {
    return state_->pattern(iteration, network, tensor, first, count, kGradientNonzero);
}

std::optional<base::BitTensor> TraceReader::dx_needed(std::uint64_t iteration,
                                                      std::uint32_t network, std::uint32_t tensor,
                                                      std::uint64_t first,
                                                      std::uint64_t count) const {
    return state_->pattern(iteration, network, tensor, first, count, kDxNeeded);
}

std::optional<std::vector<float>> TraceReader::values(std::uint64_t iteration,
                                                      std::uint32_t network, std::uint32_t tensor,
                                                      std::uint64_t first,
                                                      std::uint64_t count) const {
    return state_->numbers(iteration, network, tensor, first, count, "values");
}

std::optional<std::vector<float>> TraceReader::gradient_values(std::uint64_t iteration,
                                                               std::uint32_t network,
                                                               std::uint32_t tensor,
                                                               std::uint64_t first,
                                                               std::uint64_t count) const {
    return state_->numbers(iteration, network, tensor, first, count, "gradient_values");
}

std::optional<std::vector<float>> TraceReader::weight_values(std::uint64_t iteration,
                                                             std::uint32_t network,
                                                             std::uint32_t parameter) const {
    const auto data = state_->parameter_data(iteration, network, parameter, "values");
    if (!data) {
        return std::nullopt;
    }
    return state_->access.floats(*data, 0, data->rows());
}

std::optional<std::vector<std::uint64_t>> TraceReader::weight_nonzero(
    std::uint64_t iteration, std::uint32_t network, std::uint32_t parameter) const {
    const auto kept = state_->decoded.words.find({iteration, network, parameter, kNonzero});
    if (kept != state_->decoded.words.end()) {
        return kept->second;
    }
    const std::uint64_t elements = state_->parameter(network, parameter).elements();
    const auto pattern = state_->parameter_data(iteration, network, parameter, "nonzero");
    const auto data = state_->parameter_data(iteration, network, parameter, "values");
    std::optional<std::vector<std::uint64_t>> nonzero;
    if (pattern) {
        nonzero = state_->access.words(*pattern, elements);
    }
    if (!data) {
        if (const auto keep = state_->parameter_data(iteration, network, parameter, "weight_keep");
            keep && !nonzero) {
            return state_->access.words(*keep, elements);
        }
        return nonzero;
    }
    const std::vector<float> values = state_->access.floats(*data, 0, data->rows());
    std::vector<std::uint64_t> from_values(base::words_for_bits(elements), 0);
    for (std::uint64_t e = 0; e < elements; ++e) {
        if (values[e] != 0.0F) {
            base::set_bit(from_values.data(), e);
        }
    }
    if (!nonzero) {
        return from_values;
    }
    // float16 may have rounded a small weight to zero; a zero cannot have become a weight.
    const bool is_exact = data->type() == ElementType::kF32;
    for (std::size_t i = 0; i < from_values.size(); ++i) {
        const std::uint64_t wrong =
            is_exact ? from_values[i] ^ (*nonzero)[i] : from_values[i] & ~(*nonzero)[i];
        if (wrong != 0) {
            state_->access.file().fail(
                pattern->path(), "expected the zeros of values, found another pattern at element " +
                                     to_string(i * 64 + base::lowest_one_index(wrong)));
        }
    }
    return nonzero;
}

std::optional<std::vector<std::uint64_t>> TraceReader::weight_keep(std::uint64_t iteration,
                                                                   std::uint32_t network,
                                                                   std::uint32_t parameter) const {
    const auto kept = state_->decoded.words.find({iteration, network, parameter, kWeightKeep});
    if (kept != state_->decoded.words.end()) {
        return kept->second;
    }
    const auto data = state_->parameter_data(iteration, network, parameter, kWeightKeep);
    if (!data) {
        return std::nullopt;
    }
    const std::uint64_t elements = state_->parameter(network, parameter).elements();
    std::vector<std::uint64_t> keep = state_->access.words(*data, elements);
    const auto nonzero = weight_nonzero(iteration, network, parameter);
    for (std::uint64_t e = 0; e < elements; ++e) {
        const bool is_nonzero = !nonzero || base::test_bit(nonzero->data(), e);
        if (is_nonzero && !base::test_bit(keep.data(), e)) {
            state_->access.file().fail(data->path(), "element " + to_string(e) +
                                                         ": weight_keep is 0 but the value is not");
        }
    }
    if (const auto coarse = coarse_keep(iteration, network, parameter)) {
        check_coarse_in_keep(state_->access.file(), data->path(),
                             state_->parameter(network, parameter).shape, *coarse, keep);
    }
    return keep;
}

std::optional<CoarseKeep> TraceReader::coarse_keep(std::uint64_t iteration, std::uint32_t network,
                                                   std::uint32_t parameter) const {
    const auto kept = state_->decoded.coarse.find({iteration, network, parameter, kCoarseKeep});
    if (kept != state_->decoded.coarse.end()) {
        return kept->second;
    }
    const auto data = state_->parameter_data(iteration, network, parameter, kCoarseKeep);
    if (!data) {
        return std::nullopt;
    }
    const Hdf5File& file = state_->access.file();
    const auto block = [&](const char* name) {
        const auto found = file.attribute(data->id(), data->path(), name);
        require(found && found->integer >= 1, "trace reader: unchecked coarse_keep");
        return static_cast<std::uint32_t>(found->integer);
    };
    CoarseKeep coarse;
    coarse.coarse_in = block("coarse_in");
    coarse.coarse_out = block("coarse_out");
    coarse.blocks = coarse_blocks(state_->parameter(network, parameter).shape, coarse.coarse_in,
                                  coarse.coarse_out);
    coarse.keep = state_->access.words(*data, elements_of(coarse.blocks));
    return coarse;
}

std::optional<SampleGradients> TraceReader::sample_gradients(std::uint64_t iteration,
                                                             std::uint32_t network,
                                                             std::uint32_t parameter) const {
    const auto samples = state_->parameter_data(iteration, network, parameter, "gradient_samples");
    const auto means =
        state_->parameter_data(iteration, network, parameter, "gradient_absolute_mean");
    if (!samples || !means) {
        return std::nullopt;
    }
    SampleGradients gradients{samples->read_integers(0, samples->rows()),
                              state_->access.floats(*means, 0, means->rows())};
    const Hdf5File& file = state_->access.file();
    std::int64_t lowest = 0;
    for (const std::int64_t sample : gradients.sample) {
        if (sample < lowest ||
            static_cast<std::uint64_t>(sample) >= iterations()[iteration].samples) {
            file.fail(samples->path(),
                      "expected increasing positions in the batch, found " + to_string(sample));
        }
        lowest = sample + 1;
    }
    for (const float mean : gradients.absolute_mean) {
        if (mean < 0.0F) {
            file.fail(means->path(), "expected means >= 0, found " + to_string(mean));
        }
    }
    return gradients;
}

PrunedParameter TraceReader::pruned_parameter(std::uint64_t event, std::uint32_t parameter) const {
    require(event < pruning_events().size(), "trace reader: no such pruning event");
    const std::uint32_t network = pruning_events()[event].network;
    const NamedShape& shape = state_->parameter(network, parameter);
    const std::string path = "/pruning_events/" + to_string(event) + "/parameters/" + shape.name;
    DataAccess& access = state_->access;
    PrunedParameter pruned;
    pruned.parameter = parameter;
    if (const auto group = access.group(path)) {
        const auto threshold = access.file().attribute(group->handle.id(), path, "threshold");
        pruned.threshold = threshold ? std::optional(threshold->real) : std::nullopt;
    }
    if (const auto data = access.dataset(path, "thresholds")) {
        pruned.thresholds = access.floats(*data, 0, data->rows());
    }
    const auto before = access.dataset(path, "keep_before");
    const auto after = access.dataset(path, "keep_after");
    require(before && after, "trace reader: unchecked pruning event");
    pruned.keep_before = access.words(*before, shape.elements());
    pruned.keep_after = access.words(*after, shape.elements());
    return pruned;
}

}  // namespace skipsim::trace
