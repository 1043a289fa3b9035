// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/cycle_count.h"
#include "sim/app/options.h"
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/app/run_files.h"
#include "sim/base/errors.h"
#include "sim/config/config.h"
#include "sim/job/job.h"
#include "sim/stats/result_document.h"
#include "sim/stats/result_writer.h"
#include "sim/stats/summary.h"
#include "sim/system/run.h"
#include "sim/trace/reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <ostream>
#include <thread>

namespace skipsim::app {
namespace {

constexpr std::uint64_t kMaxThreads = 1024;

Options declare_options() {
    Options options(
        {"run", "CONFIG.yaml --trace FILE... [options]",
         "Simulates the training steps of one or several traces on the chip that CONFIG.yaml "
         "describes. Prints a summary\nand writes result.json and layers.csv.",
         "  skipsim run configs/pnpu.yaml --trace traces/resnet20-cifar10-e12.h5\n"
         "  skipsim run configs/pnpu.yaml --trace a.h5 b.h5 --out runs/ab --force\n"
         "  skipsim run configs/pnpu.yaml --trace a.h5 --set skip.ff=dense --set core.rows=16\n"
         "  skipsim run configs/tiny.yaml --trace a.h5 --iterations 0..1 --layers 'layer1.*' "
         "--stages FF,WG --per-layer\n"
         "  skipsim run configs/tiny.yaml --trace a.h5 --timeline a.json    (then open a.json in "
         "https://ui.perfetto.dev)\n"});
    options.add_list("trace", "FILE...", "traces, simulated one after the other");
    options.add_value("out", "DIR", "folder of the result (default: runs/<config>-<trace>)");
    options.add_flag("force", "replace a result or a file that is there already");
    options.add_repeated("set", "KEY=VALUE", "use this configuration value; may be repeated");
    options.add_value("engine", "NAME",
                      "fast (default) or clocked: every block advances at every clock edge, with "
                      "values; same numbers, slower");
    options.add_value("threads", "N",
                      "threads (default: one per processor); results do not depend on it");
    options.add_value("seed", "N", "seed of everything random (default: 0)");
    options.add_value("iterations", "A..B", "only these iterations of each trace");
    options.add_value("layers", "PATTERN", "only operators whose name matches (* and ?)");
    options.add_value("stages", "LIST", "only these stages: FF,BP,WG,WU");
    options.add_flag("per-layer", "add a line per layer to the summary");
    options.add_value("waveform", "F.vcd", "write every signal of the clocked engine, for gtkwave");
    options.add_value("waveform-limit", "MIB",
                      "stop the waveform, not the run, at so many MiB (default: 1024)");
    options.add_value("timeline", "F.json",
                      "write what happened when, for ui.perfetto.dev or chrome://tracing");
    options.add_value("dram-trace", "F", "write the requests that enter the DRAM, in order");
    options.add_value("dram-trace-format", "NAME",
                      "dramsim3 (default: with the cycle) or ramulator2 (without)");
    options.add_flag("check",
                     "compare y, dx and dw of the clocked engine with oneDNN; exit status 1 if one "
                     "is wrong");
    options.add_positional("CONFIG.yaml");
    return options;
}

/// Values and waveforms are the clocked engine's, the timeline of blocks the fast one's.
system::Engine chosen_engine(const Options& options) {
    const std::string name = options.value("engine").value_or("fast");
    if (name != "fast" && name != "clocked") {
        options.fail("--engine: expected fast or clocked, got \"" + name + "\"");
    }
    for (const char* needs_clocked : {"waveform", "check"}) {
        if (name == "fast" && options.has(needs_clocked)) {
            options.fail("--" + std::string(needs_clocked) +
                         ": expected --engine clocked with it, got the fast engine");
        }
    }
    if (name == "clocked" && options.has("timeline")) {
        options.fail("--timeline: expected --engine fast with it, got clocked; --waveform shows " +
                     std::string("what the clocked engine does"));
    }
    return name == "clocked" ? system::Engine::clocked : system::Engine::fast;
}

std::vector<std::string> trace_paths(const Options& options) {
    std::vector<std::string> paths = options.values("trace");
    if (paths.empty()) {
        options.fail("--trace: missing; expected one or more trace files");
    }
    return paths;
}

/// Refuses what is not a part of a trace.
stats::Selection chosen_part(const Options& options) {
    const std::string stages = options.value("stages").value_or("");
    if (options.has("stages") && !job::parse_stages(stages)) {
        options.fail("--stages: expected a list of FF, BP, WG, WU, got " +
                     (stages.empty() ? "nothing" : '"' + stages + '"'));
    }
    static_cast<void>(options.range("iterations"));
    return job::selection_of(options.value("iterations").value_or(""),
                             options.value("layers").value_or(""), stages);
}

system::RunOptions run_options(const Options& options) {
    system::RunOptions run;
    run.engine = chosen_engine(options);
    run.check_values = options.has("check");
    job::select(run, chosen_part(options));
    const std::uint64_t processors = std::max(1U, std::thread::hardware_concurrency());
    run.threads = static_cast<unsigned>(
        options.whole("threads", 1, kMaxThreads).value_or(std::min(processors, kMaxThreads)));
    run.seed = options.whole("seed", 0, std::numeric_limits<std::uint64_t>::max()).value_or(0);
    run.show_progress = !options.is_quiet();
    return run;
}

std::string default_folder(const std::string& config, const std::vector<std::string>& traces) {
    const auto stem = [](const std::string& path) {
        return std::filesystem::path(path).stem().string();
    };
    std::string folder = "runs/" + stem(config) + '-' + stem(traces.front());
    if (traces.size() > 1) {
        folder += "-and-" + std::to_string(traces.size() - 1) + "-more";
    }
    return folder;
}

}  // namespace

/// A wrong value makes a result nobody should use; it is there to be looked at.
int report_values(const stats::RunResult& result) {
    if (!result.values || result.values->is_right()) {
        return kDone;
    }
    for (const std::string& problem : result.values->problems) {
        spdlog::error("{}", problem);
    }
    spdlog::error("{} wrong, {} missing, {} computed that should have been left out",
                  result.values->wrong_values, result.values->missing, result.values->not_left_out);
    return kCheckFailed;
}

int run_command(const Words& words, std::ostream& out) {
    Options options = declare_options();
    options.parse(words);
    if (options.wants_help()) {
        out << options.help();
        return kDone;
    }
    const std::vector<std::string> traces = trace_paths(options);
    system::RunOptions run = run_options(options);
    const std::string config_path = options.positional(0);
    const config::Config config = config::Config::load(config_path, options.values("set"));
    stats::ResultContext context = job::context_of(config, chosen_part(options), run.seed);
    const std::string path =
        options.has("out") ? options.required("out") : default_folder(config_path, traces);
    stats::ResultFolder folder(path, options.has("force"));
    RunFiles files(options, config, traces, path);
    files.attach(run);
    if (run.waveform != nullptr) {
        const std::optional<std::uint64_t> cycles = count_cycles(config, traces, run);
        run.on_waveform = [&files, cycles] { spdlog::info(files.waveform_forecast(cycles)); };
    }
    spdlog::info("simulating {} on {}", traces.front(), context.chip_name);
    std::vector<trace::TraceReader> opened;
    std::vector<const trace::TraceReader*> readers;
    opened.reserve(traces.size());
    for (const std::string& trace : traces) {
        readers.push_back(&opened.emplace_back(trace));
    }
    const stats::RunResult result = job::simulate(config, readers, run, context);
    const nlohmann::ordered_json document = stats::result_document(result, context);
    files.finish();
    folder.write(document);
    files.commit();
    if (!options.is_quiet()) {
        const std::string summary = stats::summary_of(document, {options.has("per-layer")});
        out << printable_lines(summary + '\n' + files.report() + "result: " + folder.path() +
                               "/result.json, " + folder.path() + "/layers.csv\n");
    }
    return report_values(result);
}

}  // namespace skipsim::app
