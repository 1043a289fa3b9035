// SPDX-License-Identifier: Apache-2.0
// Reads result.json files that may have passed through anybody's hands: truncated, of another
// schema, edited. What comes out has every field of `skipsim-result/1` with its type, and keeps the
// laws of sim/stats/totals.h.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace skipsim::results {

struct ResultFile {
    std::string path;                 ///< of result.json, as it can be opened
    std::string label;                ///< short and unique among those read together
    nlohmann::ordered_json document;  /// `skipsim-result/1`, checked
};

/// `path`: a result file or the folder that holds one. Throws InputError ("FILE:line:column: …" for
/// text that is not JSON, "FILE: /layers/3/cycles: expected …, found …" for the rest, a line for
/// each problem) for what is not a whole, unchanged result of this schema.
ResultFile read_result(const std::string& path);

/// The same for several; labels are the shortest ends of the paths that tell them apart.
/// All problems of all files are reported together.
std::vector<ResultFile> read_results(const std::vector<std::string>& paths);

}  // namespace skipsim::results
