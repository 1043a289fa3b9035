// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/summary.h"

#include "sim/stats/energy.h"
#include "sim/stats/regret.h"
#include "sim/stats/text_table.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& value) {
    return value.is_null() ? 0.0 : value.get<double>();
}

/// 1 -> "1 core", 2 -> "2 cores"
std::string counted(std::uint64_t number, const std::string& noun) {
    return with_commas(number) + ' ' + noun + (number == 1 ? "" : "s");
}

/// Values of the configuration, the texts left out, that have no entry among the assumptions.
std::uint64_t values_without_note(const Json& document) {
    std::set<std::string> known{"name", "description", "energy.table"};
    for (const Json& note : document["assumptions"]) {
        known.insert(note["key"].get<std::string>());
    }
    const std::function<std::uint64_t(const Json&, const std::string&)> count =
        [&](const Json& section, const std::string& prefix) {
            std::uint64_t found = 0;
            for (const auto& [key, value] : section.items()) {
                found += value.is_object() ? count(value, prefix + key + '.')
                                           : 1 - known.count(prefix + key);
            }
            return found;
        };
    return count(document["config"], "");
}

/// -1234 -> "-1,234"
std::string with_sign(std::int64_t value) {
    return value < 0 ? '-' + with_commas(static_cast<std::uint64_t>(-value))
                     : with_commas(static_cast<std::uint64_t>(value));
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& item : list) {
        text +=
            (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
    }
    return text;
}

class Summary {
public:
    explicit Summary(const Json& document) : document_(document) {
        for (const auto& [stage, totals] : document["totals_by_stage"].items()) {
            if (totals["rows"].get<std::uint64_t>() > 0) {
                stages_.push_back(stage);
            }
        }
        for (const Json& row : document["layers"]) {
            if (is_of_vector_unit(row)) {
                vector_cycles_[text(row["stage"])] += row["cycles"].get<std::uint64_t>();
            }
        }
    }

    [[nodiscard]] std::string header() const {
        const Json& chip = document_["config"];
        TextTable table;
        table.add_row({"skipsim", text(document_["skipsim"]["version"]) + ", engine " +
                                      text(document_["engine"])});
        table.add_row(
            {"chip",
             text(chip["name"]) + ": " +
                 with_commas(document_["processing_elements"].get<std::uint64_t>()) +
                 " processing elements (" +
                 counted(chip["accelerator"]["clusters"].get<std::uint64_t>(), "cluster") + " x " +
                 counted(chip["accelerator"]["cores_per_cluster"].get<std::uint64_t>(), "core") +
                 " x " + chip["core"]["rows"].dump() + " x " + chip["core"]["columns"].dump() +
                 "), " + chip["clocks"]["core_mhz"].dump() + " MHz, " +
                 text(chip["core"]["operand_format"])});
        if (!document_["ideal"].empty()) {
            table.add_row({"", "ideal delivery: unlimited " + joined(document_["ideal"])});
        }
        for (const Json& trace : document_["trace"]) {
            table.add_row({"trace", text(trace["path"]) + ": " + text(trace["network"]) + " on " +
                                        text(trace["dataset"]) + ", iterations " +
                                        joined(trace["iterations"])});
        }
        if (document_.contains("values")) {
            table.add_row({"values", values()});
        }
        table.add_row({"energy", text(document_["energy_table"]["name"])});
        table.add_row({"sums", "cycles, time and energy are sums over " + batches()});
        return table.text(2);
    }

    /// What --check found.
    [[nodiscard]] std::string values() const {
        const Json& found = document_["values"];
        const auto count = [&](const char* name) {
            return with_commas(found[name].get<std::uint64_t>());
        };
        const std::uint64_t wrong = found["wrong_values"].get<std::uint64_t>() +
                                    found["missing"].get<std::uint64_t>() +
                                    found["not_left_out"].get<std::uint64_t>();
        return count("compared") + " compared with oneDNN (" + count("exact") +
               " of them exactly), " + count("left_out") + " left out as they may be: " +
               (wrong == 0 ? "all right" : with_commas(wrong) + " WRONG");
    }

    [[nodiscard]] std::string stage_table() const {
        TextTable table;
        std::vector<std::string> head{""};
        head.insert(head.end(), stages_.begin(), stages_.end());
        head.emplace_back("total");
        table.add_row(head);
        add_counts(table);
        table.add_empty_row();
        add_energy(table);
        table.add_empty_row();
        add_pe_cycles(table);
        return table.text();
    }

    [[nodiscard]] std::string layer_table() const {
        TextTable table;
        table.add_row({"layer", "stage", "skip", "iteration", "cycles", "speed-up", "bound",
                       "issued", "mac", "energy"});
        for (const Json& row : document_["layers"]) {
            table.add_row({text(row["layer"]), text(row["stage"]), text(row["skip"]),
                           row["iteration"].dump(), with_commas(row["cycles"].get<std::uint64_t>()),
                           speed_up(row), bound(row),
                           percent(number(row["macs"]["issued"]), number(row["macs"]["dense"])),
                           percent(number(row["pe_cycles"]["mac"]), pe_total(row)),
                           energy_text(number(row["energy_pj"]))});
        }
        return table.text(3);
    }

    [[nodiscard]] std::string estimates() const {
        TextTable table;
        for (const auto& [scope, metrics] : document_["estimates"].items()) {
            table.add_row({"one " + scope, interval(metrics["time_s"], time_text),
                           interval(metrics["energy_pj"], energy_text),
                           "on the chip " + interval(metrics["energy_pj_on_chip"], energy_text)});
        }
        const std::string text = table.text(3);
        return text.empty()
                   ? ""
                   : "estimates (95 % interval over the sampled iterations; other epochs are "
                     "taken to be like\nthe sampled ones: their drift is not in the interval)\n" +
                         text;
    }

    [[nodiscard]] std::string notes() const {
        TextTable table;
        const auto guesses =
            std::count_if(document_["assumptions"].begin(), document_["assumptions"].end(),
                          [](const Json& note) { return note["status"] == "assumption"; });
        const std::uint64_t unexplained = values_without_note(document_);
        if (guesses > 0 || unexplained > 0) {
            table.add_row({"assumptions",
                           counted(static_cast<std::uint64_t>(guesses), "value") +
                               (guesses == 1 ? " is an assumption, " : " are assumptions, ") +
                               with_commas(unexplained) + (unexplained == 1 ? " has" : " have") +
                               " no note of origin: `assumptions` in result.json holds the notes"});
        }
        if (!document_["not_modelled"].empty()) {
            table.add_row({"not modelled", joined(document_["not_modelled"]) + " (cost nothing)"});
        }
        for (const Json& warning : document_["warnings"]) {
            table.add_row({"warning", text(warning)});
        }
        return table.text(2);
    }

private:
    using Cell = std::function<std::string(const Json& totals)>;

    static bool is_of_vector_unit(const Json& row) {
        return row["stage"] == "WU" || (row["kind"] != "conv2d" && row["kind"] != "linear");
    }

    static std::string text(const Json& value) { return value.get<std::string>(); }

    /// "4 iterations of 64 samples"
    [[nodiscard]] std::string batches() const {
        std::uint64_t iterations = 0;
        for (const Json& trace : document_["trace"]) {
            iterations += trace["iterations"].size();
        }
        std::set<std::uint64_t> samples;
        for (const Json& row : document_["layers"]) {
            samples.insert(row["samples"]["total"].get<std::uint64_t>());
        }
        const std::string range =
            samples.size() > 1 ? with_commas(*samples.begin()) + " to " : std::string();
        return counted(iterations, "iteration") + " of " + range +
               (samples.empty() ? "no samples" : counted(*samples.rbegin(), "sample"));
    }

    static double pe_total(const Json& totals) {
        double sum = 0.0;
        for (const Json& cycles : totals["pe_cycles"]) {
            sum += number(cycles);
        }
        return sum;
    }

    static double power_on_chip_mw(const Json& totals) {
        const double time_s = number(totals["time_s"]);
        constexpr double kMilliwattsPerPicojouleEachSecond = 1e-9;
        return time_s > 0.0 ? number(totals["energy_pj_on_chip"]) *
                                  kMilliwattsPerPicojouleEachSecond / time_s
                            : 0.0;
    }

    static std::string speed_up(const Json& totals) {
        return totals["dense_cycles"].is_null()
                   ? "n/a"
                   : ratio(number(totals["dense_cycles"]), number(totals["cycles"]));
    }

    static std::string bound(const Json& totals) {
        return ratio(number(totals["macs"]["dense"]), number(totals["macs"]["effectual"]));
    }

    static std::string interval(const Json& metric, std::string (*as_text)(double)) {
        return as_text(number(metric["value"])) + " (" + as_text(number(metric["low"])) + " .. " +
               as_text(number(metric["high"])) + ")";
    }

    void add_line(TextTable& table, const std::string& title, const Cell& cell) const {
        std::vector<std::string> line{title};
        for (const std::string& stage : stages_) {
            line.push_back(cell(document_["totals_by_stage"][stage]));
        }
        line.push_back(cell(document_["totals"]));
        table.add_row(line);
    }

    void add_counts(TextTable& table) const {
        const auto count = [](const Json& value) {
            return with_commas(value.get<std::uint64_t>());
        };
        add_line(table, "cycles", [&](const Json& t) { return count(t["cycles"]); });
        add_vector_cycles(table);
        add_line(table, "time", [](const Json& t) { return time_text(number(t["time_s"])); });
        add_line(table, "speed-up over dense", speed_up);
        add_line(table, "  bound: dense / effectual MACs", bound);
        add_line(table, "MACs dense", [&](const Json& t) { return count(t["macs"]["dense"]); });
        add_line(table, "MACs effectual",
                 [&](const Json& t) { return count(t["macs"]["effectual"]); });
        add_line(table, "MACs issued", [&](const Json& t) { return count(t["macs"]["issued"]); });
        add_line(table, "memory bytes", [&](const Json& t) { return count(t["dram_bytes"]); });
        if (number(document_["totals"]["actions"]["aggregation.add"]) > 0.0) {
            add_line(table, "partial sums added",
                     [&](const Json& t) { return count(t["actions"]["aggregation.add"]); });
        }
        add_regret(table);
    }

    /// What `adaptive` lost, if rows were simulated with the other modes too.
    void add_regret(TextTable& table) const {
        std::vector<std::string> by_row{"cycles over the best mode of each row"};
        std::vector<std::string> by_stage{"  over the stage's best fixed mode"};
        std::vector<std::string> best{"  that mode"};
        StageRegret total;
        bool is_known = false;
        for (const std::string& stage : stages_) {
            const std::optional<StageRegret> regret = regret_of_stage(document_, stage);
            is_known = is_known || regret.has_value();
            by_row.push_back(regret ? with_sign(regret->over_rows) : "n/a");
            by_stage.push_back(regret ? with_sign(regret->over_stage) : "n/a");
            best.push_back(regret ? regret->best_mode : "n/a");
            total.over_rows += regret ? regret->over_rows : 0;
            total.over_stage += regret ? regret->over_stage : 0;
        }
        if (is_known) {
            by_row.push_back(with_sign(total.over_rows));
            by_stage.push_back(with_sign(total.over_stage));
            for (const auto& line : {by_row, by_stage, best}) {
                table.add_row(line);
            }
        }
    }

    /// Nothing if the unit did nothing.
    void add_vector_cycles(TextTable& table) const {
        std::vector<std::string> line{"  of the vector unit"};
        std::uint64_t sum = 0;
        for (const std::string& stage : stages_) {
            const auto found = vector_cycles_.find(stage);
            const std::uint64_t cycles = found == vector_cycles_.end() ? 0 : found->second;
            line.push_back(with_commas(cycles));
            sum += cycles;
        }
        line.push_back(with_commas(sum));
        if (sum > 0) {
            table.add_row(line);
        }
    }

    void add_energy(TextTable& table) const {
        add_line(table, "energy",
                 [](const Json& t) { return energy_text(number(t["energy_pj"])); });
        add_line(table, "  on the chip",
                 [](const Json& t) { return energy_text(number(t["energy_pj_on_chip"])); });
        const auto add_component = [&](const std::string& label, const std::string& component) {
            if (number(document_["totals"]["energy_pj_by_component"][component]) > 0.0) {
                add_line(table, label, [&component](const Json& t) {
                    return energy_text(number(t["energy_pj_by_component"][component]));
                });
            }
        };
        for (const auto& [component, total] :
             document_["totals"]["energy_pj_by_component"].items()) {
            if (component != kOffChipComponent) {
                add_component("    " + component, component);
            }
        }
        const std::string off_chip(kOffChipComponent);
        add_component("  off the chip: " + off_chip, off_chip);
        add_line(table, "  low end of the table",
                 [](const Json& t) { return energy_text(number(t["energy_pj_low"])); });
        add_line(table, "  high end of the table",
                 [](const Json& t) { return energy_text(number(t["energy_pj_high"])); });
        add_line(table, "power, whole [mW]",
                 [](const Json& t) { return fixed(number(t["power_mw"]), 2); });
        add_line(table, "power on the chip [mW]",
                 [](const Json& t) { return fixed(power_on_chip_mw(t), 2); });
    }

    void add_pe_cycles(TextTable& table) const {
        add_line(table, "PE cycles", [](const Json& t) {
            return with_commas(static_cast<std::uint64_t>(pe_total(t)));
        });
        for (const auto& [category, total] : document_["totals"]["pe_cycles"].items()) {
            if (number(total) > 0.0) {
                add_line(table, "  " + category, [&key = category](const Json& t) {
                    return percent(number(t["pe_cycles"][key]), pe_total(t));
                });
            }
        }
    }

    const Json& document_;
    std::vector<std::string> stages_;
    std::map<std::string, std::uint64_t> vector_cycles_;  ///< of each stage
};

}  // namespace

std::string summary_of(const Json& document, const SummaryOptions& options) {
    const Summary summary(document);
    std::string text = summary.header() + '\n' + summary.stage_table();
    if (options.per_layer) {
        text += '\n' + summary.layer_table();
    }
    for (const std::string& part : {summary.estimates(), summary.notes()}) {
        text += part.empty() ? "" : '\n' + part;
    }
    return text;
}

}  // namespace skipsim::stats
