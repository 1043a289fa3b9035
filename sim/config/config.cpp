// SPDX-License-Identifier: Apache-2.0
#include "sim/config/config.h"

#include "sim/base/check.h"
#include "sim/base/yaml_node.h"
#include "sim/config/catalogue.h"
#include "sim/config/file_reader.h"

#include <filesystem>
#include <utility>

namespace skipsim::config {

Config Config::load(const std::string& path, const std::vector<std::string>& overrides) {
    return from_text(base::read_text_file(path), path, overrides);
}

Config Config::from_text(const std::string& text, const std::string& file_name,
                         const std::vector<std::string>& overrides) {
    FileReader reader(file_name);
    reader.read_file(text);
    for (const std::string& word : overrides) {
        reader.read_override(word);
    }
    reader.finish();
    // A path typed by a person on the command line starts where the person is.
    std::set<std::string> typed;
    for (const char* key : {"energy.table", "memory.dram"}) {
        if (reader.is_overridden(*find_parameter(key))) {
            typed.insert(key);
        }
    }
    return Config(reader.values(), reader.assumptions(),
                  std::filesystem::path(file_name).parent_path().string(), std::move(typed));
}

const Value& Config::value(std::string_view path) const {
    const auto index = find_parameter(path);
    base::require(index.has_value(), "unknown parameter asked for: " + std::string(path));
    return values_[*index];
}

std::uint64_t Config::whole(std::string_view path) const {
    const auto* number = std::get_if<std::uint64_t>(&value(path));
    base::require(number != nullptr, "not a whole number: " + std::string(path));
    return *number;
}

double Config::real(std::string_view path) const {
    const auto* number = std::get_if<double>(&value(path));
    base::require(number != nullptr, "not a real number: " + std::string(path));
    return *number;
}

bool Config::flag(std::string_view path) const {
    const auto* flag = std::get_if<bool>(&value(path));
    base::require(flag != nullptr, "not a boolean: " + std::string(path));
    return *flag;
}

const std::string& Config::text(std::string_view path) const {
    const auto* text = std::get_if<std::string>(&value(path));
    base::require(text != nullptr, "not a text: " + std::string(path));
    return *text;
}

std::string Config::file_path(const std::string& key) const {
    const std::filesystem::path file(text(key));
    return file.is_absolute() || folder_.empty() || typed_.count(key) != 0
               ? file.string()
               : (std::filesystem::path(folder_) / file).lexically_normal().string();
}

std::string Config::energy_table_path() const {
    return file_path("energy.table");
}

std::string Config::memory_file_path() const {
    return text("memory.dram") == "ideal" ? "" : file_path("memory.dram");
}

bool Config::has_ideal_delivery() const {
    return whole("core.bus_values") == 0 || whole("core.bus_bits") == 0;
}

}  // namespace skipsim::config
