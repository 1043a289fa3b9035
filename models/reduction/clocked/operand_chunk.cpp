// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/operand_chunk.h"

#include <algorithm>

#include "sim/base/bits.h"

namespace skipsim::clocked {

std::shared_ptr<const OperandChunk> make_chunk(const OperandTensor& tensor,
                                               const std::vector<std::int64_t>& elements,
                                               bool sends_nonzero_only) {
    auto chunk = std::make_shared<OperandChunk>();
    const std::size_t words = (elements.size() + 63) / 64;
    chunk->in_bounds.assign(words, 0);
    chunk->nonzero.assign(words, 0);
    const bool all_ones = tensor.nonzero.empty();
    for (std::size_t position = 0; position < elements.size(); ++position) {
        const std::int64_t element = elements[position];
        const bool is_in = element != PhaseIndex::kOutside;
        const bool is_one =
            is_in && (all_ones || tensor.nonzero[static_cast<std::size_t>(element)] != 0);
        chunk->in_bounds[position / 64] |= std::uint64_t{is_in} << (position % 64);
        chunk->nonzero[position / 64] |= std::uint64_t{is_one} << (position % 64);
    }
    chunk->sent = sends_nonzero_only ? chunk->nonzero : chunk->in_bounds;
    chunk->sent_count = ones_of(chunk->sent);
    if (tensor.values.empty()) {
        return chunk;
    }
    chunk->values.reserve(chunk->sent_count);
    for (std::size_t word = 0; word < words; ++word) {
        for (std::uint64_t left = chunk->sent[word]; left != 0; left &= left - 1) {
            const std::uint32_t bit = base::lowest_one_index(left);
            const auto element = static_cast<std::size_t>(elements[word * 64 + bit]);
            const bool is_one = (chunk->nonzero[word] >> bit & 1) != 0;
            chunk->values.push_back(is_one ? tensor.values[element] : 0.0F);
        }
    }
    return chunk;
}

std::uint32_t ones_of(const std::vector<std::uint64_t>& bitmap) {
    return static_cast<std::uint32_t>(base::count_ones(bitmap.data(), bitmap.size()));
}

std::uint64_t bytes_of_load(bool sends_nonzero_only, std::uint64_t elements, std::uint64_t nonzeros,
                            std::uint64_t width_bits) {
    const std::uint64_t bits =
        sends_nonzero_only ? elements + nonzeros * width_bits : elements * width_bits;
    return base::ceil_divide(bits, 8);
}

InputLoad::InputLoad(const RowTask& task, const StageIndex& index, std::uint32_t width_bits)
    : task_(task),
      dims_(index.input),
      width_bits_(width_bits),
      seen_(static_cast<std::size_t>(index.input.elements()) / 64 + 1, 0) {}

void InputLoad::add(const std::vector<std::int64_t>& elements) {
    for (const std::int64_t element : elements) {
        if (element == PhaseIndex::kOutside) {
            continue;
        }
        const std::uint64_t bit = std::uint64_t{1} << (element % 64);
        std::uint64_t& word = seen_[static_cast<std::size_t>(element / 64)];
        if ((word & bit) == 0) {
            word |= bit;
            elements_.push_back(element);
        }
    }
}

void InputLoad::finish(TileWork& tile) {
    std::uint64_t nonzeros = 0;
    std::int64_t lowest = elements_.empty() ? 0 : dims_.elements();
    const std::vector<std::uint8_t>& nonzero = task_.input.nonzero;
    for (const std::int64_t element : elements_) {
        nonzeros += nonzero.empty() || nonzero[static_cast<std::size_t>(element)] != 0 ? 1 : 0;
        lowest = std::min(lowest, place_in_memory(element));
        seen_[static_cast<std::size_t>(element / 64)] = 0;
    }
    tile.input_bytes =
        bytes_of_load(task_.selection.input, elements_.size(), nonzeros, width_bits_);
    tile.input_first_byte = static_cast<std::uint64_t>(lowest) * width_bits_ / 8;
    elements_.clear();
}

/// Elements lie as (sample, pixel, channel); in WG as (channel, sample, row, column mod sw,
/// column / sw).
std::int64_t InputLoad::place_in_memory(std::int64_t element) const {
    const std::int64_t pixel = element % dims_.pixels();
    const std::int64_t channel = element / dims_.pixels() % dims_.channels;
    const std::int64_t sample = element / dims_.pixels() / dims_.channels;
    if (task_.stage != reduction::TrainingStage::weight_gradient) {
        return (sample * dims_.pixels() + pixel) * dims_.channels + channel;
    }
    const std::int64_t row = pixel / dims_.columns;
    const std::int64_t column = pixel % dims_.columns;
    const std::int64_t step = task_.shape.stride.horizontal;
    std::int64_t before = 0;  // columns of the row with a smaller remainder
    for (std::int64_t remainder = 0; remainder < column % step; ++remainder) {
        before += (dims_.columns - 1 - remainder) / step + 1;
    }
    return ((channel * dims_.samples + sample) * dims_.rows + row) * dims_.columns + before +
           column / step;
}

}  // namespace skipsim::clocked
