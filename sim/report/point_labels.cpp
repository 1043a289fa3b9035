// SPDX-License-Identifier: Apache-2.0
#include "sim/report/point_labels.h"

#include <filesystem>
#include <map>
#include <string>
#include <system_error>

namespace skipsim::report {
namespace {

namespace fs = std::filesystem;

/// The same for all ways to write a folder.
fs::path one_way(const fs::path& folder) {
    std::error_code error;
    const fs::path absolute = fs::weakly_canonical(fs::absolute(folder, error), error);
    return error ? folder.lexically_normal() : absolute;
}

/// Folder of each point -> its label.
std::map<fs::path, std::string> labels_of(const std::vector<sweep::SweepData>& sweeps) {
    std::map<fs::path, std::string> labels;
    for (const sweep::SweepData& sweep : sweeps) {
        const fs::path folder = one_way(sweep.folder);
        for (const sweep::SweepPoint& point : sweep.points) {
            labels.emplace((folder / point.folder).lexically_normal(),
                           "point " + std::to_string(point.number) + " of " + sweep.name);
        }
    }
    return labels;
}

}  // namespace

void label_points(std::vector<results::ResultFile>& results,
                  const std::vector<sweep::SweepData>& sweeps) {
    const std::map<fs::path, std::string> labels = labels_of(sweeps);
    std::map<std::string, std::size_t> uses;
    std::vector<std::string> wanted;
    for (const results::ResultFile& file : results) {
        const auto found = labels.find(one_way(fs::path(file.path).parent_path()));
        wanted.push_back(found == labels.end() ? file.label : found->second);
        ++uses[wanted.back()];
    }
    for (std::size_t index = 0; index < results.size(); ++index) {
        if (uses[wanted[index]] == 1) {
            results[index].label = wanted[index];
        }
    }
}

}  // namespace skipsim::report
