// SPDX-License-Identifier: Apache-2.0
// A sweep file as it stands: read and checked, nothing expanded yet.
#pragma once

#include "sim/sweep/axes.h"
#include "sim/sweep/constraints.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/problems.h"
#include "sim/sweep/values.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace skipsim::sweep {

/// A point of `points`.
struct ListedPoint {
    std::string path;  ///< "points.0"
    base::YamlMark mark;
    std::vector<Setting> settings;  ///< in file order
};

struct Draft {
    SweepSpec spec;
    std::vector<Axis> axes;  ///< in file order
    std::vector<ListedPoint> listed;
    std::vector<Constraint> where;
};

class SpecReader {
public:
    SpecReader(std::string path, Problems& problems);

    /// Notes what is wrong; throws InputError if the file cannot be read at all.
    Draft read();

private:
    void read_entry(const base::YamlEntry& entry);
    void read_selection(const base::YamlEntry& entry);
    void read_axes(const base::YamlEntry& entry);
    void read_name(const base::YamlNode& node);
    void read_traces(const base::YamlNode& node);
    void read_set(const base::YamlNode& node);
    void read_points(const base::YamlNode& node);
    void read_point(const base::YamlNode& node, ListedPoint& point);
    void read_where(const base::YamlNode& node);
    void check_whole(const base::YamlNode& root);
    void check_listed();
    /// A key is given in one place only.
    void claim(const std::string& key, const std::string& path, base::YamlMark mark);

    struct ListedKey {
        std::string key;
        std::string path;
        base::YamlMark mark;
    };

    std::string path_;
    Problems& problems_;
    ValueReader values_;
    Draft draft_;
    std::map<std::string, std::string> claims_;  ///< key -> where it is given
    std::set<std::string> fixed_;                ///< keys that are the same for all points
    std::vector<ListedKey> listed_keys_;
};

}  // namespace skipsim::sweep
