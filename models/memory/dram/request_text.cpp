// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/request_text.h"

namespace skipsim::memory {
namespace {

std::string hexadecimal(std::uint64_t value) {
    std::string digits;
    do {
        digits.insert(digits.begin(), "0123456789abcdef"[value % 16]);
        value /= 16;
    } while (value != 0);
    return "0x" + digits;
}

}  // namespace

std::string dramsim3_line(const DramRequest& request, std::uint64_t cycle) {
    return hexadecimal(request.address) + (request.is_write ? " WRITE " : " READ ") +
           std::to_string(cycle);
}

std::string ramulator2_line(const DramRequest& request) {
    return (request.is_write ? "ST " : "LD ") + hexadecimal(request.address);
}

}  // namespace skipsim::memory
