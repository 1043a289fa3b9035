// SPDX-License-Identifier: Apache-2.0
#include "sim/base/bits.h"

#include <algorithm>

namespace skipsim::base {

std::uint64_t read_bits(const std::uint64_t* words, std::uint64_t first,
                        std::uint64_t count) noexcept {
    const std::uint64_t word = first / kWordBits;
    const std::uint64_t shift = first % kWordBits;
    std::uint64_t bits = words[word] >> shift;
    if (shift + count > kWordBits) {
        bits |= words[word + 1] << (kWordBits - shift);
    }
    return bits & low_bits(count);
}

std::uint64_t count_ones(const std::uint64_t* words, std::size_t word_count) noexcept {
    std::uint64_t ones = 0;
    for (std::size_t i = 0; i < word_count; ++i) {
        ones += count_ones(words[i]);
    }
    return ones;
}

void BitString::clear() noexcept {
    words_.clear();
    size_bits_ = 0;
}

void BitString::append(std::uint64_t bits, std::uint64_t count) {
    if (count == 0) {
        return;
    }
    bits &= low_bits(count);
    const std::uint64_t shift = size_bits_ % kWordBits;
    if (shift == 0) {
        words_.push_back(bits);
    } else {
        words_.back() |= bits << shift;
        if (shift + count > kWordBits) {
            words_.push_back(bits >> (kWordBits - shift));
        }
    }
    size_bits_ += count;
}

void BitString::append_from(const std::uint64_t* words, std::uint64_t first, std::uint64_t count) {
    while (count > 0) {
        const std::uint64_t step = std::min(count, kWordBits);
        append(read_bits(words, first, step), step);
        first += step;
        count -= step;
    }
}

void BitString::append_zeros(std::uint64_t count) {
    size_bits_ += count;
    words_.resize(words_for_bits(size_bits_), 0);
}

void BitString::append_ones(std::uint64_t count) {
    while (count > 0) {
        const std::uint64_t step = std::min(count, kWordBits);
        append(~std::uint64_t{0}, step);
        count -= step;
    }
}

}  // namespace skipsim::base
