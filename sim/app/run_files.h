// SPDX-License-Identifier: Apache-2.0
// What `skipsim run` writes besides its result: the timeline and the requests to the DRAM.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/options.h"
#include "sim/config/config.h"
#include "sim/system/dram_trace_writer.h"
#include "sim/system/run.h"
#include "sim/system/timeline_writer.h"
#include "sim/system/waveform_writer.h"

namespace skipsim::app {

class RunFiles {
public:
    /// Opens what the options ask for. Throws InputError for a path that must not be replaced,
    /// MachineError if the machine refuses.
    RunFiles(const Options& options, const config::Config& config,
             const std::vector<std::string>& traces, const std::string& result_folder);

    /// The run writes into these files, which must live until it is over.
    void attach(system::RunOptions& run);
    /// Everything is on the disk, under temporary names. Throws MachineError.
    void finish();
    void commit();
    /// What the waveform is going to be: call it when its signals are known.
    [[nodiscard]] std::string waveform_forecast(std::optional<std::uint64_t> cycles) const;
    /// A line for each file.
    [[nodiscard]] std::string report() const;

private:
    std::optional<system::TimelineWriter> timeline_;
    std::optional<system::DramTraceWriter> dram_trace_;
    std::optional<system::WaveformWriter> waveform_;
    std::string timeline_path_;
    std::string dram_trace_path_;
    std::string waveform_path_;
};

}  // namespace skipsim::app
