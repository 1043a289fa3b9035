// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/program.h"
#include "sim/trace/commands.h"

#include <limits>
#include <ostream>
#include <sstream>

namespace skipsim::app {
namespace {

/// What a command prints besides its result is left out with --quiet.
class Remarks {
public:
    Remarks(const Options& options, std::ostream& out)
        : stream_(options.is_quiet() ? static_cast<std::ostream&>(dropped_) : out) {}
    [[nodiscard]] std::ostream& stream() { return stream_; }

private:
    std::ostringstream dropped_;
    std::ostream& stream_;
};

int info(const Words& words, std::ostream& out) {
    Options options({"trace info", "FILE [--json]",
                     "Shows what a trace holds: the run, its iterations, and per layer the "
                     "densities and the speed-up they\nallow at most.",
                     "  skipsim trace info traces/resnet20-cifar10-e12.h5\n"});
    options.add_flag("json", "the same for machines");
    options.add_positional("FILE");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    return trace::run_info({options.positional(0), options.has("json")}, out);
}

int validate(const Words& words, std::ostream& out) {
    Options options({"trace validate", "FILE",
                     "Reads all of a trace and names every inconsistency. Exit status 1 if there "
                     "is one.",
                     "  skipsim trace validate my.h5\n"});
    options.add_positional("FILE");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    trace::ValidateArguments arguments;
    arguments.file = options.positional(0);
    arguments.shows_progress = !options.is_quiet();
    std::ostringstream text;
    const int status = trace::run_validate(arguments, text);
    if (status != kDone || !options.is_quiet()) {
        out << text.str();
    }
    return status;
}

int synth(const Words& words, std::ostream& out) {
    Options options({"trace synth", "SPEC.yaml --out FILE [--force] [--seed N]",
                     "Makes a trace with random patterns from a description of layers and "
                     "densities.",
                     "  skipsim trace synth traces/specs/resnet-block.yaml --out block.h5\n"});
    options.add_value("out", "FILE", "trace to write");
    options.add_flag("force", "replace an existing file");
    options.add_value("seed", "N", "seed instead of the description's");
    options.add_positional("SPEC.yaml");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    trace::SynthArguments arguments;
    arguments.spec = options.positional(0);
    arguments.out = options.required("out");
    arguments.force = options.has("force");
    arguments.seed = options.whole("seed", 0, std::numeric_limits<std::uint64_t>::max());
    arguments.shows_progress = !options.is_quiet();
    return trace::run_synth(arguments, Remarks(options, out).stream());
}

int slice(const Words& words, std::ostream& out) {
    Options options({"trace slice", "FILE --iterations A..B --out FILE [--force]",
                     "Copies some iterations of a trace, both ends included, numbered from 0 "
                     "again.",
                     "  skipsim trace slice big.h5 --iterations 0..1 --out small.h5\n"});
    options.add_value("iterations", "A..B", "iterations to keep");
    options.add_value("out", "FILE", "trace to write");
    options.add_flag("force", "replace an existing file");
    options.add_positional("FILE");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    if (!options.has("iterations")) {
        options.fail("--iterations: missing; expected A..B, such as 0..3");
    }
    trace::SliceArguments arguments;
    arguments.file = options.positional(0);
    const auto iterations = options.range("iterations");
    arguments.first_iteration = iterations->first;
    arguments.last_iteration = iterations->second;
    arguments.out = options.required("out");
    arguments.force = options.has("force");
    arguments.shows_progress = !options.is_quiet();
    return trace::run_slice(arguments, Remarks(options, out).stream());
}

}  // namespace

int trace_command(const Words& words, std::ostream& out) {
    return run_subcommand("trace",
                          {{"info", "show what a trace holds", info},
                           {"validate", "name every inconsistency of a trace", validate},
                           {"synth", "make a random trace from a description", synth},
                           {"slice", "copy some iterations of a trace", slice}},
                          words, out);
}

}  // namespace skipsim::app
