// SPDX-License-Identifier: Apache-2.0
// A sweep file (configs/sweeps/README.md describes it) and the points it stands for: which keys
// vary, over which values, in which order. Expansion is deterministic: the same file gives the same
// points in the same order on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace skipsim::sweep {

inline constexpr std::uint64_t kMostPoints = 100'000;

/// One key and its value as text, as after --set. Besides configuration keys: "trace" (a path that
/// can be opened from the current folder), "iterations", "layers", "stages".
struct Setting {
    std::string key;
    std::string value;
};

/// What all points share.
struct SweepSpec {
    std::string path;  ///< of the sweep file
    std::string name;  ///< of the sweep
    std::string text;  ///< the file, whole
    std::string text_sha256;
    std::string config_path;             ///< can be opened from the current folder
    std::vector<std::string> traces;     ///< likewise; empty if every point has its own
    std::vector<std::string> overrides;  ///< "key.path=value" for every point
    std::string iterations;              ///< "0..3"; "" = all
    std::string layers;                  ///< pattern; "" = all
    std::string stages;                  ///< "FF,BP"; "" = all
    std::uint64_t seed = 0;
};

struct PlannedPoint {
    std::uint64_t number = 0;  ///< from 0, in the order of expansion
    std::vector<Setting>
        settings;  ///< in the order of Plan::axis_keys; a listed point may lack some
};

struct Plan {
    SweepSpec spec;
    std::vector<std::string> axis_keys;  ///< every key that some point sets, in file order
    std::vector<PlannedPoint> points;    ///< after the constraints
    std::uint64_t excluded = 0;          ///< points that a constraint left out
    std::uint64_t repeated = 0;          ///< drawn points that were there already
};

/// Reads, checks and expands. Throws InputError with every problem ("file:line:column: key: …").
Plan load_plan(const std::string& path);

/// "core.rows=8 core.columns=4" (file names without their folders).
std::string label_of(const PlannedPoint& point);

}  // namespace skipsim::sweep
