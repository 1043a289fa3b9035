// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"
#include "sim/app/cycle_count.h"
#include "sim/app/options.h"
#include "sim/app/program.h"
#include "sim/app/run_files.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/config/catalogue.h"
#include "sim/config/config.h"
#include "sim/config/document.h"
#include "sim/config/memory_file.h"
#include "sim/stats/energy.h"
#include "sim/stats/result_document.h"
#include "sim/stats/result_writer.h"
#include "sim/stats/summary.h"
#include "sim/system/run.h"

#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
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

std::set<stats::Stage> parse_stages(const Options& options) {
    std::set<stats::Stage> stages;
    std::string rest = options.value("stages").value_or("");
    if (options.has("stages") && rest.empty()) {
        options.fail("--stages: expected a list of FF, BP, WG, WU, got nothing");
    }
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string name = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        const auto found = std::find(stats::kStageNames.begin(), stats::kStageNames.end(), name);
        if (found == stats::kStageNames.end()) {
            options.fail("--stages: expected a list of FF, BP, WG, WU, got \"" + name + "\"");
        }
        stages.insert(static_cast<stats::Stage>(found - stats::kStageNames.begin()));
    }
    return stages;
}

std::vector<std::string> trace_paths(const Options& options) {
    std::vector<std::string> paths = options.values("trace");
    if (paths.empty()) {
        options.fail("--trace: missing; expected one or more trace files");
    }
    return paths;
}

system::RunOptions run_options(const Options& options) {
    system::RunOptions run;
    run.engine = chosen_engine(options);
    run.check_values = options.has("check");
    run.iterations = options.range("iterations");
    run.layer_pattern = options.value("layers").value_or("");
    run.stages = parse_stages(options);
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

/// Keys that let operands, tiles or partial sums arrive in no time; every report names them.
std::vector<std::string> unlimited_keys(const config::Config& config) {
    std::vector<std::string> keys;
    for (const char* key :
         {"core.bus_values", "core.bus_bits", "memory.input_bytes_per_cycle",
          "memory.weight_bytes_per_cycle", "vector_unit.lanes", "vector_unit.bytes_per_cycle"}) {
        if (config.whole(key) == 0) {
            keys.emplace_back(key);
        }
    }
    if (config.memory_file_path().empty() && config.whole("memory.ideal_bytes_per_cycle") == 0) {
        keys.emplace_back("memory.ideal_bytes_per_cycle");
    }
    const bool splits_k = config.flag("accelerator.partition.wg_m_is_k") ||
                          config.whole("accelerator.partition.cluster_k") > 1 ||
                          config.whole("accelerator.partition.core_k") > 1;
    for (const char* key : {"aggregation.adds_per_cycle", "aggregation.bytes_per_cycle"}) {
        if (splits_k && config.whole(key) == 0) {
            keys.emplace_back(key);
        }
    }
    return keys;
}

nlohmann::ordered_json assumptions_as_json(const config::Config& config) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    const nlohmann::ordered_json values = config::as_json(config);
    for (const config::Assumption& note : config.assumptions()) {
        std::string pointer = '/' + note.path;
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        list.push_back({{"key", note.path},
                        {"value", values.at(nlohmann::ordered_json::json_pointer(pointer))},
                        {"source", note.source},
                        {"status", note.status}});
    }
    return list;
}

/// Prices of the DRAM's commands; a burst pays for the core of the DRAM and for its pins.
std::vector<stats::EnergyEntry> dram_commands(const config::MemoryFile& file) {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> kParts{
        {"dram.activate", {"activate_precharge"}},
        {"dram.read_burst", {"read_burst", "io_read_burst"}},
        {"dram.write_burst", {"write_burst", "io_write_burst"}},
        {"dram.refresh", {"refresh"}},
        {"dram.active_standby", {"active_standby"}},
        {"dram.precharge_standby", {"precharge_standby"}}};
    std::vector<stats::EnergyEntry> entries;
    for (const auto& [action, parts] : kParts) {
        stats::EnergyEntry entry;
        entry.action = action;
        double low = 0.0;
        double high = 0.0;
        for (const config::MemoryEnergy& energy : file.energy) {
            if (std::find(parts.begin(), parts.end(), energy.action) != parts.end()) {
                entry.pj += energy.pj;
                low += energy.pj * energy.low_factor;
                high += energy.pj * energy.high_factor;
                entry.source += (entry.source.empty() ? "" : "; ") + energy.source;
                entry.status = energy.status;
            }
        }
        entry.low_factor = entry.pj == 0.0 ? 1.0 : low / entry.pj;
        entry.high_factor = entry.pj == 0.0 ? 1.0 : high / entry.pj;
        entries.push_back(entry);
    }
    return entries;
}

/// [bytes per core cycle] of all channels of a DRAM: two beats in each of its cycles.
double peak_bytes_per_cycle(const config::MemoryFile& file, const config::Config& config) {
    constexpr double kBitsPerByte = 8.0;
    const double bits_per_cycle =
        2.0 * static_cast<double>(file.organisation.channels * file.organisation.bus_bits);
    return bits_per_cycle / kBitsPerByte * static_cast<double>(config.whole("clocks.memory_mhz")) /
           config.real("clocks.core_mhz");
}

stats::ResultContext context_of(const Options& options, const config::Config& config,
                                const system::RunOptions& run) {
    stats::ResultContext context;
    context.config = config::as_json(config);
    context.assumptions = assumptions_as_json(config);
    context.chip_name = config.text("name");
    context.operand_format = config.text("core.operand_format");
    context.issue_width_pairs = config.whole("core.issue_width_pairs");
    context.unlimited_keys = unlimited_keys(config);
    context.energy_table = stats::load_energy_table(config.energy_table_path());
    if (const std::string memory = config.memory_file_path(); !memory.empty()) {
        const config::MemoryFile file = config::load_memory_file(memory);
        context.energy_table.dram_commands = dram_commands(file);
        context.memory_name = file.name;
        context.memory_sha256 = file.sha256;
        context.memory_peak_bytes = peak_bytes_per_cycle(file, config);
    }
    context.selection.iterations = options.value("iterations").value_or("");
    context.selection.layers = run.layer_pattern;
    for (const stats::Stage stage : run.stages) {
        context.selection.stages.emplace_back(stats::kStageNames[static_cast<std::size_t>(stage)]);
    }
    context.seed = run.seed;
    return context;
}

void warn_if_partial(stats::RunResult& result, const stats::Selection& selection) {
    std::string chosen;
    const auto add = [&](const std::string& option, const std::string& value) {
        if (!value.empty()) {
            chosen += (chosen.empty() ? "" : ", ") + option + ' ' + value;
        }
    };
    std::string stages;
    for (const std::string& stage : selection.stages) {
        stages += (stages.empty() ? "" : ",") + stage;
    }
    add("--iterations", selection.iterations);
    add("--layers", selection.layers);
    add("--stages", stages);
    if (!chosen.empty()) {
        result.warnings.push_back("only part of the trace was run (" + chosen +
                                  "); it starts cold");
    }
}

std::uint64_t peak_rss_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    constexpr std::uint64_t kBytesPerKib = 1024;
    return static_cast<std::uint64_t>(usage.ru_maxrss) * kBytesPerKib;
}

stats::RunResult simulate(const Options& options, const config::Config& config,
                          const std::vector<std::string>& traces, const system::RunOptions& run,
                          stats::ResultContext& context) {
    const auto start = std::chrono::steady_clock::now();
    stats::RunResult result = system::run(config, traces, run);
    if (result.layers.empty()) {
        options.fail(
            "no operator of the trace was run; --layers, --stages or --iterations leave nothing");
    }
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    warn_if_partial(result, context.selection);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    context.wall_seconds = wall.count();
    context.peak_rss_bytes = peak_rss_bytes();
    return result;
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
    stats::ResultContext context = context_of(options, config, run);
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
    const stats::RunResult result = simulate(options, config, traces, run, context);
    const nlohmann::ordered_json document = stats::result_document(result, context);
    files.finish();
    folder.write(document);
    files.commit();
    if (!options.is_quiet()) {
        out << stats::summary_of(document, {options.has("per-layer")}) << '\n'
            << files.report() << "result: " << folder.path() << "/result.json, " << folder.path()
            << "/layers.csv\n";
    }
    return report_values(result);
}

}  // namespace skipsim::app
