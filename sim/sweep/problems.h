// SPDX-License-Identifier: Apache-2.0
// What is wrong with a sweep file: collected over all steps of reading, told together in the order
// of the file.
#pragma once

#include "sim/base/errors.h"
#include "sim/base/yaml_node.h"

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::sweep {

class Problems {
public:
    explicit Problems(std::string file_name) : file_name_(std::move(file_name)) {}

    /// "file:line:column: key: what".
    void add(base::YamlMark mark, const std::string& key, const std::string& what);
    /// "expected …, found …" at the node.
    void unexpected(const base::YamlNode& node, const std::string& key,
                    const std::string& expected);
    /// Notes keys of a mapping that are not among `names`, and those that stand twice; whether
    /// there were none.
    bool check_keys(const base::YamlNode& mapping, const std::string& path,
                    const std::vector<std::string>& names);
    /// The lines of another file, after those of this one.
    void add_lines(const base::InputError& error);

    /// How many there are, to see whether a step added any.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Throws InputError if there are any.
    void throw_if_any() const;

private:
    struct Problem {
        base::YamlMark mark;
        std::string line;
    };
    void keep(base::YamlMark mark, std::string line);

    std::string file_name_;
    std::vector<Problem> kept_;
    std::uint64_t count_ = 0;
};

}  // namespace skipsim::sweep
