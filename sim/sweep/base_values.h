// SPDX-License-Identifier: Apache-2.0
// The values that a point has where it sets none: those of the configuration file with `set`, and
// the selection of the sweep.
#pragma once

#include "sim/sweep/plan.h"
#include "sim/sweep/problems.h"

#include <map>
#include <set>
#include <string>

namespace skipsim::sweep {

class BaseValues {
public:
    /// Notes what is wrong with the configuration file. A rule between keys that `set` breaks is
    /// no problem: another key of a point may mend it.
    BaseValues(const SweepSpec& spec, Problems& problems);

    /// In canonical form, as after --set.
    [[nodiscard]] const std::string& text(const std::string& key) const;

    /// Notes files of the configuration that are not there, unless every point sets them.
    void check_files(const std::set<std::string>& keys_of_all_points, Problems& problems) const;

private:
    std::string config_path_;
    std::map<std::string, std::string> texts_;
};

}  // namespace skipsim::sweep
