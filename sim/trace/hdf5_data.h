// SPDX-License-Identifier: Apache-2.0
// Reads datasets row by row (a row is one step of the first axis). Chunks are fetched as stored and
// unpacked here rather than by HDF5's filter pipeline, for two reasons: a chunk that would inflate
// beyond its declared size is stopped, and no filter but shuffle, deflate and fletcher32 can run.
// Cost: one band of chunks (a row of them) in memory. Private to sim/trace.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/trace/hdf5_file.h"

namespace skipsim::trace {

enum class ElementType { kU8, kU16, kU32, kU64, kI8, kI16, kI32, kI64, kF16, kF32, kF64, kOther };

/// 0 for kOther.
std::uint32_t element_bytes(ElementType type);
bool is_integer(ElementType type);
bool is_real(ElementType type);
const char* element_name(ElementType type);

float half_to_float(std::uint16_t half);
/// To the nearest half, ties to even; overflow gives infinity.
std::uint16_t float_to_half(float value);

/// The most recently unpacked band, kept by whoever reads a dataset several times.
struct Band {
    std::uint64_t dataset = 0;  ///< address of the dataset in its file
    std::uint64_t index = 0;
    std::vector<std::uint8_t> bytes;  ///< empty: none
};

inline constexpr std::uint64_t kChunkBytesLimit = std::uint64_t{1} << 28U;  ///< [bytes] unpacked

class Dataset {
public:
    /// Opens member `name`. Throws InputError if it cannot be read.
    Dataset(const Hdf5File& file, const Group& group, const std::string& name);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] hid_t id() const { return handle_.id(); }
    [[nodiscard]] ElementType type() const { return type_; }
    [[nodiscard]] const std::vector<std::uint64_t>& dims() const { return dims_; }
    [[nodiscard]] std::uint64_t rows() const { return dims_.empty() ? 0 : dims_[0]; }
    [[nodiscard]] std::uint64_t row_bytes() const { return row_bytes_; }
    /// Chunked with shuffle, deflate and fletcher32: what the format asks for.
    [[nodiscard]] bool has_wanted_layout() const;
    /// Each reason why the data cannot be read; looks up every chunk. Requires dims that were
    /// compared with what they should be. Empty: read_rows() allocates no more than it returns
    /// and a band.
    [[nodiscard]] std::vector<std::string> storage_problems() const;

    /// Bytes of rows first .. first + count - 1 as stored (little-endian elements). Requires rows
    /// that exist. Throws InputError if the data is damaged.
    [[nodiscard]] std::vector<std::uint8_t> read_rows(std::uint64_t first, std::uint64_t count,
                                                      Band* cache = nullptr) const;
    /// The same as numbers. Requires an integer type, or a real one.
    [[nodiscard]] std::vector<std::int64_t> read_integers(std::uint64_t first, std::uint64_t count,
                                                          Band* cache = nullptr) const;
    [[nodiscard]] std::vector<float> read_floats(std::uint64_t first, std::uint64_t count,
                                                 Band* cache = nullptr) const;
    [[nodiscard]] std::vector<double> read_doubles() const;

private:
    enum class Filter { kShuffle, kDeflate, kFletcher32, kOther };

    [[noreturn]] void fail(const std::string& what) const;
    void read_type();
    void read_layout();
    [[nodiscard]] std::uint64_t chunk_bytes() const;
    [[nodiscard]] std::uint64_t bands() const;
    void chunk_problems(std::vector<std::string>& lines) const;
    void for_each_chunk_of_band(std::uint64_t band,
                                const std::function<void(const std::vector<hsize_t>&)>& use) const;
    void read_band(std::uint64_t index, std::vector<std::uint8_t>& band) const;
    [[nodiscard]] std::vector<std::uint8_t> read_chunk(const std::vector<hsize_t>& offset) const;
    void unpack(std::vector<std::uint8_t>& data, std::uint32_t skipped) const;
    void place_chunk(const std::vector<std::uint8_t>& chunk, const std::vector<hsize_t>& offset,
                     std::vector<std::uint8_t>& band) const;
    void read_unchunked(std::uint64_t first, std::uint64_t count, std::uint8_t* out) const;

    const Hdf5File* file_;
    std::string path_;
    Handle handle_;
    std::uint64_t address_ = 0;
    ElementType type_ = ElementType::kOther;
    std::vector<std::uint64_t> dims_;
    std::uint64_t row_bytes_ = 0;
    std::string layout_problem_;
    bool is_chunked_ = false;
    std::vector<std::uint64_t> chunk_dims_;
    std::vector<Filter> filters_;  // in the order in which the writer applied them
};

}  // namespace skipsim::trace
