// SPDX-License-Identifier: Apache-2.0
// The commands of the program. Each takes the words after its name, writes results to `out`,
// returns the exit status 0 or 1, and throws for everything else (program.h turns that into a
// status).
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace skipsim::app {

using Words = std::vector<std::string>;

int run_command(const Words& words, std::ostream& out);
int sweep_command(const Words& words, std::ostream& out);
int pareto_command(const Words& words, std::ostream& out);
int sensitivity_command(const Words& words, std::ostream& out);
int trace_command(const Words& words, std::ostream& out);
int compare_command(const Words& words, std::ostream& out);
int report_command(const Words& words, std::ostream& out);
int config_command(const Words& words, std::ostream& out);
int list_command(const Words& words, std::ostream& out);

/// A command that has commands below it: "trace" with "info", "validate", …
struct Subcommand {
    const char* name;
    const char* meaning;
    int (*run)(const Words& words, std::ostream& out);
};

/// Finds the subcommand that words[0] names and runs it with the rest; --help lists them.
int run_subcommand(const std::string& command, const std::vector<Subcommand>& subcommands,
                   const Words& words, std::ostream& out);

}  // namespace skipsim::app
