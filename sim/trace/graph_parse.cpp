// SPDX-License-Identifier: Apache-2.0
// Reads the JSON text of a graph and checks it against traces/FORMAT.md.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/trace/kinds.h"

namespace skipsim::trace {
namespace {

using Json = nlohmann::json;
using std::to_string;

constexpr int kDepthLimit = 8;
constexpr std::size_t kAxesLimit = 8;
constexpr std::uint32_t kAttributeLimit = 1U << 16U;  // stride, padding, groups…
constexpr std::size_t kLinesLimit = 200;

std::string shown(const Json& value) {
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() <= 60 ? text : text.substr(0, 60) + "…";
}

bool is_extra(const std::string& key) {
    return key.rfind("extra_", 0) == 0;
}

/// Refuses repeated keys and deep nesting while nlohmann::json parses.
class JsonGuard {
public:
    explicit JsonGuard(std::string place) : place_(std::move(place)) {}

    bool operator()(int depth, Json::parse_event_t event, Json& value) {
        if (depth > kDepthLimit) {
            throw base::InputError(place_ + ": expected at most " + to_string(kDepthLimit) +
                                   " levels of nesting, found more");
        }
        if (event == Json::parse_event_t::object_start) {
            keys_.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            keys_.pop_back();
        } else if (event == Json::parse_event_t::key &&
                   !keys_.back().insert(value.get<std::string>()).second) {
            throw base::InputError(place_ + ": expected each key once, found " + shown(value) +
                                   " twice");
        }
        return true;
    }

private:
    std::string place_;
    std::vector<std::set<std::string>> keys_;
};

class GraphParser {
public:
    explicit GraphParser(std::string place) : place_(std::move(place)) {}

    Graph parse(const Json& json) {
        if (!json.is_object()) {
            problem("", "expected a JSON object, found " + shown(json));
            throw_if_problems();
        }
        known_keys(json, "", {"inputs", "loss", "tensors", "parameters", "operators"});
        named_shapes(json, "tensors", true, graph_.tensors, graph_.tensor_index);
        named_shapes(json, "parameters", false, graph_.parameters, graph_.parameter_index);
        throw_if_problems();
        graph_.inputs = tensor_list(json, "", "inputs");
        const Json* operators = list(json, "", "operators");
        for (std::size_t i = 0; operators != nullptr && i < operators->size(); ++i) {
            add_operator((*operators)[i], "operators[" + to_string(i) + "]");
        }
        check_loss(json);
        throw_if_problems();
        check_order();
        throw_if_problems();
        check_shapes();
        throw_if_problems();
        return std::move(graph_);
    }

private:
    void problem(const std::string& where, const std::string& what) {
        if (lines_.size() < kLinesLimit) {
            lines_.push_back(place_ + ": " + (where.empty() ? "" : where + ": ") + what);
        }
    }

    void throw_if_problems() const {
        if (!lines_.empty()) {
            throw base::InputError(lines_);
        }
    }

    void known_keys(const Json& object, const std::string& where,
                    const std::vector<std::string>& known) {
        for (const auto& item : object.items()) {
            const std::string& key = item.key();
            if (!is_extra(key) && std::find(known.begin(), known.end(), key) == known.end()) {
                const std::string near = base::nearest_name(key, known);
                problem(where, "unknown key " + shown(key) +
                                   (near.empty() ? "" : "; did you mean " + near + "?"));
            }
        }
    }

    /// The list at `key`; an absent one is a problem unless `is_optional`.
    const Json* list(const Json& object, const std::string& where, const std::string& key,
                     bool is_optional = false) {
        const auto found = object.find(key);
        if (found == object.end()) {
            if (!is_optional) {
                problem(where, key + ": missing; expected a list");
            }
            return nullptr;
        }
        if (!found->is_array()) {
            problem(where, key + ": expected a list, found " + shown(*found));
            return nullptr;
        }
        return &*found;
    }

    std::string name_of(const Json& object, const std::string& where) {
        const auto found = object.find("name");
        if (found == object.end() || !found->is_string() ||
            !is_valid_name(found->get_ref<const std::string&>())) {
            problem(where, "name: expected 1 to " + to_string(kNameLimit) +
                               " characters of A-Z a-z 0-9 _ . - : that do not start with a dot, "
                               "found " +
                               (found == object.end() ? "nothing" : shown(*found)));
            return "";
        }
        return found->get<std::string>();
    }

    Shape shape_of(const Json& object, const std::string& where) {
        const Json* axes = list(object, where, "shape");
        Shape shape;
        std::uint64_t elements = 1;
        for (std::size_t i = 0; axes != nullptr && i < axes->size() && i < kAxesLimit; ++i) {
            const Json& axis = (*axes)[i];
            const bool is_good = axis.is_number_unsigned() && axis.get<std::uint64_t>() >= 1 &&
                                 axis.get<std::uint64_t>() <= kElementsLimit / elements;
            shape.push_back(is_good ? axis.get<std::uint64_t>() : 1);
            elements *= shape.back();
            if (!is_good) {
                problem(where, "shape: expected whole numbers >= 1 with a product <= " +
                                   to_string(kElementsLimit) + ", found " + shown(*axes));
                return {1};
            }
        }
        if (axes != nullptr && (axes->empty() || axes->size() > kAxesLimit)) {
            problem(where, "shape: expected 1 to " + to_string(kAxesLimit) + " axes, found " +
                               to_string(axes->size()));
        }
        return shape.empty() ? Shape{1} : shape;
    }

    void named_shapes(const Json& json, const std::string& key, bool is_required,
                      std::vector<NamedShape>& all,
                      std::unordered_map<std::string, std::uint32_t>& index) {
        const Json* items = list(json, "", key, !is_required);
        for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
            const std::string where = key + "[" + to_string(i) + "]";
            const Json& item = (*items)[i];
            if (!item.is_object()) {
                problem(where, "expected an object, found " + shown(item));
                continue;
            }
            known_keys(item, where, {"name", "shape"});
            NamedShape next{name_of(item, where), shape_of(item, where)};
            if (!index.emplace(next.name, static_cast<std::uint32_t>(all.size())).second) {
                problem(where, "expected each name once, found \"" + next.name + "\" twice");
            }
            all.push_back(std::move(next));
        }
    }

    std::optional<std::uint32_t> look_up(
        const Json& name, const std::string& where, const std::string& what,
        const std::unordered_map<std::string, std::uint32_t>& index) {
        if (!name.is_string()) {
            problem(where, "expected the name of a " + what + ", found " + shown(name));
            return std::nullopt;
        }
        const auto found = index.find(name.get<std::string>());
        if (found != index.end()) {
            return found->second;
        }
        std::vector<std::string> names;
        for (const auto& entry : index) {
            names.push_back(entry.first);
        }
        std::sort(names.begin(), names.end());
        const std::string near = base::nearest_name(name.get<std::string>(), names);
        problem(where, "expected the name of a " + what + ", found " + shown(name) +
                           (near.empty() ? "" : "; did you mean " + near + "?"));
        return std::nullopt;
    }

    std::vector<std::uint32_t> tensor_list(const Json& object, const std::string& where,
                                           const std::string& key) {
        std::vector<std::uint32_t> indices;
        const Json* names = list(object, where, key);
        for (std::size_t i = 0; names != nullptr && i < names->size(); ++i) {
            const std::string at = (where.empty() ? "" : where + ".") + key;
            if (const auto index = look_up((*names)[i], at, "tensor", graph_.tensor_index)) {
                indices.push_back(*index);
            }
        }
        return indices;
    }

    void add_operator(const Json& json, const std::string& numbered) {
        if (!json.is_object()) {
            problem(numbered, "expected an object, found " + shown(json));
            return;
        }
        Operator op;
        op.name = name_of(json, numbered);
        const std::string where = numbered + (op.name.empty() ? "" : " \"" + op.name + "\"");
        known_keys(
            json, where,
            {"name", "kind", "inputs", "outputs", "parameters", "attributes", "input_gradient"});
        const auto kind_text = json.find("kind");
        const auto kind = kind_text != json.end() && kind_text->is_string()
                              ? kind_of(kind_text->get<std::string>())
                              : std::nullopt;
        if (!kind) {
            unknown_kind(where, kind_text == json.end() ? Json() : *kind_text);
            return;
        }
        op.kind = *kind;
        op.inputs = tensor_list(json, where, "inputs");
        op.outputs = tensor_list(json, where, "outputs");
        read_parameters(json, where, op);
        read_attributes(json, where, op);
        if (const auto flag = json.find("input_gradient"); flag != json.end()) {
            if (!flag->is_boolean()) {
                problem(where, "input_gradient: expected true or false, found " + shown(*flag));
            } else {
                op.input_gradient = flag->get<bool>();
            }
        }
        const auto index = static_cast<std::uint32_t>(graph_.operators.size());
        if (!graph_.operator_index.emplace(op.name, index).second) {
            problem(where, "expected each name once, found \"" + op.name + "\" twice");
        }
        graph_.operators.push_back(std::move(op));
    }

    void unknown_kind(const std::string& where, const Json& found) {
        const std::string near =
            found.is_string() ? base::nearest_name(found.get<std::string>(), kind_names()) : "";
        problem(where, "kind: expected a supported operator kind, found " +
                           (found.is_null() ? "nothing" : shown(found)) +
                           (near.empty() ? "" : "; did you mean " + near + "?"));
    }

    void read_parameters(const Json& json, const std::string& where, Operator& op) {
        const KindFacts& facts = kind_facts(op.kind);
        const auto roles = json.find("parameters");
        if (roles != json.end() && !roles->is_object()) {
            problem(where, "parameters: expected an object, found " + shown(*roles));
        } else if (roles != json.end()) {
            known_keys(*roles, where + ".parameters", facts.roles);
            for (const auto& item : roles->items()) {
                const auto index = look_up(item.value(), where + ".parameters." + item.key(),
                                           "parameter", graph_.parameter_index);
                if (index) {
                    op.parameters[item.key()] = *index;
                }
            }
        }
        for (const std::string& role : facts.required_roles) {
            if (op.parameters.count(role) == 0) {
                problem(where, "parameters: expected a " + role + ", found none");
            }
        }
    }

    void read_attributes(const Json& json, const std::string& where, Operator& op) {
        const KindFacts& facts = kind_facts(op.kind);
        static const Json kNone = Json::object();
        const auto given = json.find("attributes");
        const Json& attributes = given == json.end() ? kNone : *given;
        if (!attributes.is_object()) {
            problem(where, "attributes: expected an object, found " + shown(attributes));
            return;
        }
        known_keys(attributes, where + ".attributes", facts.attributes);
        for (const std::string& name : facts.required_attributes) {
            if (attributes.find(name) == attributes.end()) {
                problem(where, "attributes: expected " + name + ", found none");
            }
        }
        for (const auto& item : attributes.items()) {
            const auto& known = facts.attributes;
            if (std::find(known.begin(), known.end(), item.key()) != known.end()) {
                read_attribute(item.key(), item.value(), where + ".attributes." + item.key(), op);
            }
        }
        const bool is_pooling =
            op.kind == OperatorKind::kMaxPool2d || op.kind == OperatorKind::kAvgPool2d;
        if (is_pooling && attributes.find("stride") == attributes.end()) {
            op.stride = op.kernel;
        }
    }

    std::uint32_t whole(const Json& value, std::uint32_t lowest, const std::string& where) {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() < lowest ||
            value.get<std::uint64_t>() > kAttributeLimit) {
            problem(where, "expected a whole number in " + to_string(lowest) + ".." +
                               to_string(kAttributeLimit) + ", found " + shown(value));
            return lowest;
        }
        return value.get<std::uint32_t>();
    }

    void read_attribute(const std::string& name, const Json& value, const std::string& where,
                        Operator& op) {
        if (Pair* pair = pair_attribute(op, name)) {
            if (!value.is_array() || value.size() != 2) {
                problem(where, "expected [vertical, horizontal], found " + shown(value));
                return;
            }
            const std::uint32_t lowest = name == "padding" ? 0 : 1;
            *pair = {whole(value[0], lowest, where), whole(value[1], lowest, where)};
        } else if (name == "groups") {
            op.groups = whole(value, 1, where);
        } else if (name == "axis") {
            op.axis = whole(value, 0, where);
        } else if (name == "ceil_mode") {
            const Json number = value.is_boolean() ? Json(value.get<bool>() ? 1U : 0U) : value;
            op.ceil_mode = whole(number, 0, where) != 0;
        } else if (name == "axes") {
            read_axes(value, where, op);
        } else if (!value.is_number() && !value.is_boolean()) {
            problem(where, "expected a number, found " + shown(value));
        } else {
            const double number =
                value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>();
            op.numbers[name] = number;
            if (!std::isfinite(number)) {
                problem(where, "expected a finite number, found " + shown(value));
            }
        }
    }

    void read_axes(const Json& value, const std::string& where, Operator& op) {
        if (!value.is_array() || value.size() > kAxesLimit) {
            problem(where, "expected a list of axes, found " + shown(value));
            return;
        }
        for (const Json& axis : value) {
            op.axes.push_back(whole(axis, 0, where));
        }
    }

    void check_loss(const Json& json) {
        const auto loss = json.find("loss");
        if (loss != json.end() && !loss->is_null()) {
            graph_.loss = look_up(*loss, "loss", "operator", graph_.operator_index);
        }
    }

    void check_counts(const Operator& op) {
        const KindFacts& facts = kind_facts(op.kind);
        const auto check = [&](const char* what, std::size_t lowest, std::size_t highest,
                               std::size_t found) {
            if (found < lowest || found > highest) {
                problem("operator \"" + op.name + "\"", facts.name + ": expected " +
                                                            to_string(lowest) +
                                                            (highest > lowest ? " or more " : " ") +
                                                            what + ", found " + to_string(found));
            }
        };
        check("inputs", facts.inputs_lowest, facts.inputs_highest, op.inputs.size());
        check("outputs", facts.outputs_lowest, facts.outputs_highest, op.outputs.size());
    }

    void check_order() {
        std::vector<bool> is_known(graph_.tensors.size(), false);
        for (const std::uint32_t input : graph_.inputs) {
            if (is_known[input]) {
                problem("inputs", "expected each tensor once, found \"" +
                                      graph_.tensors[input].name + "\" twice");
            }
            is_known[input] = true;
        }
        for (const Operator& op : graph_.operators) {
            const std::string where = "operator \"" + op.name + "\"";
            check_counts(op);
            for (const std::uint32_t input : op.inputs) {
                if (!is_known[input]) {
                    problem(where, "expected inputs that earlier operators wrote, found \"" +
                                       graph_.tensors[input].name + "\"");
                }
            }
            for (const std::uint32_t output : op.outputs) {
                if (is_known[output]) {
                    problem(where,
                            "expected each tensor to be written once and no network input "
                            "to be written, found \"" +
                                graph_.tensors[output].name + "\"");
                }
                is_known[output] = true;
            }
        }
        for (std::size_t i = 0; i < is_known.size(); ++i) {
            if (!is_known[i]) {
                problem("tensors", "expected \"" + graph_.tensors[i].name +
                                       "\" to be written by an operator or to stand in inputs");
            }
        }
    }

    void check_shapes() {
        for (const Operator& op : graph_.operators) {
            for (const std::string& line : shape_problems(graph_, op)) {
                problem("operator \"" + op.name + "\"", kind_facts(op.kind).name + ": " + line);
            }
        }
    }

    std::string place_;
    Graph graph_;
    std::vector<std::string> lines_;
};

}  // namespace

Graph parse_graph(std::string_view json_text, const std::string& place) {
    if (json_text.size() > kGraphBytesLimit) {
        throw base::InputError(place + ": expected at most " + to_string(kGraphBytesLimit) +
                               " bytes, found " + to_string(json_text.size()));
    }
    Json json;
    try {
        json = Json::parse(json_text.begin(), json_text.end(), JsonGuard(place));
    } catch (const Json::exception& error) {
        throw base::InputError(place + ": expected JSON, found: " + error.what());
    }
    return GraphParser(place).parse(json);
}

}  // namespace skipsim::trace
