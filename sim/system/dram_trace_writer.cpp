// SPDX-License-Identifier: Apache-2.0
#include "sim/system/dram_trace_writer.h"

#include "models/memory/dram/request_text.h"

namespace skipsim::system {

DramTraceWriter::DramTraceWriter(const std::string& path, DramTraceFormat format)
    : file_(path), format_(format) {}

void DramTraceWriter::enters(const memory::DramRequest& request, std::uint64_t cycle) {
    file_.append(format_ == DramTraceFormat::dramsim3 ? memory::dramsim3_line(request, cycle)
                                                      : memory::ramulator2_line(request));
    file_.append("\n");
}

}  // namespace skipsim::system
