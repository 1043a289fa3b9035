// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/synth_patterns.h"

#include <algorithm>
#include <cmath>

#include "sim/base/bits.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {
namespace {

constexpr float kSmallest = 1e-6F;  // stands in for a draw that is zero

void fill_coarse(const PatternSpec& spec, const Shape& shape, base::BitTensor& pattern,
                 std::uint64_t sample, base::Random& random) {
    const std::uint64_t height = shape.size() > 1 ? shape[1] : 1;
    const std::uint64_t width = shape.size() > 2 ? shape[2] : 1;
    const std::uint64_t down = base::ceil_divide(height, spec.block_height);
    const std::uint64_t across = base::ceil_divide(width, spec.block_width);
    const std::uint64_t deep = base::ceil_divide(shape[0], spec.block_channels);
    std::vector<bool> is_one(deep * down * across);
    for (std::size_t block = 0; block < is_one.size(); ++block) {
        is_one[block] = random.uniform_unit() < spec.density;
    }
    for (std::uint64_t e = 0; e < pattern.elements(); ++e) {
        const std::uint64_t c = e / (height * width) % shape[0];
        const std::uint64_t y = e / width % height;
        const std::uint64_t x = e % width;
        const std::uint64_t block =
            ((c / spec.block_channels) * down + y / spec.block_height) * across +
            x / spec.block_width;
        if (is_one[block]) {
            pattern.set(sample, e);
        }
    }
}

float sign(base::Random& random) {
    return random.below(2) == 0 ? 1.0F : -1.0F;
}

float whole_value(base::Random& random) {
    return static_cast<float>(1 + random.below(4));
}

float at_least_smallest(double value) {
    return std::max(static_cast<float>(std::fabs(value)), kSmallest);
}

/// Blocks of one tap: pruned or kept as a whole.
void prune_blocks(const WeightSpec& spec, const Shape& shape, WeightPattern& pattern,
                  base::Random& random) {
    CoarseKeep& coarse = pattern.coarse;
    pattern.has_coarse = true;
    coarse.coarse_in = static_cast<std::uint32_t>(spec.coarse_in);
    coarse.coarse_out = static_cast<std::uint32_t>(spec.coarse_out);
    coarse.blocks = coarse_blocks(shape, spec.coarse_in, spec.coarse_out);
    const std::uint64_t blocks = elements_of(coarse.blocks);
    coarse.keep.assign(base::words_for_bits(blocks), 0);
    for (std::uint64_t block = 0; block < blocks; ++block) {
        if (random.uniform_unit() < spec.keep) {
            base::set_bit(coarse.keep.data(), block);
        }
    }
    const std::uint64_t taps = coarse.blocks[0] * coarse.blocks[1];
    for (std::uint64_t e = 0; e < elements_of(shape); ++e) {
        const std::uint64_t in = e / taps % shape[1] / spec.coarse_in;
        const std::uint64_t out = e / taps / shape[1] / spec.coarse_out;
        const std::uint64_t block = ((e % taps) * coarse.blocks[2] + in) * coarse.blocks[3] + out;
        if (base::test_bit(coarse.keep.data(), block)) {
            base::set_bit(pattern.keep.data(), e);
        }
    }
}

}  // namespace

std::vector<double> channel_densities(std::uint64_t channels, double density, double spread,
                                      base::Random& random) {
    std::vector<double> densities(channels, density);
    const double reach = spread * std::min(density, 1.0 - density);
    for (std::uint64_t c = 0; channels > 1 && c < channels; ++c) {
        densities[c] +=
            reach * (2.0 * static_cast<double>(c) / static_cast<double>(channels - 1) - 1.0);
    }
    for (std::uint64_t c = channels; c > 1; --c) {
        std::swap(densities[c - 1], densities[random.below(c)]);
    }
    return densities;
}

base::BitTensor random_pattern(const PatternSpec& spec, const Shape& shape, std::uint64_t samples,
                               const std::vector<double>& densities, base::Random& random) {
    base::BitTensor pattern(samples, elements_of(shape));
    const std::uint64_t per_channel = pattern.elements() / shape[0];
    for (std::uint64_t n = 0; n < samples; ++n) {
        if (spec.kind == PatternKind::kCoarse) {
            fill_coarse(spec, shape, pattern, n, random);
            continue;
        }
        for (std::uint64_t e = 0; e < pattern.elements(); ++e) {
            const double density =
                spec.kind == PatternKind::kChannel ? densities[e / per_channel] : spec.density;
            if (random.uniform_unit() < density) {
                pattern.set(n, e);
            }
        }
    }
    return pattern;
}

WeightPattern random_weight(const WeightSpec& spec, const Shape& shape, base::Random& random) {
    WeightPattern pattern;
    const std::uint64_t elements = elements_of(shape);
    const std::uint64_t per_channel = elements / shape[0];
    pattern.nonzero.assign(base::words_for_bits(elements), 0);
    pattern.keep.assign(base::words_for_bits(elements), 0);
    pattern.has_keep = spec.keep < 1.0;
    const bool is_coarse = spec.kind == PatternKind::kCoarse;
    if (is_coarse) {
        pattern.has_keep = true;
        prune_blocks(spec, shape, pattern, random);
    }
    // `channel` spreads what is pruned, or the zeros themselves where nothing is.
    const double nonzero_of_kept = spec.keep > 0.0 ? spec.density / spec.keep : 0.0;
    const std::vector<double> keeps =
        channel_densities(shape[0], spec.keep, pattern.has_keep ? spec.spread : 0.0, random);
    const std::vector<double> nonzeros =
        channel_densities(shape[0], nonzero_of_kept, pattern.has_keep ? 0.0 : spec.spread, random);
    for (std::uint64_t e = 0; e < elements; ++e) {
        if (!is_coarse && random.uniform_unit() < keeps[e / per_channel]) {
            base::set_bit(pattern.keep.data(), e);
        }
        if (base::test_bit(pattern.keep.data(), e) &&
            random.uniform_unit() < nonzeros[e / per_channel]) {
            base::set_bit(pattern.nonzero.data(), e);
        }
    }
    return pattern;
}

std::vector<float> random_values(const base::BitTensor& pattern, ValueKind kind, bool is_gradient,
                                 double sigma, base::Random& random) {
    std::vector<float> values(pattern.samples() * pattern.elements(), 0.0F);
    for (std::uint64_t i = 0; i < values.size(); ++i) {
        if (!pattern.test(i / pattern.elements(), i % pattern.elements())) {
            continue;
        }
        if (kind == ValueKind::kInteger) {
            values[i] = whole_value(random);
        } else if (is_gradient) {
            values[i] = at_least_smallest(std::exp(sigma * random.normal()));
        } else {
            values[i] = at_least_smallest(random.normal());
        }
        values[i] *= is_gradient ? sign(random) : 1.0F;
    }
    return values;
}

std::vector<float> random_weight_values(const WeightPattern& pattern, const Shape& shape,
                                        ValueKind kind, base::Random& random) {
    std::vector<float> values(elements_of(shape), 0.0F);
    for (std::uint64_t e = 0; e < values.size(); ++e) {
        if (base::test_bit(pattern.nonzero.data(), e)) {
            values[e] =
                sign(random) * (kind == ValueKind::kInteger ? whole_value(random)
                                                            : at_least_smallest(random.normal()));
        }
    }
    return values;
}

}  // namespace skipsim::trace
