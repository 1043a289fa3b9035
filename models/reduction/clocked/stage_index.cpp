// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/stage_index.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

using reduction::ConvolutionShape;
using reduction::Pair;
using reduction::TrainingStage;

/// One axis of the convolution.
struct Axis {
    std::int64_t in;
    std::int64_t out;
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t padding;
    std::int64_t dilation;
};

Axis vertical_axis(const ConvolutionShape& shape) {
    return {shape.in_size.vertical, shape.out_size.vertical, shape.kernel.vertical,
            shape.stride.vertical,  shape.padding.vertical,  shape.dilation.vertical};
}

Axis horizontal_axis(const ConvolutionShape& shape) {
    return {shape.in_size.horizontal, shape.out_size.horizontal, shape.kernel.horizontal,
            shape.stride.horizontal,  shape.padding.horizontal,  shape.dilation.horizontal};
}

/// The input pixel that tap `tap` of output pixel `out` reads, or -1.
std::int32_t read_in(const Axis& axis, std::int64_t out, std::int64_t tap) {
    const std::int64_t in = out * axis.stride - axis.padding + tap * axis.dilation;
    return in >= 0 && in < axis.in ? static_cast<std::int32_t>(in) : -1;
}

/// The output pixel whose tap `tap` reads input pixel `in`, or -1.
std::int32_t read_by(const Axis& axis, std::int64_t in, std::int64_t tap) {
    const std::int64_t distance = in + axis.padding - tap * axis.dilation;
    if (distance < 0 || distance % axis.stride != 0 || distance / axis.stride >= axis.out) {
        return -1;
    }
    return static_cast<std::int32_t>(distance / axis.stride);
}

template <typename Coordinate>
AxisTable axis_table(std::int64_t m_places, std::int64_t k_places, Coordinate coordinate) {
    AxisTable table;
    table.k_places = static_cast<std::size_t>(k_places);
    for (std::int64_t m = 0; m < m_places; ++m) {
        for (std::int64_t k = 0; k < k_places; ++k) {
            table.coordinates.push_back(coordinate(m, k));
        }
    }
    return table;
}

/// Pixels first, first + step … of an axis of `size`.
std::int64_t pixels_of(std::int64_t size, std::int64_t first, std::int64_t step) {
    std::int64_t count = 0;
    for (std::int64_t pixel = first; pixel < size; pixel += step) {
        ++count;
    }
    return count;
}

/// Taps that read pixels ≡ first (mod step) of an axis. With step 1 (no strides, or inserted zeros)
/// these are all.
std::vector<std::int64_t> taps_of(const Axis& axis, std::int64_t first, std::int64_t step) {
    std::vector<std::int64_t> taps;
    for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
        if ((first + axis.padding - tap * axis.dilation) % step == 0) {
            taps.push_back(tap);
        }
    }
    return taps;
}

}  // namespace

MPlace PhaseIndex::place_of(std::int64_t m) const noexcept {
    const std::int64_t last = m % m_sizes[2];
    const std::int64_t middle = m / m_sizes[2] % m_sizes[1];
    const std::int64_t first = m / m_sizes[2] / m_sizes[1];
    return third_index_first ? MPlace{middle, last, first} : MPlace{first, middle, last};
}

void PhaseIndex::input_elements(std::int64_t m, std::int64_t group, std::int64_t first_k,
                                std::size_t count, std::int64_t* elements) const {
    const MPlace place = place_of(m);
    const std::int32_t* rows = vertical.of(place.vertical);
    const std::int32_t* columns = horizontal.of(place.horizontal);
    const std::int64_t base = place.other * strides.input_other + group * strides.input_group;
    const auto first = static_cast<std::size_t>(first_k);
    const std::size_t there = std::min(count, k_places.size() - std::min(first, k_places.size()));
    for (std::size_t at = 0; at < there; ++at) {
        const KPlace& k = k_places[first + at];
        const std::int64_t row = rows[k.vertical];
        const std::int64_t column = columns[k.horizontal];
        const std::int64_t element = base + k.input + row * input_columns + column;
        elements[at] = row < 0 || column < 0 ? kOutside : element;
    }
    std::fill(elements + there, elements + count, kOutside);
}

void PhaseIndex::weight_elements(std::int64_t column, std::int64_t first_k, std::size_t count,
                                 std::int64_t* elements) const {
    const std::int64_t base = column / columns_per_group * strides.weight_group +
                              column % columns_per_group * strides.weight_column;
    for (std::size_t at = 0; at < count; ++at) {
        const std::size_t k = static_cast<std::size_t>(first_k) + at;
        elements[at] = k < k_places.size() ? base + k_places[k].weight : kOutside;
    }
}

std::int64_t PhaseIndex::result_element(std::int64_t m, std::int64_t column) const noexcept {
    const MPlace place = place_of(m);
    return strides.result_first + place.other * strides.result_other +
           place.vertical * strides.result_vertical + place.horizontal * strides.result_horizontal +
           column * strides.result_column;
}

StageIndex::StageIndex(TrainingStage stage, const ConvolutionShape& shape, bool zero_insertion) {
    const TensorDims in{shape.samples, shape.in_channels, shape.in_size.vertical,
                        shape.in_size.horizontal};
    const TensorDims out{shape.samples, shape.out_channels, shape.out_size.vertical,
                         shape.out_size.horizontal};
    const auto weights = static_cast<std::int64_t>(shape.weight_elements());
    const bool backward = stage == TrainingStage::back_propagation;
    const bool gradient = stage == TrainingStage::weight_gradient;
    column_count = backward ? shape.in_channels : shape.out_channels;
    columns_per_group = column_count / shape.groups;
    input = backward ? out : in;
    weight_elements = gradient ? out.elements() : weights;
    result_elements = gradient ? weights : backward ? in.elements() : out.elements();
    if (gradient) {
        add_weight_gradient(shape);
    } else if (!backward) {
        add_forward(shape);
    } else if (zero_insertion) {
        add_backward(shape, {0, 0}, {1, 1});
    } else {
        for (std::int64_t a = 0; a < shape.stride.vertical; ++a) {
            for (std::int64_t b = 0; b < shape.stride.horizontal; ++b) {
                add_backward(shape, {a, b}, shape.stride);
            }
        }
    }
}

/// m = (sample, p, q), k = (r, s, channel of the group).
void StageIndex::add_forward(const ConvolutionShape& shape) {
    const Axis down = vertical_axis(shape);
    const Axis across = horizontal_axis(shape);
    const std::int64_t channels = shape.in_channels_per_group();
    PhaseIndex phase;
    phase.m_sizes = {shape.samples, down.out, across.out};
    phase.vertical = axis_table(
        down.out, down.kernel, [&](std::int64_t p, std::int64_t r) { return read_in(down, p, r); });
    phase.horizontal = axis_table(across.out, across.kernel, [&](std::int64_t q, std::int64_t s) {
        return read_in(across, q, s);
    });
    for (std::int64_t r = 0; r < down.kernel; ++r) {
        for (std::int64_t s = 0; s < across.kernel; ++s) {
            for (std::int64_t c = 0; c < channels; ++c) {
                phase.k_places.push_back({static_cast<std::int32_t>(r),
                                          static_cast<std::int32_t>(s), c * input.pixels(),
                                          c * shape.taps() + r * across.kernel + s});
            }
        }
    }
    phase.input_columns = input.columns;
    phase.columns_per_group = columns_per_group;
    phase.strides.input_other = input.channels * input.pixels();
    phase.strides.input_group = channels * input.pixels();
    phase.strides.weight_group = columns_per_group * channels * shape.taps();
    phase.strides.weight_column = channels * shape.taps();
    phase.strides.result_other = shape.out_channels * shape.out_pixels();
    phase.strides.result_vertical = across.out;
    phase.strides.result_horizontal = 1;
    phase.strides.result_column = shape.out_pixels();
    phases.push_back(std::move(phase));
}

/// m = (sample, h, w), the pixels first, first + step …; k = (r, s, output channel of the group),
/// the taps that read them.
void StageIndex::add_backward(const ConvolutionShape& shape, Pair first, Pair step) {
    const Axis down = vertical_axis(shape);
    const Axis across = horizontal_axis(shape);
    const std::int64_t channels = shape.out_channels_per_group();
    PhaseIndex phase;
    phase.m_sizes = {shape.samples, pixels_of(down.in, first.vertical, step.vertical),
                     pixels_of(across.in, first.horizontal, step.horizontal)};
    phase.vertical =
        axis_table(phase.m_sizes[1], down.kernel, [&](std::int64_t place, std::int64_t r) {
            return read_by(down, first.vertical + place * step.vertical, r);
        });
    phase.horizontal =
        axis_table(phase.m_sizes[2], across.kernel, [&](std::int64_t place, std::int64_t s) {
            return read_by(across, first.horizontal + place * step.horizontal, s);
        });
    const std::int64_t filter = shape.in_channels_per_group() * shape.taps();
    for (const std::int64_t r : taps_of(down, first.vertical, step.vertical)) {
        for (const std::int64_t s : taps_of(across, first.horizontal, step.horizontal)) {
            for (std::int64_t f = 0; f < channels; ++f) {
                phase.k_places.push_back({static_cast<std::int32_t>(r),
                                          static_cast<std::int32_t>(s), f * input.pixels(),
                                          f * filter + r * across.kernel + s});
            }
        }
    }
    if (phase.m_count() == 0 || phase.k_count() == 0) {
        return;
    }
    phase.input_columns = input.columns;
    phase.columns_per_group = columns_per_group;
    phase.strides.input_other = input.channels * input.pixels();
    phase.strides.input_group = channels * input.pixels();
    phase.strides.weight_group = channels * filter;
    phase.strides.weight_column = shape.taps();
    phase.strides.result_first = first.vertical * across.in + first.horizontal;
    phase.strides.result_other = shape.in_channels * shape.in_pixels();
    phase.strides.result_vertical = step.vertical * across.in;
    phase.strides.result_horizontal = step.horizontal;
    phase.strides.result_column = shape.in_pixels();
    phases.push_back(std::move(phase));
}

/// m = (r, s, channel of the group), k = (sample, p, q).
void StageIndex::add_weight_gradient(const ConvolutionShape& shape) {
    const Axis down = vertical_axis(shape);
    const Axis across = horizontal_axis(shape);
    const std::int64_t channels = shape.in_channels_per_group();
    PhaseIndex phase;
    phase.m_sizes = {down.kernel, across.kernel, channels};
    phase.third_index_first = false;
    phase.vertical = axis_table(
        down.kernel, down.out, [&](std::int64_t r, std::int64_t p) { return read_in(down, p, r); });
    phase.horizontal = axis_table(across.kernel, across.out, [&](std::int64_t s, std::int64_t q) {
        return read_in(across, q, s);
    });
    for (std::int64_t sample = 0; sample < shape.samples; ++sample) {
        for (std::int64_t p = 0; p < down.out; ++p) {
            for (std::int64_t q = 0; q < across.out; ++q) {
                phase.k_places.push_back(
                    {static_cast<std::int32_t>(p), static_cast<std::int32_t>(q),
                     sample * input.channels * input.pixels(),
                     sample * shape.out_channels * shape.out_pixels() + p * across.out + q});
            }
        }
    }
    phase.input_columns = input.columns;
    phase.columns_per_group = columns_per_group;
    phase.strides.input_other = input.pixels();
    phase.strides.input_group = channels * input.pixels();
    phase.strides.weight_group = columns_per_group * shape.out_pixels();
    phase.strides.weight_column = shape.out_pixels();
    phase.strides.result_other = shape.taps();
    phase.strides.result_vertical = across.kernel;
    phase.strides.result_horizontal = 1;
    phase.strides.result_column = channels * shape.taps();
    phases.push_back(std::move(phase));
}

}  // namespace skipsim::clocked
