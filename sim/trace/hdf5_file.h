// SPDX-License-Identifier: Apache-2.0
// The little of HDF5 that a trace needs, with handles that close themselves and with every failure
// an exception. Refuses what a trace must not use: links that leave the file or are not plain,
// files without checksummed metadata. Private to sim/trace.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skipsim::trace {

/// Owns one HDF5 identifier.
class Handle {
public:
    using Closer = herr_t (*)(hid_t);
    Handle() = default;
    Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
    Handle(Handle&& other) noexcept
        : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(closer_, other.closer_);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (id_ >= 0) {
            closer_(id_);
        }
    }
    [[nodiscard]] hid_t id() const { return id_; }
    /// Gives the identifier up without closing it.
    void abandon() { id_ = H5I_INVALID_HID; }
    [[nodiscard]] explicit operator bool() const { return id_ >= 0; }

private:
    hid_t id_ = H5I_INVALID_HID;
    Closer closer_ = nullptr;
};

/// HDF5 prints nothing by itself from now on, loads no plug-ins and does nothing when the program
/// ends. Called by everything here that opens or creates a file, before anything else.
void prepare_hdf5();
/// The deepest message of the last failure, " (HDF5: …)", or "".
std::string hdf5_reason();

/// A group and its path in the file, "/iterations/0".
struct Group {
    Handle handle;
    std::string path;
};

struct Attribute {
    enum class Kind { kText, kInteger, kReal, kOther };
    Kind kind = Kind::kOther;
    std::string text;
    bool is_variable_text = false;  ///< stored outside the checksummed metadata
    std::int64_t integer = 0;
    double real = 0.0;        ///< also set for integers
    std::string description;  ///< for messages: `"text"`, `3`, `a list of 4`
};

/// What stands under a name in a group.
enum class Member { kNone, kGroup, kDataset, kForbidden };

/// An open trace file, read only. Throws InputError if it is no HDF5 file with checksummed
/// metadata.
class Hdf5File {
public:
    explicit Hdf5File(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// "FILE:/path/in/file"
    [[nodiscard]] std::string place(const std::string& inner) const { return path_ + ':' + inner; }
    [[noreturn]] void fail(const std::string& inner, const std::string& what) const;

    [[nodiscard]] Group root() const;
    /// Requires member(group, name) == Member::kGroup.
    [[nodiscard]] Group open_group(const Group& group, const std::string& name) const;
    [[nodiscard]] Handle open_dataset(const Group& group, const std::string& name) const;
    /// kForbidden: a soft or external link, a named type, or a link that leads nowhere.
    [[nodiscard]] Member member(const Group& group, const std::string& name) const;
    /// Names in a group, sorted.
    [[nodiscard]] std::vector<std::string> member_names(const Group& group) const;
    [[nodiscard]] std::vector<std::string> attribute_names(hid_t object,
                                                           const std::string& path) const;
    [[nodiscard]] std::optional<Attribute> attribute(hid_t object, const std::string& path,
                                                     const std::string& name) const;

private:
    std::string path_;
    std::uint64_t bytes_ = 0;
    Handle file_;
};

}  // namespace skipsim::trace
