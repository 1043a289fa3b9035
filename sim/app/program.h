// SPDX-License-Identifier: Apache-2.0
// The program as a function: words in, text and exit status out. The one place where exceptions
// become exit statuses:
//
//   0 done    1 a check said no    2 wrong input    3 the machine refused    70 a bug in skipsim
//   128 + signal: interrupted
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace skipsim::app {

enum ExitStatus : int {
    kDone = 0,
    kCheckFailed = 1,
    kWrongInput = 2,
    kMachineRefused = 3,
    kBug = 70,
    kInterrupted = 128
};

/// `words`: the command line without the program's name. Never throws.
int run_program(const std::vector<std::string>& words, std::ostream& out, std::ostream& err);

}  // namespace skipsim::app
