// SPDX-License-Identifier: Apache-2.0
// Results, comparisons and sweeps in the shape of real ones, made up for tests of reports. Sums are
// kept: skipped and issued multiplies give the dense ones, rows give the totals.
#pragma once

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/pe_cycles.h"
#include "sim/compare/comparison.h"
#include "sim/results/result_file.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::report_samples {

using Json = nlohmann::ordered_json;

inline constexpr std::uint64_t kPes = 64;

/// Numbers that look drawn and are the same everywhere.
inline std::uint64_t drawn(std::uint64_t seed, std::uint64_t below) {
    std::uint64_t mixed = seed * 0x9e3779b97f4a7c15U + 0x632be59bd9b4e019U;
    mixed ^= mixed >> 29U;
    mixed *= 0xbf58476d1ce4e5b9U;
    return (mixed >> 20U) % below;
}

inline Json pe_cycles(std::uint64_t cycles, std::uint64_t mac) {
    Json json = Json::object();
    for (const std::string_view category : base::kPeCategoryNames) {
        json[std::string(category)] = 0;
    }
    json["mac"] = mac;
    json["wait_memory"] = (cycles * kPes - mac) / 4;
    json["idle"] = cycles * kPes - mac - (cycles * kPes - mac) / 4;
    return json;
}

inline Json row(const std::string& layer, const std::string& stage, std::uint64_t iteration,
                std::uint64_t seed) {
    const std::uint64_t dense = 1000 + drawn(seed, 1'000'000);
    const std::uint64_t input = dense / 3;
    const std::uint64_t weight = dense / 16;
    const std::uint64_t issued = dense - input - weight;
    const std::uint64_t effectual = issued - issued / 8;
    const std::uint64_t cycles = 100 + issued / 40;
    return {{"trace", "traces/sample.h5"},
            {"network", "sample"},
            {"iteration", iteration},
            {"layer", layer},
            {"kind", "conv2d"},
            {"stage", stage},
            {"skip", "input+weight"},
            {"patterns", {"x", "mask_w"}},
            {"cycles", cycles},
            {"dense_cycles", 100 + dense / 40},
            {"samples", {{"total", 32}, {"active", 32}}},
            {"macs",
             {{"dense", dense},
              {"dense_all_samples", dense},
              {"effectual", effectual},
              {"issued", issued},
              {"skipped",
               {{"input", input},
                {"weight_fine", weight},
                {"weight_coarse", 0},
                {"output", 0},
                {"sample", 0}}}}},
            {"pe_cycles", pe_cycles(cycles, effectual)},
            {"dram_bytes", 64 * (1 + drawn(seed + 7, 5000))},
            {"actions", {{"pe.mac_fp8", issued}}},
            {"energy_pj", 2.25 * static_cast<double>(issued)},
            {"energy_pj_on_chip", 1.25 * static_cast<double>(issued)}};
}

/// Adds the numbers of `from` to those of `sum`, field by field.
inline void accumulate(Json& sum, const Json& from) {
    for (const auto& [name, value] : from.items()) {
        if (value.is_object()) {
            accumulate(sum[name], value);
        } else if (value.is_number_integer()) {
            sum[name] = sum.value(name, std::uint64_t{0}) + value.get<std::uint64_t>();
        } else if (value.is_number_float()) {
            sum[name] = sum.value(name, 0.0) + value.get<double>();
        }
    }
}

/// The numbers of a tree, all zero, without its texts.
inline Json zeroed(const Json& tree) {
    Json json = Json::object();
    for (const auto& [name, value] : tree.items()) {
        if (value.is_object()) {
            json[name] = zeroed(value);
        } else if (value.is_number()) {
            json[name] = value.is_number_float() ? Json(0.0) : Json(0);
        }
    }
    return json;
}

/// Of all stages if `stage` is "".
inline Json totals(const Json& rows, const std::string& stage) {
    Json sums = zeroed(rows.front());
    sums["rows"] = 0;
    for (const Json& one : rows) {
        if (stage.empty() || one.at("stage") == stage) {
            accumulate(sums, one);
            sums["rows"] = sums["rows"].get<std::uint64_t>() + 1;
        }
    }
    sums.erase("iteration");
    sums.erase("samples");
    const double energy = sums["energy_pj"].get<double>();
    const double seconds = sums["cycles"].get<double>() / 50e6;
    sums["time_s"] = seconds;
    sums["energy_pj_low"] = 0.5 * energy;
    sums["energy_pj_high"] = 2.0 * energy;
    sums["power_mw"] = seconds > 0.0 ? energy * 1e-9 / seconds : 0.0;
    const double chip = sums["energy_pj_on_chip"].get<double>();
    sums["energy_pj_by_component"] = {
        {"pe", 0.75 * chip}, {"bus", 0.25 * chip}, {"dram", energy - chip}};
    return sums;
}

inline Json frame() {
    const std::string sha(64, 'a');
    return {{"schema", "skipsim-result/1"},
            {"skipsim", {{"version", "0.1.0"}, {"revision", "0123456789abcdef"}}},
            {"engine", "fast"},
            {"config",
             {{"name", "sample"},
              {"description", "made up for tests"},
              {"clocks", {{"core_mhz", 50.0}}},
              {"core", {{"rows", 8}, {"columns", 8}, {"issue_width_pairs", 1}}},
              {"memory", {{"dram", "ideal"}, {"ideal_bytes_per_cycle", 16}}}}},
            {"assumptions",
             {{{"key", "core.rows"}, {"value", 8}, {"source", "a guess"}, {"status", "assumption"}},
              {{"key", "clocks.core_mhz"},
               {"value", 50.0},
               {"source", "a paper"},
               {"status", "published"}}}},
            {"ideal", Json::array()},
            {"processing_elements", kPes},
            {"energy_table", {{"name", "sample"}, {"sha256", sha}, {"scale_factor", 1.0}}},
            {"memory_file", nullptr},
            {"selection", {{"iterations", ""}, {"layers", ""}, {"stages", Json::array()}}},
            {"seed", 0},
            {"trace",
             {{{"path", "traces/sample.h5"},
               {"sha256", sha},
               {"network", "sample"},
               {"dataset", "made-up"},
               {"iterations", {0, 1}}}}},
            {"warnings", Json::array()},
            {"not_modelled", {"dropout"}}};
}

/// Layers with the stages FF, BP and WG, over two iterations.
inline Json document(const std::vector<std::string>& layers, std::uint64_t seed = 1) {
    Json rows = Json::array();
    for (std::uint64_t iteration = 0; iteration < 2; ++iteration) {
        for (const char* stage : {"FF", "BP", "WG"}) {
            for (const std::string& layer : layers) {
                rows.push_back(row(layer, stage, iteration, seed * 1000 + rows.size()));
            }
        }
    }
    Json json = frame();
    json["totals"] = totals(rows, "");
    for (const char* stage : {"FF", "BP", "WG", "WU"}) {
        json["totals_by_stage"][stage] = totals(rows, stage);
    }
    const std::uint64_t cycles = json["totals"]["cycles"].get<std::uint64_t>();
    json["layers"] = std::move(rows);
    json["units"] = {{{"unit", "core0"},
                      {"busy", cycles / 2},
                      {"starved", cycles / 4},
                      {"blocked", cycles - cycles / 2 - cycles / 4}}};
    json["blocks"] = Json::object();
    json["estimates"] = Json::object();
    json["wall"] = {{"seconds", 1.5}, {"peak_rss_bytes", 1000}};
    return json;
}

inline results::ResultFile result(const std::string& label, const std::vector<std::string>& layers,
                                  std::uint64_t seed = 1) {
    return {"runs/" + label + "/result.json", label, document(layers, seed)};
}

inline std::vector<std::string> layer_names(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t index = 0; index < count; ++index) {
        names.push_back("stage" + std::to_string(index / 10) + ".block" +
                        std::to_string(index % 10) + ".conv");
    }
    return names;
}

inline compare::Comparison comparison(const std::vector<results::ResultFile>& files) {
    compare::Comparison made;
    made.by = compare::By::stage;
    for (const results::ResultFile& file : files) {
        made.labels.push_back(file.label);
        made.paths.push_back(file.path);
    }
    for (const char* stage : {"FF", "BP", "WG"}) {
        for (const auto& [metric, unit] :
             {std::pair("cycles", "core cycles"), {"energy_pj", "pJ"}}) {
            compare::Line line{stage, metric, unit, {}};
            const double base =
                files.front().document.at("totals_by_stage").at(stage).at(metric).get<double>();
            for (const results::ResultFile& file : files) {
                const double value =
                    file.document.at("totals_by_stage").at(stage).at(metric).get<double>();
                line.cells.push_back(
                    {value, value - base, 100.0 * (value - base) / base, value / base});
            }
            made.lines.push_back(line);
        }
    }
    made.config_differences = {{"core.rows", {"8", "16"}}};
    made.warnings = {"the two have different energy tables"};
    return made;
}

/// A grid over core.rows, core.columns and core.chunk_operands; the last point has failed.
inline sweep::SweepData sweep(std::uint64_t points) {
    sweep::SweepData made{"sample-sweep",
                          "runs/sample-sweep",
                          "configs/pnpu.yaml",
                          {"traces/sample.h5"},
                          {"core.rows", "core.columns", "core.chunk_operands", "memory.dram"},
                          {}};
    for (std::uint64_t number = 0; number < points; ++number) {
        const std::uint64_t rows = 1 + number % 20;
        const std::uint64_t columns = 1 + number / 20 % 10;
        const std::uint64_t chunk = 16U << (number / 200 % 5);
        sweep::SweepPoint point;
        point.number = number;
        point.settings = {{"core.rows", std::to_string(rows)},
                          {"core.columns", std::to_string(columns)},
                          {"core.chunk_operands", std::to_string(chunk)},
                          {"memory.dram", number / 1000 % 2 == 0 ? "lpddr4" : "hbm2"}};
        point.folder = "points/" + std::to_string(number);
        point.status = sweep::PointStatus::done;
        if (number + 1 == points) {
            point.status = sweep::PointStatus::failed;
            point.error = "core.rows: out of memory";
        } else {
            for (const char* stage : {"total", "FF", "BP", "WG"}) {
                const double pes = static_cast<double>(rows * columns);
                const double noise = 1.0 + 0.01 * static_cast<double>(drawn(number, 30));
                std::map<std::string, double>& metrics = point.metrics[stage];
                metrics["cycles"] = std::floor(1e8 * noise / pes) + static_cast<double>(chunk);
                metrics["energy_pj"] = 1e9 * noise * (1.0 + 0.02 * pes);
                metrics["processing_elements"] = pes;
                metrics["utilisation"] = 0.9 / noise;
                metrics["speedup"] = 1.5 / noise;
                metrics["dram_bytes"] = 4096.0;
            }
        }
        made.points.push_back(point);
    }
    return made;
}

}  // namespace skipsim::report_samples
