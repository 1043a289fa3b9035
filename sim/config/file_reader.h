// SPDX-License-Identifier: Apache-2.0
// From YAML text and --set words to values and notes: collects every problem, stops at none.
#pragma once

#include "sim/base/yaml_node.h"
#include "sim/config/config.h"
#include "sim/config/parameter.h"

#include <string>
#include <vector>

namespace skipsim::config {

class FileReader {
public:
    /// Starts with the defaults of the catalogue.
    explicit FileReader(std::string file_name);

    void read_file(const std::string& text);
    /// One word of --set: "key.path=value".
    void read_override(const std::string& word);
    /// Reports missing required parameters and broken rules, then throws InputError if there was
    /// any problem. Call last.
    void finish();

    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }
    /// In catalogue order.
    [[nodiscard]] std::vector<Assumption> assumptions() const;
    [[nodiscard]] bool is_overridden(std::size_t index) const {
        return slots_[index].is_overridden;
    }

private:
    struct Slot {
        bool is_given = false;
        bool is_bad = false;  ///< given, but refused: no second complaint that it is missing
        bool is_overridden = false;
        std::string place;  ///< "file:line:column" or "--set"
        Assumption note;    ///< status "" = none
    };

    void read_section(const base::YamlNode& mapping, const std::string& path);
    void read_entry(const base::YamlEntry& entry, const std::string& path);
    void read_value(std::size_t index, const base::YamlNode& node, base::YamlMark key_mark);
    void read_assumptions(const base::YamlNode& node);
    void read_assumption(const base::YamlEntry& entry);
    /// Takes `text` as the value of a parameter; `place` goes into messages.
    void take(std::size_t index, const std::string& text, bool is_quoted, const std::string& place);
    void unknown_key(const std::string& place, const std::string& path);
    void report_missing();
    void report_broken_rules();

    [[nodiscard]] std::string place(base::YamlMark mark) const;
    void problem(const std::string& place, const std::string& key, const std::string& what);

    std::string file_name_;
    std::vector<Value> values_;
    std::vector<Slot> slots_;
    std::vector<std::pair<std::string, base::YamlMark>> section_marks_;
    std::vector<std::string> problems_;
};

}  // namespace skipsim::config
