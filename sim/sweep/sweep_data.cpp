// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_data.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "sim/sweep/database.h"
#include "sim/sweep/manifest.h"
#include "sim/sweep/store.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

PointStatus status_of(const std::string& text) {
    return text == "done"     ? PointStatus::done
           : text == "failed" ? PointStatus::failed
                              : PointStatus::waiting;
}

class Reader {
public:
    Reader(const std::string& folder, const std::string& path)
        : path_(path), database_(path, SQLite::OPEN_READONLY) {
        data_.folder = folder;
    }

    SweepData read() {
        read_facts();
        SQLite::Statement axes(database_, "SELECT key FROM axes ORDER BY position");
        while (axes.executeStep()) {
            data_.axis_keys.push_back(axes.getColumn(0).getString());
        }
        read_points();
        read_settings();
        read_metrics();
        return std::move(data_);
    }

private:
    void read_facts() {
        SQLite::Statement facts(database_, "SELECT key, value FROM sweep");
        std::string schema;
        while (facts.executeStep()) {
            const std::string key = facts.getColumn(0).getString();
            const std::string value = facts.getColumn(1).getString();
            if (key == "schema") {
                schema = value;
            } else if (key == "name") {
                data_.name = value;
            } else if (key == "config") {
                data_.config_path = value;
            } else if (key == "traces") {
                std::istringstream lines(value);
                for (std::string line; std::getline(lines, line);) {
                    data_.traces.push_back(line);
                }
            }
        }
        if (schema != kManifestSchema) {
            throw base::InputError(path_ + ": expected schema " + kManifestSchema + ", found " +
                                   (schema.empty() ? "none" : schema));
        }
    }

    void read_points() {
        SQLite::Statement points(
            database_, "SELECT point, label, folder, status, error FROM points ORDER BY point");
        while (points.executeStep()) {
            SweepPoint point;
            point.number = static_cast<std::uint64_t>(points.getColumn(0).getInt64());
            point.label = points.getColumn(1).getString();
            point.folder = points.getColumn(2).getString();
            point.status = status_of(points.getColumn(3).getString());
            point.error = points.getColumn(4).getString();
            data_.points.push_back(std::move(point));
        }
    }

    /// Null for a point that the table of points does not have.
    SweepPoint* find(std::int64_t number) {
        const auto found =
            std::lower_bound(data_.points.begin(), data_.points.end(), number,
                             [](const SweepPoint& point, std::int64_t wanted) {
                                 return static_cast<std::int64_t>(point.number) < wanted;
                             });
        const bool is_there =
            found != data_.points.end() && static_cast<std::int64_t>(found->number) == number;
        return is_there ? &*found : nullptr;
    }

    void read_settings() {
        for (const std::string& axis : data_.axis_keys) {
            SQLite::Statement settings(
                database_, "SELECT point, value FROM settings WHERE key = ? ORDER BY point");
            settings.bind(1, axis);
            while (settings.executeStep()) {
                if (SweepPoint* point = find(settings.getColumn(0).getInt64())) {
                    point->settings.push_back({axis, settings.getColumn(1).getString()});
                }
            }
        }
    }

    void read_metrics() {
        SQLite::Statement metrics(database_, "SELECT point, stage, metric, value FROM metrics");
        while (metrics.executeStep()) {
            if (SweepPoint* point = find(metrics.getColumn(0).getInt64())) {
                point->metrics[metrics.getColumn(1).getString()][metrics.getColumn(2).getString()] =
                    metrics.getColumn(3).getDouble();
            }
        }
    }

    std::string path_;
    SQLite::Database database_;
    SweepData data_;
};

}  // namespace

bool is_sweep_folder(const std::string& folder) {
    std::error_code ignored;
    return fs::is_regular_file(fs::path(folder) / kDatabaseFile, ignored);
}

SweepData read_sweep(const std::string& folder) {
    const std::string path = (fs::path(folder) / kDatabaseFile).string();
    if (!is_sweep_folder(folder)) {
        throw base::InputError(folder + ": expected the folder of a sweep, found no " +
                               kDatabaseFile + " in it");
    }
    return with_database(path, [&] { return Reader(folder, path).read(); });
}

}  // namespace skipsim::sweep
