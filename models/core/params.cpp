// SPDX-License-Identifier: Apache-2.0
#include "models/core/params.h"

namespace skipsim::core {
namespace {

void check_range(std::vector<std::string>& found, const char* name, std::uint32_t value,
                 std::uint32_t lowest, std::uint32_t highest) {
    if (value < lowest || value > highest) {
        found.push_back(std::string(name) + " = " + std::to_string(value) + ", must be " +
                        std::to_string(lowest) + ".." + std::to_string(highest));
    }
}

}  // namespace

std::vector<std::string> CoreParams::problems() const {
    std::vector<std::string> found;
    check_range(found, "rows", rows, 1, 128);
    check_range(found, "columns", columns, 1, 128);
    check_range(found, "chunk_operands", chunk_operands, 8, 512);
    check_range(found, "fifo_depth_chunks", fifo_depth_chunks, 1, 64);
    check_range(found, "issue_width_pairs", issue_width_pairs, 1, 64);
    check_range(found, "tile_chunks", tile_chunks, 1, 65536);
    check_range(found, "operand_width_bits", operand_width_bits, 1, 64);
    check_range(found, "input_ports", input_ports, 1, 16384);
    return found;
}

}  // namespace skipsim::core
