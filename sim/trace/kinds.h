// SPDX-License-Identifier: Apache-2.0
// The table of operator kinds of traces/FORMAT.md: how many tensors each reads and writes, its
// attributes and its parameters. Private to sim/trace.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/trace/graph.h"

namespace skipsim::trace {

struct KindFacts {
    std::string name;
    std::size_t inputs_lowest = 1;
    std::size_t inputs_highest = 1;
    std::size_t outputs_lowest = 1;
    std::size_t outputs_highest = 1;
    std::vector<std::string> attributes;           ///< every name allowed
    std::vector<std::string> required_attributes;  ///< those without a default
    std::vector<std::string> roles;                ///< parameters allowed
    std::vector<std::string> required_roles;
};

const KindFacts& kind_facts(OperatorKind kind);

/// The member that holds a [vertical, horizontal] attribute, or null if `name` is not one.
Pair* pair_attribute(Operator& op, const std::string& name);
const Pair* pair_attribute(const Operator& op, const std::string& name);

/// Length of a sliding window's output on an axis (0 vertical, 1 horizontal); 0 if the window does
/// not fit.
std::uint64_t window_outputs(std::uint64_t in, std::uint64_t kernel, const Operator& op,
                             std::size_t axis);

/// One sentence per way in which the operator's shapes, attributes and parameters disagree.
/// Requires an operator with the counts of inputs, outputs and parameters that its kind needs.
std::vector<std::string> shape_problems(const Graph& graph, const Operator& op);

}  // namespace skipsim::trace
