// SPDX-License-Identifier: Apache-2.0
// Conditions that a point must meet (`where` of a sweep file), computed by muParser in doubles.
// true is 1 and false is 0; `unlimited` is 1e100; a file is the text of its name without folder and
// ending.
#pragma once

#include "sim/base/yaml_node.h"
#include "sim/sweep/problems.h"

#include <functional>
#include <memory>
#include <string>

namespace skipsim::sweep {

/// The canonical value of a key, as after --set.
using ValueOf = std::function<const std::string&(const std::string& key)>;

class Constraint {
public:
    /// `file_text`: the whole sweep file, to find the place of a word in it.
    Constraint(const base::YamlNode& node, std::string path, const std::string& file_text);
    ~Constraint();
    Constraint(Constraint&& other) noexcept;
    Constraint& operator=(Constraint&& other) noexcept;

    /// Whether it can be computed; notes what is wrong. Call first.
    bool is_good(Problems& problems);
    /// Whether the point meets it. Throws InputError with a sentence if the result, or a number on
    /// the way to it, is not finite.
    [[nodiscard]] bool holds(const ValueOf& value_of);

    [[nodiscard]] const std::string& source() const;
    [[nodiscard]] const std::string& path() const;
    [[nodiscard]] base::YamlMark mark() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace skipsim::sweep
