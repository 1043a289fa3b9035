// SPDX-License-Identifier: Apache-2.0
// Keys of a sweep and their values, one at a time: what the word in the file means, in the one form
// in which equal values are equal texts. Keys are those of a configuration, and "trace",
// "iterations", "layers" and "stages".
#pragma once

#include "sim/base/yaml_node.h"
#include "sim/config/parameter.h"
#include "sim/sweep/problems.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace skipsim::sweep {

/// "trace", "iterations", "layers", "stages".
bool is_run_key(const std::string& key);

/// A configuration key that names a file, or "trace".
bool is_file_key(const std::string& key);

/// The parameter of a configuration key; null for any other word.
const config::Parameter* parameter_of(const std::string& key);

/// Whether `key` can be varied.
bool is_known_key(const std::string& key);

/// "; did you mean core.rows?" or "".
std::string did_you_mean(const std::string& key);

/// "core" + "rows" = "core.rows".
std::string joined(const std::string& path, const std::string& key);

/// A number that is not in quotes; nothing if the node is none.
std::optional<std::uint64_t> whole_of(const base::YamlNode& node);
std::optional<double> real_of(const base::YamlNode& node);

/// Whether the values of the key are whole numbers (or `unlimited`); numbers of any kind.
bool takes_whole_numbers(const std::string& key);
bool takes_numbers(const std::string& key);

class ValueReader {
public:
    /// Files are relative to `folder`, that of the sweep file.
    ValueReader(std::filesystem::path folder, Problems& problems)
        : folder_(std::move(folder)), problems_(problems) {}

    /// A value as after --set; nothing after a problem, which is noted at `path`.
    std::optional<std::string> value(const std::string& key, const base::YamlNode& node,
                                     const std::string& path);
    /// The path of a file that is there, to be opened from the current folder.
    std::optional<std::string> file(const base::YamlNode& node, const std::string& path);
    /// A whole number that is no value of a key.
    std::optional<std::uint64_t> whole(const base::YamlNode& node, const std::string& path,
                                       std::uint64_t lowest, std::uint64_t highest);

private:
    std::optional<std::string> parameter_value(const config::Parameter& parameter,
                                               const base::YamlNode& node, const std::string& path);
    std::optional<std::string> iterations(const base::YamlNode& node, const std::string& path);
    std::optional<std::string> layers(const base::YamlNode& node, const std::string& path);
    std::optional<std::string> stages(const base::YamlNode& node, const std::string& path);

    std::filesystem::path folder_;
    Problems& problems_;
};

}  // namespace skipsim::sweep
