// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "sim/base/number.h"
#include "sim/sweep/database.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 5000;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS axes (position INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS points (
  point INTEGER PRIMARY KEY, key TEXT NOT NULL, simulation_key TEXT NOT NULL, label TEXT NOT NULL,
  folder TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'failed')),
  error TEXT NOT NULL, result_sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (
  point INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (point, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (
  point INTEGER NOT NULL, stage TEXT NOT NULL, metric TEXT NOT NULL, value NUMERIC NOT NULL,
  PRIMARY KEY (point, stage, metric)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (
  point INTEGER PRIMARY KEY, wall_seconds REAL NOT NULL, peak_rss_bytes INTEGER NOT NULL);
)";

std::string quoted_name(const std::string& name) {
    std::string text = "\"";
    for (const char letter : name) {
        text += letter == '"' ? "\"\"" : std::string(1, letter);
    }
    return text + '"';
}

std::string quoted_text(const std::string& value) {
    std::string text = "'";
    for (const char letter : value) {
        text += letter == '\'' ? "''" : std::string(1, letter);
    }
    return text + '\'';
}

/// Every point that has this key has a number there.
bool is_numeric(const Manifest& manifest, const std::string& key) {
    return std::all_of(manifest.points.begin(), manifest.points.end(), [&](const auto& point) {
        return std::all_of(point.settings.begin(), point.settings.end(), [&](const auto& setting) {
            return setting.key != key || base::parse_number<double>(setting.value).has_value();
        });
    });
}

/// A line for each finished point: what most questions are about, without a join. Settings that are
/// numbers are numbers there, so that they compare as such.
std::string results_view(const Manifest& manifest) {
    std::string text = "DROP VIEW IF EXISTS results; CREATE VIEW results AS SELECT point";
    for (const std::string& axis : manifest.axis_keys) {
        const std::string value = is_numeric(manifest, axis) ? "CAST(value AS NUMERIC)" : "value";
        text += ", (SELECT " + value +
                " FROM settings s WHERE s.point = p.point AND s.key = " + quoted_text(axis) +
                ") AS " + quoted_name(axis);
    }
    for (const char* metric : kMainMetrics) {
        text +=
            ", (SELECT value FROM metrics m WHERE m.point = p.point AND m.stage = 'total' AND "
            "m.metric = " +
            quoted_text(metric) + ") AS " + quoted_name(metric);
    }
    return text + ", folder FROM points p WHERE status = 'done'";
}

std::string list_text(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) {
        text += (text.empty() ? "" : "\n") + item;
    }
    return text;
}

bool holds_anything(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt64() != 0;
}

}  // namespace

bool is_database_of_sweep(const std::string& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        return false;
    }
    try {
        SQLite::Database database(path, SQLite::OPEN_READONLY, kBusyMilliseconds);
        SQLite::Statement schema(database, "SELECT value FROM sweep WHERE key = 'schema'");
        return schema.executeStep() && schema.getColumn(0).getString().rfind("skipsim-", 0) == 0;
    } catch (const SQLite::Exception&) {
        return false;
    }
}

struct Store::State {
    State(std::string file, const Manifest& manifest)
        : path(std::move(file)),
          database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds) {
        require_own();
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA synchronous = NORMAL");
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        database.exec(kTables);
        require_schema();
        fill_sweep(manifest);
        fill_points(manifest);
        database.exec(results_view(manifest));
        transaction.commit();
    }

    /// Nothing is added to the database of another program.
    void require_own() {
        if (holds_anything(database) && !database.tableExists("sweep")) {
            throw base::InputError(path +
                                   ": expected the database of a sweep, found one of another "
                                   "program; move it away and run the sweep again: finished "
                                   "points are taken from their files");
        }
    }

    void require_schema() {
        SQLite::Statement found(database, "SELECT value FROM sweep WHERE key = 'schema'");
        if (found.executeStep() && found.getColumn(0).getString() != kManifestSchema) {
            throw base::InputError(path + ": expected schema " + kManifestSchema + ", found " +
                                   found.getColumn(0).getString());
        }
    }

    void fill_sweep(const Manifest& manifest) {
        const std::vector<std::pair<const char*, std::string>> lines{
            {"schema", kManifestSchema},
            {"name", manifest.name},
            {"skipsim", manifest.skipsim},
            {"config", manifest.config_path},
            {"traces", list_text(manifest.traces)}};
        SQLite::Statement put(database, "INSERT OR REPLACE INTO sweep VALUES (?, ?)");
        for (const auto& [key, value] : lines) {
            put.bind(1, key);
            put.bind(2, value);
            put.exec();
            put.reset();
        }
        database.exec("DELETE FROM axes");
        SQLite::Statement axis(database, "INSERT INTO axes VALUES (?, ?)");
        for (std::size_t position = 0; position < manifest.axis_keys.size(); ++position) {
            axis.bind(1, static_cast<std::int64_t>(position));
            axis.bind(2, manifest.axis_keys[position]);
            axis.exec();
            axis.reset();
        }
    }

    /// Points that are the same stay as they are; those of another sweep go.
    void fill_points(const Manifest& manifest) {
        std::map<std::int64_t, std::string> known;
        SQLite::Statement found(database, "SELECT point, key FROM points");
        while (found.executeStep()) {
            known[found.getColumn(0).getInt64()] = found.getColumn(1).getString();
        }
        SQLite::Statement put(database,
                              "INSERT INTO points VALUES (?, ?, ?, ?, ?, 'waiting', '', '')");
        SQLite::Statement set(database, "INSERT INTO settings VALUES (?, ?, ?)");
        for (const ManifestPoint& point : manifest.points) {
            const auto number = static_cast<std::int64_t>(point.number);
            const auto same = known.find(number);
            const bool is_same = same != known.end() && same->second == point.key;
            if (same != known.end()) {
                if (!is_same) {
                    remove(number);
                }
                known.erase(same);
            }
            if (is_same) {
                continue;
            }
            put.bind(1, number);
            put.bind(2, point.key);
            put.bind(3, point.simulation_key);
            put.bind(4, point.label);
            put.bind(5, point_folder(point.key));
            put.exec();
            put.reset();
            for (const Setting& setting : point.settings) {
                set.bind(1, number);
                set.bind(2, setting.key);
                set.bind(3, setting.value);
                set.exec();
                set.reset();
            }
        }
        for (const auto& [number, key] : known) {
            remove(number);
        }
    }

    void remove(std::int64_t number) {
        for (const char* table : {"points", "settings", "metrics", "executions"}) {
            SQLite::Statement statement(database,
                                        std::string("DELETE FROM ") + table + " WHERE point = ?");
            statement.bind(1, number);
            statement.exec();
        }
    }

    void set_status(std::int64_t number, const char* status, const Outcome& outcome) {
        SQLite::Statement statement(
            database, "UPDATE points SET status = ?, error = ?, result_sha256 = ? WHERE point = ?");
        statement.bind(1, status);
        statement.bind(2, outcome.error);
        statement.bind(3, outcome.result_sha256);
        statement.bind(4, number);
        statement.exec();
        for (const char* table : {"metrics", "executions"}) {
            SQLite::Statement old(database,
                                  std::string("DELETE FROM ") + table + " WHERE point = ?");
            old.bind(1, number);
            old.exec();
        }
    }

    void add_metrics(std::int64_t number, const Outcome& outcome) {
        SQLite::Statement put(database, "INSERT INTO metrics VALUES (?, ?, ?, ?)");
        for (const auto& [stage, metrics] : outcome.metrics.items()) {
            for (const auto& [metric, value] : metrics.items()) {
                put.bind(1, number);
                put.bind(2, stage);
                put.bind(3, metric);
                if (value.is_number_integer()) {
                    put.bind(4, value.get<std::int64_t>());
                } else {
                    put.bind(4, value.get<double>());
                }
                put.exec();
                put.reset();
            }
        }
        SQLite::Statement execution(database, "INSERT INTO executions VALUES (?, ?, ?)");
        execution.bind(1, number);
        execution.bind(2, outcome.wall_seconds);
        execution.bind(3, static_cast<std::int64_t>(outcome.peak_rss_bytes));
        execution.exec();
    }

    std::string path;
    SQLite::Database database;
};

Store::Store(const std::string& folder, const Manifest& manifest) {
    const std::string path = (fs::path(folder) / kDatabaseFile).string();
    with_database(path, [&] { state_ = std::make_unique<State>(path, manifest); });
}

Store::~Store() = default;

PointStatus Store::status(std::uint64_t point) const {
    return with_database(state_->path, [&] {
        SQLite::Statement found(state_->database, "SELECT status FROM points WHERE point = ?");
        found.bind(1, static_cast<std::int64_t>(point));
        const std::string text = found.executeStep() ? found.getColumn(0).getString() : "waiting";
        return text == "done"     ? PointStatus::done
               : text == "failed" ? PointStatus::failed
                                  : PointStatus::waiting;
    });
}

void Store::record(std::uint64_t point, const Outcome& outcome) {
    with_database(state_->path, [&] {
        const auto number = static_cast<std::int64_t>(point);
        SQLite::Transaction transaction(state_->database);
        state_->set_status(number, outcome.is_done ? "done" : "failed", outcome);
        if (outcome.is_done) {
            state_->add_metrics(number, outcome);
        }
        transaction.commit();
    });
}

void Store::reset(std::uint64_t point) {
    with_database(state_->path, [&] {
        SQLite::Transaction transaction(state_->database);
        state_->set_status(static_cast<std::int64_t>(point), "waiting", Outcome());
        transaction.commit();
    });
}

void Store::close() {
    with_database(state_->path, [&] {
        try {
            state_->database.exec("PRAGMA journal_mode = DELETE");
        } catch (const SQLite::Exception& error) {
            constexpr int kPrimaryCode = 0xff;
            if ((error.getErrorCode() & kPrimaryCode) != SQLITE_BUSY) {
                throw;
            }  // somebody reads it: the log stays beside it, nothing is missing
        }
    });
}

}  // namespace skipsim::sweep
