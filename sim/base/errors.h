// SPDX-License-Identifier: Apache-2.0
// The kinds of failure that reach a user, one exception class per exit status. Library code
// throws them; sim/app catches once. A bug in skipsim is an InternalError (check.h), exit 70.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace skipsim::base {

/// The user's input is wrong (exit status 2). One line per problem, each a whole sentence with
/// its place: "file:line:column: key: what was expected, what was found".
class InputError : public std::runtime_error {
public:
    explicit InputError(std::string line);
    /// Requires at least one line.
    explicit InputError(std::vector<std::string> lines);

    [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::vector<std::string> lines_;
};

/// The machine refused: cannot write, disk full, out of memory (exit status 3).
class MachineError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A signal asked the program to stop (exit status 128 + signal).
class Interrupted : public std::exception {
public:
    explicit Interrupted(int signal_number) noexcept : signal(signal_number) {}
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }

    int signal;  ///< SIGINT or SIGTERM
};

}  // namespace skipsim::base
