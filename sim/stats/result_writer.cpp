// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/result_writer.h"

#include "sim/base/atomic_file.h"
#include "sim/base/errors.h"
#include "sim/stats/layers_csv.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace skipsim::stats {
namespace {

namespace fs = std::filesystem;

/// Absolute, without dots and without a slash at the end.
fs::path normal(const std::string& path) {
    const fs::path folder = fs::absolute(path).lexically_normal();
    return folder.has_filename() ? folder : folder.parent_path();
}

constexpr const char* kResultFile = "result.json";
constexpr const char* kLayersFile = "layers.csv";
/// Complete new content of layers.csv, waiting for result.json to be complete too.
constexpr const char* kWaitingLayersFile = ".layers.csv.new";

}  // namespace

ResultFolder::ResultFolder(std::string path, bool force)
    : path_(std::move(path)), folder_(normal(path_).string()) {
    std::error_code ignored;
    for (const char* file : {kResultFile, kLayersFile}) {
        const fs::path existing = fs::path(path_) / file;
        if (fs::is_directory(existing, ignored)) {
            throw base::InputError(existing.string() +
                                   ": expected a file or nothing, found a folder");
        }
        if (!force && fs::exists(existing, ignored)) {
            throw base::InputError(existing.string() +
                                   ": a result is there already; --force replaces it, "
                                   "--out chooses another folder");
        }
    }
    try {
        make_folder();
        prove_writable();
    } catch (...) {
        remove_made_folders();
        throw;
    }
}

ResultFolder::~ResultFolder() {
    if (!is_written_) {
        remove_made_folders();
    }
}

void ResultFolder::make_folder() {
    std::error_code error;
    const fs::path folder(folder_);
    if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
        throw base::InputError(path_ + ": expected a folder, found a file");
    }
    for (fs::path above = folder; !above.empty() && !fs::exists(above, error);
         above = above.parent_path()) {
        topmost_made_ = above.string();
        if (above == above.parent_path()) {
            break;
        }
    }
    error.clear();
    fs::create_directories(folder, error);
    if (error) {
        throw base::MachineError(path_ + ": the folder cannot be made: " + error.message());
    }
}

void ResultFolder::prove_writable() const {
    const fs::path probe = fs::path(path_) / ".skipsim-write-test";
    base::write_file_atomically(probe.string(), "skipsim checks that it can write here\n");
    std::error_code ignored;
    fs::remove(probe, ignored);
}

void ResultFolder::remove_made_folders() const noexcept {
    if (topmost_made_.empty()) {
        return;
    }
    // fs::remove leaves a folder alone that is not empty.
    std::error_code error;
    fs::path folder = folder_;
    while (!error && fs::remove(folder, error) && folder.string() != topmost_made_) {
        folder = folder.parent_path();
    }
}

void ResultFolder::write(const nlohmann::ordered_json& document) {
    constexpr int kIndent = 1;
    // Names in traces and paths may hold any bytes; JSON may not.
    const std::string text =
        document.dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    const fs::path folder(path_);
    const fs::path waiting = folder / kWaitingLayersFile;
    std::error_code error;
    try {
        base::write_file_atomically(waiting.string(), layers_as_csv(document));
        base::write_file_atomically((folder / kResultFile).string(), text);
    } catch (...) {
        fs::remove(waiting, error);
        throw;
    }
    fs::rename(waiting, folder / kLayersFile, error);
    if (error) {
        std::error_code ignored;
        fs::remove(waiting, ignored);
        throw base::MachineError((folder / kLayersFile).string() +
                                 ": cannot be replaced: " + error.message());
    }
    is_written_ = true;
}

}  // namespace skipsim::stats
