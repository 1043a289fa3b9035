// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "models/reduction/chunk_writer.h"
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

TapSource::TapSource(const ChannelLast& pattern, TapWalk walk, std::int64_t samples)
    : pattern_(pattern), walk_(std::move(walk)), samples_(samples) {}

std::size_t TapSource::footprint_words() const {
    return static_cast<std::size_t>(samples_ * walk_.source.vertical * walk_.source.horizontal) *
           pattern_.words_per_pixel;
}

void TapSource::gather(const RowRequest& request, const RowTarget& target,
                       Footprint& footprint) const {
    for (std::size_t row = 0; row < request.row_count; ++row) {
        const std::size_t at = row * target.words_per_row;
        gather_row(request, request.rows[row], target.issue + at,
                   target.nonzero == nullptr ? nullptr : target.nonzero + at, footprint);
    }
}

/// Number of the pixel under the tap, counted over all samples; -1 if out of bounds.
std::int64_t TapSource::source_pixel(const Tap& tap, std::int64_t sample, std::int64_t grid_row,
                                     std::int64_t grid_column) const {
    const std::int64_t down = grid_row * walk_.step.vertical + tap.offset.vertical;
    const std::int64_t across = grid_column * walk_.step.horizontal + tap.offset.horizontal;
    const Pair& up = walk_.upsample;
    if (down < 0 || across < 0 || down % up.vertical != 0 || across % up.horizontal != 0) {
        return -1;
    }
    const std::int64_t row = down / up.vertical;
    const std::int64_t column = across / up.horizontal;
    if (row >= walk_.source.vertical || column >= walk_.source.horizontal) {
        return -1;
    }
    return (sample * walk_.source.vertical + row) * walk_.source.horizontal + column;
}

void TapSource::gather_row(const RowRequest& request, std::uint32_t m, std::uint64_t* issue,
                           std::uint64_t* nonzero, Footprint& footprint) const {
    const std::int64_t per_tap = walk_.channels_per_group;
    const std::int64_t grid_column = m % walk_.grid.horizontal;
    const std::int64_t line = m / walk_.grid.horizontal;
    const std::int64_t grid_row = line % walk_.grid.vertical;
    const std::int64_t sample = line / walk_.grid.vertical;
    ChunkWriter writer(issue, nonzero, request.chunk_operands);
    for (std::int64_t k = request.first_k; k < request.end_k;) {
        const std::int64_t tap = k / per_tap;
        const std::int64_t end = std::min(request.end_k, (tap + 1) * per_tap);
        const std::int64_t pixel =
            source_pixel(walk_.taps[static_cast<std::size_t>(tap)], sample, grid_row, grid_column);
        if (pixel < 0) {
            writer.skip(static_cast<std::uint64_t>(end - k));
            k = end;
            continue;
        }
        const auto first_word = static_cast<std::size_t>(pixel) * pattern_.words_per_pixel;
        auto channel = static_cast<std::uint64_t>(request.group * per_tap + k - tap * per_tap);
        while (k < end) {  // at most to the end of a word of the pixel
            const std::uint64_t bit = channel % 64;
            const auto count = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(64 - bit, static_cast<std::uint64_t>(end - k)));
            const std::size_t word = first_word + channel / 64;
            const std::uint64_t ones = base::low_bits(count);
            const std::uint64_t bits =
                pattern_.words.empty() ? ones : (pattern_.words[word] >> bit) & ones;
            writer.append(request.issue_nonzero_only ? bits : ones, bits, count);
            footprint.mark(word, ones << bit, bits << bit, count);
            channel += count;
            k += count;
        }
    }
}

}  // namespace skipsim::reduction
