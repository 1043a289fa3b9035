// SPDX-License-Identifier: Apache-2.0
// Where sums go that drain from a core, and where those of an earlier slice come from.
#pragma once

#include <cstdint>

namespace skipsim::clocked {

class SumStore {
public:
    virtual ~SumStore() = default;
    virtual void drain(std::uint32_t phase, std::int64_t m, std::int64_t column, float sum) = 0;
    [[nodiscard]] virtual float partial(std::uint32_t phase, std::int64_t m,
                                        std::int64_t column) const = 0;
};

}  // namespace skipsim::clocked
