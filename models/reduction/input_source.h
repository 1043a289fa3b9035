// SPDX-License-Identifier: Apache-2.0
// Operand A of a reduction: writes the rows of a tile in k order (models/MICROARCHITECTURE.md §2).
// Two address generators: taps over a channel-last tensor (FF, BP), and pixels over a
// channel-major tensor (WG: the transposed copy).
#pragma once

#include <cstdint>
#include <vector>

#include "models/reduction/chunk_writer.h"
#include "models/reduction/convolution_shape.h"
#include "models/reduction/footprint.h"
#include "sim/base/bit_tensor.h"

namespace skipsim::reduction {

/// The rows of a tile and the k values of its chunks.
struct RowRequest {
    const std::uint32_t* rows = nullptr;  ///< m indices
    std::size_t row_count = 0;
    std::int64_t group = 0;
    std::int64_t first_k = 0;  ///< a multiple of the chunk
    std::int64_t end_k = 0;
    std::uint32_t chunk_operands = 64;
    bool issue_nonzero_only = true;  ///< role input is selected
};

/// Where gather() writes: zeroed words in the layout of Tile.
struct RowTarget {
    std::uint64_t* issue = nullptr;
    std::uint64_t* nonzero = nullptr;  ///< null = not wanted
    std::size_t words_per_row = 0;
    std::uint64_t* reads = nullptr;  ///< null, or for every row its in-bounds positions
};

class InputSource {
public:
    InputSource() = default;
    InputSource(const InputSource&) = delete;
    InputSource& operator=(const InputSource&) = delete;
    virtual ~InputSource() = default;

    [[nodiscard]] virtual std::size_t footprint_words() const = 0;
    /// Elements the footprint's marks stand for.
    [[nodiscard]] virtual Footprint::Size footprint_size(const Footprint& footprint) const = 0;
    /// Number of the element that a place of the footprint stands for, in the operand's order in
    /// memory: channel-last (TapSource), line by line (PixelSource).
    [[nodiscard]] virtual std::uint64_t element_at(Footprint::Place place) const = 0;
    /// Writes every row of the request and marks what it reads in bounds.
    virtual void gather(const RowRequest& request, const RowTarget& target,
                        Footprint& footprint) const = 0;
};

/// A tap of the kernel as a step on the source image.
struct Tap {
    Pair offset;
    std::int64_t row = 0;     ///< r
    std::int64_t column = 0;  ///< s
};

/// How the m axis of FF or of one BP phase walks over the source image.
struct TapWalk {
    Pair grid;              ///< pixels of m: (sample, grid row, grid column)
    Pair step;              ///< source position = (grid position * step + offset) / upsample
    Pair upsample;          ///< a position that does not divide is out of bounds
    std::vector<Tap> taps;  ///< in k order
    Pair source;            ///< size of the source image
    std::int64_t channels_per_group = 1;  ///< k values of one tap
};

/// A pattern with the channels of a pixel side by side: [sample][pixel][channel], each pixel on
/// whole words. `words` is empty if every element is one.
struct ChannelLast {
    std::size_t words_per_pixel = 0;
    std::vector<std::uint64_t> words;
};
/// A null pattern is all ones.
ChannelLast channel_last(const base::BitTensor* pattern, std::int64_t channels,
                         std::int64_t pixels);

class TapSource final : public InputSource {
public:
    /// `channels` of all groups: what a pixel of the pattern holds.
    TapSource(const ChannelLast& pattern, TapWalk walk, std::int64_t samples,
              std::int64_t channels);

    [[nodiscard]] std::size_t footprint_words() const override;
    [[nodiscard]] Footprint::Size footprint_size(const Footprint& footprint) const override;
    [[nodiscard]] std::uint64_t element_at(Footprint::Place place) const override;
    void gather(const RowRequest& request, const RowTarget& target,
                Footprint& footprint) const override;

private:
    /// First channel and number of k values of a request within one tap.
    struct TapPart {
        std::size_t tap;
        std::uint64_t first_channel;
        std::uint32_t count;
    };
    [[nodiscard]] std::vector<TapPart> tap_parts(const RowRequest& request) const;
    void gather_pixel(std::size_t first_word, const TapPart& part, bool nonzero_only,
                      ChunkWriter& writer, Footprint& footprint) const;
    [[nodiscard]] std::int64_t source_pixel(const Tap& tap, std::int64_t sample,
                                            std::int64_t grid_row, std::int64_t grid_column) const;

    const ChannelLast& pattern_;
    TapWalk walk_;
    std::int64_t samples_;
    std::int64_t channels_;
};

/// A pattern line by line: [channel][sample][row][horizontal phase], each line on whole words;
/// phase f holds columns f, f + stride, ….
struct PixelLines {
    std::int64_t phases = 1;
    std::size_t words_per_line = 0;
    std::vector<std::uint64_t> words;  ///< empty if every element is one
};

class PixelSource final : public InputSource {
public:
    /// A null pattern is all ones.
    PixelSource(const base::BitTensor* x, const ConvolutionShape& shape);

    [[nodiscard]] std::size_t footprint_words() const override;
    [[nodiscard]] Footprint::Size footprint_size(const Footprint& footprint) const override;
    [[nodiscard]] std::uint64_t element_at(Footprint::Place place) const override;
    void gather(const RowRequest& request, const RowTarget& target,
                Footprint& footprint) const override;

private:
    /// A tap's channel as a walk over source lines: output column q reads column q + shift.
    struct LineWalk {
        std::int64_t channel;
        std::int64_t first_row;  ///< source row of output row 0
        std::int64_t phase;
        std::int64_t shift;
        std::int64_t columns;  ///< of a source line of that phase
    };
    [[nodiscard]] LineWalk line_walk(const RowRequest& request, std::uint32_t m) const;
    void gather_row(const RowRequest& request, const LineWalk& walk, ChunkWriter& writer,
                    Footprint& footprint) const;
    void gather_line(std::size_t first_word, std::int64_t column, std::int64_t end,
                     bool nonzero_only, ChunkWriter& writer, Footprint& footprint) const;

    ConvolutionShape shape_;
    PixelLines lines_;
};

}  // namespace skipsim::reduction
