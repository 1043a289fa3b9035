// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace skipsim::config {

/// The smallest complete configuration: every required key, no other.
inline std::string small_config() {
    return "name: small\n"                                 // line 1
           "clocks: {core_mhz: 50}\n"                      // line 2
           "accelerator:\n"                                // line 3
           "  clusters: 1\n"                               // line 4
           "  cores_per_cluster: 1\n"                      // line 5
           "core:\n"                                       // line 6
           "  rows: 2\n"                                   // line 7
           "  columns: 2\n"                                // line 8
           "  chunk_operands: 8\n"                         // line 9
           "  fifo_depth_chunks: 2\n"                      // line 10
           "  tile_chunks: 4\n"                            // line 11
           "  operand_format: fp8\n"                       // line 12
           "skip: {ff: adaptive, bp: input, wg: dense}\n"  // line 13
           "energy:\n"                                     // line 14
           "  table: t.yaml\n";                            // line 15
}

/// small_config() with `from` replaced by `to`. Requires that `from` occurs.
inline std::string small_config_with(const std::string& from, const std::string& to) {
    std::string text = small_config();
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace skipsim::config
