// SPDX-License-Identifier: Apache-2.0
// Where the sums that drain from the cores come together: partial sums of parts of k stay apart
// until the row has ended, then they are added in the order of the cores
// (models/MICROARCHITECTURE.md §8.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/stage_index.h"

namespace skipsim::clocked {

/// y in FF, dx in BP, dw in WG: elements in the order of the trace.
struct ResultValues {
    std::vector<float> values;
    std::vector<std::uint8_t> is_computed;  ///< 0: nobody drained it
};

/// What the aggregation core is given.
struct ResultSums {
    std::uint64_t results = 0;         ///< different elements drained
    std::uint64_t partial_sums = 0;    ///< sums of elements that several cores drained
    std::uint64_t shared_results = 0;  ///< elements these add up to
};

class ResultTensor {
public:
    ResultTensor(const RowTask& task, std::size_t cores);

    /// The sum that core `core` has drained for (m, column) of the phase so far, 0 at first.
    [[nodiscard]] float partial(std::size_t core, std::uint32_t phase, std::int64_t m,
                                std::int64_t column) const;
    /// A sum drains; one that is there already is replaced (it was continued).
    void drain(std::size_t core, std::uint32_t phase, std::int64_t m, std::int64_t column,
               float value);
    [[nodiscard]] const ResultSums& sums() const noexcept { return sums_; }
    /// Adds partial sums in the order of the cores.
    [[nodiscard]] ResultValues finish() const;

private:
    static constexpr std::size_t kPage = 1024;  ///< [elements]
    struct Page {
        std::array<float, kPage> values{};
        std::array<std::uint8_t, kPage> is_computed{};
    };
    struct Part {
        std::vector<std::unique_ptr<Page>> pages;  ///< null = nothing drained there
    };
    using CountPage = std::array<std::uint16_t, kPage>;
    void count(std::size_t at);
    [[nodiscard]] std::size_t element(std::uint32_t phase, std::int64_t m,
                                      std::int64_t column) const;

    StageIndex index_;
    std::vector<Part> parts_;                          ///< of each core
    std::vector<std::unique_ptr<CountPage>> drained_;  ///< by how many cores
    ResultSums sums_;
};

}  // namespace skipsim::clocked
