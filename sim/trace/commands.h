// SPDX-License-Identifier: Apache-2.0
// The `skipsim trace` commands, for sim/app. Each returns the exit status 0 or 1 and throws
// base::InputError (2), base::MachineError (3) or base::Interrupted; text goes to the given stream.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace skipsim::trace {

/// trace info FILE [--json]
struct InfoArguments {
    std::string file;
    bool as_json = false;
};

/// trace validate FILE
struct ValidateArguments {
    std::string file;
    bool shows_progress = false;
};

/// trace synth SPEC.yaml --out FILE [--force] [--seed N]
struct SynthArguments {
    std::string spec;
    std::string out;
    bool force = false;
    std::optional<std::uint64_t> seed;  ///< replaces the seed of the specification
    bool shows_progress = false;
};

/// trace slice FILE --iterations A..B --out FILE [--force]; A and B count from 0, B is included
struct SliceArguments {
    std::string file;
    std::uint64_t first_iteration = 0;
    std::uint64_t last_iteration = 0;
    std::string out;
    bool force = false;
    bool shows_progress = false;
};

/// Summary of a trace: facts of the run, iterations, per layer the densities and the ceilings
/// they put on each stage. `as_json`: the same for machines.
int run_info(const InfoArguments& arguments, std::ostream& out);
/// 0 and one line if the trace is good, 1 and a line per inconsistency if not. InputError only if
/// there is no such file.
int run_validate(const ValidateArguments& arguments, std::ostream& out);
/// Writes a synthetic trace. An existing `out` is an InputError unless `force`.
int run_synth(const SynthArguments& arguments, std::ostream& out);
/// Copies iterations first .. last; they are renumbered from 0.
int run_slice(const SliceArguments& arguments, std::ostream& out);

}  // namespace skipsim::trace
