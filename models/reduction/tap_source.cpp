// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "models/reduction/input_source.h"

namespace skipsim::reduction {

ChannelLast channel_last(const base::BitTensor* pattern, std::int64_t channels,
                         std::int64_t pixels) {
    ChannelLast out;
    out.words_per_pixel = base::words_for_bits(static_cast<std::uint64_t>(channels));
    if (pattern == nullptr) {
        return out;
    }
    const auto pixel_count = static_cast<std::size_t>(pixels);
    out.words.assign(pattern->samples() * pixel_count * out.words_per_pixel, 0);
    for (std::size_t sample = 0; sample < pattern->samples(); ++sample) {
        const std::uint64_t* words = pattern->sample_words(sample);
        std::uint64_t* base_word = out.words.data() + sample * pixel_count * out.words_per_pixel;
        for (std::size_t word = 0; word < pattern->words_per_sample(); ++word) {
            for (std::uint64_t rest = words[word]; rest != 0; rest &= rest - 1) {
                const std::size_t element = word * 64 + base::lowest_one_index(rest);
                const std::size_t channel = element / pixel_count;
                const std::size_t pixel = element % pixel_count;
                base::set_bit(base_word + pixel * out.words_per_pixel, channel);
            }
        }
    }
    return out;
}

TapSource::TapSource(const ChannelLast& pattern, TapWalk walk, std::int64_t samples,
                     std::int64_t channels)
    : pattern_(pattern), walk_(std::move(walk)), samples_(samples), channels_(channels) {}

std::size_t TapSource::footprint_words() const {
    return static_cast<std::size_t>(samples_ * walk_.source.vertical * walk_.source.horizontal) *
           pattern_.words_per_pixel;
}

Footprint::Size TapSource::footprint_size(const Footprint& footprint) const {
    return footprint.size(pattern_.words);
}

std::uint64_t TapSource::element_at(Footprint::Place place) const {
    const std::size_t pixel = place.word / pattern_.words_per_pixel;
    const std::size_t word = place.word % pattern_.words_per_pixel;
    return std::uint64_t{pixel} * static_cast<std::uint64_t>(channels_) + word * 64 + place.bit;
}

std::vector<TapSource::TapPart> TapSource::tap_parts(const RowRequest& request) const {
    const std::int64_t per_tap = walk_.channels_per_group;
    std::vector<TapPart> parts;
    for (std::int64_t k = request.first_k; k < request.end_k;) {
        const std::int64_t tap = k / per_tap;
        const std::int64_t end = std::min(request.end_k, (tap + 1) * per_tap);
        parts.push_back({static_cast<std::size_t>(tap),
                         static_cast<std::uint64_t>(request.group * per_tap + k - tap * per_tap),
                         static_cast<std::uint32_t>(end - k)});
        k = end;
    }
    return parts;
}

void TapSource::gather(const RowRequest& request, const RowTarget& target,
                       Footprint& footprint) const {
    const std::vector<TapPart> parts = tap_parts(request);
    for (std::size_t row = 0; row < request.row_count; ++row) {
        const std::size_t at = row * target.words_per_row;
        ChunkWriter writer(target.issue + at,
                           target.nonzero == nullptr ? nullptr : target.nonzero + at,
                           request.chunk_operands);
        const std::uint64_t reads = footprint.reads();
        const std::int64_t m = request.rows[row];
        const std::int64_t line = m / walk_.grid.horizontal;
        const std::int64_t grid_column = m % walk_.grid.horizontal;
        const std::int64_t grid_row = line % walk_.grid.vertical;
        const std::int64_t sample = line / walk_.grid.vertical;
        for (const TapPart& part : parts) {
            const std::int64_t pixel =
                source_pixel(walk_.taps[part.tap], sample, grid_row, grid_column);
            if (pixel < 0) {
                writer.skip(part.count);
            } else {
                gather_pixel(static_cast<std::size_t>(pixel) * pattern_.words_per_pixel, part,
                             request.issue_nonzero_only, writer, footprint);
            }
        }
        if (target.reads != nullptr) {
            target.reads[row] = footprint.reads() - reads;
        }
    }
}

/// Number of the pixel under the tap, counted over all samples; -1 if out of bounds.
std::int64_t TapSource::source_pixel(const Tap& tap, std::int64_t sample, std::int64_t grid_row,
                                     std::int64_t grid_column) const {
    std::int64_t row = grid_row * walk_.step.vertical + tap.offset.vertical;
    std::int64_t column = grid_column * walk_.step.horizontal + tap.offset.horizontal;
    if (row < 0 || column < 0) {
        return -1;
    }
    const Pair& up = walk_.upsample;
    if (up.vertical != 1 || up.horizontal != 1) {
        if (row % up.vertical != 0 || column % up.horizontal != 0) {
            return -1;
        }
        row /= up.vertical;
        column /= up.horizontal;
    }
    if (row >= walk_.source.vertical || column >= walk_.source.horizontal) {
        return -1;
    }
    return (sample * walk_.source.vertical + row) * walk_.source.horizontal + column;
}

void TapSource::gather_pixel(std::size_t first_word, const TapPart& part, bool nonzero_only,
                             ChunkWriter& writer, Footprint& footprint) const {
    std::uint64_t channel = part.first_channel;
    for (std::uint32_t left = part.count; left > 0;) {  // word by word of the pixel
        const std::uint64_t bit = channel % 64;
        const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(64 - bit, left));
        const std::size_t word = first_word + channel / 64;
        const std::uint64_t ones = base::low_bits(count);
        const std::uint64_t bits =
            pattern_.words.empty() ? ones : (pattern_.words[word] >> bit) & ones;
        writer.append(nonzero_only ? bits : ones, bits, count);
        footprint.mark(word, ones << bit, count);
        channel += count;
        left -= count;
    }
}

}  // namespace skipsim::reduction
