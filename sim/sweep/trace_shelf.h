// SPDX-License-Identifier: Apache-2.0
// The traces of a sweep, opened and decoded once, before any worker is forked.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/trace/reader.h"

namespace skipsim::sweep {

class TraceShelf {
public:
    /// Opens it if it is not open yet; throws like TraceReader. The reference stays valid.
    trace::TraceReader& open(const std::string& path);

    /// Decodes iterations of a trace ("A..B", "" = all; ends beyond the trace are cut off), as long
    /// as all of it takes no more than a quarter of the machine's memory.
    void decode(const std::string& path, const std::vector<std::string>& iterations);

    /// Of a file of any kind, read once.
    const std::string& sha256_of_file(const std::string& path);

    /// Checksums of files are made anew when they are asked for next. Not those of traces, which
    /// may be large: has_changed() is for them.
    void forget_checksums() { checksums_.clear(); }
    /// Whether the file of an open trace is another one, or was written to, since it was opened.
    [[nodiscard]] bool has_changed(const std::string& path) const;

private:
    /// What another content would change, as the file system says; all 0 if there is no file.
    using FileState = std::array<std::uint64_t, 6>;
    static FileState state_of(const std::string& path);

    std::map<std::string, trace::TraceReader> readers_;
    std::map<std::string, FileState> opened_states_;
    std::map<std::string, std::string> checksums_;
    std::uint64_t decoded_bytes_ = 0;
};

}  // namespace skipsim::sweep
