// SPDX-License-Identifier: Apache-2.0
// SHA-256 checksums as 64 lower-case hex digits (FIPS 180-4, through OpenSSL).
#pragma once

#include <string>
#include <string_view>

namespace skipsim::base {

std::string sha256_hex(std::string_view bytes);

/// Reads the file in blocks. Throws InputError if it cannot be opened or read.
std::string sha256_hex_of_file(const std::string& path);

}  // namespace skipsim::base
