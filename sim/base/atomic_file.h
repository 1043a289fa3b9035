// SPDX-License-Identifier: Apache-2.0
// Writes a file whole or not at all: a temporary file in the same folder is written, synchronised
// and renamed over the target. A reader sees the old content or the new one, never a part.
#pragma once

#include <string>
#include <string_view>

namespace skipsim::base {

/// Throws MachineError with the path and the operating system's reason. After a failure the
/// target is as it was and the temporary file is gone. The folder must exist.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace skipsim::base
