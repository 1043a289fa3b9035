// SPDX-License-Identifier: Apache-2.0
// Checks of skipsim's own rules. A broken one is a bug in skipsim, never the user's fault, and
// ends the program with exit status 70. The checks stay on in release builds.
#pragma once

#include <stdexcept>
#include <string>

namespace skipsim::base {

/// A bug in skipsim. what() says which rule broke; wrappers add module and cycle.
class InternalError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

[[noreturn]] void throw_internal_error(const char* what);
[[noreturn]] void throw_internal_error(const std::string& what);

/// Throws InternalError(what) unless the condition holds. Costs one branch.
inline void require(bool condition, const char* what) {
    if (!condition) {
        throw_internal_error(what);
    }
}

inline void require(bool condition, const std::string& what) {
    if (!condition) {
        throw_internal_error(what);
    }
}

}  // namespace skipsim::base
