// SPDX-License-Identifier: Apache-2.0
// Runs another program and waits for it. No shell is involved: the arguments arrive as they are.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace skipsim::sweep {

struct ChildOutcome {
    bool is_found = true;       ///< the program exists; if not, nothing ran
    bool is_timed_out = false;  ///< killed because it took too long
    int exit_status = 0;        ///< of a program that ended by itself
    int signal = 0;             ///< that ended it; 0 = none
    std::string out;            ///< its standard output, whole
    std::string err;            ///< its standard error, whole

    [[nodiscard]] bool is_success() const noexcept {
        return is_found && !is_timed_out && signal == 0 && exit_status == 0;
    }
};

/// What a child may do.
struct ChildLimits {
    std::chrono::milliseconds time{120'000};
    /// SIGINT or SIGTERM to this program ends the child and throws Interrupted. Without it the
    /// child is waited for: what it does must not be cut in two.
    bool stops_on_interrupt = true;
    /// Environment variables whose names begin so do not reach the child; "" = all do.
    std::string hidden_prefix;
};

/// Looks for argv[0] on the PATH. The child reads nothing, has signals as by default and a process
/// group of its own, so an interrupt typed at the terminal does not reach it. Throws MachineError
/// if no process can be started.
ChildOutcome run_child(const std::vector<std::string>& argv, const ChildLimits& limits = {});

}  // namespace skipsim::sweep
