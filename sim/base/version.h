// SPDX-License-Identifier: Apache-2.0
// Version and git revision of this build; both go into every result file.
#pragma once

namespace skipsim::base {

/// Version of the product, "0.1.0".
const char* version() noexcept;
/// 40 hex digits of the git commit, "-dirty" appended when tracked files differ from it;
/// "unknown" if the sources were built outside a git checkout.
const char* revision() noexcept;

}  // namespace skipsim::base
