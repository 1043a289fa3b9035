// SPDX-License-Identifier: Apache-2.0
// Which elements of the tensors stand at A[m,k], B[k,n] and O[m,n]: the table of
// models/MICROARCHITECTURE.md §2, element by element. An element is its place in the order of the
// trace: [sample, channel, row, column], weights [F, C/groups, R, S].
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/reduction/convolution_shape.h"
#include "models/reduction/reduction.h"

namespace skipsim::clocked {

struct TensorDims {
    std::int64_t samples = 1;
    std::int64_t channels = 1;
    std::int64_t rows = 1;
    std::int64_t columns = 1;

    [[nodiscard]] std::int64_t pixels() const noexcept { return rows * columns; }
    [[nodiscard]] std::int64_t elements() const noexcept { return samples * channels * pixels(); }
};

/// Where A is read along one axis of the image, for a place of m and a place of k.
struct AxisTable {
    std::size_t k_places = 1;
    std::vector<std::int32_t> coordinates;  ///< [place of m][place of k]; -1 = out of bounds

    [[nodiscard]] const std::int32_t* of(std::int64_t m_place) const noexcept {
        return coordinates.data() + static_cast<std::size_t>(m_place) * k_places;
    }
};

/// One k: its places along the two axes, and what it adds to the elements of A and of B.
struct KPlace {
    std::int32_t vertical = 0;
    std::int32_t horizontal = 0;
    std::int64_t input = 0;
    std::int64_t weight = 0;
};

/// One m, taken apart: places along the two axes, and the third index (a sample, or in WG a channel
/// of the group).
struct MPlace {
    std::int64_t vertical = 0;
    std::int64_t horizontal = 0;
    std::int64_t other = 0;
};

/// Steps from one element to another, in each tensor.
struct Strides {
    std::int64_t input_other = 0;  ///< A: per third index of m
    std::int64_t input_group = 0;
    std::int64_t weight_group = 0;  ///< B
    std::int64_t weight_column = 0;
    std::int64_t result_first = 0;  ///< O: element of m = 0, column 0
    std::int64_t result_other = 0;
    std::int64_t result_vertical = 0;
    std::int64_t result_horizontal = 0;
    std::int64_t result_column = 0;
};

class PhaseIndex {
public:
    static constexpr std::int64_t kOutside = -1;

    std::array<std::int64_t, 3> m_sizes{};  ///< of the indices of m, last varies fastest
    bool third_index_first = true;          ///< m = (other, vertical, horizontal), else other last
    AxisTable vertical;
    AxisTable horizontal;
    std::vector<KPlace> k_places;
    Strides strides;
    std::int64_t input_columns = 1;  ///< of A's image
    std::int64_t columns_per_group = 1;

    [[nodiscard]] std::int64_t m_count() const noexcept {
        return m_sizes[0] * m_sizes[1] * m_sizes[2];
    }
    [[nodiscard]] std::int64_t k_count() const noexcept {
        return static_cast<std::int64_t>(k_places.size());
    }
    [[nodiscard]] MPlace place_of(std::int64_t m) const noexcept;

    /// Elements of A[m, first_k …] and of B[first_k …, column], `count` of each; kOutside where out
    /// of bounds.
    void input_elements(std::int64_t m, std::int64_t group, std::int64_t first_k, std::size_t count,
                        std::int64_t* elements) const;
    void weight_elements(std::int64_t column, std::int64_t first_k, std::size_t count,
                         std::int64_t* elements) const;
    [[nodiscard]] std::int64_t result_element(std::int64_t m, std::int64_t column) const noexcept;
};

/// A row of a layer: its phases that have work, in order.
struct StageIndex {
    StageIndex(reduction::TrainingStage stage, const reduction::ConvolutionShape& shape,
               bool zero_insertion);

    std::vector<PhaseIndex> phases;
    std::int64_t column_count = 0;
    std::int64_t columns_per_group = 0;
    TensorDims input;  ///< of A
    std::int64_t weight_elements = 0;
    std::int64_t result_elements = 0;

private:
    void add_forward(const reduction::ConvolutionShape& shape);
    void add_backward(const reduction::ConvolutionShape& shape, reduction::Pair first,
                      reduction::Pair step);
    void add_weight_gradient(const reduction::ConvolutionShape& shape);
};

}  // namespace skipsim::clocked
