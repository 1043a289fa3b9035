// SPDX-License-Identifier: Apache-2.0
// The folder of a sweep: which files in it belong to the sweep, so that nothing else is ever
// touched. The manifest is the first file to come and the last to go; a folder that holds one is a
// sweep's, at whatever moment the program was killed.
#pragma once

#include <string>

namespace skipsim::sweep {

inline constexpr const char* kLockFile = ".lock";
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kSpecFile = "sweep.yaml";
inline constexpr const char* kCsvFile = "points.csv";

/// Throws InputError if a file is in the way, MachineError if the folder cannot be made.
void make_folder(const std::string& folder);

/// Throws InputError if the folder holds something and is not that of a sweep.
void check_folder(const std::string& folder);

/// Forgets the sweep. What is not part of it stays.
void remove_sweep(const std::string& folder);

/// Removes what a process that was killed left behind: files that never got their name.
void remove_leftovers(const std::string& folder);

}  // namespace skipsim::sweep
