// SPDX-License-Identifier: Apache-2.0
#include "sim/config/file_reader.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/config/catalogue.h"
#include "sim/config/rules.h"

#include <algorithm>
#include <array>
#include <set>

namespace skipsim::config {
namespace {

constexpr const char* kAssumptions = "assumptions";
constexpr const char* kCommandLine = "--set";
constexpr std::array<const char*, 3> kStatuses{"published", "derived", "assumption"};

std::string joined(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + '.' + key;
}

std::string parent_of(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? "" : path.substr(0, dot);
}

bool is_section(const std::string& path) {
    const std::vector<std::string>& sections = section_paths();
    return std::find(sections.begin(), sections.end(), path) != sections.end();
}

/// "fifo_depth" is continued by "fifo_depth_chunks": a forgotten unit. "" unless exactly one is.
std::string only_name_that_continues(const std::string& key,
                                     const std::vector<std::string>& names) {
    std::string found;
    for (const std::string& name : names) {
        if (name.rfind(key + '_', 0) == 0) {
            if (!found.empty()) {
                return "";
            }
            found = name;
        }
    }
    return found;
}

/// The same for a word that is misspelt too: "fifo_dept".
std::string name_that_nearly_continues(const std::string& key,
                                       const std::vector<std::string>& names) {
    std::vector<std::string> beginnings;
    for (const std::string& name : names) {
        for (std::size_t cut = name.find('_'); cut != std::string::npos;
             cut = name.find('_', cut + 1)) {
            beginnings.push_back(name.substr(0, cut));
        }
    }
    const std::string near = base::nearest_name(key, beginnings);
    return near.empty() ? "" : only_name_that_continues(near, names);
}

/// The full paths that could have been meant by `path`: same section first, then everywhere.
std::string suggestion(const std::string& path) {
    std::vector<std::string> candidates = parameter_paths();
    candidates.insert(candidates.end(), section_paths().begin(), section_paths().end());
    candidates.emplace_back(kAssumptions);
    const std::string parent = parent_of(path);
    std::vector<std::string> siblings;
    for (const std::string& candidate : candidates) {
        if (parent_of(candidate) == parent) {
            siblings.push_back(parent.empty() ? candidate : candidate.substr(parent.size() + 1));
        }
    }
    const std::string key = parent.empty() ? path : path.substr(parent.size() + 1);
    std::string sibling = base::nearest_name(key, siblings);
    if (sibling.empty()) {
        sibling = only_name_that_continues(key, siblings);
    }
    if (!sibling.empty()) {
        return joined(parent, sibling);
    }
    const auto same_key =
        std::find_if(candidates.begin(), candidates.end(), [&](const std::string& candidate) {
            return candidate.size() > key.size() &&
                   candidate.compare(candidate.size() - key.size() - 1, std::string::npos,
                                     '.' + key) == 0;
        });
    if (same_key != candidates.end()) {
        return *same_key;
    }
    sibling = name_that_nearly_continues(key, siblings);
    return sibling.empty() ? base::nearest_name(path, candidates) : joined(parent, sibling);
}

}  // namespace

FileReader::FileReader(std::string file_name)
    : file_name_(std::move(file_name)), slots_(catalogue().size()) {
    for (const Parameter& parameter : catalogue()) {
        if (parameter.is_required()) {
            values_.emplace_back();
            continue;
        }
        const ParsedValue parsed = parse_value(parameter, parameter.default_value, false);
        base::require(parsed.problem.empty(), "a default of the catalogue is out of its range");
        values_.push_back(parsed.value);
    }
}

void FileReader::read_file(const std::string& text) {
    const base::YamlNode root = base::parse_yaml(text, file_name_);
    if (root.kind != base::YamlNode::Kind::kMapping) {
        throw base::InputError(file_name_ + ": expected a mapping of configuration keys, found " +
                               root.description());
    }
    read_section(root, "");
}

void FileReader::read_section(const base::YamlNode& mapping, const std::string& path) {
    std::set<std::string> seen;
    for (const base::YamlEntry& entry : mapping.entries) {
        if (!seen.insert(entry.key).second) {
            problem(place(entry.mark), joined(path, entry.key), "given twice");
        } else if (entry.key.find('.') != std::string::npos) {
            problem(place(entry.mark), joined(path, entry.key),
                    "unknown key; levels are nested mappings in a file, dots belong to --set");
        } else {
            read_entry(entry, joined(path, entry.key));
        }
    }
}

void FileReader::read_entry(const base::YamlEntry& entry, const std::string& path) {
    if (path == kAssumptions) {
        read_assumptions(entry.value);
    } else if (is_section(path)) {
        section_marks_.emplace_back(path, entry.mark);
        if (entry.value.kind == base::YamlNode::Kind::kMapping) {
            read_section(entry.value, path);
        } else if (entry.value.kind != base::YamlNode::Kind::kNull) {
            problem(place(entry.mark), path,
                    "expected a mapping, found " + entry.value.description());
        }
    } else if (const auto index = find_parameter(path)) {
        read_value(*index, entry.value, entry.mark);
    } else {
        unknown_key(place(entry.mark), path);
    }
}

void FileReader::read_value(std::size_t index, const base::YamlNode& node,
                            base::YamlMark key_mark) {
    if (node.kind == base::YamlNode::Kind::kScalar) {
        take(index, node.scalar, node.is_quoted, place(node.mark));
        return;
    }
    slots_[index].is_bad = true;
    const Parameter& parameter = catalogue()[index];
    problem(place(key_mark), std::string(parameter.path),
            "expected " + expectation(parameter) + ", got " + node.description());
}

void FileReader::take(std::size_t index, const std::string& text, bool is_quoted,
                      const std::string& place) {
    Slot& slot = slots_[index];
    slot.is_given = true;
    slot.place = place;
    const ParsedValue parsed = parse_value(catalogue()[index], text, is_quoted);
    slot.is_bad = !parsed.problem.empty();
    if (slot.is_bad) {
        problem(place, std::string(catalogue()[index].path), parsed.problem);
    } else {
        values_[index] = parsed.value;
    }
}

void FileReader::unknown_key(const std::string& where, const std::string& path) {
    const std::string hint = suggestion(path);
    problem(where, path, "unknown key" + (hint.empty() ? "" : "; did you mean " + hint + "?"));
}

void FileReader::read_override(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
        problems_.push_back(std::string(kCommandLine) + ": expected key.path=value, got \"" + word +
                            "\"");
        return;
    }
    const std::string path = word.substr(0, equals);
    const auto index = find_parameter(path);
    if (!index) {
        unknown_key(kCommandLine, path);
        return;
    }
    Slot& slot = slots_[*index];
    take(*index, word.substr(equals + 1), false, kCommandLine);
    slot.is_overridden = true;
    slot.note = {path, "assumption", "given on the command line by --set"};
}

void FileReader::read_assumptions(const base::YamlNode& node) {
    if (node.kind == base::YamlNode::Kind::kNull) {
        return;
    }
    if (node.kind != base::YamlNode::Kind::kMapping) {
        problem(place(node.mark), kAssumptions, "expected a mapping, found " + node.description());
        return;
    }
    std::set<std::string> seen;
    for (const base::YamlEntry& entry : node.entries) {
        if (!seen.insert(entry.key).second) {
            problem(place(entry.mark), joined(kAssumptions, entry.key), "given twice");
        } else {
            read_assumption(entry);
        }
    }
}

void FileReader::read_assumption(const base::YamlEntry& entry) {
    const std::string key = joined(kAssumptions, entry.key);
    const auto index = find_parameter(entry.key);
    if (!index) {
        const std::string hint = suggestion(entry.key);
        problem(place(entry.mark), key,
                "expected the path of a parameter" +
                    (hint.empty() ? "" : "; did you mean " + hint + "?"));
        return;
    }
    Assumption note{entry.key, "", ""};
    for (const base::YamlEntry& field : entry.value.entries) {
        const bool is_scalar = field.value.kind == base::YamlNode::Kind::kScalar;
        std::string* const target = field.key == "status"   ? &note.status
                                    : field.key == "source" ? &note.source
                                                            : nullptr;
        if (target == nullptr || !target->empty()) {
            problem(place(field.mark), joined(key, field.key),
                    target == nullptr ? "unknown key; expected status, source" : "given twice");
        } else if (is_scalar) {
            *target = field.value.scalar;
        }
    }
    if (std::find(kStatuses.begin(), kStatuses.end(), note.status) == kStatuses.end()) {
        problem(place(entry.mark), key + ".status",
                "expected one of published, derived, assumption, got \"" + note.status + "\"");
    } else if (note.source.empty()) {
        problem(place(entry.mark), key + ".source", "expected a sentence, found nothing");
    } else {
        slots_[*index].note = note;
    }
}

void FileReader::report_missing() {
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        const Parameter& parameter = catalogue()[index];
        if (!parameter.is_required() || slots_[index].is_given || slots_[index].is_bad) {
            continue;
        }
        const std::string path(parameter.path);
        std::string where = file_name_;
        for (const auto& [section, mark] : section_marks_) {
            where = section == parent_of(path) ? place(mark) : where;
        }
        problem(where, path, "missing; expected " + expectation(parameter));
    }
}

void FileReader::report_broken_rules() {
    for (const BrokenRule& rule : broken_rules(values_)) {
        const Slot& slot = slots_[*find_parameter(rule.path)];
        problem(slot.place.empty() ? file_name_ : slot.place, rule.path, rule.message);
    }
}

void FileReader::finish() {
    report_missing();
    const bool all_values_are_good =
        std::none_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.is_bad; });
    const bool all_values_are_there =
        std::equal(slots_.begin(), slots_.end(), catalogue().begin(),
                   [](const Slot& slot, const Parameter& parameter) {
                       return slot.is_given || !parameter.is_required();
                   });
    if (all_values_are_good && all_values_are_there) {
        report_broken_rules();
    }
    if (!problems_.empty()) {
        throw base::InputError(problems_);
    }
}

std::vector<Assumption> FileReader::assumptions() const {
    std::vector<Assumption> notes;
    for (const Slot& slot : slots_) {
        if (!slot.note.status.empty()) {
            notes.push_back(slot.note);
        }
    }
    return notes;
}

std::string FileReader::place(base::YamlMark mark) const {
    return file_name_ + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
}

void FileReader::problem(const std::string& where, const std::string& key,
                         const std::string& what) {
    problems_.push_back(where + ": " + key + ": " + what);
}

}  // namespace skipsim::config
