// SPDX-License-Identifier: Apache-2.0
// Checks of names, attributes and datasets that collect problems instead of stopping at the first.
// Private to sim/trace.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/trace/hdf5_data.h"
#include "sim/trace/hdf5_file.h"

namespace skipsim::trace {

/// Which elements a dataset may have.
enum class Elements { kBits, kInteger, kReal, kFloat };  // kFloat: float16 or float32

class LayoutChecker {
public:
    /// Without `checks_datasets` only names, attributes and what facts need are looked at.
    LayoutChecker(const Hdf5File& file, bool checks_datasets)
        : file_(&file), checks_datasets_(checks_datasets) {}

    [[nodiscard]] const Hdf5File& file() const { return *file_; }
    [[nodiscard]] bool checks_datasets() const { return checks_datasets_; }

    void problem(const std::string& path, const std::string& what);
    /// A remark, once per kind of remark however often it applies.
    void note(const std::string& path, const std::string& what);
    /// Runs `step`; an InputError that it throws becomes problems.
    void guarded(const std::function<void()>& step);
    /// guarded(), but what goes wrong in `step` does not keep the rest from being read.
    void facts(const std::function<void()>& step);
    /// Problems outside facts(): data cannot be judged while there are any.
    [[nodiscard]] std::uint64_t blocking() const { return blocking_; }
    /// Remembers something that could not be checked; finish() names it after the problems.
    void skipped(const std::string& what) { skipped_.push_back(what); }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    /// Throws InputError with every problem, if there are any.
    void finish() const;
    [[nodiscard]] std::vector<std::string> notes() const;

    /// Reports attributes that are not in `known` and do not begin with "extra_".
    void known_attributes(hid_t object, const std::string& path,
                          const std::vector<std::string>& known);
    /// Reports members not in `known` (extra_… excepted) and those that are forbidden links.
    void known_members(const Group& group, const std::vector<std::string>& known);
    /// Names of the members that are groups; anything else there is a problem.
    std::vector<std::string> group_names(const Group& group);
    /// Number of groups "0", "1", … ; gaps and other names are problems.
    std::uint64_t numbered_groups(const Group& group);
    /// The group of that name, or nothing; of another kind is a problem, absent is one if required.
    std::optional<Group> group(const Group& parent, const std::string& name, bool is_required);

    std::optional<std::string> text(hid_t object, const std::string& path, const std::string& name,
                                    bool is_required);
    std::optional<std::string> choice(hid_t object, const std::string& path,
                                      const std::string& name,
                                      const std::vector<std::string>& options, bool is_required);
    std::optional<std::uint64_t> whole(hid_t object, const std::string& path,
                                       const std::string& name, std::uint64_t lowest,
                                       bool is_required);
    std::optional<double> real(hid_t object, const std::string& path, const std::string& name,
                               bool is_required);

    /// Checks type, shape and storage of a dataset; nothing if it is absent. With `dims` empty the
    /// shape is one axis of 1 .. `length_limit`. Without checks_datasets: opens it only if
    /// `is_needed`. Answers the dataset if it is good.
    std::optional<Dataset> dataset(const Group& group, const std::string& name, Elements elements,
                                   const std::vector<std::uint64_t>& dims,
                                   std::uint64_t length_limit = 0, bool is_needed = false);

private:
    struct Note {
        std::string what;
        std::string first_path;
        std::uint64_t count = 0;
    };

    std::optional<Attribute> wanted(hid_t object, const std::string& path, const std::string& name,
                                    bool is_required, const std::string& expected);
    void add(const std::string& line);
    void unexpected(const std::string& path, const std::string& name, const std::string& expected,
                    const std::string& found);

    const Hdf5File* file_;
    bool checks_datasets_;
    std::vector<std::string> lines_;
    std::vector<std::string> skipped_;
    std::uint64_t left_out_ = 0;
    std::uint64_t blocking_ = 0;
    bool in_facts_ = false;
    std::vector<Note> notes_;
};

}  // namespace skipsim::trace
