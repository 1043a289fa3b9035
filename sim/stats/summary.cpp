// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/summary.h"

#include "sim/stats/text_table.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOffChip = "dram";  ///< component that is not part of the chip

double number(const Json& value) {
    return value.is_null() ? 0.0 : value.get<double>();
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
    }

    [[nodiscard]] std::string header() const {
        const Json& chip = document_["config"];
        TextTable table;
        table.add_row({"skipsim", text(document_["skipsim"]["version"]) + ", engine " +
                                      text(document_["engine"])});
        table.add_row(
            {"chip", text(chip["name"]) + ": " +
                         with_commas(document_["processing_elements"].get<std::uint64_t>()) +
                         " processing elements (" + chip["accelerator"]["clusters"].dump() +
                         " clusters x " + chip["accelerator"]["cores_per_cluster"].dump() +
                         " cores x " + chip["core"]["rows"].dump() + " x " +
                         chip["core"]["columns"].dump() + "), " +
                         chip["clocks"]["core_mhz"].dump() + " MHz, " +
                         text(chip["core"]["operand_format"])});
        if (!document_["ideal"].empty()) {
            table.add_row({"", "ideal delivery: unlimited " + joined(document_["ideal"])});
        }
        for (const Json& trace : document_["trace"]) {
            table.add_row({"trace", text(trace["path"]) + ": " + text(trace["network"]) + " on " +
                                        text(trace["dataset"]) + ", iterations " +
                                        joined(trace["iterations"])});
        }
        table.add_row({"energy", text(document_["energy_table"]["name"])});
        return table.text(2);
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
                           interval(metrics["energy_pj"], energy_text)});
        }
        const std::string text = table.text(3);
        return text.empty() ? "" : "estimates (95 % interval over the sampled iterations)\n" + text;
    }

    [[nodiscard]] std::string notes() const {
        TextTable table;
        const auto guesses =
            std::count_if(document_["assumptions"].begin(), document_["assumptions"].end(),
                          [](const Json& note) { return note["status"] == "assumption"; });
        if (guesses > 0) {
            table.add_row({"assumptions", std::to_string(guesses) +
                                              " values of this chip are assumptions: `skipsim "
                                              "config show` lists them with their reasons"});
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

    static std::string text(const Json& value) { return value.get<std::string>(); }

    static double pe_total(const Json& totals) {
        double sum = 0.0;
        for (const Json& cycles : totals["pe_cycles"]) {
            sum += number(cycles);
        }
        return sum;
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
        add_line(table, "time", [](const Json& t) { return time_text(number(t["time_s"])); });
        add_line(table, "speed-up over dense", speed_up);
        add_line(table, "  bound: dense / effectual MACs", bound);
        add_line(table, "MACs dense", [&](const Json& t) { return count(t["macs"]["dense"]); });
        add_line(table, "MACs effectual",
                 [&](const Json& t) { return count(t["macs"]["effectual"]); });
        add_line(table, "MACs issued", [&](const Json& t) { return count(t["macs"]["issued"]); });
        add_line(table, "memory bytes", [&](const Json& t) { return count(t["dram_bytes"]); });
    }

    void add_energy(TextTable& table) const {
        add_line(table, "energy",
                 [](const Json& t) { return energy_text(number(t["energy_pj"])); });
        add_line(table, "  on the chip", [](const Json& t) {
            return energy_text(number(t["energy_pj"]) -
                               number(t["energy_pj_by_component"][kOffChip]));
        });
        const auto add_component = [&](const std::string& label, const std::string& component) {
            if (number(document_["totals"]["energy_pj_by_component"][component]) > 0.0) {
                add_line(table, label, [&component](const Json& t) {
                    return energy_text(number(t["energy_pj_by_component"][component]));
                });
            }
        };
        for (const auto& [component, total] :
             document_["totals"]["energy_pj_by_component"].items()) {
            if (component != kOffChip) {
                add_component("    " + component, component);
            }
        }
        add_component("  off the chip: " + std::string(kOffChip), kOffChip);
        add_line(table, "  low end of the table",
                 [](const Json& t) { return energy_text(number(t["energy_pj_low"])); });
        add_line(table, "  high end of the table",
                 [](const Json& t) { return energy_text(number(t["energy_pj_high"])); });
        add_line(table, "power [mW]",
                 [](const Json& t) { return fixed(number(t["power_mw"]), 2); });
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
