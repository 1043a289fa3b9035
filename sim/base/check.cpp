// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"

namespace skipsim::base {

void throw_internal_error(const char* what) {
    throw InternalError(what);
}

void throw_internal_error(const std::string& what) {
    throw InternalError(what);
}

}  // namespace skipsim::base
