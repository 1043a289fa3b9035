// SPDX-License-Identifier: Apache-2.0
// Bit arithmetic on 64-bit words. A bit string is a vector of words, bit i in word i/64, bit i%64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skipsim::base {

inline constexpr std::uint64_t kWordBits = 64;

/// The lowest `count` bits set. Requires count <= 64.
constexpr std::uint64_t low_bits(std::uint64_t count) noexcept {
    return count >= kWordBits ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

inline std::uint32_t count_ones(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(__builtin_popcountll(word));
}

/// Index of the lowest set bit. Requires word != 0.
inline std::uint32_t lowest_one_index(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(__builtin_ctzll(word));
}

/// Only the lowest set bit, 0 for 0.
constexpr std::uint64_t lowest_one(std::uint64_t word) noexcept {
    return word & (~word + 1);
}

/// ceil(value / divisor) without overflow. Requires divisor > 0.
constexpr std::uint64_t ceil_divide(std::uint64_t value, std::uint64_t divisor) noexcept {
    return value / divisor + (value % divisor != 0 ? 1 : 0);
}

constexpr std::uint64_t words_for_bits(std::uint64_t bits) noexcept {
    return ceil_divide(bits, kWordBits);
}

inline bool test_bit(const std::uint64_t* words, std::uint64_t index) noexcept {
    return ((words[index / kWordBits] >> (index % kWordBits)) & 1U) != 0;
}

inline void set_bit(std::uint64_t* words, std::uint64_t index) noexcept {
    words[index / kWordBits] |= std::uint64_t{1} << (index % kWordBits);
}

inline void clear_bit(std::uint64_t* words, std::uint64_t index) noexcept {
    words[index / kWordBits] &= ~(std::uint64_t{1} << (index % kWordBits));
}

/// `count` bits from bit `first` on, in the low bits of the answer. Requires 1 <= count <= 64 and
/// words that hold bits first .. first + count - 1; reads no word beyond those.
std::uint64_t read_bits(const std::uint64_t* words, std::uint64_t first,
                        std::uint64_t count) noexcept;

std::uint64_t count_ones(const std::uint64_t* words, std::size_t word_count) noexcept;

/// A bit string that grows at its end. Bits beyond size() in the last word are 0.
class BitString {
public:
    [[nodiscard]] std::uint64_t size() const noexcept { return size_bits_; }
    [[nodiscard]] const std::vector<std::uint64_t>& words() const noexcept { return words_; }

    void clear() noexcept;
    /// Appends the low `count` bits of `bits`; higher bits are ignored. Requires count <= 64.
    void append(std::uint64_t bits, std::uint64_t count);
    /// Appends bits first .. first + count - 1 of `words`; any count.
    void append_from(const std::uint64_t* words, std::uint64_t first, std::uint64_t count);
    void append_zeros(std::uint64_t count);
    void append_ones(std::uint64_t count);

private:
    std::vector<std::uint64_t> words_;
    std::uint64_t size_bits_ = 0;
};

}  // namespace skipsim::base
