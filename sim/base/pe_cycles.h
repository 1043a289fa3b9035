// SPDX-License-Identifier: Apache-2.0
// Where the cycles of the processing elements (PEs) went: every cycle of every PE has exactly one
// category. The rule of each is in models/MICROARCHITECTURE.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skipsim::base {

enum class PeCategory : std::size_t {
    mac,
    ineffectual,
    empty_chunk,
    wait_memory,
    wait_weight,
    wait_sibling,
    wait_operand,
    wait_drain,
    wait_link,
    wait_compensator,
    idle,
    count
};

constexpr std::size_t kPeCategoryCount = static_cast<std::size_t>(PeCategory::count);

constexpr std::array<std::string_view, kPeCategoryCount> kPeCategoryNames{
    "mac",          "ineffectual", "empty_chunk", "wait_memory",      "wait_weight", "wait_sibling",
    "wait_operand", "wait_drain",  "wait_link",   "wait_compensator", "idle"};

/// [PE cycles] one integer per category.
class PeCycles {
public:
    [[nodiscard]] std::uint64_t operator[](PeCategory category) const noexcept {
        return cycles_[static_cast<std::size_t>(category)];
    }
    [[nodiscard]] std::uint64_t& operator[](PeCategory category) noexcept {
        return cycles_[static_cast<std::size_t>(category)];
    }
    PeCycles& operator+=(const PeCycles& other) noexcept {
        for (std::size_t index = 0; index < kPeCategoryCount; ++index) {
            cycles_[index] += other.cycles_[index];
        }
        return *this;
    }
    [[nodiscard]] bool operator==(const PeCycles& other) const noexcept {
        return cycles_ == other.cycles_;
    }
    [[nodiscard]] std::uint64_t total() const noexcept {
        std::uint64_t sum = 0;
        for (const std::uint64_t cycles : cycles_) {
            sum += cycles;
        }
        return sum;
    }

private:
    std::array<std::uint64_t, kPeCategoryCount> cycles_{};
};

}  // namespace skipsim::base
