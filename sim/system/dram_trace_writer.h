// SPDX-License-Identifier: Apache-2.0
// The requests of a run to the DRAM as a file that another DRAM simulator reads
// (models/memory/dram/request_text.h).
#pragma once

#include <cstdint>
#include <string>

#include "models/memory/dram/request_log.h"
#include "sim/base/atomic_file.h"

namespace skipsim::system {

enum class DramTraceFormat { dramsim3, ramulator2 };

class DramTraceWriter final : public memory::DramRequestLog {
public:
    /// Throws MachineError if no file can be made there.
    DramTraceWriter(const std::string& path, DramTraceFormat format);

    void enters(const memory::DramRequest& request, std::uint64_t cycle) override;
    void throw_if_failed() const override { file_.throw_if_failed(); }

    /// Writes the rest; then only commit() is left. Throws MachineError.
    void finish() { file_.finish(); }
    /// The file gets its name.
    void commit() { file_.commit(); }

private:
    base::StreamedFile file_;
    DramTraceFormat format_;
};

}  // namespace skipsim::system
