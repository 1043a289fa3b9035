// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/member_checker.h"

#include "sim/base/bits.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {

using std::to_string;

std::vector<std::pair<std::uint32_t, Group>> MemberChecker::named_groups(
    const Group& group, const std::unordered_map<std::string, std::uint32_t>& known,
    const std::string& what) {
    std::vector<std::pair<std::uint32_t, Group>> members;
    for (const std::string& name : check_.group_names(group)) {
        const auto index = known.find(name);
        if (index == known.end()) {
            check_.problem(group.path, "member \"" + name + "\": expected a " + what +
                                           " of the network's graph");
        } else {
            members.emplace_back(index->second, check_.file().open_group(group, name));
        }
    }
    return members;
}

void MemberChecker::check_tensors(const Group& own, const Network& network,
                                  const IterationFacts& facts) {
    const auto group = check_.group(own, "tensors", false);
    if (!group) {
        return;
    }
    const bool has_gradients = network.is_student && facts.phase == Phase::kTrain;
    for (const auto& [index, member] : named_groups(*group, network.graph.tensor_index, "tensor")) {
        const NamedShape& tensor = network.graph.tensors[index];
        check_.guarded([&, &tensor_group = member] {
            check_tensor(tensor_group, tensor, facts.samples, has_gradients);
        });
    }
}

void MemberChecker::check_tensor(const Group& group, const NamedShape& tensor,
                                 std::uint64_t samples, bool has_gradients) {
    check_.known_attributes(group.handle.id(), group.path, {});
    check_.known_members(group,
                         {"nonzero", "gradient_nonzero", "dx_needed", "values", "gradient_values"});
    std::vector<std::uint64_t> values_dims{samples};
    values_dims.insert(values_dims.end(), tensor.shape.begin(), tensor.shape.end());
    const std::vector<std::uint64_t> bits_dims{samples, packed_bytes(tensor.elements())};
    for (const char* name : {"nonzero", "gradient_nonzero", "dx_needed"}) {
        check_.dataset(group, name, Elements::kBits, bits_dims);
    }
    for (const char* name : {"values", "gradient_values"}) {
        check_.dataset(group, name, Elements::kFloat, values_dims);
    }
    for (const char* name : {"gradient_nonzero", "dx_needed", "gradient_values"}) {
        if (!has_gradients && check_.file().member(group, name) != Member::kNone) {
            check_.problem(group.path, std::string("expected no gradients of a teacher or in "
                                                   "phase inference, found ") +
                                           name);
        }
    }
}

void MemberChecker::check_parameters(const Group& own, const Network& network, std::uint64_t number,
                                     std::uint64_t samples) {
    const auto group = check_.group(own, "parameters", false);
    if (!group) {
        return;
    }
    for (const auto& [index, member] :
         named_groups(*group, network.graph.parameter_index, "parameter")) {
        const NamedShape& parameter = network.graph.parameters[index];
        check_.guarded([&, &parameter_group = member] {
            check_parameter(parameter_group, network, parameter, number, samples);
        });
    }
}

void MemberChecker::check_parameter(const Group& group, const Network& network,
                                    const NamedShape& parameter, std::uint64_t number,
                                    std::uint64_t samples) {
    check_.known_attributes(group.handle.id(), group.path, {"same_as_iteration"});
    check_.known_members(group, {"values", "nonzero", "weight_keep", "coarse_keep",
                                 "gradient_absolute_mean", "gradient_samples"});
    std::set<std::uint64_t>& holders = holders_[network.name + "/" + parameter.name];
    const auto same = check_.whole(group.handle.id(), group.path, "same_as_iteration", 0, false);
    if (same) {
        if (*same >= number || holders.count(*same) == 0) {
            check_.problem(group.path,
                           "attribute same_as_iteration: expected an earlier iteration that "
                           "holds this parameter's data itself, found " +
                               to_string(*same));
        }
        if (!check_.file().member_names(group).empty()) {
            check_.problem(group.path, "expected no datasets beside same_as_iteration");
        }
        return;
    }
    holders.insert(number);
    const std::vector<std::uint64_t> bits{packed_bytes(parameter.elements())};
    check_.dataset(group, "values", Elements::kFloat, parameter.shape);
    check_.dataset(group, "nonzero", Elements::kBits, bits);
    check_.dataset(group, "weight_keep", Elements::kBits, bits);
    if (check_.file().member(group, "coarse_keep") != Member::kNone) {
        check_coarse(group, parameter);
    }
    check_sample_gradients(group, samples);
}

void MemberChecker::check_coarse(const Group& group, const NamedShape& parameter) {
    if (check_.file().member(group, "coarse_keep") != Member::kDataset) {
        check_.problem(group.path, "coarse_keep: expected a dataset, found something else");
        return;
    }
    const Handle data = check_.file().open_dataset(group, "coarse_keep");
    const std::string path = group.path + "/coarse_keep";
    check_.known_attributes(data.id(), path, {"coarse_in", "coarse_out"});
    const auto in = check_.whole(data.id(), path, "coarse_in", 1, true);
    const auto out = check_.whole(data.id(), path, "coarse_out", 1, true);
    if (!in || !out) {
        return;
    }
    if (*in > kElementsLimit || *out > kElementsLimit) {
        check_.problem(path, "expected block sizes of at most " + to_string(kElementsLimit));
        return;
    }
    const Shape blocks = coarse_blocks(parameter.shape, *in, *out);
    if (blocks.empty()) {
        check_.problem(path, "expected it only for a weight with 2 or 4 axes, found " +
                                 shape_text(parameter.shape));
        return;
    }
    check_.dataset(group, "coarse_keep", Elements::kBits, {packed_bytes(elements_of(blocks))});
    if (check_.file().member(group, "weight_keep") == Member::kNone) {
        check_.problem(path, "expected a weight_keep beside it, found none");
    }
}

void MemberChecker::check_sample_gradients(const Group& group, std::uint64_t samples) {
    const bool has_mean = check_.file().member(group, "gradient_absolute_mean") != Member::kNone;
    const bool has_samples = check_.file().member(group, "gradient_samples") != Member::kNone;
    if (has_mean != has_samples) {
        check_.problem(group.path,
                       "expected gradient_absolute_mean and gradient_samples together, found "
                       "one of them");
        return;
    }
    const auto chosen = check_.dataset(group, "gradient_samples", Elements::kInteger, {}, samples);
    if (chosen) {
        check_.dataset(group, "gradient_absolute_mean", Elements::kFloat, {chosen->rows()});
    }
}

void MemberChecker::check_pruned(const Group& group, const NamedShape& parameter) {
    check_.known_attributes(group.handle.id(), group.path, {"threshold"});
    check_.known_members(group, {"thresholds", "keep_before", "keep_after"});
    const auto threshold = check_.real(group.handle.id(), group.path, "threshold", false);
    if (threshold && *threshold < 0.0) {
        check_.problem(group.path, "attribute threshold: expected a number >= 0, found " +
                                       to_string(*threshold));
    }
    const bool has_list = check_.file().member(group, "thresholds") != Member::kNone;
    if (has_list && parameter.shape.size() < 2) {
        check_.problem(group.path, "thresholds: expected them only for a weight");
    } else if (has_list) {
        check_.dataset(group, "thresholds", Elements::kFloat, {parameter.shape[1]});
    }
    if (threshold.has_value() && has_list) {
        check_.problem(group.path, "expected threshold or thresholds, found both");
    }
    for (const char* name : {"keep_before", "keep_after"}) {
        check_.dataset(group, name, Elements::kBits, {packed_bytes(parameter.elements())});
        if (check_.file().member(group, name) == Member::kNone) {
            check_.problem(group.path, std::string("expected a dataset ") + name);
        }
    }
}

std::uint64_t packed_bytes(std::uint64_t elements) {
    return base::ceil_divide(elements, 8);
}

Shape coarse_blocks(const Shape& weight, std::uint64_t coarse_in, std::uint64_t coarse_out) {
    if (weight.size() != 2 && weight.size() != 4) {
        return {};
    }
    const std::uint64_t taps_down = weight.size() == 4 ? weight[2] : 1;
    const std::uint64_t taps_across = weight.size() == 4 ? weight[3] : 1;
    return {taps_down, taps_across, base::ceil_divide(weight[1], coarse_in),
            base::ceil_divide(weight[0], coarse_out)};
}

std::string member_path(std::uint64_t iteration, const std::string& network,
                        const std::string& kind, const std::string& name) {
    return "/iterations/" + to_string(iteration) + "/networks/" + network + "/" + kind + "/" + name;
}

}  // namespace skipsim::trace
