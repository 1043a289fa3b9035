// SPDX-License-Identifier: Apache-2.0
#include "sim/results/result_file.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/results/document_check.h"
#include "sim/results/json_text.h"
#include "sim/results/labels.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace skipsim::results {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30U;

/// The result file that `path` means.
std::string file_of(const std::string& path) {
    std::error_code error;
    if (path.empty()) {
        throw base::InputError("expected a result or the folder of one, found an empty name");
    }
    if (!fs::is_directory(path, error)) {
        return path;
    }
    std::string file = (fs::path(path) / "result.json").string();
    if (!fs::exists(file, error)) {
        throw base::InputError(path + ": expected a folder with a result.json, found none in it");
    }
    return file;
}

std::string text_of(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        throw base::InputError(path + ": no such file or folder");
    }
    if (status.type() != fs::file_type::regular) {
        throw base::InputError(path + ": expected a file, found " +
                               (error ? error.message() : "a folder or a device"));
    }
    const std::uint64_t size = fs::file_size(path, error);
    if (error || size > kMostBytes) {
        throw base::InputError(path + ": expected a result of at most 2 GiB, found " +
                               std::to_string(size >> 20U) + " MiB");
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(size, '\0');
    if (!file.read(text.data(), static_cast<std::streamsize>(size))) {
        throw base::InputError(path + ": cannot be read: " + std::strerror(errno));
    }
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw base::InputError(path + ": expected a result, found an empty file");
    }
    return text;
}

ResultFile read(const std::string& path) {
    ResultFile file;
    file.path = file_of(path);
    file.document = json_of(text_of(file.path), file.path);
    std::vector<std::string> lines = problems_of(file.document);
    for (std::string& line : lines) {
        line.insert(0, file.path + ": ");
    }
    if (!lines.empty()) {
        throw base::InputError(std::move(lines));
    }
    return file;
}

}  // namespace

ResultFile read_result(const std::string& path) {
    return std::move(read_results({path}).front());
}

std::vector<ResultFile> read_results(const std::vector<std::string>& paths) {
    base::require(!paths.empty(), "read_results: no paths");
    std::vector<ResultFile> files;
    std::vector<std::string> lines;
    std::vector<std::string> names;
    for (const std::string& path : paths) {
        try {
            files.push_back(read(path));
            names.push_back(files.back().path);
        } catch (const base::InputError& error) {
            lines.insert(lines.end(), error.lines().begin(), error.lines().end());
        }
    }
    if (!lines.empty()) {
        throw base::InputError(std::move(lines));
    }
    const std::vector<std::string> labels = labels_of(names);
    for (std::size_t index = 0; index < files.size(); ++index) {
        files[index].label = labels[index];
    }
    return files;
}

}  // namespace skipsim::results
