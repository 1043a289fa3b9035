// SPDX-License-Identifier: Apache-2.0
#include "sim/results/metrics.h"

#include "sim/stats/statistics.h"

#include <algorithm>

namespace skipsim::results {
namespace {

using Json = nlohmann::ordered_json;

/// Names hold dots of their own below "actions", so only the first one or two of a path divide.
const Json* find(const Json& object, const std::string& name) {
    const auto whole = object.find(name);
    if (whole != object.end()) {
        return &*whole;
    }
    for (std::size_t dot = name.find('.'); dot != std::string::npos;
         dot = name.find('.', dot + 1)) {
        const auto member = object.find(name.substr(0, dot));
        if (member != object.end() && member->is_object()) {
            return find(*member, name.substr(dot + 1));
        }
    }
    return nullptr;
}

std::optional<double> number(const Json& totals, const std::string& name) {
    const Json* found = find(totals, name);
    return found != nullptr && found->is_number() ? std::optional(found->get<double>())
                                                  : std::nullopt;
}

std::optional<double> quotient(std::optional<double> above, std::optional<double> below) {
    return above && below && *below != 0.0 ? std::optional(*above / *below) : std::nullopt;
}

std::optional<double> pe_cycles(const Json& totals) {
    double sum = 0.0;
    for (const Json& cycles : totals.at("pe_cycles")) {
        sum += cycles.get<double>();
    }
    return sum;
}

void collect(const Json& object, const std::string& prefix, std::vector<std::string>& names) {
    for (const auto& [key, value] : object.items()) {
        if (value.is_object()) {
            collect(value, prefix + key + '.', names);
        } else {
            names.push_back(prefix + key);
        }
    }
}

bool starts_with(const std::string& text, const char* start) {
    return text.rfind(start, 0) == 0;
}

}  // namespace

std::optional<double> metric_of(const Json& totals, const std::string& name) {
    if (name == "speedup") {
        return quotient(number(totals, "dense_cycles"), number(totals, "cycles"));
    }
    if (name == "utilisation") {
        return quotient(number(totals, "pe_cycles.mac"), pe_cycles(totals));
    }
    if (name == "energy_delay_pj_s") {
        return number(totals, "energy_pj").value() * number(totals, "time_s").value();
    }
    return number(totals, name);
}

std::vector<std::string> metric_names(const Json& totals) {
    std::vector<std::string> names;
    collect(totals, "", names);
    names.insert(names.end(), {"speedup", "utilisation", "energy_delay_pj_s"});
    return names;
}

std::string unit_of(const std::string& metric) {
    for (const stats::Statistic& statistic : stats::statistics()) {
        if (statistic.name == metric) {
            return std::string(statistic.unit);
        }
    }
    if (starts_with(metric, "pe_cycles.")) {
        return "PE cycles";
    }
    if (starts_with(metric, "energy_pj_by_component.")) {
        return "pJ";
    }
    if (starts_with(metric, "actions.")) {
        return "counts";
    }
    if (metric == "energy_delay_pj_s") {
        return "pJ s";
    }
    return metric == "speedup" ? "x" : metric == "utilisation" ? "share" : "";
}

}  // namespace skipsim::results
