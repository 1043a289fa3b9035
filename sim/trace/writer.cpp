// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sim/base/check.h"
#include "sim/base/errors.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20U;  // wanted size before packing
constexpr unsigned kDeflateLevel = 6;

hid_t file_type(ElementType type) {
    switch (type) {
        case ElementType::kU8:
            return H5T_STD_U8LE;
        case ElementType::kI64:
            return H5T_STD_I64LE;
        case ElementType::kF32:
            return H5T_IEEE_F32LE;
        case ElementType::kF64:
            return H5T_IEEE_F64LE;
        default:
            break;
    }
    base::throw_internal_error("trace writer: an element type that is never written");
}

std::vector<hsize_t> chunk_shape(const std::vector<std::uint64_t>& dims, std::uint64_t bytes) {
    std::vector<hsize_t> chunk(dims.begin(), dims.end());
    const auto size = [&] {
        std::uint64_t product = bytes;
        for (const hsize_t axis : chunk) {
            product *= axis;
        }
        return product;
    };
    for (hsize_t& axis : chunk) {  // rows first: readers come by blocks of rows
        const std::uint64_t rest = size() / axis;
        axis = std::clamp<hsize_t>(kChunkBytes / std::max<std::uint64_t>(rest, 1), 1, axis);
    }
    return chunk;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

template <typename Number>
std::vector<std::uint8_t> raw(const std::vector<Number>& numbers) {
    std::vector<std::uint8_t> bytes(numbers.size() * sizeof(Number));
    if (!bytes.empty()) {
        std::memcpy(bytes.data(), numbers.data(), bytes.size());
    }
    return bytes;
}

/// Flushes a file or folder to the disk.
bool synchronise(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    const bool is_done = ::fsync(descriptor) == 0;
    return ::close(descriptor) == 0 && is_done;
}

}  // namespace

TraceWriter::TraceWriter(const std::string& path, bool force) : path_(path) {
    if (!force && ::access(path.c_str(), F_OK) == 0) {
        throw base::InputError(path + ": expected no such file, found one (--force replaces it)");
    }
    const std::string folder = folder_of(path);
    temporary_ = (folder == "." ? "" : folder) + ".skipsim-" + std::to_string(::getpid()) + "-" +
                 path.substr(path.rfind('/') + 1) + ".tmp";
    prepare_hdf5();
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        fail(std::strerror(errno));
    }
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.id(), false);  // the same content gives the same bytes
    H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
    H5Pset_file_locking(access.id(), 0, 1);
    file_ =
        Handle(H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose);
    if (!file_) {
        const int reason = errno;
        std::remove(temporary_.c_str());  // the destructor will not run
        errno = reason;
        check(false, "the file cannot be created");
    }
}

TraceWriter::~TraceWriter() {
    discard();
}

void TraceWriter::discard() noexcept {
    if (!temporary_.empty()) {
        file_.abandon();  // closing would write what is about to be removed, and may fail again
        std::remove(temporary_.c_str());
    }
}

void TraceWriter::fail(const std::string& what) const {
    throw base::MachineError(path_ + ": cannot be written: " + what + hdf5_reason());
}

void TraceWriter::check(bool is_good, const std::string& what) const {
    if (!is_good) {
        fail(errno != 0 ? what + ": " + std::strerror(errno) : what);
    }
}

void TraceWriter::group(const std::string& path) {
    object(path);
}

Handle TraceWriter::object(const std::string& path) {
    if (path == "/" || H5Lexists(file_.id(), path.c_str(), H5P_DEFAULT) > 0) {
        Handle found(H5Oopen(file_.id(), path.c_str(), H5P_DEFAULT), H5Oclose);
        check(static_cast<bool>(found), path);
        return found;
    }
    object(path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    const Handle creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.id(), false);
    errno = 0;
    Handle made(H5Gcreate2(file_.id(), path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                H5Gclose);
    check(static_cast<bool>(made), path);
    return made;
}

void TraceWriter::attribute(const std::string& object_path, const std::string& name, hid_t type,
                            const void* value) {
    const Handle holder = object(object_path);
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    errno = 0;
    const Handle made(
        H5Acreate2(holder.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    check(made && H5Awrite(made.id(), type, value) >= 0, object_path + ", attribute " + name);
}

void TraceWriter::text(const std::string& object, const std::string& name,
                       const std::string& value) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), std::max<std::size_t>(value.size(), 1));
    H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
    H5Tset_cset(type.id(), H5T_CSET_UTF8);
    attribute(object, name, type.id(), value.c_str());
}

void TraceWriter::integer(const std::string& object, const std::string& name, std::uint64_t value) {
    attribute(object, name, H5T_STD_U64LE, &value);
}

void TraceWriter::real(const std::string& object, const std::string& name, double value) {
    attribute(object, name, H5T_IEEE_F64LE, &value);
}

void TraceWriter::create(const std::string& path, ElementType type,
                         const std::vector<std::uint64_t>& dims) {
    group(path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    const std::vector<hsize_t> size(dims.begin(), dims.end());
    const std::vector<hsize_t> chunk = chunk_shape(dims, element_bytes(type));
    const Handle space(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                       H5Sclose);
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(creation.id());
    H5Pset_deflate(creation.id(), kDeflateLevel);
    H5Pset_fletcher32(creation.id());
    H5Pset_obj_track_times(creation.id(), false);
    errno = 0;
    const Handle made(H5Dcreate2(file_.id(), path.c_str(), file_type(type), space.id(), H5P_DEFAULT,
                                 creation.id(), H5P_DEFAULT),
                      H5Dclose);
    check(static_cast<bool>(made), path);
}

void TraceWriter::rows(const std::string& path, std::uint64_t first,
                       const std::vector<std::uint8_t>& bytes) {
    const Handle data(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT), H5Dclose);
    const Handle space(data ? H5Dget_space(data.id()) : H5I_INVALID_HID, H5Sclose);
    const Handle type(data ? H5Dget_type(data.id()) : H5I_INVALID_HID, H5Tclose);
    check(data && space && type, path);
    const int axes = H5Sget_simple_extent_ndims(space.id());
    std::vector<hsize_t> size(static_cast<std::size_t>(axes));
    H5Sget_simple_extent_dims(space.id(), size.data(), nullptr);
    std::uint64_t row = H5Tget_size(type.id());
    for (std::size_t i = 1; i < size.size(); ++i) {
        row *= size[i];
    }
    std::vector<hsize_t> start(size.size(), 0);
    start[0] = first;
    size[0] = bytes.size() / row;
    const Handle memory(H5Screate_simple(axes, size.data(), nullptr), H5Sclose);
    errno = 0;
    check(
        H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                            nullptr) >= 0 &&
            H5Dwrite(data.id(), type.id(), memory.id(), space.id(), H5P_DEFAULT, bytes.data()) >= 0,
        path);
}

void TraceWriter::bytes(const std::string& path, const std::vector<std::uint64_t>& dims,
                        const std::vector<std::uint8_t>& data) {
    create(path, ElementType::kU8, dims);
    rows(path, 0, data);
}

void TraceWriter::floats(const std::string& path, const std::vector<std::uint64_t>& dims,
                         const std::vector<float>& data) {
    create(path, ElementType::kF32, dims);
    rows(path, 0, raw(data));
}

void TraceWriter::doubles(const std::string& path, const std::vector<double>& data) {
    create(path, ElementType::kF64, {data.size()});
    rows(path, 0, raw(data));
}

void TraceWriter::integers(const std::string& path, const std::vector<std::int64_t>& data) {
    create(path, ElementType::kI64, {data.size()});
    rows(path, 0, raw(data));
}

void TraceWriter::bits_at(const std::string& path, std::uint64_t first,
                          const base::BitTensor& pattern) {
    const std::uint64_t row = base::ceil_divide(pattern.elements(), 8);
    std::vector<std::uint8_t> packed(pattern.samples() * row);
    for (std::uint64_t n = 0; n < pattern.samples(); ++n) {
        std::memcpy(packed.data() + n * row, pattern.sample_words(n), row);
    }
    rows(path, first, packed);
}

void TraceWriter::floats_at(const std::string& path, std::uint64_t first,
                            const std::vector<float>& data) {
    rows(path, first, raw(data));
}

void TraceWriter::bits(const std::string& path, const base::BitTensor& pattern) {
    create(path, ElementType::kU8, {pattern.samples(), base::ceil_divide(pattern.elements(), 8)});
    bits_at(path, 0, pattern);
}

void TraceWriter::words(const std::string& path, std::uint64_t elements,
                        const std::vector<std::uint64_t>& data) {
    std::vector<std::uint8_t> packed = raw(data);
    packed.resize(base::ceil_divide(elements, 8));
    bytes(path, {packed.size()}, packed);
}

void TraceWriter::link(const std::string& existing, const std::string& path) {
    group(path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    errno = 0;
    check(H5Lcreate_hard(file_.id(), existing.c_str(), file_.id(), path.c_str(), H5P_DEFAULT,
                         H5P_DEFAULT) >= 0,
          path);
}

void TraceWriter::copy(const Hdf5File& from, const std::string& source, const std::string& path) {
    group(path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    const Group root = from.root();
    errno = 0;
    check(H5Ocopy(root.handle.id(), source.c_str(), file_.id(), path.c_str(), H5P_DEFAULT,
                  H5P_DEFAULT) >= 0,
          path);
}

void TraceWriter::finish() {
    errno = 0;
    check(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) >= 0, "the last bytes");
    const hid_t file = file_.id();
    file_.abandon();
    errno = 0;
    check(H5Fclose(file) >= 0, "the last bytes");
    errno = 0;
    check(synchronise(temporary_), "the last bytes");
    check(std::rename(temporary_.c_str(), path_.c_str()) == 0, "its name");
    temporary_.clear();
    synchronise(folder_of(path_));  // not all file systems can; the file itself is safe
}

}  // namespace skipsim::trace
