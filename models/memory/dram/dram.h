// SPDX-License-Identifier: Apache-2.0
// A DRAM with its memory controllers, one for each channel. README.md states timing and order.
//
// Edges of one memory clock cycle t, in any order of the calls:
//   has_room(t, a)   commands of cycles up to t are issued; is an entry of a's channel free?
//   push(t, request) the request is looked at from cycle t + 1 on; calls of one cycle queue up in
//                    the order they are made
//   advance(t, done) everything that is completed by cycle t
// So no result depends on whether advance(t) comes before or after push(t), nor on how often
// advance is called. Cycles never decrease from call to call.
#pragma once

#include <cstdint>
#include <vector>

#include "models/memory/dram/address_map.h"
#include "models/memory/dram/channel.h"
#include "models/memory/dram/command.h"
#include "models/memory/dram/params.h"

namespace skipsim::memory {

class Dram {
public:
    /// Throws std::invalid_argument listing params.problems() if there are any.
    explicit Dram(const DramParams& params);

    /// As new: cycle 0, all banks closed, counts 0.
    void reset();
    /// Every command is appended to `trace` from now on; null: none.
    void record_to(std::vector<DramCommand>* trace);

    [[nodiscard]] bool has_room(std::uint64_t cycle, std::uint64_t address);
    /// Requires has_room(cycle, request.address) and an address within the capacity.
    void push(std::uint64_t cycle, const DramRequest& request);
    /// No completion, and no room in a full queue, comes before this cycle; it may be too early,
    /// never too late, and lies after the last advance(). kNever if no request is left.
    [[nodiscard]] std::uint64_t next_event_cycle() const;
    /// Appends completions up to and including `cycle`, by cycle, then channel.
    void advance(std::uint64_t cycle, std::vector<DramCompletion>& done);
    /// What happened in cycles 0 to `cycle`, refreshes of idle ranks included. `cycle` is not below
    /// that of an earlier call of anything.
    [[nodiscard]] DramCounts counts(std::uint64_t cycle);

    /// [cycles] of the data bus of each channel, of the reads and writes issued by `cycle`.
    [[nodiscard]] std::vector<std::uint64_t> data_cycles(std::uint64_t cycle);

    [[nodiscard]] const DramParams& params() const noexcept { return params_; }
    [[nodiscard]] const AddressMap& address_map() const noexcept { return map_; }

private:
    void move_to(std::uint64_t cycle);

    DramParams params_;
    AddressMap map_;
    std::uint64_t capacity_;
    std::uint64_t now_ = 0;           ///< of the latest call
    std::uint64_t not_advanced_ = 0;  ///< the cycle after the last advance()
    std::vector<DramChannel> channels_;
    struct Done {
        DramCompletion completion;
        std::uint32_t channel = 0;
    };
    std::vector<Done> merged_;
};

}  // namespace skipsim::memory
