// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/reduction/input_source.h"

namespace skipsim::reduction {
namespace {

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
    return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

PixelLines pixel_lines(const base::BitTensor* x, const ConvolutionShape& shape) {
    PixelLines out;
    out.phases = shape.stride.horizontal;
    const std::int64_t width = shape.in_size.horizontal;
    out.words_per_line = base::words_for_bits(base::ceil_divide(
        static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(out.phases)));
    if (x == nullptr) {
        return out;
    }
    const auto lines = static_cast<std::size_t>(shape.in_channels * shape.samples *
                                                shape.in_size.vertical * out.phases);
    out.words.assign(lines * out.words_per_line, 0);
    const auto columns = static_cast<std::size_t>(width);
    const auto rows = static_cast<std::size_t>(shape.in_size.vertical);
    const auto phases = static_cast<std::size_t>(out.phases);
    for (std::size_t sample = 0; sample < x->samples(); ++sample) {
        const std::uint64_t* words = x->sample_words(sample);
        for (std::size_t word = 0; word < x->words_per_sample(); ++word) {
            for (std::uint64_t rest = words[word]; rest != 0; rest &= rest - 1) {
                const std::size_t element = word * 64 + base::lowest_one_index(rest);
                const std::size_t column = element % columns;
                const std::size_t row = element / columns % rows;
                const std::size_t channel = element / columns / rows;
                const std::size_t line =
                    ((channel * x->samples() + sample) * rows + row) * phases + column % phases;
                base::set_bit(out.words.data() + line * out.words_per_line, column / phases);
            }
        }
    }
    return out;
}

}  // namespace

PixelSource::PixelSource(const base::BitTensor* x, const ConvolutionShape& shape)
    : shape_(shape), lines_(pixel_lines(x, shape)) {}

std::size_t PixelSource::footprint_words() const {
    return static_cast<std::size_t>(shape_.in_channels * shape_.samples * shape_.in_size.vertical *
                                    lines_.phases) *
           lines_.words_per_line;
}

Footprint::Size PixelSource::footprint_size(const Footprint& footprint) const {
    return footprint.size(lines_.words);
}

std::uint64_t PixelSource::element_at(Footprint::Place place) const {
    const std::size_t line = place.word / lines_.words_per_line;
    const auto phases = static_cast<std::size_t>(lines_.phases);
    const auto width = static_cast<std::size_t>(shape_.in_size.horizontal);
    const std::size_t phase = line % phases;
    std::size_t element = line / phases * width;
    for (std::size_t before = 0; before < phase && before < width; ++before) {
        element += (width - before + phases - 1) / phases;
    }
    return element + place.word % lines_.words_per_line * 64 + place.bit;
}

void PixelSource::gather(const RowRequest& request, const RowTarget& target,
                         Footprint& footprint) const {
    for (std::size_t row = 0; row < request.row_count; ++row) {
        const std::size_t at = row * target.words_per_row;
        ChunkWriter writer(target.issue + at,
                           target.nonzero == nullptr ? nullptr : target.nonzero + at,
                           request.chunk_operands);
        const std::uint64_t reads = footprint.reads();
        gather_row(request, line_walk(request, request.rows[row]), writer, footprint);
        if (target.reads != nullptr) {
            target.reads[row] = footprint.reads() - reads;
        }
    }
}

PixelSource::LineWalk PixelSource::line_walk(const RowRequest& request, std::uint32_t m) const {
    const std::int64_t per_group = shape_.in_channels_per_group();
    const std::int64_t tap = m / per_group;
    const std::int64_t stride = shape_.stride.horizontal;
    const std::int64_t shift_columns =
        tap % shape_.kernel.horizontal * shape_.dilation.horizontal - shape_.padding.horizontal;
    LineWalk walk{};
    walk.channel = request.group * per_group + m % per_group;
    walk.first_row =
        tap / shape_.kernel.horizontal * shape_.dilation.vertical - shape_.padding.vertical;
    walk.shift = floor_divide(shift_columns, stride);
    walk.phase = shift_columns - walk.shift * stride;
    walk.columns =
        std::max<std::int64_t>(0, (shape_.in_size.horizontal - walk.phase + stride - 1) / stride);
    return walk;
}

void PixelSource::gather_row(const RowRequest& request, const LineWalk& walk, ChunkWriter& writer,
                             Footprint& footprint) const {
    const std::int64_t out_columns = shape_.out_size.horizontal;
    const std::int64_t out_rows = shape_.out_size.vertical;
    std::int64_t out_line = request.first_k / out_columns;
    std::int64_t sample = out_line / out_rows;
    std::int64_t out_row = out_line % out_rows;
    for (std::int64_t k = request.first_k; k < request.end_k; ++out_line, ++out_row) {
        if (out_row == out_rows) {
            out_row = 0;
            ++sample;
        }
        const std::int64_t line_start = out_line * out_columns;
        const std::int64_t end = std::min(request.end_k, line_start + out_columns);
        const std::int64_t row = out_row * shape_.stride.vertical + walk.first_row;
        const std::int64_t first = std::clamp(line_start - walk.shift, k, end);
        const std::int64_t last = std::clamp(line_start - walk.shift + walk.columns, first, end);
        if (row < 0 || row >= shape_.in_size.vertical || first == last) {
            writer.skip(static_cast<std::uint64_t>(end - k));
        } else {
            const std::int64_t line =
                ((walk.channel * shape_.samples + sample) * shape_.in_size.vertical + row) *
                    lines_.phases +
                walk.phase;
            const std::int64_t column = first - line_start + walk.shift;
            writer.skip(static_cast<std::uint64_t>(first - k));
            gather_line(static_cast<std::size_t>(line) * lines_.words_per_line, column,
                        column + last - first, request.issue_nonzero_only, writer, footprint);
            writer.skip(static_cast<std::uint64_t>(end - last));
        }
        k = end;
    }
}

/// Columns column .. end - 1 of a source line, word by word.
void PixelSource::gather_line(std::size_t first_word, std::int64_t column, std::int64_t end,
                              bool nonzero_only, ChunkWriter& writer, Footprint& footprint) const {
    while (column < end) {
        const std::int64_t bit = column % 64;
        const auto count =
            static_cast<std::uint32_t>(std::min<std::int64_t>(64 - bit, end - column));
        const std::size_t word = first_word + static_cast<std::size_t>(column / 64);
        const std::uint64_t ones = base::low_bits(count);
        const std::uint64_t bits = lines_.words.empty() ? ones : (lines_.words[word] >> bit) & ones;
        writer.append(nonzero_only ? bits : ones, bits, count);
        footprint.mark(word, ones << bit, count);
        column += count;
    }
}

}  // namespace skipsim::reduction
