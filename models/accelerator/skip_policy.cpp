// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/skip_policy.h"

#include <algorithm>
#include <array>

#include "sim/base/check.h"

namespace skipsim::accelerator {
namespace {

using reduction::Selection;
using reduction::TrainingStage;

bool more_zeros(const ZeroFraction& left, const ZeroFraction& right) {
    // zeros / elements compared by cross-multiplication; both fit 32 bits or little more.
    __extension__ using Wide = unsigned __int128;
    return Wide{left.zeros} * right.elements > Wide{right.zeros} * left.elements;
}

Selection densest_pair(TrainingStage stage, const RoleZeros& zeros) {
    Selection all{true, true, stage != TrainingStage::feed_forward};
    if (!all.output) {
        return all;
    }
    // Drop the role with the fewest zeros; among equals the last of input, weight, output.
    const std::array<const ZeroFraction*, 3> order{&zeros.input, &zeros.weight, &zeros.output};
    std::size_t fewest = 2;
    for (std::size_t role = 2; role-- > 0;) {
        if (more_zeros(*order[fewest], *order[role])) {
            fewest = role;
        }
    }
    (fewest == 0 ? all.input : fewest == 1 ? all.weight : all.output) = false;
    return all;
}

}  // namespace

Selection select_roles(std::string_view mode, TrainingStage stage, const RoleZeros& zeros) {
    if (mode == "adaptive") {
        return densest_pair(stage, zeros);
    }
    Selection selection;
    while (mode != "dense" && !mode.empty()) {
        const std::size_t end = std::min(mode.find('+'), mode.size());
        const std::string_view role = mode.substr(0, end);
        mode.remove_prefix(std::min(end + 1, mode.size()));
        base::require(role == "input" || role == "weight" || role == "output",
                      "skip_policy: unknown skip mode");
        selection.input |= role == "input";
        selection.weight |= role == "weight";
        selection.output |= role == "output" && stage != TrainingStage::feed_forward;
    }
    return selection;
}

std::string selection_name(const Selection& selection) {
    std::string name;
    const auto add = [&name](bool selected, const char* role) {
        if (selected) {
            name += (name.empty() ? "" : "+") + std::string(role);
        }
    };
    add(selection.input, "input");
    add(selection.weight, "weight");
    add(selection.output, "output");
    return name.empty() ? "dense" : name;
}

std::vector<std::string> pattern_names(const Selection& selection, TrainingStage stage) {
    constexpr std::array<std::array<const char*, 3>, 3> kNames{
        {{"x", "mask_w", ""}, {"dy", "mask_w", "dx_needed"}, {"x", "dy", "weight_keep"}}};
    const auto& names = kNames[static_cast<std::size_t>(stage)];
    std::vector<std::string> used;
    if (selection.input) {
        used.emplace_back(names[0]);
    }
    if (selection.weight) {
        used.emplace_back(names[1]);
    }
    if (selection.output) {
        used.emplace_back(names[2]);
    }
    return used;
}

}  // namespace skipsim::accelerator
