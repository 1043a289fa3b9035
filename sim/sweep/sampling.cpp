// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sampling.h"

#include "sim/base/check.h"
#include "sim/base/random.h"
#include "sim/config/parameter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <system_error>
#include <utility>

namespace skipsim::sweep {
namespace {

std::vector<std::vector<double>> random_points(std::uint64_t count, std::uint64_t dimensions,
                                               base::Random& random) {
    std::vector<std::vector<double>> points(count, std::vector<double>(dimensions));
    for (std::vector<double>& point : points) {
        for (double& coordinate : point) {
            coordinate = random.uniform_unit();
        }
    }
    return points;
}

/// 0 .. count - 1 in random order (Fisher and Yates, from the end).
std::vector<std::uint64_t> permutation(std::uint64_t count, base::Random& random) {
    std::vector<std::uint64_t> order(count);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    for (std::uint64_t left = count; left > 1; --left) {
        std::swap(order[left - 1], order[random.below(left)]);
    }
    return order;
}

std::vector<std::vector<double>> latin_hypercube(std::uint64_t count, std::uint64_t dimensions,
                                                 base::Random& random) {
    std::vector<std::vector<double>> points(count, std::vector<double>(dimensions));
    const double below_one = std::nextafter(1.0, 0.0);
    for (std::uint64_t dimension = 0; dimension < dimensions; ++dimension) {
        const std::vector<std::uint64_t> parts = permutation(count, random);
        for (std::uint64_t point = 0; point < count; ++point) {
            const double place = static_cast<double>(parts[point]) + random.uniform_unit();
            points[point][dimension] = std::min(place / static_cast<double>(count), below_one);
        }
    }
    return points;
}

}  // namespace

double rounded(double number) {
    constexpr int kDigits = 12;
    char buffer[32];
    const auto written = std::to_chars(std::begin(buffer), std::end(buffer), number,
                                       std::chars_format::scientific, kDigits - 1);
    base::require(written.ec == std::errc(), "a number of 12 digits needs more than 32 characters");
    double result = 0.0;
    std::from_chars(std::begin(buffer), written.ptr, result);
    return result;
}

std::string Dimension::at(double u) const {
    if (!choices.empty()) {
        const double place = std::floor(u * static_cast<double>(choices.size()));
        return choices[std::min(static_cast<std::size_t>(place), choices.size() - 1)];
    }
    // A whole number k stands for the interval k .. k + 1, so that both ends are as likely as the
    // numbers between them.
    const double end = is_whole ? to + 1 : to;
    const double number =
        is_log ? from * std::exp(u * std::log(end / from)) : from + u * (end - from);
    const double value = std::clamp(is_whole ? std::floor(number) : rounded(number), from, to);
    return is_whole ? std::to_string(static_cast<std::uint64_t>(value)) : config::shortest(value);
}

std::vector<std::vector<double>> unit_points(SampleMethod method, std::uint64_t count,
                                             std::uint64_t dimensions, std::uint64_t seed) {
    base::Random random(seed);
    return method == SampleMethod::random ? random_points(count, dimensions, random)
                                          : latin_hypercube(count, dimensions, random);
}

std::vector<std::vector<std::string>> draw(const Sample& sample) {
    std::vector<std::vector<std::string>> values;
    values.reserve(sample.count);
    for (const std::vector<double>& point :
         unit_points(sample.method, sample.count, sample.dimensions.size(), sample.seed)) {
        std::vector<std::string>& row = values.emplace_back();
        for (std::size_t i = 0; i < point.size(); ++i) {
            row.push_back(sample.dimensions[i].at(point[i]));
        }
    }
    return values;
}

}  // namespace skipsim::sweep
