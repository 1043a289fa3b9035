// SPDX-License-Identifier: Apache-2.0
#include "sim/base/errors.h"

#include <utility>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += text.empty() ? line : "\n" + line;
    }
    return text;
}

}  // namespace

InputError::InputError(std::string line) : InputError(std::vector<std::string>{std::move(line)}) {}

InputError::InputError(std::vector<std::string> lines)
    : std::runtime_error(joined(lines)), lines_(std::move(lines)) {
    require(!lines_.empty(), "InputError needs at least one line");
}

}  // namespace skipsim::base
