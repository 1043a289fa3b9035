// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/comparability.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace skipsim::compare {
namespace {

using Json = nlohmann::ordered_json;
using results::ResultFile;
using Files = std::vector<ResultFile>;
using TextOf = std::function<std::string(const Json& document)>;

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : between) + part;
    }
    return text;
}

std::string text(const Json& object, const char* key) {
    return object.at(key).get<std::string>();
}

std::string with_digest(const std::string& name, const std::string& sha256) {
    constexpr std::size_t kDigits = 8;
    return name + " (" + sha256.substr(0, kDigits) + ')';
}

/// "other engines: fast in a, b; clocked in c"; "" if all are alike.
std::string difference(const Files& files, const char* what, const TextOf& text_of) {
    std::vector<std::pair<std::string, std::string>> groups;  // value, labels
    for (const ResultFile& file : files) {
        const std::string value = text_of(file.document);
        const auto known = std::find_if(groups.begin(), groups.end(),
                                        [&](const auto& group) { return group.first == value; });
        if (known == groups.end()) {
            groups.emplace_back(value, file.label);
        } else {
            known->second += ", " + file.label;
        }
    }
    if (groups.size() < 2) {
        return "";
    }
    std::string sentence;
    for (const auto& [value, labels] : groups) {
        sentence += (sentence.empty() ? "other " + std::string(what) + ": " : "; ") + value +
                    " in " + labels;
    }
    return sentence;
}

std::string of_traces(const Json& document, const TextOf& text_of) {
    std::vector<std::string> parts;
    for (const Json& trace : document.at("trace")) {
        parts.push_back(text_of(trace));
    }
    return joined(parts, " + ");
}

/// "0..3, 7"
std::string ranges(const Json& numbers) {
    std::vector<std::string> parts;
    for (std::size_t first = 0; first < numbers.size();) {
        std::size_t last = first;
        const auto at = [&](std::size_t index) { return numbers[index].get<std::uint64_t>(); };
        while (last + 1 < numbers.size() && at(last + 1) == at(last) + 1) {
            ++last;
        }
        parts.push_back(numbers[first].dump() + (last > first ? ".." + numbers[last].dump() : ""));
        first = last + 1;
    }
    return parts.empty() ? "none" : joined(parts, ", ");
}

std::string list_text(const Json& texts, const char* if_empty) {
    return texts.empty() ? if_empty : joined(texts.get<std::vector<std::string>>(), ", ");
}

std::string or_all(const std::string& selection) {
    return selection.empty() ? "all" : selection;
}

/// Multiplies of one sample by layer and stage: what a network is, whatever chip runs it.
std::map<std::string, double> sizes_of(const Json& document) {
    const std::string network = trained_network(document);
    std::map<std::string, double> sizes;
    for (const Json& row : document.at("layers")) {
        const double samples = row.at("samples").at("total").get<double>();
        const double macs = row.at("macs").at("dense_all_samples").get<double>();
        if (macs > 0.0 && samples > 0.0) {
            sizes[layer_name(row, network) + ' ' + text(row, "stage")] = macs / samples;
        }
    }
    return sizes;
}

/// A layer of the same name that is another one; "" if there is none.
std::string other_size(const ResultFile& first, const ResultFile& other) {
    const std::map<std::string, double> sizes = sizes_of(first.document);
    for (const auto& [layer, macs] : sizes_of(other.document)) {
        const auto same = sizes.find(layer);
        if (same != sizes.end() && same->second != macs) {
            return "other networks: " + layer + " has other multiplies per sample in " +
                   first.label + " than in " + other.label;
        }
    }
    return "";
}

std::set<std::string> layers_of(const Json& document) {
    const std::string network = trained_network(document);
    std::set<std::string> layers;
    for (const Json& row : document.at("layers")) {
        layers.insert(layer_name(row, network));
    }
    return layers;
}

/// Layers that multiply; all of them if none does. A "loss" in both makes no two networks alike.
std::set<std::string> main_layers_of(const Json& document) {
    const std::string network = trained_network(document);
    std::set<std::string> layers;
    for (const Json& row : document.at("layers")) {
        if (row.at("macs").at("dense_all_samples") != 0) {
            layers.insert(layer_name(row, network));
        }
    }
    return layers.empty() ? layers_of(document) : layers;
}

/// A memory file that was changed under the same name: no key of the configuration shows it.
std::string memory_difference(const Files& files) {
    std::map<std::string, std::set<std::string>> contents;
    for (const ResultFile& file : files) {
        const Json& memory = file.document.at("memory_file");
        if (!memory.is_null()) {
            contents[text(memory, "name")].insert(text(memory, "sha256"));
        }
    }
    const bool is_changed = std::any_of(contents.begin(), contents.end(),
                                        [](const auto& entry) { return entry.second.size() > 1; });
    return !is_changed ? "" : difference(files, "memory files", [](const Json& document) {
        const Json& memory = document.at("memory_file");
        return memory.is_null() ? "ideal"
                                : with_digest(text(memory, "name"), text(memory, "sha256"));
    });
}

/// Layers that not every result has.
std::string layer_difference(const Files& files) {
    std::set<std::string> all;
    std::vector<std::set<std::string>> own;
    for (const ResultFile& file : files) {
        own.push_back(layers_of(file.document));
        all.insert(own.back().begin(), own.back().end());
    }
    std::string sentence;
    for (std::size_t index = 0; index < files.size(); ++index) {
        if (own[index].size() < all.size()) {
            sentence += (sentence.empty() ? "other layers: of " + std::to_string(all.size()) + ", "
                                          : std::string("; ")) +
                        files[index].label + " lacks " +
                        std::to_string(all.size() - own[index].size());
        }
    }
    return sentence;
}

std::string network_difference(const Files& files) {
    return difference(files, "networks", [](const Json& document) {
        return of_traces(document, [](const Json& trace) { return text(trace, "network"); });
    });
}

std::vector<std::string> wrong_values(const Files& files) {
    std::vector<std::string> sentences;
    for (const ResultFile& file : files) {
        if (file.document.contains("values")) {
            const Json& values = file.document.at("values");
            if (values.at("wrong_values") != 0 || values.at("missing") != 0 ||
                values.at("not_left_out") != 0) {
                sentences.push_back(file.label + " computed values that its own check found wrong");
            }
        }
    }
    return sentences;
}

void flatten(const Json& value, const std::string& key,
             std::vector<std::pair<std::string, std::string>>& flat) {
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) {
            flatten(member, key.empty() ? name : key + '.' + name, flat);
        }
        return;
    }
    flat.emplace_back(key, value.is_string()
                               ? value.get<std::string>()
                               : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

std::string trained_network(const Json& document) {
    return text(document.at("trace").at(0), "network");
}

std::string layer_name(const Json& row, const std::string& trained_network) {
    const std::string network = text(row, "network");
    return (network == trained_network ? "" : network + ':') + text(row, "layer");
}

std::vector<std::string> obstacles(const Files& files) {
    std::vector<std::string> lines;
    if (std::string networks = network_difference(files); !networks.empty()) {
        lines.push_back(std::move(networks));
    }
    const std::set<std::string> first = main_layers_of(files.front().document);
    for (const ResultFile& file : files) {
        const std::set<std::string> own = main_layers_of(file.document);
        const bool shares = std::any_of(own.begin(), own.end(), [&](const std::string& layer) {
            return first.count(layer) != 0;
        });
        if (!shares) {
            lines.push_back("no layer of " + file.label + " is one of " + files.front().label);
        } else if (std::string sizes = other_size(files.front(), file); !sizes.empty()) {
            lines.push_back(std::move(sizes));
        }
    }
    return lines;
}

std::vector<std::string> differing_circumstances(const Files& files) {
    const auto selection = [](const char* key) {
        return [key](const Json& document) { return or_all(text(document.at("selection"), key)); };
    };
    std::vector<std::string> sentences = obstacles(files);
    const std::vector<std::string> differences{
        difference(files, "traces",
                   [](const Json& document) {
                       return of_traces(document, [](const Json& trace) {
                           const std::filesystem::path path = text(trace, "path");
                           return with_digest(path.filename().string(), text(trace, "sha256"));
                       });
                   }),
        difference(files, "iterations",
                   [](const Json& document) {
                       return of_traces(document, [](const Json& trace) {
                           return ranges(trace.at("iterations"));
                       });
                   }),
        difference(files, "choices of layers", selection("layers")),
        difference(files, "stages",
                   [](const Json& document) {
                       return list_text(document.at("selection").at("stages"), "all");
                   }),
        layer_difference(files),
        difference(files, "engines", [](const Json& document) { return text(document, "engine"); }),
        difference(files, "seeds", [](const Json& document) { return document.at("seed").dump(); }),
        difference(files, "versions of skipsim",
                   [](const Json& document) {
                       const Json& program = document.at("skipsim");
                       return with_digest(text(program, "version"), text(program, "revision"));
                   }),
        difference(files, "energy tables",
                   [](const Json& document) {
                       const Json& table = document.at("energy_table");
                       return with_digest(text(table, "name"), text(table, "sha256"));
                   }),
        memory_difference(files),
        difference(files, "parts that take no time",
                   [](const Json& document) { return list_text(document.at("ideal"), "none"); }),
        difference(files, "operators that cost nothing", [](const Json& document) {
            return list_text(document.at("not_modelled"), "none");
        })};
    std::copy_if(differences.begin(), differences.end(), std::back_inserter(sentences),
                 [](const std::string& sentence) { return !sentence.empty(); });
    for (std::string& sentence : wrong_values(files)) {
        sentences.push_back(std::move(sentence));
    }
    return sentences;
}

/// Content of the file that a key names, "" for a key that names none or an unknown content.
std::string file_content(const Json& document, const std::string& key) {
    if (key == "energy.table") {
        return text(document.at("energy_table"), "sha256");
    }
    const Json& memory = document.at("memory_file");
    return key == "memory.dram" && !memory.is_null() ? text(memory, "sha256") : "";
}

/// The same file under several paths is no difference.
bool is_same_file(const Files& files, const std::string& key) {
    const std::string first = file_content(files.front().document, key);
    return !first.empty() && std::all_of(files.begin(), files.end(), [&](const ResultFile& file) {
        return file_content(file.document, key) == first;
    });
}

std::vector<ConfigDifference> config_differences(const Files& files) {
    std::vector<std::string> keys;
    std::vector<std::map<std::string, std::string>> values(files.size());
    for (std::size_t index = 0; index < files.size(); ++index) {
        std::vector<std::pair<std::string, std::string>> flat;
        flatten(files[index].document.at("config"), "", flat);
        for (const auto& [key, value] : flat) {
            const bool is_new =
                std::none_of(values.begin(), values.end(),
                             [&key = key](const auto& of) { return of.count(key) != 0; });
            if (is_new) {
                keys.push_back(key);
            }
            values[index][key] = value;
        }
    }
    std::vector<ConfigDifference> differences;
    for (const std::string& key : keys) {
        ConfigDifference difference{key, {}};
        for (std::map<std::string, std::string>& of : values) {
            difference.values.push_back(of[key]);
        }
        const bool differs = std::any_of(
            difference.values.begin(), difference.values.end(),
            [&](const std::string& value) { return value != difference.values.front(); });
        if (differs && !is_same_file(files, key)) {
            differences.push_back(std::move(difference));
        }
    }
    return differences;
}

}  // namespace skipsim::compare
