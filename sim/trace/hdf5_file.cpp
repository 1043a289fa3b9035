// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/hdf5_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/base/errors.h"

namespace skipsim::trace {
namespace {

constexpr std::size_t kTextLimit = 64U << 10U;  // [bytes] of an attribute
constexpr std::size_t kNameBytesLimit = 1000;   // longer link names are refused
constexpr hsize_t kMembersLimit = 1U << 22U;    // of one group

herr_t keep_deepest(unsigned /*depth*/, const H5E_error2_t* error, void* data) {
    if (error->desc != nullptr && *error->desc != '\0') {
        *static_cast<std::string*>(data) = error->desc;
    }
    return 0;
}

struct NameList {
    std::vector<std::string> names;
    bool is_too_long = false;

    herr_t add(const char* name) {
        is_too_long = is_too_long || std::strlen(name) > kNameBytesLimit;
        names.emplace_back(name);
        return is_too_long || names.size() > kMembersLimit ? -1 : 0;
    }
};

herr_t add_link(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* data) {
    return static_cast<NameList*>(data)->add(name);
}

herr_t add_attribute(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/, void* data) {
    return static_cast<NameList*>(data)->add(name);
}

/// A text read from the file, cut at its first zero byte.
std::string until_zero(const char* bytes, std::size_t limit) {
    return {bytes, ::strnlen(bytes, limit)};
}

bool read_text(const Handle& attribute, const Handle& type, Attribute& found) {
    found.kind = Attribute::Kind::kText;
    found.is_variable_text = H5Tis_variable_str(type.id()) > 0;
    if (found.is_variable_text) {
        const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(memory.id(), H5T_VARIABLE);
        H5Tset_cset(memory.id(), H5Tget_cset(type.id()));
        char* text = nullptr;
        if (H5Aread(attribute.id(), memory.id(), &text) < 0) {
            return false;
        }
        found.text = text == nullptr ? "" : until_zero(text, kTextLimit);
        H5free_memory(text);
        return true;
    }
    const std::size_t size = H5Tget_size(type.id());
    if (size == 0 || size > kTextLimit) {
        found.kind = Attribute::Kind::kOther;
        found.description = "a text of " + std::to_string(size) + " bytes";
        return true;
    }
    std::string bytes(size, '\0');
    if (H5Aread(attribute.id(), type.id(), bytes.data()) < 0) {
        return false;
    }
    found.text = until_zero(bytes.data(), size);
    if (H5Tget_strpad(type.id()) == H5T_STR_SPACEPAD) {
        found.text.erase(found.text.find_last_not_of(' ') + 1);
    }
    return true;
}

bool is_valid_utf8(const std::string& text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
        } else if (lead >= 0xE0 && lead < 0xF0) {
            more = 2;
        } else if (lead >= 0xC2 && lead < 0xE0) {
            more = 1;
        } else if (lead >= 0x80 || lead < 0x20) {
            return false;
        }
        for (std::size_t k = 1; k <= more; ++k) {
            if (i + k >= text.size() ||
                (static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) {
                return false;
            }
        }
        i += more + 1;
    }
    return true;
}

bool read_number(const Handle& attribute, const Handle& type, Attribute& found) {
    const bool is_integer = H5Tget_class(type.id()) == H5T_INTEGER;
    if (H5Tget_size(type.id()) > 8) {
        found.description = "a number of more than 8 bytes";
        return true;
    }
    found.kind = is_integer ? Attribute::Kind::kInteger : Attribute::Kind::kReal;
    if (H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &found.real) < 0) {
        return false;
    }
    if (is_integer && H5Aread(attribute.id(), H5T_NATIVE_INT64, &found.integer) < 0) {
        return false;
    }
    std::string text = std::to_string(found.real);
    found.description = is_integer ? std::to_string(found.integer) : text;
    return true;
}

}  // namespace

void prepare_hdf5() {
    // After a failed write the library would try again at exit, and can crash there (1.10).
    static const herr_t kHasNoExitHandler = H5dont_atexit();
    (void)kHasNoExitHandler;
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);  // a file names its filters; none is loaded on its word
}

std::string hdf5_reason() {
    std::string deepest;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_deepest, &deepest);
    deepest.resize(std::min(deepest.find(": "), deepest.size()));  // addresses and times follow
    return deepest.empty() ? "" : " (HDF5: " + deepest + ")";
}

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        throw base::InputError(path + ": cannot be read: " + std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throw base::InputError(path + ": expected a trace file, found " +
                               (S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
    }
    bytes_ = static_cast<std::uint64_t>(status.st_size);
    if (bytes_ == 0) {
        throw base::InputError(path + ": expected a trace file (HDF5), found an empty file");
    }
    prepare_hdf5();
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
    H5Pset_file_locking(access.id(), 0, 1);  // reading needs no lock, and some disks have none
    file_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose);
    if (!file_) {
        throw base::InputError(path +
                               ": expected a trace file (HDF5), found one that cannot be "
                               "opened" +
                               hdf5_reason());
    }
    H5F_info2_t info{};
    if (H5Fget_info2(file_.id(), &info) < 0 || info.super.version < 3) {
        throw base::InputError(path +
                               ": expected an HDF5 file with checksummed metadata "
                               "(superblock 3; h5py: libver=\"latest\"), found superblock " +
                               std::to_string(info.super.version));
    }
}

void Hdf5File::fail(const std::string& inner, const std::string& what) const {
    throw base::InputError(place(inner) + ": " + what + hdf5_reason());
}

Group Hdf5File::root() const {
    Handle handle(H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Gclose);
    if (!handle) {
        fail("/", "expected a group, found one that cannot be read");
    }
    return {std::move(handle), "/"};
}

Group Hdf5File::open_group(const Group& group, const std::string& name) const {
    std::string path = (group.path == "/" ? "/" : group.path + "/") + name;
    Handle handle(H5Gopen2(group.handle.id(), name.c_str(), H5P_DEFAULT), H5Gclose);
    if (!handle) {
        fail(path, "expected a group, found one that cannot be read");
    }
    return {std::move(handle), std::move(path)};
}

Handle Hdf5File::open_dataset(const Group& group, const std::string& name) const {
    Handle handle(H5Dopen2(group.handle.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!handle) {
        fail(group.path + "/" + name, "expected a dataset, found one that cannot be read");
    }
    return handle;
}

Member Hdf5File::member(const Group& group, const std::string& name) const {
    if (name.empty() || name.find('/') != std::string::npos || name == ".") {
        return Member::kForbidden;
    }
    const htri_t exists = H5Lexists(group.handle.id(), name.c_str(), H5P_DEFAULT);
    if (exists == 0) {
        return Member::kNone;
    }
    H5L_info_t link{};
    if (exists < 0 || H5Lget_info(group.handle.id(), name.c_str(), &link, H5P_DEFAULT) < 0) {
        fail(group.path, "expected readable links, found \"" + name + "\"");
    }
    H5O_info_t object{};
    if (link.type != H5L_TYPE_HARD || H5Oget_info_by_name2(group.handle.id(), name.c_str(), &object,
                                                           H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
        return Member::kForbidden;
    }
    if (object.type == H5O_TYPE_GROUP) {
        return Member::kGroup;
    }
    return object.type == H5O_TYPE_DATASET ? Member::kDataset : Member::kForbidden;
}

std::vector<std::string> Hdf5File::member_names(const Group& group) const {
    NameList list;
    hsize_t position = 0;
    if (H5Literate(group.handle.id(), H5_INDEX_NAME, H5_ITER_NATIVE, &position, add_link, &list) <
        0) {
        fail(group.path, "expected a readable list of members");
    }
    std::sort(list.names.begin(), list.names.end());
    return std::move(list.names);
}

std::vector<std::string> Hdf5File::attribute_names(hid_t object, const std::string& path) const {
    NameList list;
    hsize_t position = 0;
    if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, add_attribute, &list) < 0) {
        fail(path, "expected a readable list of attributes");
    }
    std::sort(list.names.begin(), list.names.end());
    return std::move(list.names);
}

std::optional<Attribute> Hdf5File::attribute(hid_t object, const std::string& path,
                                             const std::string& name) const {
    const htri_t exists = H5Aexists(object, name.c_str());
    if (exists == 0) {
        return std::nullopt;
    }
    const Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
    const Handle type(attribute ? H5Aget_type(attribute.id()) : H5I_INVALID_HID, H5Tclose);
    const Handle space(attribute ? H5Aget_space(attribute.id()) : H5I_INVALID_HID, H5Sclose);
    if (!type || !space) {
        fail(path, "expected a readable attribute \"" + name + "\"");
    }
    Attribute found;
    bool is_read = true;
    if (H5Sget_simple_extent_type(space.id()) != H5S_SCALAR) {
        found.description = "a list or an empty value";
    } else if (H5Tget_class(type.id()) == H5T_STRING) {
        is_read = read_text(attribute, type, found);
        if (found.kind == Attribute::Kind::kText) {
            found.description = '"' + found.text.substr(0, 60) + '"';
        }
        if (!is_valid_utf8(found.text)) {
            found.kind = Attribute::Kind::kOther;
            found.description = "bytes that are not UTF-8 text";
        }
    } else if (H5Tget_class(type.id()) == H5T_INTEGER || H5Tget_class(type.id()) == H5T_FLOAT) {
        is_read = read_number(attribute, type, found);
    } else {
        found.description = "a value that is neither text nor a number";
    }
    if (!is_read) {
        fail(path, "expected a readable attribute \"" + name + "\"");
    }
    return found;
}

}  // namespace skipsim::trace
