// SPDX-License-Identifier: Apache-2.0
// Writes HDF5 files in the layout of traces/FORMAT.md: checksummed metadata, chunks with shuffle,
// deflate and fletcher32. The file appears under its name only when it is complete; a failure of
// the machine (no space, no permission) is a base::MachineError and leaves nothing behind.
//
//     TraceWriter writer(path, force);
//     writer.text("/", "schema", kSchema);
//     writer.bits("/iterations/0/networks/student/tensors/a/nonzero", pattern);
//     writer.finish();
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/bit_tensor.h"
#include "sim/trace/hdf5_data.h"

namespace skipsim::trace {

class TraceWriter {
public:
    /// An existing `path` is an InputError unless `force`.
    TraceWriter(const std::string& path, bool force);
    /// Without finish() before: removes what was written.
    ~TraceWriter();
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

    /// Creates the group and those above it if they do not exist.
    void group(const std::string& path);
    /// Attributes of the group or dataset at `object`; a group is created if it does not exist.
    void text(const std::string& object, const std::string& name, const std::string& value);
    void integer(const std::string& object, const std::string& name, std::uint64_t value);
    void real(const std::string& object, const std::string& name, double value);

    /// An empty dataset, filled by rows(). Groups above it are created.
    void create(const std::string& path, ElementType type, const std::vector<std::uint64_t>& dims);
    /// Rows first .. of a dataset; `bytes` are whole rows of little-endian elements.
    void rows(const std::string& path, std::uint64_t first, const std::vector<std::uint8_t>& bytes);

    /// The same for a dataset of bits, and for one of float32.
    void bits_at(const std::string& path, std::uint64_t first, const base::BitTensor& pattern);
    void floats_at(const std::string& path, std::uint64_t first, const std::vector<float>& data);

    // Whole datasets.
    void bytes(const std::string& path, const std::vector<std::uint64_t>& dims,
               const std::vector<std::uint8_t>& data);
    void floats(const std::string& path, const std::vector<std::uint64_t>& dims,
                const std::vector<float>& data);
    void doubles(const std::string& path, const std::vector<double>& data);
    void integers(const std::string& path, const std::vector<std::int64_t>& data);
    void bits(const std::string& path, const base::BitTensor& pattern);
    /// Bits of a parameter: `elements` of them, packed in words.
    void words(const std::string& path, std::uint64_t elements,
               const std::vector<std::uint64_t>& data);
    /// A second name for the dataset at `existing`.
    void link(const std::string& existing, const std::string& path);
    /// Copies a group or dataset with all below it, bits as they are stored.
    void copy(const Hdf5File& from, const std::string& source, const std::string& path);

    /// Writes everything to the disk and gives the file its name.
    void finish();

private:
    [[noreturn]] void fail(const std::string& what) const;
    void check(bool is_good, const std::string& what) const;
    Handle object(const std::string& path);
    void attribute(const std::string& object_path, const std::string& name, hid_t type,
                   const void* value);
    void discard() noexcept;

    std::string path_;
    std::string temporary_;
    Handle file_;
};

}  // namespace skipsim::trace
