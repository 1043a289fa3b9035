// SPDX-License-Identifier: Apache-2.0
// The database of a sweep, DIR/sweep.sqlite (SQLite, write-ahead log while the sweep runs). Tables:
//
//     sweep       key, value                     schema, name, skipsim, configuration, traces
//     axes        position, key
//     points      point, key, simulation_key, label, folder, status, error, result_sha256
//     settings    point, key, value
//     metrics     point, stage, metric, value
//     executions  point, wall_seconds, peak_rss_bytes      the only part that differs between runs
//
// and the view `results`: a line for each finished point with its settings and main metrics. Each
// point is one transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/sweep/manifest.h"
#include "sim/sweep/outcome.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::sweep {

inline constexpr const char* kDatabaseFile = "sweep.sqlite";

/// Of any schema; false for what is no database, or is one of another program.
bool is_database_of_sweep(const std::string& path);

class Store {
public:
    /// Opens the database, or makes and fills it from the manifest. Statuses of points whose key is
    /// still the same stay. Throws InputError for a file that is no such database (what to do is
    /// part of the line), MachineError if it is locked, read-only, or the disk is full.
    Store(const std::string& folder, const Manifest& manifest);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    [[nodiscard]] PointStatus status(std::uint64_t point) const;
    /// In one transaction; replaces what was known of the point.
    void record(std::uint64_t point, const Outcome& outcome);
    /// Forgets a point's outcome.
    void reset(std::uint64_t point);
    /// Makes the database one plain file, that can be read without write access.
    void close();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skipsim::sweep
