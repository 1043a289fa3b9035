// SPDX-License-Identifier: Apache-2.0
// Points drawn at random. A coordinate is first a number u in [0, 1), then a value of its key.
//
// Latin hypercube: each axis is cut into as many equal parts as there are points, each part holds
// one point, and the parts of different axes are paired by independent random permutations (McKay,
// Beckman and Conover, "A comparison of three methods for selecting values of input variables in
// the analysis of output from a computer code", Technometrics 21(2), 1979).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::sweep {

enum class SampleMethod { random, latin_hypercube };

/// What one key is drawn from: choices, or a range.
struct Dimension {
    std::string key;
    std::vector<std::string> choices;  ///< each with the same probability
    double from = 0.0;
    double to = 0.0;       ///< both ends can be drawn
    bool is_whole = true;  ///< whole numbers only
    bool is_log = false;   ///< the logarithm is uniform

    /// The value at u in [0, 1); a range that is not of whole numbers gives 12 digits.
    [[nodiscard]] std::string at(double u) const;
};

struct Sample {
    SampleMethod method = SampleMethod::random;
    std::uint64_t count = 0;
    std::uint64_t seed = 0;
    std::vector<Dimension> dimensions;
};

/// `count` points of as many coordinates in [0, 1) as `dimensions` says. A random sample of more
/// points begins with those of a smaller one.
std::vector<std::vector<double>> unit_points(SampleMethod method, std::uint64_t count,
                                             std::uint64_t dimensions, std::uint64_t seed);

/// The drawn values, point by point, in the order of the dimensions.
std::vector<std::vector<std::string>> draw(const Sample& sample);

/// A real number in at most 12 digits: the last bits of a logarithm differ between C libraries.
double rounded(double number);

}  // namespace skipsim::sweep
