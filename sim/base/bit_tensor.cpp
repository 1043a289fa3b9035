// SPDX-License-Identifier: Apache-2.0
#include "sim/base/bit_tensor.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

std::size_t checked_word_count(std::uint64_t samples, std::uint64_t words_per_sample) {
    if (words_per_sample != 0 &&
        samples > std::numeric_limits<std::size_t>::max() / words_per_sample) {
        throw std::length_error("bit tensor: more words than can be addressed");
    }
    return static_cast<std::size_t>(samples * words_per_sample);
}

}  // namespace

BitTensor::BitTensor(std::uint64_t samples, std::uint64_t elements_per_sample)
    : samples_(samples),
      elements_(elements_per_sample),
      words_per_sample_(words_for_bits(elements_per_sample)),
      words_(checked_word_count(samples, words_per_sample_), 0) {}

BitTensor BitTensor::from_packed_bytes(std::uint64_t samples, std::uint64_t elements_per_sample,
                                       const std::uint8_t* bytes, std::size_t bytes_per_sample) {
    const std::uint64_t used_bytes = ceil_divide(elements_per_sample, 8);
    require(bytes_per_sample >= used_bytes, "bit tensor: a row has fewer bytes than its elements");
    BitTensor tensor(samples, elements_per_sample);
    for (std::uint64_t sample = 0; sample < samples; ++sample) {
        const std::uint8_t* row = bytes + sample * bytes_per_sample;
        std::uint64_t* words = tensor.sample_words(sample);
        for (std::uint64_t i = 0; i < used_bytes; ++i) {
            words[i / 8] |= std::uint64_t{row[i]} << (8 * (i % 8));
        }
    }
    tensor.clear_padding();
    return tensor;
}

void BitTensor::fill(bool value) noexcept {
    std::fill(words_.begin(), words_.end(), value ? ~std::uint64_t{0} : 0);
    clear_padding();
}

std::uint64_t BitTensor::count_ones() const noexcept {
    return base::count_ones(words_.data(), words_.size());
}

std::uint64_t BitTensor::count_ones(std::uint64_t sample) const noexcept {
    return base::count_ones(sample_words(sample), words_per_sample_);
}

void BitTensor::clear_padding() noexcept {
    const std::uint64_t used_bits = elements_ % kWordBits;
    if (used_bits == 0) {
        return;
    }
    for (std::uint64_t sample = 0; sample < samples_; ++sample) {
        sample_words(sample)[words_per_sample_ - 1] &= low_bits(used_bits);
    }
}

}  // namespace skipsim::base
