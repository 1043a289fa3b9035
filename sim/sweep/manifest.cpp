// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/manifest.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/base/sha256.h"
#include "sim/base/version.h"
#include "sim/base/yaml_node.h"
#include "sim/config/catalogue.h"
#include "sim/config/document.h"
#include "sim/config/parameter.h"
#include "sim/job/job.h"
#include "sim/results/json_text.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kManifestBytesLimit = std::uint64_t{1} << 30U;

constexpr const char* kWayOut =
    "; move it away and run the sweep again: finished points are taken from their files";

bool is_file_key(const std::string& key, const std::string& value) {
    return key == "trace" || key == "energy.table" || (key == "memory.dram" && value != "ideal");
}

std::string absolute(const std::string& path) {
    return fs::absolute(path).lexically_normal().string();
}

/// The text of --set, with a file's path that holds from any folder.
std::string override_text(const std::string& key, const std::string& value) {
    return key + '=' + (is_file_key(key, value) ? absolute(value) : value);
}

std::string with_absolute_file(const std::string& override_) {
    const std::size_t equals = override_.find('=');
    return equals == std::string::npos
               ? override_
               : override_text(override_.substr(0, equals), override_.substr(equals + 1));
}

/// Values as they are kept: the same wherever the program is started.
std::vector<Setting> portable(const std::vector<Setting>& settings, const std::string& spec_path) {
    const fs::path folder = fs::path(absolute(spec_path)).parent_path();
    std::vector<Setting> result = settings;
    for (Setting& setting : result) {
        if (is_file_key(setting.key, setting.value)) {
            setting.value = fs::path(absolute(setting.value)).lexically_relative(folder).string();
        }
    }
    return result;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "" : "; ") + line;
    }
    return text;
}

std::string program_version() {
    return std::string(base::version()) + ' ' + std::string(base::revision());
}

/// What a key is where nobody set it.
std::string default_value(const std::string& key, const PointOrder& order,
                          const config::Config& config) {
    if (key == "trace") {
        std::string traces;
        for (const std::string& trace : order.traces) {
            traces += (traces.empty() ? "" : " ") + trace;
        }
        return traces;
    }
    if (key == "energy.table") {
        return config.energy_table_path();
    }
    if (key == "memory.dram" && !config.memory_file_path().empty()) {
        return config.memory_file_path();
    }
    const std::optional<std::size_t> parameter = config::find_parameter(key);
    return parameter ? config::value_as_yaml(config::catalogue()[*parameter],
                                             config.values()[*parameter])
                     : "";  // the whole trace
}

/// A setting for every axis, so that no answer has holes: listed points may leave keys as they are
/// in the configuration.
std::vector<Setting> complete(const std::vector<Setting>& given, const Plan& plan,
                              const PointOrder& order, const config::Config& config) {
    std::vector<Setting> settings;
    for (const std::string& key : plan.axis_keys) {
        const auto found = std::find_if(given.begin(), given.end(), [&key](const Setting& setting) {
            return setting.key == key;
        });
        settings.push_back(found == given.end() ? Setting{key, default_value(key, order, config)}
                                                : *found);
    }
    return settings;
}

/// Sets the two checksums of a point whose configuration is good.
void set_keys(ManifestPoint& point, const PointOrder& order, const config::Config& config,
              TraceShelf& shelf) {
    Json all = {{"skipsim", program_version()},
                {"config", config::as_json(config)},
                {"traces", Json::array()},
                {"iterations", order.selection.iterations},
                {"layers", order.selection.layers},
                {"stages", order.selection.stages},
                {"seed", order.seed}};
    for (const std::string& trace : order.traces) {
        all["traces"].push_back(shelf.open(trace).sha256());
    }
    if (const std::string memory = config.memory_file_path(); !memory.empty()) {
        all["config"]["memory"]["dram"] = shelf.sha256_of_file(memory);
    }
    all["config"]["energy"].erase("table");
    const auto text = [&all] { return all.dump(-1, ' ', false, Json::error_handler_t::replace); };
    point.simulation_key = base::sha256_hex(text());
    all["config"]["energy"]["table"] = shelf.sha256_of_file(config.energy_table_path());
    point.key = base::sha256_hex(text());
}

Json settings_as_json(const std::vector<Setting>& settings) {
    Json json = Json::object();
    for (const Setting& setting : settings) {
        json[setting.key] = setting.value;
    }
    return json;
}

Json json_of_manifest(const std::string& path) {
    const std::string text = base::read_text_file(path, kManifestBytesLimit);
    try {
        return results::json_of(text, path);
    } catch (const base::InputError& error) {
        throw base::InputError(error.lines().front() + kWayOut);
    }
}

ManifestPoint point_of(const Json& json) {
    ManifestPoint point;
    point.number = json.at("point").get<std::uint64_t>();
    point.label = json.at("label").get<std::string>();
    for (const auto& [key, value] : json.at("settings").items()) {
        point.settings.push_back({key, value.get<std::string>()});
    }
    point.key = json.at("key").get<std::string>();
    point.simulation_key = json.at("simulation_key").get<std::string>();
    point.problem = json.at("problem").get<std::string>();
    return point;
}

}  // namespace

config::Config PointOrder::load_config() const {
    return config::Config::load(config_path, overrides);
}

PointOrder order_of(const SweepSpec& spec, const PlannedPoint& point) {
    PointOrder order;
    order.config_path = absolute(spec.config_path);
    order.seed = spec.seed;
    for (const std::string& fixed : spec.overrides) {
        order.overrides.push_back(with_absolute_file(fixed));
    }
    for (const std::string& trace : spec.traces) {
        order.traces.push_back(absolute(trace));
    }
    std::string iterations = spec.iterations;
    std::string layers = spec.layers;
    std::string stages = spec.stages;
    for (const Setting& setting : point.settings) {
        if (setting.key == "trace") {
            order.traces = {absolute(setting.value)};
        } else if (setting.key == "iterations") {
            iterations = setting.value;
        } else if (setting.key == "layers") {
            layers = setting.value;
        } else if (setting.key == "stages") {
            stages = setting.value;
        } else {
            order.overrides.push_back(override_text(setting.key, setting.value));
        }
    }
    order.selection = job::selection_of(iterations, layers, stages);
    return order;
}

ManifestPoint resolve(const Plan& plan, const PlannedPoint& planned, TraceShelf& shelf) {
    ManifestPoint point;
    point.number = planned.number;
    point.label = label_of(planned);
    point.settings = portable(planned.settings, plan.spec.path);
    const PointOrder order = order_of(plan.spec, planned);
    for (const std::string& trace : order.traces) {
        shelf.open(trace);  // a trace that cannot be read is not the point's problem alone
    }
    try {
        const config::Config config = order.load_config();
        point.settings = portable(complete(planned.settings, plan, order, config), plan.spec.path);
        set_keys(point, order, config, shelf);
    } catch (const base::InputError& error) {
        point.problem = joined(error.lines());
        Json settings = settings_as_json(point.settings);
        point.key = base::sha256_hex(point.problem + '\n' + settings.dump());
        point.simulation_key = point.key;
    }
    return point;
}

Manifest manifest_of(const Plan& plan, TraceShelf& shelf, bool shows_progress) {
    Manifest manifest;
    manifest.name = plan.spec.name;
    manifest.spec_sha256 = plan.spec.text_sha256;
    manifest.config_path = absolute(plan.spec.config_path);
    manifest.skipsim = program_version();
    manifest.axis_keys = plan.axis_keys;
    for (const std::string& trace : plan.spec.traces) {
        manifest.traces.push_back(absolute(trace));
    }
    base::ProgressBar progress("checking points", plan.points.size(), shows_progress);
    for (const PlannedPoint& point : plan.points) {
        base::throw_if_interrupted();
        manifest.points.push_back(resolve(plan, point, shelf));
        progress.advance();
    }
    return manifest;
}

std::string manifest_as_json(const Manifest& manifest) {
    Json json = {{"schema", kManifestSchema},           {"name", manifest.name},
                 {"spec_sha256", manifest.spec_sha256}, {"config", manifest.config_path},
                 {"traces", manifest.traces},           {"skipsim", manifest.skipsim},
                 {"axes", manifest.axis_keys},          {"points", Json::array()}};
    for (const ManifestPoint& point : manifest.points) {
        json["points"].push_back({{"point", point.number},
                                  {"label", point.label},
                                  {"settings", settings_as_json(point.settings)},
                                  {"key", point.key},
                                  {"simulation_key", point.simulation_key},
                                  {"problem", point.problem}});
    }
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Manifest read_manifest(const std::string& path) {
    const Json json = json_of_manifest(path);
    try {
        if (json.at("schema") != kManifestSchema) {
            throw base::InputError(path + ": expected schema " + kManifestSchema + ", found " +
                                   json.at("schema").dump());
        }
        Manifest manifest;
        manifest.name = json.at("name").get<std::string>();
        manifest.spec_sha256 = json.at("spec_sha256").get<std::string>();
        manifest.config_path = json.at("config").get<std::string>();
        manifest.traces = json.at("traces").get<std::vector<std::string>>();
        manifest.skipsim = json.at("skipsim").get<std::string>();
        manifest.axis_keys = json.at("axes").get<std::vector<std::string>>();
        for (const Json& point : json.at("points")) {
            manifest.points.push_back(point_of(point));
        }
        return manifest;
    } catch (const Json::exception& error) {
        throw base::InputError(path +
                               ": expected what a sweep wrote there, found something else (" +
                               error.what() + ")" + kWayOut);
    }
}

std::string difference(const Manifest& begun, const Manifest& now) {
    std::vector<std::string> before;
    std::vector<std::string> after;
    for (const ManifestPoint& point : begun.points) {
        before.push_back(point.key);
    }
    for (const ManifestPoint& point : now.points) {
        after.push_back(point.key);
    }
    if (begun.skipsim != now.skipsim) {
        return "another version of skipsim (" + begun.skipsim + ", now " + now.skipsim + ")";
    }
    if (before == after) {
        return "";
    }
    const std::set<std::string> old_keys(before.begin(), before.end());
    const std::set<std::string> new_keys(after.begin(), after.end());
    std::size_t same = 0;
    for (const std::string& key : new_keys) {
        same += old_keys.count(key);
    }
    std::string text = "other points: " + std::to_string(new_keys.size() - same) + " are new, " +
                       std::to_string(old_keys.size() - same) + " are gone, " +
                       std::to_string(same) + " are the same";
    return text + (begun.spec_sha256 == now.spec_sha256
                       ? "; the sweep file is the same: a configuration, table or trace that it "
                         "names has changed"
                       : "; the sweep file has changed");
}

}  // namespace skipsim::sweep
