// SPDX-License-Identifier: Apache-2.0
// What a sweep's folder was begun with: every point with a checksum of all that its result depends
// on. A changed sweep file, configuration, trace or table shows as other checksums.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/config.h"
#include "sim/stats/result_document.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/trace_shelf.h"

namespace skipsim::sweep {

inline constexpr const char* kManifestSchema = "skipsim-sweep/1";

/// A point as a run that can be started.
struct PointOrder {
    std::string config_path;
    std::vector<std::string> overrides;  ///< files in them have absolute paths
    std::vector<std::string> traces;     ///< absolute paths
    stats::Selection selection;
    std::uint64_t seed = 0;

    [[nodiscard]] config::Config load_config() const;
};

PointOrder order_of(const SweepSpec& spec, const PlannedPoint& point);

struct ManifestPoint {
    std::uint64_t number = 0;
    std::string label;
    std::vector<Setting> settings;  ///< files relative to the folder of the sweep file
    /// Checksum of the resolved configuration, the contents of its files, of the traces, the part
    /// of them, the seed and the version of the program. The same key is the same result.
    std::string key;
    std::string simulation_key;  ///< without the energy table; points that share it share counts
    std::string problem;  ///< why it cannot be run (a rule between keys is broken); "" = it can
};

struct Manifest {
    std::string name;
    std::string spec_sha256;
    std::string config_path;          ///< absolute
    std::vector<std::string> traces;  ///< absolute
    std::string skipsim;              ///< version and revision
    std::vector<std::string> axis_keys;
    std::vector<ManifestPoint> points;
};

/// Resolves every point. Reads configurations, tables and traces; throws InputError for traces that
/// cannot be read, MachineError like base/atomic_file.h.
Manifest manifest_of(const Plan& plan, TraceShelf& shelf, bool shows_progress);

/// Resolves one point in the same way.
ManifestPoint resolve(const Plan& plan, const PlannedPoint& point, TraceShelf& shelf);

std::string manifest_as_json(const Manifest& manifest);
/// Throws InputError if the file is none, or of another schema.
Manifest read_manifest(const std::string& path);

/// What differs between the manifest of a folder and the sweep as it is now, as a sentence; "" =
/// nothing that matters.
std::string difference(const Manifest& begun, const Manifest& now);

}  // namespace skipsim::sweep
