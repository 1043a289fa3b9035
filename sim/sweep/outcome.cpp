// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/outcome.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "sim/base/atomic_file.h"
#include "sim/base/errors.h"
#include "sim/results/json_text.h"
#include "sim/results/metrics.h"
#include "sim/stats/result_document.h"
#include "sim/stats/run_result.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Counts of actions are left out: the energies say what they come to.
Json metrics_of_totals(const Json& totals, const Json& processing_elements) {
    Json metrics = Json::object();
    for (const std::string& name : results::metric_names(totals)) {
        const std::optional<double> value = results::metric_of(totals, name);
        if (value && name.rfind("actions.", 0) != 0) {
            metrics[name] = *value;
        }
    }
    metrics["processing_elements"] = processing_elements;
    return metrics;
}

/// Whether the file ends as that result does: its checksum stands before its wall time. It shows a
/// file that is cut off or belongs to another point without the time that reading it whole takes.
bool is_result(const fs::path& path, const std::string& sha256) {
    constexpr std::streamoff kEndBytes = 1024;
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : 0;
    file.seekg(std::max<std::streamoff>(0, size - kEndBytes));
    const std::string end{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    constexpr std::string_view kLast = "\n}\n";
    const bool is_whole = end.size() > kLast.size() &&
                          end.compare(end.size() - kLast.size(), kLast.size(), kLast) == 0;
    return is_whole && end.find("\"content_sha256\": \"" + sha256 + '"') != std::string::npos;
}

}  // namespace

std::string point_folder(const std::string& key) {
    constexpr std::size_t kDigits = 16;
    return "points/" + key.substr(0, kDigits);
}

Json metrics_of(const Json& document) {
    const Json& elements = document.at("processing_elements");
    Json metrics;
    metrics["total"] = metrics_of_totals(document.at("totals"), elements);
    for (const std::string_view stage : stats::kStageNames) {
        const Json& totals = document.at("totals_by_stage").at(std::string(stage));
        if (totals.at("rows") != 0) {
            metrics[std::string(stage)] = metrics_of_totals(totals, elements);
        }
    }
    return metrics;
}

Outcome outcome_of(const std::string& key, const Json& document) {
    Outcome outcome;
    outcome.key = key;
    outcome.is_done = true;
    outcome.result_sha256 = document.value("content_sha256", "");
    outcome.metrics = metrics_of(document);
    outcome.wall_seconds = document.at("wall").at("seconds").get<double>();
    outcome.peak_rss_bytes = document.at("wall").at("peak_rss_bytes").get<std::uint64_t>();
    return outcome;
}

void write_outcome(const std::string& folder, const Outcome& outcome) {
    Json json = {
        {"schema", kOutcomeSchema},
        {"key", outcome.key},
        {"status", outcome.is_done ? "done" : "failed"},
        {"error", outcome.error},
        {"result_sha256", outcome.result_sha256},
        {"metrics", outcome.metrics},
        {"wall", {{"seconds", outcome.wall_seconds}, {"peak_rss_bytes", outcome.peak_rss_bytes}}}};
    json["content_sha256"] = stats::content_sha256_of(json);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        throw base::MachineError(folder + ": the folder cannot be made: " + error.message());
    }
    base::write_file_atomically((fs::path(folder) / kOutcomeFile).string(),
                                json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n');
}

std::optional<Outcome> read_outcome(const std::string& folder, const std::string& key) {
    std::ifstream file(fs::path(folder) / kOutcomeFile, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    try {
        const Json json = results::json_of(text, folder);
        if (json.at("schema") != kOutcomeSchema || json.at("key") != key ||
            json.at("content_sha256") != stats::content_sha256_of(json)) {
            return std::nullopt;
        }
        Outcome outcome;
        outcome.key = key;
        outcome.is_done = json.at("status") == "done";
        outcome.error = json.at("error").get<std::string>();
        outcome.result_sha256 = json.at("result_sha256").get<std::string>();
        outcome.metrics = json.at("metrics");
        for (const Json& stage : outcome.metrics) {
            for (const Json& value : stage) {
                static_cast<void>(value.get<double>());
            }
        }
        outcome.wall_seconds = json.at("wall").at("seconds").get<double>();
        outcome.peak_rss_bytes = json.at("wall").at("peak_rss_bytes").get<std::uint64_t>();
        if (outcome.is_done &&
            !is_result(fs::path(folder) / "result.json", outcome.result_sha256)) {
            return std::nullopt;
        }
        return outcome;
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const base::InputError&) {
        return std::nullopt;
    }
}

}  // namespace skipsim::sweep
