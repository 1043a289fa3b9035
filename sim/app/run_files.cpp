// SPDX-License-Identifier: Apache-2.0
#include "sim/app/run_files.h"

#include <filesystem>
#include <system_error>

#include "sim/base/errors.h"

namespace skipsim::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMib = std::uint64_t{1} << 20U;
constexpr std::uint64_t kUsualMib = 1024;
constexpr std::uint64_t kMostMib = std::uint64_t{1} << 20U;

std::string mib_text(std::uint64_t bytes) {
    return std::to_string((bytes + kMib - 1) / kMib) + " MiB";
}

std::string normal(const std::string& path) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    return error ? fs::absolute(path).lexically_normal().string() : canonical.string();
}

/// Nothing is lost without --force, and with it no input and no other output of the run.
void check_target(const Options& options, const std::string& option,
                  const std::vector<std::string>& others) {
    const std::string path = options.required(option);
    std::error_code ignored;
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
        throw base::InputError(path + ": expected a file or nothing, found a folder or a device");
    }
    for (const std::string& other : others) {
        if (!other.empty() && normal(other) == normal(path)) {
            options.fail("--" + option + ": " + path + " is another file of this run");
        }
    }
    if (fs::exists(path, ignored) && !options.has("force")) {
        throw base::InputError(path + ": a file is there already; --force replaces it, --" +
                               option + " chooses another one");
    }
}

system::DramTraceFormat dram_trace_format(const Options& options) {
    const std::string name = options.value("dram-trace-format").value_or("dramsim3");
    if (name != "dramsim3" && name != "ramulator2") {
        options.fail("--dram-trace-format: expected dramsim3 or ramulator2, got \"" + name + "\"");
    }
    if (!options.has("dram-trace")) {
        options.fail("--dram-trace-format: expected --dram-trace with it, found none");
    }
    return name == "dramsim3" ? system::DramTraceFormat::dramsim3
                              : system::DramTraceFormat::ramulator2;
}

}  // namespace

RunFiles::RunFiles(const Options& options, const config::Config& config,
                   const std::vector<std::string>& traces, const std::string& result_folder) {
    const fs::path folder(result_folder);
    std::vector<std::string> others = traces;
    others.insert(others.end(),
                  {options.positional(0), config.energy_table_path(), config.memory_file_path(),
                   (folder / "result.json").string(), (folder / "layers.csv").string()});
    if (options.has("dram-trace") && config.memory_file_path().empty()) {
        options.fail(
            "--dram-trace: memory.dram is ideal, so no request reaches a DRAM; "
            "expected a memory file (configs/memory)");
    }
    if (options.has("timeline")) {
        check_target(options, "timeline", others);
        timeline_path_ = options.required("timeline");
        others.push_back(timeline_path_);
    }
    if (options.has("dram-trace") || options.has("dram-trace-format")) {
        const system::DramTraceFormat format = dram_trace_format(options);
        check_target(options, "dram-trace", others);
        dram_trace_path_ = options.required("dram-trace");
        dram_trace_.emplace(dram_trace_path_, format);
    }
    if (options.has("waveform")) {
        check_target(options, "waveform", others);
        waveform_path_ = options.required("waveform");
        waveform_.emplace(waveform_path_,
                          options.whole("waveform-limit", 1, kMostMib).value_or(kUsualMib) * kMib);
    } else if (options.has("waveform-limit")) {
        options.fail("--waveform-limit: expected --waveform with it, found none");
    }
    if (!timeline_path_.empty()) {
        timeline_.emplace(timeline_path_);
    }
}

void RunFiles::attach(system::RunOptions& run) {
    run.timeline = timeline_ ? &*timeline_ : nullptr;
    run.dram_requests = dram_trace_ ? &*dram_trace_ : nullptr;
    run.waveform = waveform_ ? &*waveform_ : nullptr;
}

void RunFiles::finish() {
    if (timeline_) {
        timeline_->finish();
    }
    if (dram_trace_) {
        dram_trace_->finish();
    }
    if (waveform_) {
        waveform_->finish();
    }
}

void RunFiles::commit() {
    if (timeline_) {
        timeline_->commit();
    }
    if (dram_trace_) {
        dram_trace_->commit();
    }
    if (waveform_) {
        waveform_->commit();
    }
}

std::string RunFiles::waveform_forecast(std::optional<std::uint64_t> cycles) const {
    const std::uint64_t per_cycle = waveform_->most_bytes_per_cycle();
    std::string text = "waveform: " + std::to_string(waveform_->signal_count()) +
                       " signals, at most " + std::to_string(per_cycle) + " bytes a cycle";
    if (cycles) {
        text += "; " + std::to_string(*cycles) + " cycles (the fast engine says): at most " +
                mib_text(*cycles * per_cycle);
    }
    return text + "; stops at " + mib_text(waveform_->limit_bytes());
}

std::string RunFiles::report() const {
    std::string text;
    if (timeline_) {
        text += "timeline: " + timeline_path_ + " (https://ui.perfetto.dev shows it)\n";
    }
    if (dram_trace_) {
        text += "requests to the DRAM: " + dram_trace_path_ + '\n';
    }
    if (waveform_) {
        text += "waveform: " + waveform_path_ + ", " + mib_text(waveform_->written_bytes()) +
                (waveform_->is_full()
                     ? "; stopped before cycle " + std::to_string(waveform_->end_cycle()) +
                           ": --waveform-limit"
                     : "") +
                " (gtkwave shows it)\n";
    }
    return text;
}

}  // namespace skipsim::app
