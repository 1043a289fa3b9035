// SPDX-License-Identifier: Apache-2.0
// Random zero patterns. The density asked for is the expected share of ones; `channel` spreads the
// densities of channels evenly around the mean, which is kept exactly. Private to sim/trace.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/bit_tensor.h"
#include "sim/base/random.h"
#include "sim/trace/facts.h"
#include "sim/trace/synth_spec.h"

namespace skipsim::trace {

/// Densities of `channels` channels in random order, with mean `density`, none outside 0..1.
std::vector<double> channel_densities(std::uint64_t channels, double density, double spread,
                                      base::Random& random);

/// `densities`: those of channel_densities() for PatternKind::kChannel, else ignored.
base::BitTensor random_pattern(const PatternSpec& spec, const Shape& shape, std::uint64_t samples,
                               const std::vector<double>& densities, base::Random& random);

struct WeightPattern {
    std::vector<std::uint64_t> nonzero;
    std::vector<std::uint64_t> keep;
    bool has_keep = false;  ///< something may be pruned
    bool has_coarse = false;
    CoarseKeep coarse;
};

WeightPattern random_weight(const WeightSpec& spec, const Shape& shape, base::Random& random);

/// A non-zero value for each one of the pattern, 0 elsewhere. `is_gradient`: log-normal size with
/// that sigma and a random sign; else the absolute value of a normal draw (what a ReLU passes on).
/// kInteger: whole numbers 1..4, of random sign for gradients, so that sums are exact.
std::vector<float> random_values(const base::BitTensor& pattern, ValueKind kind, bool is_gradient,
                                 double sigma, base::Random& random);

/// The same for a weight: normal draws of both signs.
std::vector<float> random_weight_values(const WeightPattern& pattern, const Shape& shape,
                                        ValueKind kind, base::Random& random);

}  // namespace skipsim::trace
