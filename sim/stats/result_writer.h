// SPDX-License-Identifier: Apache-2.0
// The folder of a result: result.json and layers.csv, both or neither.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::stats {

class ResultFolder {
public:
    /// Makes the folder (and those above it) and proves that files can be written there, before any
    /// time is spent on a simulation. Throws InputError if a result is there already and `force` is
    /// not set, MachineError if the machine refuses.
    ResultFolder(std::string path, bool force);
    /// Removes the folders it made if no result was written into them.
    ~ResultFolder();
    ResultFolder(const ResultFolder&) = delete;
    ResultFolder& operator=(const ResultFolder&) = delete;

    /// Throws MachineError; then what was there before is there still.
    void write(const nlohmann::ordered_json& document);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    void make_folder();
    void prove_writable() const;
    void remove_made_folders() const noexcept;

    std::string path_;          ///< as given, for messages
    std::string folder_;        ///< absolute
    std::string topmost_made_;  ///< first folder that did not exist; "" = all did
    bool is_written_ = false;
};

}  // namespace skipsim::stats
