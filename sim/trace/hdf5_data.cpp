// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/hdf5_data.h"

#include <algorithm>
#include <cstring>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/trace/chunk_filters.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kDeflateRatioLimit = 1040;  // zlib's own bound is 1032 to 1
constexpr std::uint64_t kChecksumBytes = 4;
constexpr int kAxesLimit = 8;
constexpr std::uint64_t kKeptBandBytesLimit = 64U << 20U;

std::uint64_t product_from(const std::vector<std::uint64_t>& dims, std::size_t first) {
    std::uint64_t product = 1;
    for (std::size_t i = first; i < dims.size(); ++i) {
        if (__builtin_mul_overflow(product, dims[i], &product)) {
            return ~std::uint64_t{0};
        }
    }
    return product;
}

bool is_half(hid_t type) {
    std::size_t sign = 0;
    std::size_t exponent = 0;
    std::size_t exponent_bits = 0;
    std::size_t fraction = 0;
    std::size_t fraction_bits = 0;
    return H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == 2 &&
           H5Tget_order(type) == H5T_ORDER_LE &&
           H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction, &fraction_bits) >= 0 &&
           sign == 15 && exponent == 10 && exponent_bits == 5 && fraction == 0 &&
           fraction_bits == 10 && H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

ElementType element_type(hid_t type) {
    const std::pair<hid_t, ElementType> known[] = {
        {H5T_STD_U8LE, ElementType::kU8},    {H5T_STD_U16LE, ElementType::kU16},
        {H5T_STD_U32LE, ElementType::kU32},  {H5T_STD_U64LE, ElementType::kU64},
        {H5T_STD_I8LE, ElementType::kI8},    {H5T_STD_I16LE, ElementType::kI16},
        {H5T_STD_I32LE, ElementType::kI32},  {H5T_STD_I64LE, ElementType::kI64},
        {H5T_IEEE_F32LE, ElementType::kF32}, {H5T_IEEE_F64LE, ElementType::kF64}};
    for (const auto& [id, element] : known) {
        if (H5Tequal(type, id) > 0) {
            return element;
        }
    }
    return is_half(type) ? ElementType::kF16 : ElementType::kOther;
}

template <typename Number>
Number load(const std::uint8_t* bytes) {
    Number number{};
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

std::int64_t integer_at(const std::uint8_t* bytes, ElementType type) {
    switch (type) {
        case ElementType::kU8:
            return load<std::uint8_t>(bytes);
        case ElementType::kU16:
            return load<std::uint16_t>(bytes);
        case ElementType::kU32:
            return load<std::uint32_t>(bytes);
        case ElementType::kI8:
            return load<std::int8_t>(bytes);
        case ElementType::kI16:
            return load<std::int16_t>(bytes);
        case ElementType::kI32:
            return load<std::int32_t>(bytes);
        default:
            return load<std::int64_t>(bytes);  // a uint64 beyond 2^63 - 1 turns negative
    }
}

double real_at(const std::uint8_t* bytes, ElementType type) {
    if (type == ElementType::kF16) {
        return half_to_float(load<std::uint16_t>(bytes));
    }
    return type == ElementType::kF32 ? load<float>(bytes) : load<double>(bytes);
}

}  // namespace

Dataset::Dataset(const Hdf5File& file, const Group& group, const std::string& name)
    : file_(&file),
      path_((group.path == "/" ? "/" : group.path + "/") + name),
      handle_(file.open_dataset(group, name)) {
    H5O_info_t info{};
    if (H5Oget_info2(handle_.id(), &info, H5O_INFO_BASIC) < 0) {
        fail("expected a dataset, found one that cannot be read");
    }
    address_ = info.addr;
    read_type();
    read_layout();
}

void Dataset::fail(const std::string& what) const {
    file_->fail(path_, what);
}

void Dataset::read_type() {
    const Handle type(H5Dget_type(handle_.id()), H5Tclose);
    const Handle space(H5Dget_space(handle_.id()), H5Sclose);
    if (!type || !space) {
        fail("expected a dataset, found one whose type or shape cannot be read");
    }
    type_ = element_type(type.id());
    const int axes = H5Sget_simple_extent_ndims(space.id());
    if (H5Sget_simple_extent_type(space.id()) != H5S_SIMPLE || axes < 1 || axes > kAxesLimit) {
        return;  // no dims: whoever compares them with what they should be says so
    }
    std::vector<hsize_t> dims(static_cast<std::size_t>(axes));
    H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
    dims_.assign(dims.begin(), dims.end());
    row_bytes_ = product_from(dims_, 1) * element_bytes(type_);
}

void Dataset::read_layout() {
    const Handle creation(H5Dget_create_plist(handle_.id()), H5Pclose);
    if (!creation) {
        fail("expected a dataset, found one whose layout cannot be read");
    }
    const H5D_layout_t layout = H5Pget_layout(creation.id());
    if (layout == H5D_VIRTUAL || layout == H5D_LAYOUT_ERROR ||
        H5Pget_external_count(creation.id()) != 0) {
        layout_problem_ = "expected data inside this file, found data stored elsewhere";
        return;
    }
    const int filter_count = H5Pget_nfilters(creation.id());
    for (int i = 0; i < filter_count; ++i) {
        unsigned flags = 0;
        std::size_t values = 0;
        const H5Z_filter_t filter = H5Pget_filter2(creation.id(), static_cast<unsigned>(i), &flags,
                                                   &values, nullptr, 0, nullptr, nullptr);
        filters_.push_back(filter == H5Z_FILTER_SHUFFLE      ? Filter::kShuffle
                           : filter == H5Z_FILTER_DEFLATE    ? Filter::kDeflate
                           : filter == H5Z_FILTER_FLETCHER32 ? Filter::kFletcher32
                                                             : Filter::kOther);
        if (filters_.back() == Filter::kOther || filter_count > 3) {
            layout_problem_ =
                "expected no filters but shuffle, deflate (gzip) and fletcher32, "
                "found filter " +
                std::to_string(filter);
            return;
        }
    }
    is_chunked_ = layout == H5D_CHUNKED;
    if (!is_chunked_) {
        return;
    }
    std::vector<hsize_t> chunk(dims_.size());
    unsigned options = 0;
    const int axes = H5Pget_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
    if (axes != static_cast<int>(chunk.size()) || H5Pget_chunk_opts(creation.id(), &options) < 0 ||
        options != 0) {
        layout_problem_ = "expected plain chunks, found chunks of another shape or kind";
    }
    chunk_dims_.assign(chunk.begin(), chunk.end());
}

bool Dataset::has_wanted_layout() const {
    const auto has = [this](Filter filter) {
        return std::find(filters_.begin(), filters_.end(), filter) != filters_.end();
    };
    return is_chunked_ && has(Filter::kShuffle) && has(Filter::kDeflate) &&
           has(Filter::kFletcher32);
}

std::uint64_t Dataset::chunk_bytes() const {
    std::vector<std::uint64_t> sizes = chunk_dims_;
    sizes.push_back(element_bytes(type_));
    return product_from(sizes, 0);
}

std::uint64_t Dataset::bands() const {
    return base::ceil_divide(dims_[0], chunk_dims_[0]);
}

std::vector<std::string> Dataset::storage_problems() const {
    std::vector<std::string> lines;
    if (!layout_problem_.empty()) {
        lines.push_back(layout_problem_);
    } else if (is_chunked_) {
        chunk_problems(lines);
    } else {
        std::vector<std::uint64_t> sizes = dims_;
        sizes.push_back(element_bytes(type_));
        const std::uint64_t wanted = product_from(sizes, 0);
        const std::uint64_t stored = H5Dget_storage_size(handle_.id());
        if (stored != wanted || stored > file_->bytes()) {
            lines.push_back("expected " + std::to_string(wanted) + " stored bytes, found " +
                            std::to_string(stored) + " in a file of " +
                            std::to_string(file_->bytes()));
        }
    }
    return lines;
}

void Dataset::chunk_problems(std::vector<std::string>& lines) const {
    std::uint64_t chunks = 1;
    for (std::size_t i = 0; i < dims_.size(); ++i) {
        if (chunk_dims_[i] == 0) {
            lines.emplace_back("expected chunks of at least one element");
            return;
        }
        chunks = product_from({chunks, base::ceil_divide(dims_[i], chunk_dims_[i])}, 0);
    }
    if (chunk_bytes() > kChunkBytesLimit) {
        lines.push_back("expected chunks of at most " + std::to_string(kChunkBytesLimit) +
                        " bytes, found " + std::to_string(chunk_bytes()));
        return;
    }
    if (chunks > file_->bytes()) {
        lines.push_back("expected at most as many chunks as the file has bytes (" +
                        std::to_string(file_->bytes()) + "), found " + std::to_string(chunks));
        return;
    }
    const bool is_deflated =
        std::find(filters_.begin(), filters_.end(), Filter::kDeflate) != filters_.end();
    const std::uint64_t ratio = is_deflated ? kDeflateRatioLimit : 1;
    for (std::uint64_t band = 0; band < bands() && lines.empty(); ++band) {
        for_each_chunk_of_band(band, [&](const std::vector<hsize_t>& offset) {
            hsize_t stored = 0;
            if (H5Dget_chunk_storage_size(handle_.id(), offset.data(), &stored) < 0) {
                stored = 0;
            }
            if (lines.empty() && (stored > file_->bytes() || stored * ratio < chunk_bytes())) {
                lines.push_back("expected chunks of " + std::to_string(chunk_bytes()) +
                                " bytes, found one stored in " + std::to_string(stored) + " bytes" +
                                hdf5_reason());
            }
        });
    }
}

void Dataset::for_each_chunk_of_band(
    std::uint64_t band, const std::function<void(const std::vector<hsize_t>&)>& use) const {
    std::vector<hsize_t> offset(dims_.size(), 0);
    offset[0] = band * chunk_dims_[0];
    for (bool is_done = false; !is_done;) {
        use(offset);
        is_done = true;
        for (std::size_t axis = dims_.size(); axis-- > 1 && is_done;) {
            offset[axis] += chunk_dims_[axis];
            is_done = offset[axis] >= dims_[axis];
            offset[axis] = is_done ? 0 : offset[axis];
        }
    }
}

std::vector<std::uint8_t> Dataset::read_chunk(const std::vector<hsize_t>& offset) const {
    hsize_t stored = 0;
    std::uint32_t skipped = 0;
    if (H5Dget_chunk_storage_size(handle_.id(), offset.data(), &stored) < 0 || stored == 0 ||
        stored > file_->bytes()) {
        fail("expected a stored chunk, found none");
    }
    std::vector<std::uint8_t> data(stored);
    if (H5Dread_chunk(handle_.id(), H5P_DEFAULT, offset.data(), &skipped, data.data()) < 0) {
        fail("expected a readable chunk");
    }
    unpack(data, skipped);
    if (data.size() != chunk_bytes()) {
        fail("expected a chunk of " + std::to_string(chunk_bytes()) + " bytes, found " +
             std::to_string(data.size()));
    }
    return data;
}

void Dataset::unpack(std::vector<std::uint8_t>& data, std::uint32_t skipped) const {
    for (std::size_t i = filters_.size(); i-- > 0;) {
        if (((skipped >> i) & 1U) != 0) {
            if (filters_[i] == Filter::kFletcher32) {
                fail("expected a checksum with every chunk, found a chunk without");
            }
            continue;
        }
        std::uint64_t before = chunk_bytes();  // size that went into filter i
        for (std::size_t k = 0; k < i; ++k) {
            before += filters_[k] == Filter::kFletcher32 ? kChecksumBytes : 0;
        }
        if (filters_[i] == Filter::kFletcher32 && !undo_fletcher32(data)) {
            fail("expected data with the checksum beside it, found damaged data");
        }
        if (filters_[i] == Filter::kDeflate && !undo_deflate(data, before)) {
            fail("expected a deflate stream of " + std::to_string(before) +
                 " bytes, found a damaged or longer one");
        }
        if (filters_[i] == Filter::kShuffle) {
            undo_shuffle(data, element_bytes(type_));
        }
    }
}

void Dataset::place_chunk(const std::vector<std::uint8_t>& chunk,
                          const std::vector<hsize_t>& offset,
                          std::vector<std::uint8_t>& band) const {
    const std::size_t axes = dims_.size();
    const std::uint64_t bytes = element_bytes(type_);
    const std::uint64_t band_rows = std::min<std::uint64_t>(chunk_dims_[0], dims_[0] - offset[0]);
    std::vector<std::uint64_t> limit(axes);  // elements of the chunk inside the dataset
    for (std::size_t i = 0; i < axes; ++i) {
        limit[i] = std::min<std::uint64_t>(chunk_dims_[i], dims_[i] - offset[i]);
    }
    std::vector<std::uint64_t> at(axes, 0);
    const std::uint64_t run = axes == 1 ? band_rows : limit[axes - 1];  // contiguous in both
    for (bool is_done = false; !is_done;) {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        for (std::size_t i = 0; i < axes; ++i) {
            from = from * chunk_dims_[i] + at[i];
            to = i == 0 ? at[0] : to * dims_[i] + offset[i] + at[i];
        }
        std::memcpy(band.data() + to * bytes, chunk.data() + from * bytes, run * bytes);
        is_done = true;
        for (std::size_t i = axes - 1; i-- > 0 && is_done;) {
            is_done = ++at[i] >= limit[i];
            at[i] = is_done ? 0 : at[i];
        }
    }
}

void Dataset::read_band(std::uint64_t index, std::vector<std::uint8_t>& band) const {
    const std::uint64_t first = index * chunk_dims_[0];
    band.assign(std::min(chunk_dims_[0], dims_[0] - first) * row_bytes_, 0);
    for_each_chunk_of_band(index, [&](const std::vector<hsize_t>& offset) {
        place_chunk(read_chunk(offset), offset, band);
    });
}

void Dataset::read_unchunked(std::uint64_t first, std::uint64_t count, std::uint8_t* out) const {
    std::vector<hsize_t> start(dims_.size(), 0);
    std::vector<hsize_t> size(dims_.begin(), dims_.end());
    start[0] = first;
    size[0] = count;
    const Handle type(H5Dget_type(handle_.id()), H5Tclose);
    const Handle from(H5Dget_space(handle_.id()), H5Sclose);
    const Handle to(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                    H5Sclose);
    if (!to ||
        H5Sselect_hyperslab(from.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                            nullptr) < 0 ||
        H5Dread(handle_.id(), type.id(), to.id(), from.id(), H5P_DEFAULT, out) < 0) {
        fail("expected readable data");
    }
}

std::vector<std::uint8_t> Dataset::read_rows(std::uint64_t first, std::uint64_t count,
                                             Band* cache) const {
    base::require(type_ != ElementType::kOther && first <= rows() && count <= rows() - first,
                  "hdf5_data: rows that do not exist");
    std::vector<std::uint8_t> out(count * row_bytes_);
    if (out.empty()) {
        return out;
    }
    if (!layout_problem_.empty()) {
        fail(layout_problem_);
    }
    if (!is_chunked_) {
        read_unchunked(first, count, out.data());
        return out;
    }
    Band own;
    Band& band = cache == nullptr ? own : *cache;
    for (std::uint64_t row = first; row < first + count;) {
        const std::uint64_t index = row / chunk_dims_[0];
        if (band.bytes.empty() || band.dataset != address_ || band.index != index) {
            Band next_band{address_, index, {}};
            read_band(index, next_band.bytes);
            band = std::move(next_band);
        }
        const std::uint64_t inside = row - index * chunk_dims_[0];
        const std::uint64_t next = std::min((index + 1) * chunk_dims_[0], first + count);
        std::memcpy(out.data() + (row - first) * row_bytes_,
                    band.bytes.data() + inside * row_bytes_, (next - row) * row_bytes_);
        row = next;
    }
    if (band.bytes.size() > kKeptBandBytesLimit) {
        band.bytes = {};
    }
    return out;
}

std::vector<std::int64_t> Dataset::read_integers(std::uint64_t first, std::uint64_t count,
                                                 Band* cache) const {
    base::require(is_integer(type_), "hdf5_data: integers of another type");
    const std::vector<std::uint8_t> raw = read_rows(first, count, cache);
    const std::size_t step = element_bytes(type_);
    std::vector<std::int64_t> numbers(raw.size() / step);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = integer_at(raw.data() + i * step, type_);
    }
    return numbers;
}

std::vector<float> Dataset::read_floats(std::uint64_t first, std::uint64_t count,
                                        Band* cache) const {
    base::require(is_real(type_), "hdf5_data: reals of another type");
    const std::vector<std::uint8_t> raw = read_rows(first, count, cache);
    const std::size_t step = element_bytes(type_);
    std::vector<float> numbers(raw.size() / step);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = static_cast<float>(real_at(raw.data() + i * step, type_));
    }
    return numbers;
}

std::vector<double> Dataset::read_doubles() const {
    base::require(is_real(type_), "hdf5_data: reals of another type");
    const std::vector<std::uint8_t> raw = read_rows(0, rows());
    const std::size_t step = element_bytes(type_);
    std::vector<double> numbers(raw.size() / step);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = real_at(raw.data() + i * step, type_);
    }
    return numbers;
}

}  // namespace skipsim::trace
