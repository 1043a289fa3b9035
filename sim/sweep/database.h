// SPDX-License-Identifier: Apache-2.0
// Errors of SQLite as those of this program. Private to sim/sweep.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <string>

#include "sim/base/errors.h"

namespace skipsim::sweep {

/// Throws InputError if the file is no database or is damaged, else MachineError.
[[noreturn]] inline void rethrow(const SQLite::Exception& error, const std::string& path) {
    constexpr int kPrimaryCode = 0xff;
    switch (error.getErrorCode() & kPrimaryCode) {
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
        case SQLITE_ERROR:
        case SQLITE_SCHEMA:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
            throw base::InputError(path + ": expected the database of a sweep, found " +
                                   error.what() +
                                   "; move it away and run the sweep again: finished points are "
                                   "taken from their files");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw base::MachineError(path + ": another program keeps the database locked");
        case SQLITE_FULL:
            throw base::MachineError(path + ": the disk is full; run the sweep again to go on");
        default:
            throw base::MachineError(path + ": " + error.what());
    }
}

/// Calls `work` and translates what SQLite throws.
template <typename Work>
auto with_database(const std::string& path, Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& error) {
        rethrow(error, path);
    }
}

}  // namespace skipsim::sweep
