// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/chunk_filters.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace skipsim::trace {

std::uint32_t fletcher32(const std::uint8_t* bytes, std::size_t count) {
    constexpr std::size_t kWordsPerFold = 360;  // the sums stay below 2^32
    std::uint32_t sum1 = 0;
    std::uint32_t sum2 = 0;
    const auto fold = [](std::uint32_t sum) { return (sum & 0xFFFFU) + (sum >> 16U); };
    std::size_t words = count / 2;
    while (words > 0) {
        std::size_t block = std::min(words, kWordsPerFold);
        words -= block;
        for (; block > 0; --block, bytes += 2) {
            sum1 += (std::uint32_t{bytes[0]} << 8U) | bytes[1];
            sum2 += sum1;
        }
        sum1 = fold(sum1);
        sum2 = fold(sum2);
    }
    if (count % 2 != 0) {
        sum1 += std::uint32_t{*bytes} << 8U;
        sum2 += sum1;
        sum1 = fold(sum1);
        sum2 = fold(sum2);
    }
    sum1 = fold(sum1);
    sum2 = fold(sum2);
    return (sum2 << 16U) | sum1;
}

bool undo_fletcher32(std::vector<std::uint8_t>& data) {
    constexpr std::size_t kChecksumBytes = 4;
    if (data.size() < kChecksumBytes) {
        return false;
    }
    const std::size_t count = data.size() - kChecksumBytes;
    std::uint32_t stored = 0;
    for (std::size_t i = kChecksumBytes; i > 0; --i) {
        stored = (stored << 8U) | data[count + i - 1];
    }
    const bool is_right = fletcher32(data.data(), count) == stored;
    data.resize(count);
    return is_right;
}

bool undo_deflate(std::vector<std::uint8_t>& data, std::size_t expected_bytes) {
    std::vector<std::uint8_t> out(expected_bytes);
    if (data.size() > std::numeric_limits<uInt>::max() ||
        expected_bytes > std::numeric_limits<uInt>::max()) {
        return false;
    }
    z_stream stream{};
    stream.next_in = data.data();
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    if (inflateInit(&stream) != Z_OK) {
        return false;
    }
    const int status = inflate(&stream, Z_FINISH);
    const bool is_whole = status == Z_STREAM_END && stream.total_out == expected_bytes;
    inflateEnd(&stream);
    data = std::move(out);
    return is_whole;
}

void undo_shuffle(std::vector<std::uint8_t>& data, std::size_t element_bytes) {
    const std::size_t elements = element_bytes > 1 ? data.size() / element_bytes : 0;
    if (elements <= 1) {
        return;
    }
    std::vector<std::uint8_t> out(data);  // bytes beyond the last whole element stay in place
    for (std::size_t byte = 0; byte < element_bytes; ++byte) {
        const std::uint8_t* from = data.data() + byte * elements;
        for (std::size_t i = 0; i < elements; ++i) {
            out[i * element_bytes + byte] = from[i];
        }
    }
    data = std::move(out);
}

}  // namespace skipsim::trace
