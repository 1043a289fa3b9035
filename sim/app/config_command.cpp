// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/options.h"
#include "sim/app/program.h"
#include "sim/config/config.h"
#include "sim/config/document.h"
#include "sim/stats/energy_table.h"
#include "sim/system/builder.h"

#include <ostream>

namespace skipsim::app {
namespace {

constexpr const char* kSetMeaning = "use this value instead of the file's; may be repeated";
constexpr int kJsonIndent = 2;

int check(const Words& words, std::ostream& out) {
    Options options(
        {"config check", "CONFIG.yaml [--set key.path=value]...",
         "Reads a configuration, its energy table and its memory file and names every problem.",
         "  skipsim config check configs/pnpu.yaml\n"
         "  skipsim config check configs/pnpu.yaml --set core.rows=16\n"});
    options.add_repeated("set", "KEY=VALUE", kSetMeaning);
    options.add_positional("CONFIG.yaml");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const config::Config config =
        config::Config::load(options.positional(0), options.values("set"));
    stats::load_energy_table(config.energy_table_path());
    system::chip_params(config);  // reads the memory file
    if (!options.is_quiet()) {
        out << options.positional(0) << ": good: " << config.values().size() << " values, "
            << config.assumptions().size() << " with a note of their origin\n";
    }
    return kDone;
}

int show(const Words& words, std::ostream& out) {
    Options options({"config show", "CONFIG.yaml [--set key.path=value]...",
                     "Prints every resolved value, defaults included, as a configuration file.",
                     "  skipsim config show configs/pnpu.yaml\n"
                     "  skipsim config show configs/tiny.yaml --set core.rows=4 > my.yaml\n"});
    options.add_repeated("set", "KEY=VALUE", kSetMeaning);
    options.add_positional("CONFIG.yaml");
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    out << config::as_yaml(config::Config::load(options.positional(0), options.values("set")));
    return kDone;
}

int schema(const Words& words, std::ostream& out) {
    Options options({"config schema", "",
                     "Prints the JSON Schema (draft 2020-12) of a configuration file, for editors.",
                     "  skipsim config schema > skipsim-config.schema.json\n"});
    options.parse(words);
    out << (options.wants_help() ? options.help() : config::json_schema().dump(kJsonIndent) + '\n');
    return kDone;
}

}  // namespace

int config_command(const Words& words, std::ostream& out) {
    return run_subcommand("config",
                          {{"check", "name every problem of a configuration", check},
                           {"show", "print every resolved value as YAML", show},
                           {"schema", "print the JSON Schema of a configuration file", schema}},
                          words, out);
}

}  // namespace skipsim::app
