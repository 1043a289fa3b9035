// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/program.h"
#include "sim/config/document.h"
#include "sim/stats/statistics.h"

#include <ostream>

namespace skipsim::app {
namespace {

int params(const Words& words, std::ostream& out) {
    Options options({"list params", "[--markdown]",
                     "Lists every configuration parameter with its values, default and meaning.",
                     "  skipsim list params\n  skipsim list params --markdown\n"});
    options.add_flag("markdown", "as a Markdown table (the one in sim/config/README.md)");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
    } else {
        out << (options.has("markdown") ? config::catalogue_as_markdown()
                                        : config::catalogue_as_text());
    }
    return kDone;
}

int actions(const Words& words, std::ostream& out) {
    Options options({"list actions", "",
                     "Lists the counted actions that an energy table gives a price.",
                     "  skipsim list actions\n"});
    options.parse(words);
    out << (options.wants_help() ? options.help() : stats::actions_as_text());
    return kDone;
}

int statistics(const Words& words, std::ostream& out) {
    Options options({"list statistics", "", "Lists the numbers in a result and what they mean.",
                     "  skipsim list statistics\n"});
    options.parse(words);
    out << (options.wants_help() ? options.help() : stats::statistics_as_text());
    return kDone;
}

}  // namespace

int list_command(const Words& words, std::ostream& out) {
    return run_subcommand("list",
                          {{"params", "configuration parameters", params},
                           {"actions", "counted actions, the lines of an energy table", actions},
                           {"statistics", "numbers in a result", statistics}},
                          words, out);
}

}  // namespace skipsim::app
