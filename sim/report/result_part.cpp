// SPDX-License-Identifier: Apache-2.0
#include "sim/report/page_data.h"

#include "sim/base/pe_cycles.h"
#include "sim/report/text_list.h"

#include <array>

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

/// Columns of a row that hold text; on the page, positions in `texts`.
constexpr std::array<const char*, 7> kTextColumns{"trace", "network", "layer",   "kind",
                                                  "stage", "skip",    "patterns"};
/// Columns that hold numbers, as paths in a row of result.json.
constexpr std::array<const char*, 17> kNumberColumns{"/iteration",
                                                     "/cycles",
                                                     "/dense_cycles",
                                                     "/samples/total",
                                                     "/samples/active",
                                                     "/macs/dense",
                                                     "/macs/dense_all_samples",
                                                     "/macs/effectual",
                                                     "/macs/issued",
                                                     "/macs/skipped/sample",
                                                     "/macs/skipped/output",
                                                     "/macs/skipped/input",
                                                     "/macs/skipped/weight_coarse",
                                                     "/macs/skipped/weight_fine",
                                                     "/dram_bytes",
                                                     "/energy_pj",
                                                     "/energy_pj_on_chip"};

std::string dotted(std::string path) {
    for (char& letter : path) {
        letter = letter == '/' ? '.' : letter;
    }
    return path.substr(1);
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& item : list) {
        text += (text.empty() ? "" : "+") + item.get<std::string>();
    }
    return text;
}

std::vector<std::string> number_paths(const Json& layers) {
    std::vector<std::string> paths(kNumberColumns.begin(), kNumberColumns.end());
    for (const std::string_view category : base::kPeCategoryNames) {
        paths.push_back("/pe_cycles/" + std::string(category));
    }
    for (const Json& row : layers) {
        if (row.contains("regret_cycles")) {
            paths.emplace_back("/regret_cycles");
            break;
        }
    }
    return paths;
}

Json value_at(const Json& row, const Json::json_pointer& path) {
    return row.contains(path) ? row.at(path) : Json(nullptr);
}

void add_rows(Json& part, const Json& layers) {
    TextList texts;
    Json columns = Json::array();
    for (const char* column : kTextColumns) {
        columns.push_back(column);
    }
    std::vector<Json::json_pointer> paths;
    for (const std::string& path : number_paths(layers)) {
        paths.emplace_back(path);
        columns.push_back(dotted(path));
    }
    Json rows = Json::array();
    for (const Json& layer : layers) {
        Json row = Json::array();
        for (const char* column : kTextColumns) {
            const Json& text = layer.at(column);
            row.push_back(
                texts.position_of(text.is_array() ? joined(text) : text.get<std::string>()));
        }
        for (const Json::json_pointer& path : paths) {
            row.push_back(value_at(layer, path));
        }
        rows.push_back(std::move(row));
    }
    part["text_columns"] = kTextColumns.size();
    part["columns"] = std::move(columns);
    part["texts"] = texts.texts();
    part["rows"] = std::move(rows);
}

/// [[path, value], …] of everything in a tree.
void flatten(const Json& tree, const std::string& path, Json& list) {
    if (tree.is_object() && !tree.empty()) {
        for (const auto& [name, value] : tree.items()) {
            flatten(value, path.empty() ? name : path + '.' + name, list);
        }
    } else {
        list.push_back({path, tree.is_structured() ? Json(tree.dump()) : tree});
    }
}

Json flat(const Json& tree) {
    Json list = Json::array();
    if (!tree.empty()) {
        flatten(tree, "", list);
    }
    return list;
}

Json without_actions(const Json& totals) {
    Json json = totals;
    json.erase("actions");
    return json;
}

/// [bytes per core cycle] what the memory can deliver at best; null if it is unlimited or not told.
Json memory_roof(const Json& document) {
    const Json& file = document.at("memory_file");
    if (file.is_object()) {
        return file.value("peak_bytes_per_cycle", Json(nullptr));
    }
    const Json rate =
        value_at(document, Json::json_pointer("/config/memory/ideal_bytes_per_cycle"));
    return rate.is_number() && rate.get<double>() > 0.0 ? rate : Json(nullptr);
}

/// [multiplies per cycle] if every PE issued all it can.
Json compute_roof(const Json& document) {
    const Json width = value_at(document, Json::json_pointer("/config/core/issue_width_pairs"));
    const double pairs = width.is_number() ? width.get<double>() : 1.0;
    return document.at("processing_elements").get<double>() * pairs;
}

Json table_of(const Json& list, const std::vector<const char*>& fields) {
    Json rows = Json::array();
    for (const Json& item : list) {
        Json row = Json::array();
        for (const char* field : fields) {
            row.push_back(item.at(field));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

Json result_part(const results::ResultFile& file) {
    const Json& document = file.document;
    Json part = {{"label", file.label}, {"path", file.path}};
    for (const char* name :
         {"skipsim", "engine", "ideal", "processing_elements", "energy_table", "memory_file",
          "selection", "seed", "trace", "warnings", "not_modelled", "estimates"}) {
        part[name] = document.at(name);
    }
    part["config"] = flat(document.at("config"));
    part["assumptions"] =
        table_of(document.at("assumptions"), {"key", "value", "source", "status"});
    part["memory_roof"] = memory_roof(document);
    part["compute_roof"] = compute_roof(document);
    part["totals"] = without_actions(document.at("totals"));
    part["stages"] = Json::object();
    for (const auto& [stage, totals] : document.at("totals_by_stage").items()) {
        part["stages"][stage] = without_actions(totals);
    }
    part["units"] = table_of(document.at("units"), {"unit", "busy", "starved", "blocked"});
    part["blocks"] = flat(document.at("blocks"));
    part["values"] = document.contains("values") ? flat(document.at("values")) : Json::array();
    add_rows(part, document.at("layers"));
    return part;
}

}  // namespace skipsim::report
