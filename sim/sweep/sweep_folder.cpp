// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_folder.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "sim/base/errors.h"
#include "sim/sweep/store.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

/// As base/atomic_file.h names a file until it is whole: NAME.XXXXXX.tmp.
bool is_leftover(const std::string& name) {
    constexpr std::string_view kEnd = ".tmp";
    constexpr std::size_t kAdded = 11;
    if (name.size() <= kAdded || name.compare(name.size() - kEnd.size(), kEnd.size(), kEnd) != 0) {
        return false;
    }
    const std::string target = name.substr(0, name.size() - kAdded);
    return (target == kManifestFile || target == kSpecFile || target == kCsvFile) &&
           name[target.size()] == '.';
}

void remove_whole(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) {
        throw base::MachineError(path.string() + ": cannot be removed: " + error.message());
    }
}

}  // namespace

void make_folder(const std::string& folder) {
    std::error_code error;
    std::error_code ignored;
    if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
        throw base::InputError(folder + ": expected a folder or nothing, found a file or a device");
    }
    fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder, ignored)) {
        throw base::MachineError(folder + ": the folder cannot be made" +
                                 (error ? ": " + error.message() : ""));
    }
}

void check_folder(const std::string& folder) {
    const fs::path path(folder);
    if (fs::exists(path / kManifestFile) || is_database_of_sweep((path / kDatabaseFile).string())) {
        return;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        const std::string name = entry.path().filename().string();
        if (name != kLockFile && !is_leftover(name)) {
            throw base::InputError(folder +
                                   ": expected an empty folder or that of a sweep, found \"" +
                                   name + "\" in it; choose another one with --out");
        }
    }
}

void remove_sweep(const std::string& folder) {
    const fs::path path(folder);
    const std::string database = (path / kDatabaseFile).string();
    static constexpr std::array<const char*, 4> kDatabaseParts{"", "-wal", "-shm", "-journal"};
    for (const char* part : kDatabaseParts) {
        remove_whole(database + part);
    }
    for (const char* name : {"points", "slurm", kCsvFile, kSpecFile, kManifestFile}) {
        remove_whole(path / name);
    }
}

void remove_leftovers(const std::string& folder) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        if (is_leftover(entry.path().filename().string())) {
            fs::remove(entry.path(), ignored);
        }
    }
}

}  // namespace skipsim::sweep
