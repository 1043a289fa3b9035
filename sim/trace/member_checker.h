// SPDX-License-Identifier: Apache-2.0
// Checks the groups of single tensors and parameters: members, types, shapes against the graph.
// Private to sim/trace.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/trace/facts.h"
#include "sim/trace/layout_checker.h"

namespace skipsim::trace {

class MemberChecker {
public:
    explicit MemberChecker(LayoutChecker& check) : check_(check) {}

    /// "tensors" and "parameters" of a network's group in an iteration.
    void check_tensors(const Group& own, const Network& network, const IterationFacts& facts);
    void check_parameters(const Group& own, const Network& network, std::uint64_t iteration,
                          std::uint64_t samples);
    /// A parameter's group in a pruning event.
    void check_pruned(const Group& group, const NamedShape& parameter);
    /// Members of `group`, each of which must be a group named after one of `known`.
    std::vector<std::pair<std::uint32_t, Group>> named_groups(
        const Group& group, const std::unordered_map<std::string, std::uint32_t>& known,
        const std::string& what);

private:
    void check_tensor(const Group& group, const NamedShape& tensor, std::uint64_t samples,
                      bool has_gradients);
    void check_parameter(const Group& group, const Network& network, const NamedShape& parameter,
                         std::uint64_t number, std::uint64_t samples);
    void check_coarse(const Group& group, const NamedShape& parameter);
    void check_sample_gradients(const Group& group, std::uint64_t samples);

    LayoutChecker& check_;
    std::map<std::string, std::set<std::uint64_t>> holders_;  // parameter -> iterations with data
};

}  // namespace skipsim::trace
