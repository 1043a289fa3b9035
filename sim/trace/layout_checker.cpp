// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/layout_checker.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/trace/graph.h"

namespace skipsim::trace {
namespace {

constexpr std::size_t kLinesLimit = 300;
using std::to_string;

bool is_extra(const std::string& name) {
    return name.rfind("extra_", 0) == 0;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string hint(const std::string& name, const std::vector<std::string>& known) {
    const std::string near = base::nearest_name(name, known);
    return near.empty() ? "" : "; did you mean " + near + "?";
}

bool fits(ElementType type, Elements wanted) {
    switch (wanted) {
        case Elements::kBits:
            return type == ElementType::kU8;
        case Elements::kInteger:
            return is_integer(type);
        case Elements::kReal:
            return is_real(type);
        case Elements::kFloat:
            return type == ElementType::kF16 || type == ElementType::kF32;
    }
    return false;
}

const char* wanted_text(Elements wanted) {
    switch (wanted) {
        case Elements::kBits:
            return "uint8";
        case Elements::kInteger:
            return "little-endian integers";
        case Elements::kReal:
            return "float16, float32 or float64";
        case Elements::kFloat:
            break;
    }
    return "float16 or float32";
}

}  // namespace

void LayoutChecker::problem(const std::string& path, const std::string& what) {
    add(file_->place(path) + ": " + what);
}

void LayoutChecker::add(const std::string& line) {
    blocking_ += in_facts_ ? 0 : 1;
    if (lines_.size() < kLinesLimit) {
        lines_.push_back(line);
    } else {
        ++left_out_;
    }
}

void LayoutChecker::note(const std::string& path, const std::string& what) {
    const auto same = std::find_if(notes_.begin(), notes_.end(),
                                   [&](const Note& known) { return known.what == what; });
    if (same == notes_.end()) {
        notes_.push_back({what, path, 1});
    } else {
        ++same->count;
    }
}

std::vector<std::string> LayoutChecker::notes() const {
    std::vector<std::string> lines;
    for (const Note& item : notes_) {
        lines.push_back(file_->place(item.first_path) + ": " + item.what +
                        (item.count > 1 ? " (and " + to_string(item.count - 1) + " more)" : ""));
    }
    return lines;
}

void LayoutChecker::guarded(const std::function<void()>& step) {
    try {
        step();
    } catch (const base::InputError& error) {
        for (const std::string& line : error.lines()) {
            add(line);
        }
    }
}

void LayoutChecker::facts(const std::function<void()>& step) {
    in_facts_ = true;
    guarded(step);
    in_facts_ = false;
}

void LayoutChecker::finish() const {
    if (lines_.empty()) {
        return;
    }
    std::vector<std::string> lines = lines_;
    if (left_out_ > 0) {
        lines.push_back(file_->path() + ": " + to_string(left_out_) + " more problems");
    }
    if (!skipped_.empty()) {
        std::string all;
        for (const std::string& what : skipped_) {
            all += (all.empty() ? "" : "; ") + what;
        }
        lines.push_back(file_->path() + ": not checked: " + all);
    }
    throw base::InputError(std::move(lines));
}

void LayoutChecker::unexpected(const std::string& path, const std::string& name,
                               const std::string& expected, const std::string& found) {
    problem(path, "attribute " + name + ": expected " + expected + ", found " + found);
}

void LayoutChecker::known_attributes(hid_t object, const std::string& path,
                                     const std::vector<std::string>& known) {
    for (const std::string& name : file_->attribute_names(object, path)) {
        if (!contains(known, name) && !is_extra(name)) {
            problem(path, "unknown attribute \"" + name + '"' + hint(name, known));
        }
    }
}

void LayoutChecker::known_members(const Group& group, const std::vector<std::string>& known) {
    for (const std::string& name : file_->member_names(group)) {
        if (is_extra(name)) {
            continue;
        }
        if (!contains(known, name)) {
            problem(group.path, "unknown member \"" + name + '"' + hint(name, known));
        } else if (file_->member(group, name) == Member::kForbidden) {
            problem(group.path, "member \"" + name +
                                    "\": expected a group or dataset in this "
                                    "file, found a soft or external link or another object");
        }
    }
}

std::vector<std::string> LayoutChecker::group_names(const Group& group) {
    std::vector<std::string> names;
    for (const std::string& name : file_->member_names(group)) {
        if (is_extra(name)) {
            continue;
        }
        if (file_->member(group, name) == Member::kGroup) {
            names.push_back(name);
        } else {
            problem(group.path, "member \"" + name + "\": expected a group, found something else");
        }
    }
    return names;
}

std::uint64_t LayoutChecker::numbered_groups(const Group& group) {
    const std::vector<std::string> names = group_names(group);
    for (const std::string& name : names) {
        const bool is_number = !name.empty() && name.size() < 10 &&
                               name.find_first_not_of("0123456789") == std::string::npos;
        if (!is_number || to_string(std::stoul(name)) != name || std::stoul(name) >= names.size()) {
            problem(group.path, "expected groups 0.." + to_string(names.size() - 1) +
                                    " without gaps, found \"" + name + '"');
            return 0;
        }
    }
    return names.size();
}

std::optional<Group> LayoutChecker::group(const Group& parent, const std::string& name,
                                          bool is_required) {
    const Member member = file_->member(parent, name);
    if (member == Member::kGroup) {
        return file_->open_group(parent, name);
    }
    if (member != Member::kNone || is_required) {
        problem(parent.path, "expected a group \"" + name + "\", found " +
                                 (member == Member::kNone ? "none" : "something else"));
    }
    return std::nullopt;
}

std::optional<Attribute> LayoutChecker::wanted(hid_t object, const std::string& path,
                                               const std::string& name, bool is_required,
                                               const std::string& expected) {
    auto found = file_->attribute(object, path, name);
    if (!found && is_required) {
        unexpected(path, name, expected, "nothing");
    }
    return found;
}

std::optional<std::string> LayoutChecker::text(hid_t object, const std::string& path,
                                               const std::string& name, bool is_required) {
    const auto found = wanted(object, path, name, is_required, "a text");
    if (!found) {
        return std::nullopt;
    }
    if (found->kind != Attribute::Kind::kText) {
        unexpected(path, name, "a text", found->description);
        return std::nullopt;
    }
    if (found->is_variable_text) {
        note(path,
             "has an attribute that is a text of variable length, which the file's checksums do "
             "not cover (fixed length does better; h5py: numpy.bytes_)");
    }
    return found->text;
}

std::optional<std::string> LayoutChecker::choice(hid_t object, const std::string& path,
                                                 const std::string& name,
                                                 const std::vector<std::string>& options,
                                                 bool is_required) {
    auto found = text(object, path, name, is_required);
    if (found && !contains(options, *found)) {
        std::string expected;
        for (const std::string& option : options) {
            expected += (expected.empty() ? "" : ", ") + option;
        }
        unexpected(path, name, options.size() == 1 ? expected : "one of " + expected,
                   '"' + found->substr(0, 60) + '"' + hint(*found, options));
        return std::nullopt;
    }
    return found;
}

std::optional<std::uint64_t> LayoutChecker::whole(hid_t object, const std::string& path,
                                                  const std::string& name, std::uint64_t lowest,
                                                  bool is_required) {
    const std::string expected = "an integer >= " + to_string(lowest);
    const auto found = wanted(object, path, name, is_required, expected);
    if (!found) {
        return std::nullopt;
    }
    if (found->kind != Attribute::Kind::kInteger || found->integer < 0 ||
        static_cast<std::uint64_t>(found->integer) < lowest) {
        unexpected(path, name, expected, found->description);
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(found->integer);
}

std::optional<double> LayoutChecker::real(hid_t object, const std::string& path,
                                          const std::string& name, bool is_required) {
    const auto found = wanted(object, path, name, is_required, "a finite number");
    if (!found) {
        return std::nullopt;
    }
    if ((found->kind != Attribute::Kind::kReal && found->kind != Attribute::Kind::kInteger) ||
        !std::isfinite(found->real)) {
        unexpected(path, name, "a finite number", found->description);
        return std::nullopt;
    }
    return found->real;
}

std::optional<Dataset> LayoutChecker::dataset(const Group& group, const std::string& name,
                                              Elements elements,
                                              const std::vector<std::uint64_t>& dims,
                                              std::uint64_t length_limit, bool is_needed) {
    if (!checks_datasets_ && !is_needed) {
        return std::nullopt;
    }
    const Member member = file_->member(group, name);
    if (member == Member::kNone) {
        return std::nullopt;
    }
    const std::string path = group.path + "/" + name;
    if (member != Member::kDataset) {
        problem(path, "expected a dataset, found something else");
        return std::nullopt;
    }
    Dataset data(*file_, group, name);
    bool is_good = true;
    if (!fits(data.type(), elements)) {
        problem(path, std::string("expected ") + wanted_text(elements) + ", found " +
                          element_name(data.type()));
        is_good = false;
    }
    const bool is_list =
        data.dims().size() == 1 && data.dims()[0] >= 1 && data.dims()[0] <= length_limit;
    if (dims.empty() ? !is_list : data.dims() != dims) {
        problem(path,
                "expected shape " +
                    (dims.empty() ? "[1.." + to_string(length_limit) + "]" : shape_text(dims)) +
                    ", found " + shape_text(data.dims()));
        is_good = false;
    }
    if (!is_good) {
        return std::nullopt;
    }
    for (const std::string& line : data.storage_problems()) {
        problem(path, line);
        is_good = false;
    }
    if (!data.has_wanted_layout()) {
        note(path, "is stored without shuffle, gzip or fletcher32; damage to it may go unnoticed");
    }
    return is_good ? std::optional(std::move(data)) : std::nullopt;
}

}  // namespace skipsim::trace
