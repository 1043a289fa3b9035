// SPDX-License-Identifier: Apache-2.0
// What the unit tests of sim/trace share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/trace/commands.h"

namespace skipsim::trace {

inline std::string temporary(const std::string& name) {
    return testing::TempDir() + "/trace-unit-" + std::to_string(::getpid()) + '-' + name;
}

/// The lines of the InputError that `step` throws; empty if it throws none.
template <typename Step>
std::vector<std::string> problems_of(Step step) {
    try {
        step();
    } catch (const base::InputError& error) {
        return error.lines();
    }
    return {};
}

/// Writes a specification and makes the trace of it; answers the trace's path.
inline std::string synthesise(const std::string& name, const std::string& spec) {
    const std::string spec_path = temporary(name + ".yaml");
    std::ofstream(spec_path) << spec;
    const std::string path = temporary(name + ".h5");
    std::ostringstream out;
    run_synth({spec_path, path, true, std::nullopt, false}, out);
    return path;
}

}  // namespace skipsim::trace
