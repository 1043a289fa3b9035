// SPDX-License-Identifier: Apache-2.0
// The trace commands as a small program, for tests that feed whole files to them. The exit status
// is that of the simulator; 70 marks anything that must not happen.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/trace/commands.h"

namespace {

int dispatch(const std::vector<std::string>& words) {
    using namespace skipsim::trace;
    const std::string& command = words.at(0);
    const bool force = words.back() == "--force";
    if (command == "info") {
        return run_info({words.at(1), words.back() == "--json"}, std::cout);
    }
    if (command == "validate") {
        return run_validate({words.at(1), false}, std::cout);
    }
    if (command == "synth") {
        return run_synth({words.at(1), words.at(2), force, std::nullopt, false}, std::cout);
    }
    if (command == "slice") {
        return run_slice({words.at(1), std::stoull(words.at(2)), std::stoull(words.at(3)),
                          words.at(4), force, false},
                         std::cout);
    }
    return 70;
}

}  // namespace

int main(int count, char** words) {
    try {
        return dispatch({words + 1, words + count});
    } catch (const skipsim::base::InputError& error) {
        for (const std::string& line : error.lines()) {
            std::cerr << line << '\n';
        }
        return 2;
    } catch (const skipsim::base::MachineError& error) {
        std::cerr << error.what() << '\n';
        return 3;
    } catch (const std::exception& error) {
        std::cerr << "bug: " << error.what() << '\n';
        return 70;
    }
}
