// SPDX-License-Identifier: Apache-2.0
// A pattern of a tensor: one bit per element, samples x elements. Every sample starts on a 64-bit
// word, so the bits of one sample can be used as whole words. Bit e of a sample is word e/64, bit
// e%64. Padding bits after the last element of a sample are always 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/bits.h"

namespace skipsim::base {

class BitTensor {
public:
    BitTensor() = default;
    /// All bits 0. Throws std::length_error or std::bad_alloc if that does not fit in memory.
    BitTensor(std::uint64_t samples, std::uint64_t elements_per_sample);

    /// From rows of bytes, element e of a row in byte e/8, bit e%8 (numpy.packbits with
    /// bitorder="little" along a sample). Surplus bits of a row are ignored. Requires
    /// bytes_per_sample >= ceil(elements / 8).
    static BitTensor from_packed_bytes(std::uint64_t samples, std::uint64_t elements_per_sample,
                                       const std::uint8_t* bytes, std::size_t bytes_per_sample);

    [[nodiscard]] std::uint64_t samples() const noexcept { return samples_; }
    /// Elements of one sample.
    [[nodiscard]] std::uint64_t elements() const noexcept { return elements_; }
    [[nodiscard]] std::uint64_t words_per_sample() const noexcept { return words_per_sample_; }

    /// Requires sample < samples(). A writer must leave the padding bits 0.
    [[nodiscard]] std::uint64_t* sample_words(std::uint64_t sample) noexcept {
        return words_.data() + sample * words_per_sample_;
    }
    [[nodiscard]] const std::uint64_t* sample_words(std::uint64_t sample) const noexcept {
        return words_.data() + sample * words_per_sample_;
    }

    /// Requires sample < samples() and element < elements().
    [[nodiscard]] bool test(std::uint64_t sample, std::uint64_t element) const noexcept {
        return test_bit(sample_words(sample), element);
    }
    void set(std::uint64_t sample, std::uint64_t element) noexcept {
        set_bit(sample_words(sample), element);
    }
    void clear(std::uint64_t sample, std::uint64_t element) noexcept {
        clear_bit(sample_words(sample), element);
    }
    void fill(bool value) noexcept;

    [[nodiscard]] std::uint64_t count_ones() const noexcept;
    /// Ones of one sample. Requires sample < samples().
    [[nodiscard]] std::uint64_t count_ones(std::uint64_t sample) const noexcept;

    friend bool operator==(const BitTensor& left, const BitTensor& right) noexcept {
        return left.samples_ == right.samples_ && left.elements_ == right.elements_ &&
               left.words_ == right.words_;
    }
    friend bool operator!=(const BitTensor& left, const BitTensor& right) noexcept {
        return !(left == right);
    }

private:
    void clear_padding() noexcept;

    std::uint64_t samples_ = 0;
    std::uint64_t elements_ = 0;
    std::uint64_t words_per_sample_ = 0;
    std::vector<std::uint64_t> words_;
};

}  // namespace skipsim::base
