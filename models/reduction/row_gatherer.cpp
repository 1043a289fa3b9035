// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/row_gatherer.h"

#include <algorithm>

#include "sim/base/bits.h"

namespace skipsim::reduction {

RowGatherer::RowGatherer(const Params& params, std::size_t footprint_words) : params_(params) {
    footprint_.reset(footprint_words);
}

std::shared_ptr<const RowOperands> RowGatherer::gather(const InputSource& input,
                                                       const GatherRequest& request,
                                                       std::vector<std::uint64_t>* reads) {
    const std::size_t chunks =
        base::ceil_divide(static_cast<std::uint64_t>(request.end_k - request.first_k),
                          std::uint64_t{params_.chunk_operands});
    const std::size_t words_per_row = chunks * ((params_.chunk_operands + 63) / 64);
    std::size_t row_count = 0;
    for (const RowBatch& batch : request.batches) {
        row_count += batch.row_count;
    }
    auto rows = std::make_shared<RowOperands>();
    rows->issue.assign(row_count * words_per_row, 0);
    rows->nonzero.assign(params_.separate_nonzero ? rows->issue.size() : 0, 0);
    if (reads != nullptr) {
        reads->assign(row_count, 0);
    }
    footprint_.next_tile();
    std::size_t first = 0;
    for (const RowBatch& batch : request.batches) {
        RowTarget target;
        target.words_per_row = words_per_row;
        target.issue = rows->issue.data() + first * words_per_row;
        target.nonzero =
            params_.separate_nonzero ? rows->nonzero.data() + first * words_per_row : nullptr;
        target.reads = reads == nullptr ? nullptr : reads->data() + first;
        input.gather({batch.rows, batch.row_count, batch.group, request.first_k, request.end_k,
                      params_.chunk_operands, params_.compressed},
                     target, footprint_);
        first += batch.row_count;
    }
    rows->in_bounds_reads = footprint_.reads();
    if (!request.sent.empty()) {
        mark_sent(input, request, chunks);
    }
    const Footprint::Size size = input.footprint_size(footprint_);
    rows->load_bytes =
        load_bytes(params_.compressed, size.elements, size.nonzeros, params_.operand_width_bits);
    rows->first_byte = input.element_at(footprint_.lowest()) * params_.operand_width_bits / 8;
    return rows;
}

/// Marks anew, only what lies in chunks that are sent; neighbouring rows that send the same chunks
/// together.
void RowGatherer::mark_sent(const InputSource& input, const GatherRequest& request,
                            std::size_t chunks) {
    footprint_.next_tile();
    const std::uint8_t* sent = request.sent.data();
    for (const RowBatch& batch : request.batches) {
        for (std::size_t row = 0; row < batch.row_count;) {
            std::size_t count = 1;
            while (row + count < batch.row_count &&
                   std::equal(sent, sent + chunks, sent + count * chunks)) {
                ++count;
            }
            mark_rows(input, request, {batch.rows + row, count, batch.group}, sent, chunks);
            row += count;
            sent += count * chunks;
        }
    }
}

/// Rows that all send the chunks given: run of chunks by run of chunks.
void RowGatherer::mark_rows(const InputSource& input, const GatherRequest& request,
                            const RowBatch& rows, const std::uint8_t* sent, std::size_t chunks) {
    const std::size_t words_per_row = chunks * ((params_.chunk_operands + 63) / 64);
    scratch_.resize(std::max(scratch_.size(), rows.row_count * words_per_row));
    const auto k_of = [&request, this](std::size_t chunk) {
        return std::min(request.end_k, request.first_k + static_cast<std::int64_t>(
                                                             chunk * params_.chunk_operands));
    };
    for (std::size_t chunk = 0; chunk < chunks;) {
        std::size_t end = chunk;
        while (end < chunks && sent[end] != 0) {
            ++end;
        }
        if (end > chunk) {
            input.gather({rows.rows, rows.row_count, rows.group, k_of(chunk), k_of(end),
                          params_.chunk_operands, params_.compressed},
                         {scratch_.data(), nullptr, words_per_row, nullptr}, footprint_);
        }
        chunk = end + 1;
    }
}

std::uint64_t load_bytes(bool compressed, std::uint64_t elements, std::uint64_t nonzeros,
                         std::uint64_t width_bits) noexcept {
    return base::ceil_divide(compressed ? elements + nonzeros * width_bits : elements * width_bits,
                             8);
}

}  // namespace skipsim::reduction
