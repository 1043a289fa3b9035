// SPDX-License-Identifier: Apache-2.0
// Who wants to know which requests enter a DRAM, in the order in which they do.
#pragma once

#include <cstdint>

#include "models/memory/dram/command.h"

namespace skipsim::memory {

class DramRequestLog {
public:
    DramRequestLog() = default;
    DramRequestLog(const DramRequestLog&) = delete;
    DramRequestLog& operator=(const DramRequestLog&) = delete;
    virtual ~DramRequestLog() = default;

    /// `request` enters the queue of its channel at edge `cycle` of the memory clock. Does not
    /// throw what keeps it from being written: it is called within the kernel.
    virtual void enters(const DramRequest& request, std::uint64_t cycle) = 0;
    /// Throws what kept requests from being written. Called outside the kernel.
    virtual void throw_if_failed() const {}
};

}  // namespace skipsim::memory
