// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/base_values.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/config/catalogue.h"
#include "sim/config/config.h"

#include <filesystem>
#include <optional>
#include <system_error>

namespace skipsim::sweep {
namespace {

std::optional<config::Config> load(const SweepSpec& spec, Problems& problems) {
    try {
        return config::Config::load(spec.config_path, spec.overrides);
    } catch (const base::InputError& with_set) {
        try {
            return config::Config::load(spec.config_path);
        } catch (const base::InputError&) {
            problems.add_lines(with_set);
            return std::nullopt;
        }
    }
}

/// The name of a trace without folder and ending; several with + between them.
std::string trace_names(const std::vector<std::string>& traces) {
    std::string names;
    for (const std::string& trace : traces) {
        names += (names.empty() ? "" : "+") + std::filesystem::path(trace).stem().string();
    }
    return names;
}

}  // namespace

BaseValues::BaseValues(const SweepSpec& spec, Problems& problems) : config_path_(spec.config_path) {
    const std::optional<config::Config> config = load(spec, problems);
    for (std::size_t i = 0; config && i < config::catalogue().size(); ++i) {
        const config::Parameter& parameter = config::catalogue()[i];
        texts_[std::string(parameter.path)] = parameter.type == config::ParameterType::text
                                                  ? std::get<std::string>(config->values()[i])
                                                  : value_as_yaml(parameter, config->values()[i]);
    }
    if (config) {
        texts_["energy.table"] = config->energy_table_path();
        const std::string memory = config->memory_file_path();
        texts_["memory.dram"] = memory.empty() ? "ideal" : memory;
    }
    for (const std::string& word : spec.overrides) {
        const std::size_t equals = word.find('=');
        texts_[word.substr(0, equals)] = word.substr(equals + 1);
    }
    texts_["trace"] = spec.traces.size() == 1 ? spec.traces.front() : trace_names(spec.traces);
    texts_["iterations"] = spec.iterations;
    texts_["layers"] = spec.layers;
    texts_["stages"] = spec.stages;
}

const std::string& BaseValues::text(const std::string& key) const {
    const auto found = texts_.find(key);
    base::require(found != texts_.end(), "no value of the sweep's key " + key);
    return found->second;
}

void BaseValues::check_files(const std::set<std::string>& keys_of_all_points,
                             Problems& problems) const {
    for (const char* key : {"energy.table", "memory.dram"}) {
        const auto found = texts_.find(key);
        const bool is_ideal = found != texts_.end() && found->second == "ideal";
        if (found == texts_.end() || is_ideal || keys_of_all_points.count(key) != 0) {
            continue;
        }
        std::error_code error;
        if (!std::filesystem::is_regular_file(found->second, error)) {
            problems.add_lines(base::InputError(config_path_ + ": " + key +
                                                ": expected a file that is there, found no file " +
                                                found->second));
        }
    }
}

}  // namespace skipsim::sweep
