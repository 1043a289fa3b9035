// SPDX-License-Identifier: Apache-2.0
#include "sim/results/document_check.h"

#include "sim/base/check.h"
#include "sim/results/fields.h"
#include "sim/results/problems.h"
#include "sim/results/reprice.h"
#include "sim/results/rows.h"
#include "sim/stats/energy.h"
#include "sim/stats/energy_table.h"
#include "sim/stats/result_document.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace skipsim::results {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kTolerance = 1e-9;  ///< between sums of the same energies in another order

std::string schema_problem(const Json& document) {
    const std::string expected = std::string("\"schema\": \"") + stats::kResultSchema + '"';
    if (!document.is_object() || !document.contains("schema")) {
        return "not a result of skipsim: expected an object with " + expected + ", found " +
               (document.is_object() ? "none with a schema" : shown(document));
    }
    const Json& found = document["schema"];
    if (found == stats::kResultSchema) {
        return "";
    }
    const std::string name = found.is_string() ? found.get<std::string>() : shown(found);
    const std::string family = "skipsim-result/";
    const std::string number = name.rfind(family, 0) == 0 ? name.substr(family.size()) : "";
    const bool is_newer = !number.empty() && number[0] != '0' &&
                          number.find_first_not_of("0123456789") == std::string::npos;
    return name + ": expected " + stats::kResultSchema +
           (is_newer ? "; made by a newer skipsim" : "");
}

std::string operand_format(const Json& document) {
    for (const std::string& format : stats::mac_formats()) {
        const Json::json_pointer place("/config/core/operand_format");
        if (document.contains(place) && document.at(place) == format) {
            return format;
        }
    }
    return stats::mac_formats().front();  // the field itself is a problem already
}

/// Members whose numbers need the energy table, or that are no numbers of the rows.
bool is_left_out(const std::string& key) {
    static constexpr std::array<std::string_view, 4> kKeys{"power_mw", "content_sha256", "wall",
                                                           "skipsim"};
    return key.rfind("energy_", 0) == 0 ||
           std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

/// Adds a problem wherever `found` is not what follows from its rows.
void compare(const Json& expected, const Json& found, const std::string& path, Problems& problems) {
    if (expected.is_object() && found.is_object()) {
        for (const auto& [key, value] : expected.items()) {
            if (is_left_out(key)) {
                continue;
            }
            const auto member = found.find(key);
            compare(value, member == found.end() ? Json() : *member, path + '/' + key, problems);
        }
    } else if (expected.is_array() && found.is_array() && expected.size() == found.size()) {
        for (std::size_t index = 0; index < expected.size(); ++index) {
            compare(expected[index], found[index], path + '/' + std::to_string(index), problems);
        }
    } else if (expected != found) {
        problems.add(path, "expected " + shown(expected) + ", which follows from the rest, found " +
                               shown(found));
    }
}

/// A table in which everything costs nothing.
void make_free(stats::EnergyTable& table) {
    for (const std::string& action : stats::all_action_names()) {
        table.entries.push_back({action, 0.0, "", "", 1.0, 1.0});
    }
    for (stats::EnergyEntry& command : table.dram_commands) {
        command.pj = 0.0;
    }
}

/// Everything but energies, made again from the rows; throws InternalError if the rows break a law.
Json made_again(const Json& document) {
    stats::ResultContext context = context_of(document);
    make_free(context.energy_table);
    stats::RunResult result = run_result_of(document);
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    Json again = stats::result_document(result, context);
    again["memory_file"] = document["memory_file"];
    return again;
}

class EnergyLaws {
public:
    EnergyLaws(const Json& document, Problems& problems)
        : document_(document), problems_(problems) {}

    void check() {
        totals(document_["totals"], "/totals", "");
        for (const auto& [stage, object] : document_["totals_by_stage"].items()) {
            totals(object, "/totals_by_stage/" + stage, stage);
        }
    }

private:
    void totals(const Json& totals, const std::string& path, const std::string& stage) {
        const double pj = totals["energy_pj"].get<double>();
        const double on_chip = totals["energy_pj_on_chip"].get<double>();
        const Json& components = totals["energy_pj_by_component"];
        double parts = 0.0;
        for (const Json& component : components) {
            parts += component.get<double>();
        }
        const double off_chip = components[std::string(stats::kOffChipComponent)].get<double>();
        equal(pj, parts, path + "/energy_pj", "the sum of its components");
        equal(pj, sum_of_rows("energy_pj", stage), path + "/energy_pj", "the sum of its rows");
        equal(on_chip, sum_of_rows("energy_pj_on_chip", stage), path + "/energy_pj_on_chip",
              "the sum of its rows");
        equal(on_chip + off_chip, pj, path + "/energy_pj_on_chip", "the whole with dram");
        if (totals["energy_pj_low"].get<double>() > pj * (1 + kTolerance) ||
            totals["energy_pj_high"].get<double>() < pj * (1 - kTolerance)) {
            problems_.add(path + "/energy_pj", "expected a value within its own band, found " +
                                                   shown(totals["energy_pj"]));
        }
        const double seconds = totals["time_s"].get<double>();
        constexpr double kMilliwattsPerPicojouleAndSecond = 1e-9;
        equal(totals["power_mw"].get<double>() * seconds,
              seconds == 0.0 ? 0.0 : pj * kMilliwattsPerPicojouleAndSecond, path + "/power_mw",
              "the energy over the time");
    }

    [[nodiscard]] double sum_of_rows(const char* key, const std::string& stage) const {
        double sum = 0.0;
        for (const Json& row : document_["layers"]) {
            sum += stage.empty() || row["stage"] == stage ? row[key].get<double>() : 0.0;
        }
        return sum;
    }

    void equal(double found, double expected, const std::string& path, const char* what) {
        const double difference = std::abs(found - expected);
        if (!std::isfinite(difference) || difference > kTolerance * std::max(found, expected)) {
            problems_.add(path, std::string("expected ") + what + ", " + Json(expected).dump() +
                                    ", found " + Json(found).dump());
        }
    }

    const Json& document_;
    Problems& problems_;
};

}  // namespace

std::vector<std::string> problems_of(const Json& document) {
    if (const std::string problem = schema_problem(document); !problem.empty()) {
        return {problem};
    }
    Problems problems(kMostProblems);
    check_shape(document, "", document_fields(operand_format(document)), problems);
    if (!problems.empty()) {
        return problems.lines();
    }
    const std::string checksum = stats::content_sha256_of(document);
    if (document["content_sha256"] != checksum) {
        return {"changed since skipsim wrote it: its content_sha256 is " +
                document["content_sha256"].get<std::string>() + ", its content has " + checksum};
    }
    try {
        compare(made_again(document), document, "", problems);
        EnergyLaws(document, problems).check();
    } catch (const base::InternalError& error) {
        problems.add("/layers", std::string("not what skipsim writes: ") + error.what());
    }
    return problems.lines();
}

}  // namespace skipsim::results
