// SPDX-License-Identifier: Apache-2.0
#include "sim/check/value_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "sim/base/check.h"
#include "sim/check/convolution.h"
#include "sim/check/left_out.h"

namespace skipsim::check {
namespace {

using clocked::RowTask;
using reduction::ConvolutionShape;
using reduction::TrainingStage;

/// u of FP32, and how far a product below the smallest normal float is off twice.
constexpr double kUnitRoundoff = 0x1p-24;
constexpr double kLostProducts = 0x1p-149;

std::vector<float> magnitudes(const std::vector<float>& values) {
    std::vector<float> out(values.size());
    std::transform(values.begin(), values.end(), out.begin(),
                   [](float value) { return std::fabs(value); });
    return out;
}

/// The greatest e with all values whole multiples of 2^e; 0 if all are 0.
int unit_exponent(const std::vector<float>& values) {
    int least = std::numeric_limits<int>::max();
    for (const float value : values) {
        if (value != 0) {
            int exponent = 0;
            const double fraction = std::frexp(double{value}, &exponent);
            const auto whole = static_cast<std::int64_t>(std::ldexp(fraction, 53));
            least =
                std::min(least, exponent - 53 + __builtin_ctzll(static_cast<std::uint64_t>(whole)));
        }
    }
    return least == std::numeric_limits<int>::max() ? 0 : least;
}

/// γ_n; infinite where it says nothing.
double gamma(std::int64_t n) {
    const double rounding = static_cast<double>(n) * kUnitRoundoff;
    return rounding < 1 ? rounding / (1 - rounding) : std::numeric_limits<double>::infinity();
}

std::vector<std::int64_t> dimensions_of(const RowTask& task) {
    const ConvolutionShape& shape = task.shape;
    switch (task.stage) {
        case TrainingStage::feed_forward:
            return {shape.samples, shape.out_channels, shape.out_size.vertical,
                    shape.out_size.horizontal};
        case TrainingStage::back_propagation:
            return {shape.samples, shape.in_channels, shape.in_size.vertical,
                    shape.in_size.horizontal};
        case TrainingStage::weight_gradient:
            break;
    }
    return {shape.out_channels, shape.in_channels_per_group(), shape.kernel.vertical,
            shape.kernel.horizontal};
}

/// [products] of an element, those out of bounds too.
class ProductCounts {
public:
    explicit ProductCounts(const RowTask& task)
        : phases_(task.shape, task.zero_insertion),
          size_(task.shape.in_size),
          is_backward_(task.stage == TrainingStage::back_propagation),
          factor_(task.shape.out_channels_per_group()) {
        if (task.stage == TrainingStage::feed_forward) {
            factor_ = task.shape.taps() * task.shape.in_channels_per_group();
        } else if (task.stage == TrainingStage::weight_gradient) {
            factor_ = task.shape.samples * task.shape.out_pixels();
        }
    }
    [[nodiscard]] std::int64_t of(std::uint64_t element) const {
        if (!is_backward_) {
            return factor_;
        }
        const auto at = static_cast<std::int64_t>(element);
        return factor_ *
               phases_.taps(at / size_.horizontal % size_.vertical, at % size_.horizontal);
    }

private:
    BackwardPhases phases_;
    reduction::Pair size_;
    bool is_backward_;
    std::int64_t factor_;
};

/// Compares values with oneDNN's.
class Comparison {
public:
    Comparison(const RowTask& task, std::int64_t k_parts)
        : products_(task),
          k_parts_(k_parts),
          expected_(convolution(task.stage, task.shape, task.input.values, task.weight.values)),
          absolute_(convolution(task.stage, task.shape, magnitudes(task.input.values),
                                magnitudes(task.weight.values))) {
        const int unit = unit_exponent(task.input.values) + unit_exponent(task.weight.values);
        // Below the smallest float products are rounded, whatever they are multiples of.
        exact_below_ = unit < -149 ? 0 : std::ldexp(1.0, 24 + unit);
    }

    /// `element` has value `found`.
    void compare(std::uint64_t element, float found, ValueCheck& check) const {
        const double absolute = absolute_[element];
        const float expected = expected_[element];
        const bool is_exact = absolute < exact_below_;
        const double bound = is_exact ? 0 : bound_of(element, absolute);
        if (!std::isfinite(bound)) {
            ++check.unbounded;
            return;
        }
        ++check.compared;
        check.exact += is_exact ? 1 : 0;
        const double difference = std::fabs(double{found} - double{expected});
        if (!is_exact && std::isfinite(difference)) {
            check.largest_error = std::max(check.largest_error, difference / bound);
        }
        if (!(difference <= bound)) {
            ++check.wrong_values;
            note(check, {Problem::wrong_value, element, expected, found, bound});
        }
    }
    /// `element` is there or missing against the rules.
    void add(Problem problem, std::uint64_t element, ValueCheck& check) const {
        ++(problem == Problem::missing ? check.missing : check.not_left_out);
        note(check, {problem, element, expected_[element], 0, 0});
    }

private:
    static void note(ValueCheck& check, const WrongElement& wrong) {
        if (check.first.size() < ValueCheck::kShown) {
            check.first.push_back(wrong);
        }
    }
    [[nodiscard]] double bound_of(std::uint64_t element, double absolute) const {
        const std::int64_t n = products_.of(element) + k_parts_;
        const double factor = gamma(n);
        if (factor >= 1) {
            return std::numeric_limits<double>::infinity();
        }
        return 2 * factor * absolute / (1 - factor) + static_cast<double>(n) * kLostProducts;
    }

    ProductCounts products_;
    std::int64_t k_parts_;
    std::vector<float> expected_;
    std::vector<float> absolute_;
    double exact_below_ = 0;
};

/// "dx[0, 2, 1, 5]"
std::string name_of(const ValueCheck& check, std::uint64_t element) {
    std::string indices;
    for (std::size_t axis = check.dimensions.size(); axis-- > 0;) {
        const auto size = static_cast<std::uint64_t>(check.dimensions[axis]);
        const std::string separator = indices.empty() ? "" : ", ";
        indices = std::to_string(element % size) + separator + indices;
        element /= size;
    }
    return check.tensor + '[' + indices + ']';
}

std::string line_of(const ValueCheck& check, const WrongElement& wrong) {
    std::ostringstream line;
    line.precision(std::numeric_limits<float>::max_digits10);
    line << name_of(check, wrong.element) << ": ";
    switch (wrong.problem) {
        case Problem::wrong_value:
            line << "expected " << wrong.expected << ", found " << wrong.found;
            if (wrong.bound == 0) {
                line << "; these must be equal";
            } else {
                line << "; rounding explains a difference of " << wrong.bound;
            }
            break;
        case Problem::missing:
            line << "needed, but nobody computed it";
            break;
        case Problem::not_left_out:
            line << "computed, although it is to be left out";
            break;
    }
    return line.str();
}

}  // namespace

std::vector<std::string> ValueCheck::problems() const {
    std::vector<std::string> lines;
    for (const WrongElement& wrong : first) {
        lines.push_back(line_of(*this, wrong));
    }
    const std::uint64_t all = wrong_values + missing + not_left_out;
    if (all > first.size()) {
        lines.push_back(tensor + ": and " + std::to_string(all - first.size()) + " more");
    }
    return lines;
}

ValueCheck check_values(const RowTask& task, const clocked::ResultValues& found,
                        const accelerator::ChipParams& params, const clocked::ColumnOrder& order) {
    ValueCheck check;
    check.tensor = task.stage == TrainingStage::feed_forward       ? "y"
                   : task.stage == TrainingStage::back_propagation ? "dx"
                                                                   : "dw";
    check.dimensions = dimensions_of(task);
    const std::vector<std::uint8_t> expected_left_out = left_out(task, params, order);
    check.elements = expected_left_out.size();
    base::require(
        found.values.size() == check.elements && found.is_computed.size() == check.elements,
        "value_check: the values do not fit the shape");
    const Comparison comparison(task, params.partition.share_of(0, task.stage).k_parts);
    for (std::uint64_t element = 0; element < check.elements; ++element) {
        const bool is_computed = found.is_computed[element] != 0;
        const bool is_left_out = expected_left_out[element] != 0;
        if (is_computed == is_left_out) {
            comparison.add(is_computed ? Problem::not_left_out : Problem::missing, element, check);
        } else if (is_left_out) {
            ++check.left_out;
        } else {
            comparison.compare(element, found.values[element], check);
        }
    }
    return check;
}

}  // namespace skipsim::check
