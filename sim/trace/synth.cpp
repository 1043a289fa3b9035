// SPDX-License-Identifier: Apache-2.0
// `trace synth`. Each thing drawn has its own generator, seeded by the seed and its name, so that
// changing one layer or adding an iteration leaves everything else as it was.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/trace/commands.h"
#include "sim/trace/structure.h"
#include "sim/trace/synth_patterns.h"
#include "sim/trace/writer.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kBlockElements = std::uint64_t{1} << 24U;
using std::to_string;

class Synthesizer {
public:
    Synthesizer(SynthSpec spec, const SynthArguments& arguments)
        : spec_(std::move(spec)),
          shows_progress_(arguments.shows_progress),
          writer_(arguments.out, arguments.force) {}

    void run() {
        write_facts();
        base::ProgressBar bar("synth", spec_.iterations, shows_progress_);
        for (std::uint64_t n = 0; n < spec_.iterations; ++n) {
            write_iteration(n);
            bar.advance();
        }
        bar.finish();
        for (std::uint64_t n = 0; n < spec_.epoch_data; ++n) {
            const std::string path = "/epochs/" + to_string(n);
            writer_.integer(path, "epoch", n);
            write_samples(path, spec_.dataset_samples);
        }
        writer_.finish();
    }

private:
    /// FNV-1a of the name, mixed with the seed by the generator's own seeding.
    [[nodiscard]] base::Random random(const std::string& name) const {
        std::uint64_t hash = 0xCBF29CE484222325U;
        for (const char c : name) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
        }
        return base::Random(hash ^ (spec_.seed * 0x9E3779B97F4A7C15U));
    }

    void write_facts() {
        writer_.text("/", "schema", kSchema);
        writer_.text("/", "creator", "skipsim trace synth, seed " + to_string(spec_.seed));
        writer_.text("/", "number_format", spec_.number_format);
        writer_.text("/", "zero_rule", "exact");
        writer_.text("/run", "dataset", "synthetic");
        writer_.integer("/run", "dataset_samples", spec_.dataset_samples);
        writer_.integer("/run", "steps_per_epoch", steps_per_epoch());
        writer_.integer("/run", "batch_size", spec_.batch_size);
        for (const NetworkSpec& network : spec_.networks) {
            const std::string path = "/networks/" + network.name;
            writer_.text(path, "role", network.is_student ? "student" : "teacher");
            const std::string json = graph_json(network.graph);
            writer_.bytes(path + "/graph", {json.size()}, {json.begin(), json.end()});
        }
    }

    [[nodiscard]] std::uint64_t steps_per_epoch() const {
        return base::ceil_divide(spec_.dataset_samples, spec_.batch_size);
    }

    void write_iteration(std::uint64_t number) {
        const std::string path = "/iterations/" + to_string(number);
        writer_.integer(path, "epoch", number / steps_per_epoch());
        writer_.integer(path, "step", number);
        writer_.text(path, "phase", spec_.is_inference ? "inference" : "train");
        write_samples(path + "/samples", spec_.batch_size);
        for (const NetworkSpec& network : spec_.networks) {
            for (const auto& [tensor, own] : network.tensors) {
                write_tensor(number, network, network.graph.tensors[tensor], own);
            }
            for (const auto& [parameter, own] : network.parameters) {
                write_parameter(number, network, network.graph.parameters[parameter], own);
            }
            if (network.is_student && !spec_.is_inference && spec_.sample_gradients > 0) {
                write_sample_gradients(number, network);
            }
        }
    }

    /// Distinct ids, labels, predictions (mostly right) and confidences.
    void write_samples(const std::string& path, std::uint64_t count) {
        base::Random draw = random(path);
        std::vector<std::int64_t> all(spec_.dataset_samples);
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = static_cast<std::int64_t>(i);
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            std::swap(all[i], all[i + draw.below(all.size() - i)]);
        }
        all.resize(count);
        std::vector<std::int64_t> label(count);
        std::vector<std::int64_t> prediction(count);
        std::vector<float> confidence(count);
        const double lowest = 1.0 / static_cast<double>(spec_.classes);
        for (std::uint64_t i = 0; i < count; ++i) {
            label[i] = static_cast<std::int64_t>(draw.below(spec_.classes));
            confidence[i] = static_cast<float>(lowest + (1.0 - lowest) * draw.uniform_unit());
            const bool is_right = draw.uniform_unit() < static_cast<double>(confidence[i]);
            prediction[i] =
                is_right ? label[i] : static_cast<std::int64_t>(draw.below(spec_.classes));
        }
        writer_.integers(path + "/id", all);
        writer_.integers(path + "/label", label);
        writer_.integers(path + "/prediction", prediction);
        writer_.floats(path + "/confidence", {count}, confidence);
    }

    void write_tensor(std::uint64_t number, const NetworkSpec& network, const NamedShape& tensor,
                      const TensorSpec& own) {
        const std::string path = member_path(number, network.name, "tensors", tensor.name);
        const bool has_gradients = network.is_student && !spec_.is_inference;
        if (own.nonzero) {
            write_pattern(path, "nonzero", "values", tensor.shape, *own.nonzero);
        }
        if (own.gradient && has_gradients) {
            write_pattern(path, "gradient_nonzero", "gradient_values", tensor.shape, *own.gradient);
        }
        if (own.needed && has_gradients) {
            write_pattern(path, "dx_needed", "", tensor.shape, *own.needed);
        } else if (own.needed_is_nonzero && has_gradients) {
            writer_.link(path + "/nonzero", path + "/dx_needed");
        }
    }

    /// Block of samples after block, so that memory does not grow with the batch.
    void write_pattern(const std::string& group, const std::string& name,
                       const std::string& values_name, const Shape& shape,
                       const PatternSpec& pattern) {
        const std::string path = group + '/' + name;
        const bool has_values = spec_.values != ValueKind::kNone && !values_name.empty();
        const std::uint64_t elements = elements_of(shape);
        const std::uint64_t block = std::max<std::uint64_t>(kBlockElements / elements, 1);
        base::Random draw = random(path);
        const std::vector<double> densities =
            channel_densities(shape[0], pattern.density, pattern.spread, draw);
        writer_.create(path, ElementType::kU8, {spec_.batch_size, packed_bytes(elements)});
        Shape values_shape{spec_.batch_size};
        values_shape.insert(values_shape.end(), shape.begin(), shape.end());
        if (has_values) {
            writer_.create(group + '/' + values_name, ElementType::kF32, values_shape);
        }
        for (std::uint64_t first = 0; first < spec_.batch_size; first += block) {
            base::throw_if_interrupted();
            const std::uint64_t count = std::min(block, spec_.batch_size - first);
            const base::BitTensor bits = random_pattern(pattern, shape, count, densities, draw);
            writer_.bits_at(path, first, bits);
            if (has_values) {
                const bool is_gradient = name == "gradient_nonzero";
                writer_.floats_at(
                    group + '/' + values_name, first,
                    random_values(bits, spec_.values, is_gradient, spec_.dy_sigma, draw));
            }
        }
    }

    void write_parameter(std::uint64_t number, const NetworkSpec& network,
                         const NamedShape& parameter, const WeightSpec& own) {
        const std::string path = member_path(number, network.name, "parameters", parameter.name);
        const bool has_gradients =
            network.is_student && !spec_.is_inference && spec_.sample_gradients > 0;
        // The same in every iteration: pruned weights stay pruned.
        base::Random draw = random("/networks/" + network.name + '/' + parameter.name);
        if (number > 0 && !has_gradients) {
            writer_.integer(path, "same_as_iteration", 0);
            return;
        }
        const WeightPattern pattern = random_weight(own, parameter.shape, draw);
        const std::uint64_t elements = parameter.elements();
        if (spec_.values == ValueKind::kNone) {
            writer_.words(path + "/nonzero", elements, pattern.nonzero);
        } else {
            writer_.floats(path + "/values", parameter.shape,
                           random_weight_values(pattern, parameter.shape, spec_.values, draw));
        }
        if (pattern.has_keep) {
            writer_.words(path + "/weight_keep", elements, pattern.keep);
        }
        if (pattern.has_coarse) {
            const CoarseKeep& coarse = pattern.coarse;
            writer_.words(path + "/coarse_keep", elements_of(coarse.blocks), coarse.keep);
            writer_.integer(path + "/coarse_keep", "coarse_in", coarse.coarse_in);
            writer_.integer(path + "/coarse_keep", "coarse_out", coarse.coarse_out);
        }
    }

    /// Of every weight with a specification: log-normal means for the first samples of the batch.
    void write_sample_gradients(std::uint64_t number, const NetworkSpec& network) {
        for (const auto& item : network.parameters) {
            const std::string path = member_path(number, network.name, "parameters",
                                                 network.graph.parameters[item.first].name);
            base::Random draw = random(path + "/gradient_absolute_mean");
            std::vector<std::int64_t> samples(spec_.sample_gradients);
            std::vector<float> means(spec_.sample_gradients);
            for (std::size_t i = 0; i < samples.size(); ++i) {
                samples[i] = static_cast<std::int64_t>(i);
                means[i] = static_cast<float>(std::exp(spec_.dy_sigma * draw.normal() - 5.0));
            }
            writer_.integers(path + "/gradient_samples", samples);
            writer_.floats(path + "/gradient_absolute_mean", {means.size()}, means);
        }
    }

    SynthSpec spec_;
    bool shows_progress_;
    TraceWriter writer_;
};

}  // namespace

int run_synth(const SynthArguments& arguments, std::ostream& out) {
    SynthSpec spec = read_spec(arguments.spec);
    spec.seed = arguments.seed.value_or(spec.seed);
    const std::uint64_t iterations = spec.iterations;
    Synthesizer(std::move(spec), arguments).run();
    out << arguments.out << ": " << iterations << " synthetic iterations from " << arguments.spec
        << '\n';
    return 0;
}

}  // namespace skipsim::trace
